"""A plan of what goes wrong, and when: pure, so that the same plan and the same requests fail in the same way.

A plan is written as items separated by commas, `KIND[:ARGUMENT]@WHEN[/PATH]`:

- `429@3` the third request is answered 429; `429:2@3` with `Retry-After: 2` (default 0); `429-reset:2@3` without
  `Retry-After`, with the rate limit headers naming a time two seconds ahead
- `500@5`, `503@5`, `522@7` (an HTML page, as a content network in front answers)
- `cut@9` the body ends before its content-length; `reset@11` the connection is reset; `slow:2@13` two seconds late
- `shuffle@4` the first row moves to the end before the answer, `push@4` the last row to the front,
  `vanish@4` the first row is deleted, `insert@4` a new row comes in front; each only where the request lists rows
- `lie:3@2` the total is three too high (`lie:-3` too low); `duplicate@2` the page's first row stands in it twice
- `WHEN` is a number from 1, a range `3-5`, or `*`. With a `/PATH`, such as `500@2/enrollments`, only requests whose
  path ends so are meant and counted.
- `random:1/6:seed=1` one request in six fails, in any of `429 500 503 522 cut reset`; `random:0.1:seed=2:kinds=500+cut`

The first item that fits a request decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

ANSWERS = ("429", "429-reset", "500", "503", "522")
WIRE = ("cut", "reset", "slow")
ROWS = ("shuffle", "push", "vanish", "insert", "lie", "duplicate")
BY_CHANCE = ("429", "500", "503", "522", "cut", "reset")
"""What a `random` item does when it names no kinds: whatever a client must get over by asking again."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with one request; `amount` is the argument, seconds or rows."""

    kind: str
    amount: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A request as a plan sees it: its number from 1, its path, and the requests by path with this one counted."""

    number: int
    path: str
    by_path: Mapping[str, int]


@dataclass(frozen=True)
class At:
    """A fault at requests `first` to `last` (`None`: for ever), counted among those whose path ends in `path`."""

    fault: Fault
    first: int = 1
    last: int | None = None
    path: str = ""

    def pick(self, asked: Asked) -> Fault | None:
        """The fault, where this request is meant."""
        if not asked.path.endswith(self.path):
            return None
        number = asked.number
        if self.path:
            number = sum(count for known, count in asked.by_path.items() if known.endswith(self.path))
        fits = self.first <= number and (self.last is None or number <= self.last)
        return self.fault if fits else None


@dataclass(frozen=True)
class ByChance:
    """A share of all requests fails; which ones, and how, is drawn from the seed and the request's number."""

    share: float
    seed: int = 0
    kinds: tuple[str, ...] = BY_CHANCE

    def pick(self, asked: Asked) -> Fault | None:
        """The fault, where this request is drawn."""
        rng = Random(f"{self.seed}/{asked.number}")  # noqa: S311 (a die, not a key)
        return Fault(rng.choice(self.kinds)) if rng.random() < self.share else None


@dataclass(frozen=True)
class FaultPlan:
    """What goes wrong; the empty plan is a calm day."""

    items: tuple[At | ByChance, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "FaultPlan":
        """Read a plan as the module describes it. Raises `ValueError` naming the item that cannot be read."""
        return cls(tuple(_item(part.strip()) for part in text.split(",") if part.strip()))

    def pick(self, asked: Asked) -> Fault | None:
        """What goes wrong with this request."""
        return next(filter(None, (item.pick(asked) for item in self.items)), None)


def _item(text: str) -> At | ByChance:
    try:
        return _by_chance(text) if text.startswith("random:") else _at(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"cannot read the fault {text!r}: {error}") from None


def _at(text: str) -> At:
    what, sign, when = text.partition("@")
    if not sign:
        raise ValueError("it has no @WHEN")
    kind, _, argument = what.partition(":")
    numbers, slash, path = when.partition("/")
    first, dash, last = numbers.partition("-")
    fault = Fault(_known(kind), float(argument) if argument else _default(kind))
    if numbers == "*":
        return At(fault, path=slash + path)
    return At(fault, int(first), int(last) if dash else int(first), slash + path)


def _by_chance(text: str) -> ByChance:
    _, share, *options = text.split(":")
    named = dict(option.split("=", 1) for option in options)
    kinds = tuple(_known(kind) for kind in named.pop("kinds", "+".join(BY_CHANCE)).split("+"))
    seed = int(named.pop("seed", "0"))
    if named:
        raise ValueError("unknown option")
    return ByChance(float(Fraction(share)), seed, kinds)


def _known(kind: str) -> str:
    if kind not in (*ANSWERS, *WIRE, *ROWS):
        raise ValueError("unknown kind")
    return kind


def _default(kind: str) -> float:
    return 1.0 if kind in {"slow", "lie"} else 0.0
