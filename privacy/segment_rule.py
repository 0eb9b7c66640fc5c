"""The language in which a person writes whom a segment holds: read, written back, answered over what is known. Pure.

`bookings >= 3 and last_booking before 2026-01-01 and not (course is "Hyvän unen kurssi" or brand is artsport)`

1. A rule is made of comparisons, joined by `and`, `or`, `not` and brackets; `not` binds closest, then `and`.
2. A count is compared with a whole number by `>=`, `>`, `<=`, `<`, `=`, `!=`. Nothing counted is 0.
3. A date is `before` or `after` a day, `2026-01-01` or `90 days ago`, that day itself in neither. Who has no such date
   is in neither; `not` brings them in.
4. A name `is` or `is not` among those that a customer has, in whatever case; one with spaces stands in quotes.

Whoever is asked about is grouped by what they booked, studied and bought, and by nothing else (`FIELDS`): no text that
somebody wrote, nothing that judges a person, nothing of how they are reached (`REFUSED`).
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NoReturn

from config.errors import ConfigError
from config.keys import meant

COUNTS = ("bookings", "enrollments", "orders")
DATES = ("first_booking", "last_booking", "last_enrollment", "customer_since")
NAMES = ("course", "service", "product", "brand")
FIELDS = (*COUNTS, *DATES, *NAMES)

_SIGNS: Mapping[str, Callable[[int, int], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt, "=": eq, "!=": ne}
BEFORE, AFTER, IS, IS_NOT = "before", "after", "is", "is not"
OPERATORS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(COUNTS, tuple(_SIGNS)),
    **dict.fromkeys(DATES, (BEFORE, AFTER)),
    **dict.fromkeys(NAMES, (IS, IS_NOT)),
}
"""Field → how it may be compared."""

_WHY = {
    "free text is never used to group people": ("note", "notes", "text", "comment", "comments", "wish", "wishes"),
    "whether somebody came is between them and you, and says nothing of what they want": (
        "no_show", "no_shows", "no_show_count", "attendance", "state", "cancelled", "reliability",
    ),
    "it says as much of the employee as of the customer": ("employee", "employees", "regular_employee"),
    "where people live groups them by what they cannot help": (
        "address", "street", "postal_code", "postcode", "city", "country",
    ),
    "a name says nothing of what somebody wants": ("name", "first_name", "last_name", "names"),
    "a contact is for reaching people; --channel asks who may be reached": (
        "email", "emails", "phone", "phones", "contact", "contacts", "channel", "consent", "marketing",
    ),
    "data of health and of the body are never used to group people (GDPR Art. 9)": (
        "health", "diagnosis", "illness", "disease", "injury", "pain", "pregnancy", "medication", "allergy", "symptom",
    ),
    "the register does not keep it, and groups nobody by it": (
        "age", "birthday", "birth_date", "gender", "sex", "religion", "nationality", "language", "income",
    ),
    "nobody is given a score": ("score", "rank", "value", "probability", "risk", "segment"),
}  # fmt: skip
REFUSED: Mapping[str, str] = {field: why for why, fields in _WHY.items() for field in fields}
"""What somebody may want to group people by and must not, with the reason."""

LONGEST, DEEPEST, MOST_DAYS = 1000, 20, 36_500
"""Characters of a rule, brackets and `not` within each other, days that may be reckoned back."""

_TOKEN = re.compile(r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<sign>>=|<=|!=|[=<>()])|(?P<word>[^\s()=<>!"']+))""")
_WORDS = frozenset({"and", "or", "not", IS, BEFORE, AFTER})


@dataclass(frozen=True, slots=True)
class Ago:
    """A day reckoned back from that of the run."""

    days: int


Value = int | date | Ago | str


@dataclass(frozen=True, slots=True)
class Compared:
    """A field compared with a value."""

    field: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Not:
    """Whoever a rule does not hold."""

    rule: "Rule"


@dataclass(frozen=True, slots=True)
class Every:
    """Whom each of several rules holds."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Whom one of several rules holds, or more of them."""

    rules: tuple["Rule", ...]


Rule = Compared | Not | Every | Either

Facts = Mapping[str, Mapping[str, Any]]
"""Field → customer → number or day; of a name, field → folded name → customers who have it. Who is missing has none."""


def folded(name: str) -> str:
    """A name as it is compared: `Hyvän  Unen kurssi` → `hyvän unen kurssi`."""
    return " ".join(name.casefold().split())


def parsed(text: str) -> Rule:
    """The rule that a text says. Raises `ConfigError`, which names the field or the place and the way out."""
    if len(text) > LONGEST:
        raise ConfigError(f"a rule has at most {LONGEST} characters; make two segments of it", "--rule")
    return _Reader(text).whole()


def fields_of(rule: Rule) -> frozenset[str]:
    """The fields that a rule compares."""
    match rule:
        case Compared(field=field):
            return frozenset({field})
        case Not(rule=inner):
            return fields_of(inner)
        case _:
            return frozenset().union(*map(fields_of, rule.rules))


def comparisons(rule: Rule) -> list[Compared]:
    """Every comparison of a rule, from left to right."""
    match rule:
        case Compared():
            return [rule]
        case Not(rule=inner):
            return comparisons(inner)
        case _:
            return [one for part in rule.rules for one in comparisons(part)]


