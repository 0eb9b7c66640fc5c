"""Rules of retention and what is over them, on a screen and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sync.cli.showing import day, joined, lines, local, table
from sync.wording import quantity

if TYPE_CHECKING:
    from datetime import date

    from privacy.overdue import Review
    from privacy.retention import Judged
    from store.retention import Proof, Ruling

FINDING = "undefined: the notice sets none"
_SHOWN = 10


def outlined(name: str, ruling: "Ruling | None") -> dict[str, Any]:
    """A category with its rule as JSON."""
    from privacy.retention import CATEGORIES, Rule
    from store.times import stamp

    category = CATEGORIES[name]
    defined = ruling is not None and ruling.period is not None
    return {
        "category": name,
        "what": category.what,
        "where": category.where,
        "triggers": list(category.triggers),
        "state": "defined" if defined else "undefined",
        "finding": None if defined else "the notice sets none",
        "after": ruling.period if ruling else None,
        "from": ruling.trigger if ruling else None,
        "basis": ruling.basis if ruling else None,
        "duty": bool(ruling and Rule(*ruling[:4]).duty),
        "set_at": stamp(ruling.set_at) if ruling else None,
        "set_by": ruling.set_by if ruling else None,
    }


def standing(rulings: Mapping[str, "Ruling"], found: "Review", proofs: Sequence["Proof"]) -> dict[str, Any]:
    """How retention stands as JSON."""
    from collections import Counter

    from privacy.retention import CATEGORIES, HELD
    from store.times import stamp

    categories = [
        outlined(name, rulings.get(name)) | {"over": len(found[name].over), "held_back": len(found[name].held)}
        for name in CATEGORIES
    ]
    counts: Counter[str] = Counter()
    last = proofs[-1].at if proofs else None
    for proof in proofs:
        if proof.at == last:
            counts.update(proof.counts)
    return {
        "categories": categories,
        "undefined": sum(one["state"] == "undefined" for one in categories),
        "no_longer_held": len(found[HELD].over),
        "last_run": {"at": stamp(last), "actor": proofs[-1].actor, "counts": dict(counts)} if proofs else None,
    }


def show_status(stands: Mapping[str, Any]) -> None:
    """How retention stands, for people."""
    table(
        "Retention",
        ("category", "what goes", "kept for", "from", "basis", "set", "over now", "held back"),
        [_line(one) for one in stands["categories"]],
        right=("over now", "held back"),
    )
    lines(*_findings(stands))


def _line(one: Mapping[str, Any]) -> tuple[Any, ...]:
    from privacy.retention import in_words

    kept = in_words(one["after"]) if one["after"] else FINDING
    chosen = one["from"] if one["after"] else f"may be {joined(one['triggers'], ' or ')}"
    set_ = f"{local(one['set_at'])}, {one['set_by']}" if one["set_at"] else None
    return one["category"], one["what"], kept, chosen, one["basis"], set_, one["over"], one["held_back"]


def _findings(stands: Mapping[str, Any]) -> Iterator[str]:
    from privacy.retention import TRIGGERS

    yield "Triggers: " + "; ".join(f"{name}: {text}" for name, text in TRIGGERS.items()) + "."
    if stands["undefined"]:
        yield (
            f"{quantity(stands['undefined'], 'finding')}: so many categories are undefined, and nothing of them is "
            "erased by age. Set each with `rekisteri retention set`."
        )
    if stands["no_longer_held"]:
        yield f"No duty keeps {quantity(stands['no_longer_held'], 'row')} of erased people any more."
    if last := stands["last_run"]:
        yield f"Last run {local(last['at'])} by {last['actor']}: {_counted(last['counts'])}."


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} of {name}" for name, number in counts.items() if number) or "nothing"


def reviewed(rulings: Mapping[str, "Ruling"], found: "Review") -> dict[str, Any]:
    """The review list as JSON: ids of customers, numbers of rows, and no person."""
    return {
        "categories": [_reviewed(judged, rulings.get(name)) for name, judged in found.items()],
        "held_back": [
            {"category": name, "customer_id": item.person, "id": _id(name, item.id), "why": why}
            for name, judged in found.items()
            for item, why in judged.held
        ],
        "done": None,
    }


def _reviewed(judged: "Judged", ruling: "Ruling | None") -> dict[str, Any]:
    people = {item.person for item in judged.over if item.person is not None}
    return {
        "category": judged.category,
        "after": ruling.period if ruling else None,
        "from": ruling.trigger if ruling else None,
        "over": len(judged.over),
        "oldest": _day(judged.oldest),
        "customers": sorted(people),
        "ids": [_id(judged.category, item.id) for item in judged.over],
    }


def _id(category: str, id_: Any) -> Any:
    """A platform's own id of an event may tell of whom it was."""
    from privacy.retention import EVENTS

    return None if category == EVENTS else id_


def _day(day: "date | None") -> str | None:
    return day.isoformat() if day else None


def show_review(told: Mapping[str, Any]) -> None:
    """The review list for people."""
    over = [one for one in told["categories"] if one["over"]]
    table(
        "Over its time",
        ("category", "rows", "oldest", "customers"),
        [(one["category"], one["over"], one["oldest"] and day(one["oldest"]), _some(one["customers"])) for one in over],
        right=("rows",),
    )
    table(
        "Held back",
        ("category", "customer", "why"),
        sorted({(one["category"], one["customer_id"] or "nobody's", one["why"]) for one in told["held_back"]}),
    )


def _some(ids: Sequence[str]) -> str | None:
    further = len(ids) - _SHOWN
    return joined([*ids[:_SHOWN], *([f"and {further} more (--json lists them)"] if further > 0 else [])], "\n")
