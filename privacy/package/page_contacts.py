"""The parts of the page about what went to and fro with the person: feedback and claims, messages, calls and letters.
Pure."""

from collections.abc import Iterator

from privacy.package.markup import Markup, el, html, table
from privacy.package.showing import Document, Part, brand, on, when
from privacy.package.words import Words


def contacts(document: Document, words: Words) -> Markup:
    """Contacts in the order of time, and the cases."""
    made = table(
        [words.say(key) for key in ("when", "channel", "sender", "brand", "about_what")],
        [
            (
                when(one["at"], words),
                words.term("way", one["channel"]),
                words.term("sender", one["sender"]),
                brand(document, one["brand"], words),
                one["summary"],
            )
            for one in document["contacts"]
        ],
    )
    told = _cases(document, words)
    return html(made or None, el("h3", words.say("cases")) if told else None, told or None)


def _cases(document: Document, words: Words) -> Markup:
    return table(
        [words.say(key) for key in ("number", "what", "received", "state", "about_what", "became_of_it")],
        [
            (
                str(one["id"]),
                words.term("case_type", one["type"]),
                on(one["received_on"], words),
                words.term("case_state", one["state"]),
                one["subject"],
                "\n".join(_became(one, words)),
            )
            for one in document["cases"]
        ],
    )


def _became(one: Part, words: Words) -> Iterator[str]:
    texts = {"answered_at": "answer", "reopened_at": "reopen_reason", "closed_at": "outcome"}
    for at in sorted(filter(one.get, texts), key=lambda at: str(one[at])):
        yield f"{words.time(one[at])}: {one[texts[at]] or words.term('case_state', 'closed')}"