def written(rule: Rule) -> str:
    """A rule as text, from which `parsed` makes the same rule."""
    match rule:
        case Compared(field=field, operator=operator, value=value):
            return f"{field} {operator} {_written(value)}"
        case Not(rule=inner):
            return f"not {_bracketed(inner)}"
        case Every(rules=rules):
            return " and ".join(map(_bracketed, rules))
        case Either(rules=rules):
            return " or ".join(map(_bracketed, rules))


def _bracketed(rule: Rule) -> str:
    return f"({written(rule)})" if isinstance(rule, Every | Either) else written(rule)


def _written(value: Value) -> str:
    match value:
        case Ago(days=days):
            return f"{days} days ago"
        case str():
            return f"'{value}'" if '"' in value else f'"{value}"'
        case _:
            return str(value)


def fitting(rule: Rule, customers: frozenset[str], facts: Facts, today: date) -> frozenset[str]:
    """Of these customers those whom the rule holds. `today`, in Finland, is what days are reckoned back from."""
    match rule:
        case Compared():
            return customers & _compared(rule, customers, facts.get(rule.field, {}), today)
        case Not(rule=inner):
            return customers - fitting(inner, customers, facts, today)
        case Every(rules=rules):
            return frozenset.intersection(*(fitting(one, customers, facts, today) for one in rules))
        case Either(rules=rules):
            return frozenset.union(*(fitting(one, customers, facts, today) for one in rules))


def _compared(rule: Compared, customers: frozenset[str], known: Mapping[str, Any], today: date) -> frozenset[str]:
    wanted: Any = rule.value
    if rule.field in COUNTS:
        holds = _SIGNS[rule.operator]
        return frozenset(customer for customer in customers if holds(known.get(customer, 0), wanted))
    if rule.field in DATES:
        day = today - timedelta(days=wanted.days) if isinstance(wanted, Ago) else wanted
        earlier = rule.operator == BEFORE
        return frozenset(customer for customer, on in known.items() if (on < day if earlier else on > day))
    having = frozenset(known.get(folded(wanted), ()))
    return having if rule.operator == IS else customers - having


class _Reader:
    """Reads a rule from left to right, each method one step of the grammar."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        self._at = self._depth = 0
        place, text = 0, text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise ConfigError(f"character {place + 1} belongs to nothing; close every quote", "--rule")
            self._tokens.append(found[0].strip())
            place = found.end()

    def whole(self) -> Rule:
        rule = self._either()
        if self._at < len(self._tokens):
            self._refuse("`and`, `or` or the end")
        return rule

    def _either(self) -> Rule:
        rules = [self._every()]
        while self._took("or"):
            rules.append(self._every())
        return rules[0] if len(rules) == 1 else Either(tuple(rules))

    def _every(self) -> Rule:
        rules = [self._single()]
        while self._took("and"):
            rules.append(self._single())
        return rules[0] if len(rules) == 1 else Every(tuple(rules))

    def _single(self) -> Rule:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ConfigError(f"brackets and `not` stand at most {DEEPEST} within each other", "--rule")
        rule: Rule
        if self._took("not"):
            rule = Not(self._single())
        elif self._took("("):
            rule = self._either()
            if not self._took(")"):
                self._refuse("`)`")
        else:
            rule = self._comparison()
        self._depth -= 1
        return rule

    def _comparison(self) -> Compared:
        field = self._next("a field").casefold()
        if field in REFUSED:
            raise ConfigError(f"{field} cannot be used in a rule: {REFUSED[field]}", "--rule")
        if field not in FIELDS:
            raise ConfigError(f"a rule knows no such field; {meant(field, FIELDS)}", "--rule")
        operator = self._next(f"a comparison of {field}").casefold()
        if operator == IS and self._took("not"):
            operator = IS_NOT
        if operator not in OPERATORS[field]:
            raise ConfigError(f"{field} is compared by {_listed(OPERATORS[field])}", "--rule")
        return Compared(field, operator, self._value(field))

    def _value(self, field: str) -> Value:
        text = self._next(f"what {field} is compared with")
        if field in NAMES:
            if text.casefold() in _WORDS or text in ("(", ")", *_SIGNS):
                raise ConfigError(f"after `{field} is` comes a name; put it in quotes", "--rule")
            name = " ".join((text[1:-1] if text[0] in "\"'" else text).split())
            if not name:
                raise ConfigError(f"the name of the {field} is empty", "--rule")
            return name
        if field in COUNTS:
            if re.fullmatch(r"[0-9]{1,6}", text):
                return int(text)
            raise ConfigError(f"{field} is compared with a whole number, as in `{field} >= 3`", "--rule")
        return self._day(field, text)

    def _day(self, field: str, text: str) -> date | Ago:
        if re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= MOST_DAYS:
            if (self._took("days") or self._took("day")) and self._took("ago"):
                return Ago(int(text))
        elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        raise ConfigError(f"{field} is compared with a day, as 2026-01-01 or `90 days ago`", "--rule")

    def _took(self, word: str) -> bool:
        took = self._at < len(self._tokens) and self._tokens[self._at].casefold() == word
        self._at += took
        return took

    def _next(self, wanted: str) -> str:
        if self._at == len(self._tokens):
            self._refuse(wanted)
        self._at += 1
        return self._tokens[self._at - 1]

    def _refuse(self, wanted: str) -> NoReturn:
        where = "at its end" if self._at == len(self._tokens) else f"at word {self._at + 1}"
        raise ConfigError(f"{where} the rule wants {wanted}, as in `bookings >= 3 and brand is artsport`", "--rule")


def _listed(names: Collection[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} or {last}"
