"""Nobody is given a score and nothing is decided about anybody by a program, but for who is who (R-13).

«Tietoja ei käytetä automatisoituun profilointiin» (privacy notice of 22.3.2021; GDPR Art. 4(4) and 22). What words can
show is held here: no table, no document, no file and no name in the program speaks of a score, a rank, a likelihood or
a prediction of a person. The one exception is the matching of records, listed below, whose outcome says whether two
records are of one person. The words of people, and that segments are rules which people write, are the other half.
"""

import ast
import json
from collections.abc import Iterator

import pytest
from sqlmodel import SQLModel

from privacy.package.tables import COLUMNS
from privacy.segment_rule import COUNTS, DATES, FIELDS, NAMES, OPERATORS
from sync.cli.exporting import HEADINGS as EXPORTED
from sync.cli.listing import HEADINGS as LISTED
from tests.judging import judging, members
from tests.privacy.test_gate_guard import IMPORTS, importers
from tests.tree import ROOMS, ROOT, modules

MATCHING_COLUMNS = {("link", "score"), ("match_pair", "score")}
MATCHING = (
    "sync/reconcile/", "sync/reconciling.py", "sync/scope.py", "sync/whole.py", "sync/moves.py", "sync/cli/review.py",
    "store/matching.py", "store/pairs.py", "store/publishing.py", "store/registry.py", "store/person.py",
    "store/tables/registry.py", "store/migrations/versions/0001_first_tables.py", "privacy/package/held.py",
)  # fmt: skip
"""Modules that find out, keep or show whether records are of one person."""
SAID = {
    "connectors/thinkific/": {"profile"},  # the platform calls its form fields so
    "privacy/consent_record.py": {"profile"}, "privacy/terms.py": {"profile"},  # the profile of a standard
    "privacy/notice/": {"profiling"},  # what the notice denies
    "privacy/package/grouped.py": {"profiling"},  # "none"
    "privacy/segment_rule.py": {"score", "rank", "probability"},  # refused there
    "connectors/files/container.py": {"score"},  # which encoding a file is in
}  # fmt: skip
"""Other modules where such a word stands, and for what."""


def test_the_words_are_found_however_they_are_written() -> None:
    assert judging("churn_score") == {"churn", "score"}
    assert judging("LoyaltyRank") == {"loyalty", "rank"}
    assert judging("upgrade_underscore frontier") == set()


def test_no_table_keeps_a_score_of_anybody() -> None:
    columns = {(table.name, column.name) for table in SQLModel.metadata.tables.values() for column in table.columns}
    assert len(columns) > 300
    assert {(table, column) for table, column in columns if judging(f"{table} {column}")} == MATCHING_COLUMNS


def names(tree: ast.Module) -> Iterator[str]:
    """Names of a module, and texts without a space in them: keys, headings, options."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name) | ast.Name(id=name):
                yield name
            case ast.Attribute(attr=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.Constant(value=str(name)) if " " not in name:
                yield name


def test_nothing_in_the_program_speaks_of_a_score_but_matching() -> None:
    found = {
        module: words
        for module, tree in modules(*ROOMS)
        if not module.startswith(MATCHING)
        and (words := set().union(*map(judging, (module, *names(tree)))) - said_in(module))
    }
    assert found == {}


def said_in(module: str) -> set[str]:
    return set().union(*(words for place, words in SAID.items() if module.startswith(place)))


def test_every_exception_is_still_needed() -> None:
    speaking = {module for module, tree in modules(*ROOMS) if any(map(judging, names(tree)))}
    for place in (*MATCHING, *SAID):
        assert any(module.startswith(place) for module in speaking), place


def test_no_list_that_leaves_the_registry_has_a_column_for_a_score() -> None:
    columns = (*EXPORTED, *LISTED, *(name for table in COLUMNS.values() for name in table))
    assert not judging(" ".join(columns))


@pytest.mark.parametrize("file", ["privacy/package/schema.json", "privacy/schemas/consent-records.schema.json"])
def test_no_schema_describes_a_score(file: str) -> None:
    properties = {
        path[-1] for path in members(json.loads((ROOT / file).read_text("utf-8"))) if "properties" in path[-2:-1]
    }
    assert len(properties) > 20
    allowed = {"score", "profiling"} if file.startswith("privacy/package") else set()
    assert {name for name in properties if judging(name)} == allowed


def test_a_rule_compares_counts_days_and_names_and_nothing_else() -> None:
    assert set(FIELDS) == {
        "bookings", "enrollments", "orders", "first_booking", "last_booking", "last_enrollment", "customer_since",
        "course", "service", "product", "brand",
    }  # fmt: skip
    assert set(OPERATORS) == set(FIELDS) == {*COUNTS, *DATES, *NAMES}
    assert not set().union(*map(judging, FIELDS))


def test_segments_are_written_and_run_by_people_at_the_command_line_alone() -> None:
    """Not by the daemon, a sync or anything learnt: who writes rules down and who answers them is known by imports."""
    command = "sync/cli/segment.py"
    answers = {"privacy/package/answering.py", "privacy/package/contents.py", "privacy/package/grouped.py"}
    assert importers("privacy.segments") - answers <= {command}
    assert {module for module, tree in modules(*ROOMS) if writes_segments(tree)} == {"privacy/segments.py", command}
    assert importers("store.segment_facts") == {"privacy/segments.py"}
    assert importers("privacy.segment_rule.fitting") == {"privacy/segments.py"}
    background = [module for module in IMPORTS if module.startswith(("sync/daemon/", "sync/web/", "sync/reconcile/"))]
    assert background
    assert not any("segment" in name for module in background for name in IMPORTS[module])


def writes_segments(tree: ast.Module) -> bool:
    """Whether a module calls what writes segments and their runs."""
    writing = {"segments.define", "segments.retire", "segments.note_run"}
    return any(isinstance(node, ast.Call) and ast.unparse(node.func) in writing for node in ast.walk(tree))
