"""The parts of the page about what the data are used for, by whom, and what the person said of it. Pure."""

from collections.abc import Callable, Iterator, Sequence

from privacy.package.markup import Markup, Node, el, facts, html, table
from privacy.package.showing import Document, Part, brand, cell, on, system, told, when
from privacy.package.words import FINNISH, Words


def marketing(document: Document, words: Words) -> Markup:
    """What is allowed and how it came to this, objections, restrictions, corrections, the marketing register."""
    states = [
        (
            words.term("channel", state["channel"]),
            brand(document, state["brand"], words),
            words.term("consent", state["state"]),
            when(state["since"], words),
            words.term("rule", state["rule"]) if state["rule"] else None,
        )
        for state in document["marketing"]["states"]
        if state["brand"]
    ]
    return html(
        el("p", words.say("marketing_told"), class_="told"),
        _table(("channel", "brand", "state", "since", "why"), states, words),
        _part("marketing_history", _history(document, words), words),
        _part("objections", _declared(document["objections"], _objection, document, words), words),
        _part("restrictions", _declared(document["restrictions"], _restriction, document, words), words),
        _part("corrections", _declared(document["corrections"], _correction, document, words), words),
        _part("direct_marketing", _entries(document, words), words),
    )


def _table(keys: Sequence[str], rows: Sequence[Sequence[Node]], words: Words) -> Markup:
    return table([words.say(key) for key in keys], rows)


def _part(key: str, body: Markup, words: Words) -> Markup | None:
    return html(el("h3", words.say(key)), body) if body else None


def _history(document: Document, words: Words) -> Markup:
    rows = [
        (
            when(one["at"], words),
            words.term("channel", one["channel"]),
            brand(document, one["brand"], words),
            words.term("consent", one["state"]),
            _how(one, document, words),
        )
        for one in document["marketing"]["history"]
    ]
    return _table(("when", "channel", "brand", "what", "how"), rows, words)


def _how(one: Part, document: Document, words: Words) -> str:
    if one["by"] == "flag":
        return words.say("by_flag", source=system(document, one["source"]))
    evidence = f"{words.say('evidence')}: {one['evidence']}" if one["evidence"] else None
    notice = f"{words.say('notice_version')}: {one['notice_version']}"
    return "\n".join(filter(None, (one["method"], evidence, notice, _ended(one, words))))


def _ended(one: Part, words: Words) -> str | None:
    return words.say("lifted", time=words.time(one["lifted_at"])) if one["lifted_at"] else None


def _declared(
    parts: Sequence[Part], what: Callable[[Part, Document, Words], str], document: Document, words: Words
) -> Markup:
    rows = [
        (when(one["at"], words), what(one, document, words), one["reason"], _ended(one, words) or words.say("still"))
        for one in parts
    ]
    return _table(("when", "what", "reason", "state"), rows, words)


def _objection(one: Part, document: Document, words: Words) -> str:
    scope = words.term("scope", one["scope"])
    return f"{scope}, {brand(document, one['brand'], words)}" if one["brand"] else scope


def _restriction(_one: Part, _document: Document, words: Words) -> str:
    return words.say("restriction")


def _correction(one: Part, _document: Document, words: Words) -> str:
    value = one["value"]
    shown = words.say("nothing") if value in (None, "", []) else cell(one["field"], value, words)
    return f"{words.term('field', one['field'])}: {shown}"


def _entries(document: Document, words: Words) -> Markup:
    rows = [
        (
            on(one["relationship_ended_on"], words),
            when(one["entered_at"], words),
            one["reason"],
            when(one["left_at"], words),
        )
        for one in document["direct_marketing"]
    ]
    made = _table(("ended_on", "entered", "reason", "left"), rows, words)
    return html(el("p", words.say("direct_marketing_told"), class_="told"), made) if made else Markup()


def purposes(document: Document, words: Words) -> Markup:
    """The purposes, as the register states them; in another language only where that is known."""
    return el("ul", *(el("li", purpose(one["text"], words)) for one in document["purposes"]))


