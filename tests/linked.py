"""JSON-LD read as its context has it, as far as the program's documents need: every property and every term in full."""

from collections.abc import Iterator, Mapping
from typing import Any

from privacy import terms

Nodes = Iterator[tuple[str, Any]]


def properties(document: Mapping[str, Any]) -> Nodes:
    """(property, value) of every node, where a value is a term, an id of ours or a text. Raises `KeyError` for a member
    that the context does not have."""
    yield from _walk({name: value for name, value in document.items() if name != "@context"}, document["@context"])


def _walk(node: Any, context: Mapping[str, Any]) -> Nodes:
    for name, value in node.items():
        values = value if isinstance(value, list) else [value]
        if name == "@graph":
            for one in values:
                yield from _walk(one, context)
            continue
        if name in ("@id", "@type"):
            yield from ((name, one) for one in values)
            continue
        known = context[name]
        meaning = known if isinstance(known, str) else known["@id"]
        for one in values:
            if isinstance(one, dict):
                yield meaning, one.get("@id", "a node")
                yield from _walk(one, context)
            else:
                yield (meaning if isinstance(known, str) or known["@type"] != "@id" else f"{meaning} →"), one


def strangers(document: Mapping[str, Any]) -> set[str]:
    """Terms and properties of a document that the vendored list does not have."""
    found = set()
    for name, value in properties(document):
        meaning = name.removesuffix(" →")
        if not meaning.startswith("@") and not _vendored(meaning):
            found.add(meaning)
        if name.endswith((" →", "@type")) and not (terms.is_known(value) or value.startswith("urn:rekisteri:")):
            found.add(value)
    return found


def _vendored(meaning: str) -> bool:
    """Dublin Core, schema.org and SKOS stand in no list of ours: they are named in the context alone."""
    return terms.is_known(meaning) or meaning.partition(":")[0] in ("dct", "schema", "skos")
