"""What the record says of each activity, column by column: the same lines on the page and in the sheet. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from privacy.record.words import RecordWords

Document = Mapping[str, Any]
Part = Mapping[str, Any]
Teller = Callable[[Document, Part, RecordWords], Iterator[str]]

_QUOTES = {"fi": "”{}”", "en": "“{}”"}


def activity_name(part: Part, words: RecordWords) -> str:
    """What an activity is called, with whoever does it."""
    if part["name"] == part["activity"]:
        return words.term("own", part["name"])
    name = words.term("activity", part["name"])
    return name if part["party"] == "none" else f"{name}: {part['party']}"


def cell(column: str, document: Document, part: Part, words: RecordWords) -> list[str]:
    """The lines of one column of one activity."""
    return list(COLUMNS[column][1](document, part, words))


def _activity(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield activity_name(part, words)


def _in_use(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield words.flag(part["in_use"])


def _controller(document: Document, _part: Part, words: RecordWords) -> Iterator[str]:
    one = document["controller"]
    yield f"{one['name']}, {words.say('business_id')} {_told(one['business_id'], words)}"
    yield _told(one["address"], words)
    yield f"{words.say('contact')}: {_told(one['contact'], words)}"


def _joint(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield from part["joint_controllers"] or [words.say("none")]


def _officer(name: str) -> Teller:
    def tell(document: Document, _part: Part, words: RecordWords) -> Iterator[str]:
        yield _told(document["controller"][name], words)

    return tell


def _purposes(document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    """The notice's own words as a quotation, others and translations plainly."""
    for name in part["purposes"]:
        purpose = document["purposes"][name]
        text = words.term("purpose", purpose["text"])
        quoted = purpose["in_notice"] and text == purpose["text"]
        yield _QUOTES[words.language].format(text) if quoted else text
    if not part["purposes"]:
        yield words.say("not_stated")


