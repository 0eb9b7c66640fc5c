"""The part of the page that says what a program decides: how records are joined, and in which groups the person is.
Pure."""

from privacy.package.markup import Markup, el, html, table
from privacy.package.page_use import purpose
from privacy.package.showing import Document, Part, when
from privacy.package.words import Words


def automated(document: Document, words: Words) -> Markup:
    """That nobody is profiled, what the joining of records is and is not, and the segments (Art. 15(1)(h))."""
    return html(
        el("p", words.say("automated_none")),
        el("h3", words.say("matching")),
        el("p", words.say("matching_told")),
        _see("matching_joined", "joining", words),
        el("h3", words.say("segments")),
        _segments(document, words) or el("p", words.say("no_segments")),
        _see("segments_earlier", "look_ups", words),
    )


def _see(key: str, section: str, words: Words) -> Markup:
    """A sentence that ends in a section of the page."""
    return el("p", words.say(key), " ", el("a", words.say(section), href=f"#{section}"), ".")


def _segments(document: Document, words: Words) -> Markup:
    texts = {one["id"]: one["text"] for one in document["purposes"]}
    rows = [
        (
            one["segment"],
            one["rule_in_words"],
            purpose(texts.get(one["purpose"], one["purpose"]), words),
            _included(one, words),
            when(one["defined_at"], words),
        )
        for one in document["segments"]
    ]
    made = table([words.say(key) for key in ("group", "rule_in_words", "purpose", "in_group", "since")], rows)
    return html(el("p", words.say("segments_told"), class_="told"), made) if rows else Markup()


def _included(one: Part, words: Words) -> str:
    if one["included"]:
        return words.say("yes")
    return words.say("left_out", why=words.term("left_out", one["left_out"]))
