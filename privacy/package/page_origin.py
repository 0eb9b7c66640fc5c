"""The parts of the page that say where the data came from and how they came together. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from privacy.package.markup import Markup, Node, el, facts, html, table
from privacy.package.showing import Document, Part, brand, cell, reference, retrieved, system, told, when
from privacy.package.words import Words


def records(document: Document, words: Words) -> Markup:
    """Each record whole, then each origin."""
    return html(
        el("p", words.say("records_told"), class_="told"),
        *(_record(record, document, words) for record in document["records"]),
        *(_origin(alike, document, words) for alike in _grouped(document["origins"])),
    )


def _grouped(origins: Sequence[Part]) -> Iterable[Sequence[Part]]:
    """Origins that differ in the kind of data alone stand together."""
    found: dict[str, list[Part]] = {}
    for origin in origins:
        same = {name: value for name, value in origin.items() if name not in ("number", "kind", "data_categories")}
        found.setdefault(repr(same), []).append(origin)
    return found.values()


def _record(record: Part, document: Document, words: Words) -> Markup:
    mark = el("span", words.say("portable"), class_="mark") if record["portable"] else None
    return el(
        "section",
        el(
            "h3",
            words.say("record", name=system(document, record["source"])),
            " ",
            el("span", record["external_id"], class_="id"),
            " ",
            mark,
        ),
        facts(
            [
                (words.say("origin"), _link(record["origin"], words)),
                (words.say("retrieved"), retrieved(record, words)),
                (words.say("first_seen"), words.time(record["first_seen_at"])),
                (words.say("updated"), record["source_updated_at"] and words.time(record["source_updated_at"])),
                *_informed(record["informed"], words),
            ]
        ),
        el("h4", words.say("all_in_record")),
        facts((words.term("field", name), cell(name, value, words)) for name, value in record["payload"].items()),
        _notes(record["notes"], words),
        class_="record",
    )


def _informed(informed: Part | None, words: Words) -> Iterator[tuple[str, Node]]:
    if informed is None:
        return
    if informed["exemption"]:
        yield words.say("informed"), words.say("informed_not", letter=informed["exemption"])
    else:
        yield words.say("informed"), words.say("informed_on", day=words.day(informed["told_on"]))


def _link(number: int, words: Words) -> Markup:
    return el("a", words.say("origin_number", which=number), href=f"#origin-{number}")


def _notes(notes: str | None, words: Words) -> Markup | None:
    return html(el("h4", words.say("notes")), el("p", notes, class_="note")) if notes else None


def _origin(alike: Sequence[Part], document: Document, words: Words) -> Markup:
    numbers = ", ".join(str(origin["number"]) for origin in alike)
    heading = f"{words.say('origin_number', which=numbers)}: {words.term('activity', alike[0]['activity'])}"
    anchors = [el("span", id=f"origin-{origin['number']}") for origin in alike]
    pairs = ((words.say(key), value) for key, value in _origin_facts(alike, document, words))
    return el("section", *anchors, el("h3", heading), facts(pairs), class_="record")


def _origin_facts(alike: Sequence[Part], document: Document, words: Words) -> Iterator[tuple[str, Node]]:
    origin = alike[0]
    yield "handled_by", origin["processor"] if origin["processor"] != "none" else document["controller"]["name"]
    yield "role", words.term("role", origin["role_stated"])
    yield "assessed", words.term("role", origin["role_assessed"])
    yield "basis", words.terms("basis", origin["legal_basis"])
    yield "collected", words.term("collected", origin["collected_from"])
    yield from _transfer(origin["transfer"], words)
    yield (
        "categories",
        "\n".join(
            f"{one['number']}, {words.term('kind', one['kind'])}: {words.terms('category', one['data_categories'])}"
            for one in alike
        ),
    )
    yield "brand", origin["brand"] and brand(document, origin["brand"], words)
    yield "notice_version", origin["notice_version"]


def _transfer(transfer: Part, words: Words) -> Iterator[tuple[str, Node]]:
    yield "origin_country", words.term("country", transfer["origin_country"])
    yield "storage_country", words.term("country", transfer["storage_country"])
    yield "transfer", words.term("direction", transfer["direction"])
    if transfer["direction"] != "none":
        yield "mechanism", words.term("mechanism", transfer["mechanism_stated"])
        yield "mechanism_assessed", words.term("mechanism", transfer["mechanism_assessed"])
        for key in ("instrument", "exporter", "importer"):
            yield key, told(transfer[key])


def joining(document: Document, words: Words) -> Markup:
    """Why each record belongs to the person, what was joined and parted, and what waits."""
    waits = document["comparisons_waiting"]
    return html(
        el("p", words.say("joining_told"), class_="told"),
        _joined(document, words),
        _merges(document, words),
        el("p", words.say("waiting", waits)) if waits else None,
    )


def _joined(document: Document, words: Words) -> Markup:
    rows = [
        (
            reference(document, record),
            words.terms("reason", record["joined"]["reasons"]) or words.say("alone"),
            words.term("decided", record["joined"]["decided_by"]) if record["joined"]["reasons"] else None,
            when(record["joined"]["decided_at"], words),
        )
        for record in document["records"]
    ]
    return table([words.say(key) for key in ("from", "reason", "decided_by", "when")], rows)


def _merges(document: Document, words: Words) -> Markup | None:
    rows = [
        (
            when(event["at"], words),
            words.say(event["event"]),
            words.terms("reason", event["reasons"]) or words.say("by_the_rules"),
        )
        for event in document["history"]
    ]
    headings = [words.say(key) for key in ("when", "what", "reason")]
    return html(el("h3", words.say("merges")), table(headings, rows)) if rows else None


def unread(document: Document, words: Words) -> Markup:
    """Rows that could not be read; nothing where there are none."""
    rows = [
        (
            reference(document, row),
            row["reason"],
            "\n".join(f"{name}: {value}" for name, value in (row["fields"] or {}).items()),
            when(row["retrieved_at"], words),
        )
        for row in document["unread_rows"]
    ]
    headings = [words.say(key) for key in ("from", "reason", "value", "retrieved")]
    return html(el("p", words.say("unread_told"), class_="told"), table(headings, rows)) if rows else Markup()