def _subjects(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield words.terms("subject", part["data_subjects"])


def _categories(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield words.terms("category", part["data_categories"])
    if any(count["what"] == "notes" for count in part["counts"]):
        yield words.say("free_text")


def _recipients(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    for one in part["recipients"]:
        country = words.term("country", one["country"])
        mark = f", {words.say('third_country')}" if one["third_country"] else ""
        yield f"{words.term('recipient_kind', one['kind'])}: {one['name']}, {country}{mark}"
        if "role_stated" in one:
            stated, assessed = words.term("role", one["role_stated"]), words.term("role", one["role_assessed"])
            yield words.say("role_is", stated=stated, assessed=assessed)
        if "under" in one:
            yield words.say("works_for", name=one["under"])
    if not part["recipients"]:
        yield words.say("no_recipients")


def _transfers(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    for one in part["transfers"]:
        if one["direction"] == "none" and not one["third_countries"]:
            yield words.say("no_transfer", name=one["party"])
        else:
            yield from _transfer(one, words)
    if not part["transfers"]:
        yield words.say("none")


def _transfer(one: Part, words: RecordWords) -> Iterator[str]:
    key = "goes_to" if one["origin_country"] == "none" else "countries_are"
    origin, storage = (words.term("country", one[f"{place}_country"]) for place in ("origin", "storage"))
    direction = words.term("direction", one["direction"])
    yield words.say(key, name=one["party"], origin=origin, storage=storage, direction=direction)
    exporter, importer = _told(one["exporter"], words), _told(one["importer"], words)
    yield words.say("parties_are", exporter=exporter, importer=importer)
    yield words.say("stated_is", mechanism=words.term("mechanism", one["mechanism_stated"]))
    yield words.say("assessed_is", mechanism=words.term("mechanism", one["mechanism_assessed"]))
    instrument, document = _told(one["instrument"], words), _told(one["document"], words)
    module = _told(words.term("module", one["module"]), words)
    yield words.say("instrument_is", instrument=instrument, module=module, document=document)
    on, review = _day(one["verified_on"], words, "not_stated"), _day(one["review_on"], words)
    yield words.say("verified_is", by=_told(one["verified_by"], words), on=on, review=review)


def _retention(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    for rule in part["retention"]:
        what = words.term("retention_category", rule["category"])
        if rule["state"] == "undefined":
            yield words.say("kept_undefined", what=what)
        else:
            trigger = words.term("retention_from", rule["from"])
            kept = words.say("kept_for", what=what, period=words.period(rule["after"]), trigger=trigger)
            yield words.say("kept_why", kept=kept, basis=rule["basis"])


def _measures(document: Document, _part: Part, words: RecordWords) -> Iterator[str]:
    for one in document["measures"]:
        kind = words.term("measure_kind", one["kind"])
        yield words.say("measure_is", name=one["name"], kind=kind, since=words.day(one["since"]))
    if not document["measures"]:
        yield words.say("none_recorded")


def _basis(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    basis = words.terms("basis", part["legal_basis"])
    reading = part["basis_from"] == "program" and part["legal_basis"] != ["unknown"]
    yield words.say("by_program", basis=basis) if reading else basis


def _lia(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield words.say("none_recorded") if part["lia"] == "none" else part["lia"]


def _collected(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield words.terms("collected", part["collected_from"])


def _sources(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield ", ".join([*part["sources"], *part["brands"]]) or words.say("none")


def _storage(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    for one in part["storage"]:
        yield words.say("kept_at", name=one["held_by"], country=words.term("country", one["country"]))


def _agreements(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    for one in part["agreements"]:
        yield words.say(
            "agreed",
            type=words.term("agreement", one["type"]),
            party=one["party"],
            signed=_day(one["signed_on"], words, "not_stated"),
            review=_day(one["review_on"], words),
            where=_told(one["where"], words),
        )
    if not part["agreements"]:
        yield words.say("none_recorded")


def _consents(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    if part["consents"] is not None:
        yield words.say("consents_are", number=part["consents"])


def _counts(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    for one in part["counts"]:
        yield f"{words.term('count', one['what'])}: {one['number']}"
    if not part["counts"]:
        yield words.say("none")


def _retrieved(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield words.time(part["last_retrieved_at"])


def _notice(document: Document, part: Part, _words: RecordWords) -> Iterator[str]:
    version = part["notice_version"]
    yield f"{version}: {document['notice']['name']}" if version == document["notice"]["version"] else version


def _review(_document: Document, part: Part, words: RecordWords) -> Iterator[str]:
    yield _day(part["review_on"], words)


def _told(value: str, words: RecordWords) -> str:
    return {"unknown": words.say("not_stated"), "none": words.say("none")}.get(value, value)


def _day(day: str | None, words: RecordWords, otherwise: str = "not_set") -> str:
    return words.day(day) if day else words.say(otherwise)


COLUMNS: Mapping[str, tuple[str, Teller]] = {
    "activity": ("", _activity),
    "in_use": ("", _in_use),
    "controller": ("a", _controller),
    "joint_controllers": ("a", _joint),
    "representative": ("a", _officer("representative")),
    "dpo": ("a", _officer("dpo")),
    "purposes": ("b", _purposes),
    "data_subjects": ("c", _subjects),
    "data_categories": ("c", _categories),
    "recipients": ("d", _recipients),
    "transfers": ("e", _transfers),
    "retention": ("f", _retention),
    "measures": ("g", _measures),
    "legal_basis": ("", _basis),
    "lia": ("", _lia),
    "collected_from": ("", _collected),
    "sources": ("", _sources),
    "storage": ("", _storage),
    "agreements": ("", _agreements),
    "consents": ("", _consents),
    "counts": ("", _counts),
    "last_retrieved_at": ("", _retrieved),
    "notice_version": ("", _notice),
    "review_on": ("", _review),
}
"""Column → its letter in Article 30(1), if it has one, and what tells it."""


def heading(column: str, words: RecordWords) -> str:
    """The column's heading, with its letter of Article 30(1)."""
    letter = COLUMNS[column][0]
    return f"{letter}) {words.say(column)}" if letter else words.say(column)


def sheet(document: Document, words: RecordWords) -> tuple[list[str], list[list[str]]]:
    """Headings, and one row an activity; several lines of a cell stand below each other."""
    headings = [heading(column, words) for column in COLUMNS]
    rows = [["\n".join(cell(column, document, part, words)) for column in COLUMNS] for part in document["activities"]]
    return headings, rows