def purpose(text: str, words: Words) -> Markup:
    """A purpose in words."""
    shown = words.term("purpose", text)
    foreign = shown == text and words.language != FINNISH
    return el("span", text, lang=FINNISH) if foreign else html(shown)


def recipients(document: Document, words: Words) -> Markup:
    """By name."""
    made = [
        html(el("h3", party["name"]), facts((words.say(key), value) for key, value in _recipient(party, words)))
        for party in document["recipients"]
    ]
    return html(
        el("p", words.say("recipients_told"), class_="told") if made else None,
        *made,
        _part("disclosed", _disclosed(document, words), words) or el("p", words.say("no_disclosures")),
        el("p", words.say("transfers_told"), class_="told"),
    )


def _disclosed(document: Document, words: Words) -> Markup:
    texts = {one["id"]: one["text"] for one in document["purposes"]}
    rows = [
        (
            when(one["at"], words),
            f"{one['recipient']}\n{words.term('recipient_kind', one['kind'])}, {words.term('country', one['country'])}",
            purpose(texts.get(one["purpose"], one["purpose"]), words),
            _rests_on(one, words),
            words.terms("field", one["fields"]),
        )
        for one in document["disclosures"]
    ]
    made = _table(("when", "to_whom", "what_for", "basis", "which_data"), rows, words)
    return html(el("p", words.say("disclosed_told"), class_="told"), made) if made else Markup()


def _rests_on(one: Part, words: Words) -> str:
    channel = words.term("channel", one["channel"]) if one["channel"] else None
    told = (words.term("basis", one["basis"]), channel, one["statute"], one["document"])
    return "\n".join(filter(None, told))


def _recipient(party: Part, words: Words) -> Iterator[tuple[str, Node]]:
    yield "activity", words.term("activity", party["activity"])
    yield "role", words.term("role", party["role_stated"])
    yield "assessed", words.term("role", party["role_assessed"])
    yield "business_id", told(party["business_id"])
    yield "country", words.term("country", party["country"])
    yield "storage_country", words.term("country", party["storage_country"])
    yield "their_notice", told(party["notice_url"])


def look_ups(document: Document, words: Words) -> Markup:
    """Dates and purposes, without staff."""
    texts = {one["id"]: one["text"] for one in document["purposes"]}
    rows = [
        (
            when(one["at"], words),
            f"{words.action(one['action'])} ({words.say('whole_registry')})"
            if one["whole_registry"]
            else words.action(one["action"]),
            purpose(texts.get(one["purpose"], one["purpose"]), words),
        )
        for one in document["look_ups"]
    ]
    made = _table(("when", "what", "purpose"), rows, words)
    return html(el("p", words.say("look_ups_told"), class_="told"), made or el("p", words.say("none")))


def requests(document: Document, words: Words) -> Markup:
    """The person's requests and what became of them."""
    rows = [
        (
            str(one["id"]),
            words.term("request", one["type"]),
            on(one["received_on"], words),
            _due(one, words),
            one["identity_method"],
            _outcome(one, words),
            "\n".join(_told(task, words) for task in one["told"]),
        )
        for one in document["requests"]
    ]
    return _table(("number", "request", "received", "due", "identity", "outcome", "told"), rows, words)


def _due(one: Part, words: Words) -> Markup:
    """The day, and why it was put off."""
    longer = f"\n{words.say('extended')}: {one['extension_reason']}" if one["extension_reason"] else None
    return html(on(one["due_on"], words), longer)


def _outcome(one: Part, words: Words) -> str:
    outcome = words.term("outcome", one["outcome"]) if one["outcome"] else words.say("waits_still")
    return "\n".join(filter(None, (outcome, one["justification"])))


def _told(task: Part, words: Words) -> str:
    done = words.time(task["done_at"]) if task["done_at"] else words.say("waits_still")
    return f"{task['party']}: {words.task(task['what'])} ({done})"
