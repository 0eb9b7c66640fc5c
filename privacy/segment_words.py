"""A segment's rule in words, Finnish or English, for whoever wrote it and for whoever is in it. Pure.

Each comparison is the sentence of its field and operator (`words.toml`, table `segment`): a count and a date have one
for each operator, into which the name of the field goes; a name has one for each field. They are joined as they were
written: an inner `and` or `or` stands in brackets, and `not` before them.
"""

from collections.abc import Mapping

from privacy.package.words import Words
from privacy.segment_rule import NAMES, Ago, Compared, Every, Not, Rule, folded


def in_words(rule: Rule, words: Words, brands: Mapping[str, str]) -> str:
    """The rule as a sentence without its full stop: `bookings at least 3 and a customer of ArtSport`. `brands`: by id,
    their names."""
    match rule:
        case Compared():
            return _compared(rule, words, brands)
        case Not(rule=inner):
            return words.term("segment", "not").format(rule=in_words(inner, words, brands))
        case _:
            joint = words.term("segment", "and" if isinstance(rule, Every) else "or")
            return f" {joint} ".join(_inner(one, words, brands) for one in rule.rules)


def _inner(rule: Rule, words: Words, brands: Mapping[str, str]) -> str:
    said = in_words(rule, words, brands)
    return said if isinstance(rule, Compared | Not) else f"({said})"


def _compared(rule: Compared, words: Words, brands: Mapping[str, str]) -> str:
    if rule.field in NAMES:
        value = brands.get(folded(str(rule.value)), rule.value) if rule.field == "brand" else rule.value
        return words.term("segment", f"{rule.field} {rule.operator}").format(value=value)
    field = words.term("segment", rule.field)
    if isinstance(rule.value, Ago):
        return words.term("segment", f"{rule.operator} ago").format(field=field, value=rule.value.days)
    value = rule.value if isinstance(rule.value, int) else words.day(str(rule.value))
    return words.term("segment", rule.operator).format(field=field, value=value)
