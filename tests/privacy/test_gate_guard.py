"""No list of people is made for a use but through the gate, as far as imports can show it."""

import ast
from collections.abc import Iterator

from tests.tree import ROOMS, modules

WRITERS = "sync.cli.exporting"
MAY_WRITE = {
    "sync/cli/customers.py": "the controller's own view, audited",
    "sync/cli/marketing.py": "through the gate",
    "sync/cli/segment.py": "through the gate",
    "sync/cli/disclosing.py": "through the gate; to an authority what a statute demands",
    "sync/cli/consent.py": "consent records, the controller's proof",
    "sync/cli/package.py": "the person's own answer",
    "sync/cli/statistics.py": "figures alone",
    "sync/cli/notice.py": "the text of a notice, nobody",
    "sync/cli/record_of_processing.py": "of what is processed, and of nobody",
}
"""Who writes people into files, and by what right. Whoever comes anew has to say it here."""
READERS = {
    "store.gate": {"privacy/uses.py", "privacy/marketing.py", "privacy/disclosing.py", "privacy/segments.py"},
    "privacy.uses": {
        "privacy/marketing.py",
        "privacy/disclosing.py",
        "privacy/segments.py",
        "privacy/contacts.py",  # of one contact that took place, whether it was allowed
    },
}
"""Who may read people for a use: what the gate judges by, and who asks it."""


def imported(tree: ast.Module) -> Iterator[str]:
    """Modules that a module imports, within functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


IMPORTS = {module: set(imported(tree)) for module, tree in modules(*ROOMS)}


def importers(of: str) -> set[str]:
    return {module for module, names in IMPORTS.items() if of in names}


def test_people_are_written_into_files_by_these_alone() -> None:
    assert importers(WRITERS) <= set(MAY_WRITE)
    assert "sync/cli/marketing.py" in importers(WRITERS)


def test_what_a_use_may_have_is_read_for_the_gate_alone() -> None:
    named = ("marketing", "direct_marketing", "segment", "contact")
    asks = {f"sync/cli/{name}.py" for name in named}  # for the use itself: `use_for`
    asks |= {"privacy/package/answering.py", "sync/cli/listing.py"}  # for how mailboxes are folded
    assert importers("store.gate") == READERS["store.gate"]
    assert importers("privacy.uses.allowed") == READERS["privacy.uses"]
    assert importers("privacy.uses") == READERS["privacy.uses"] | asks
    assert importers("privacy.gate.judge") == {"privacy/uses.py"}


def test_who_lists_people_for_marketing_reads_the_registry_in_no_other_way() -> None:
    listing = ("marketing", "disclosing", "segment", "segments")
    for module in {f"{room}/{name}.py" for room in ("sync/cli", "privacy") for name in listing} & IMPORTS.keys():
        assert not {"store.registry", "store.finding", "store.person"} & IMPORTS[module], module


def test_what_leaves_for_a_third_party_is_noted_and_leaves_by_one_command() -> None:
    assert importers("privacy.disclosing") == {"sync/cli/disclosing.py"}
    assert importers("privacy.recipients.approved") == {"sync/cli/disclosing.py"}
