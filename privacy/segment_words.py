"""A segment's rule in words, Finnish or English, for whoever wrote it and for whoever is in it. Pure.

Each comparison is the sentence of its field and operator (`words.toml`, table `segment`): a count and a date have one
for each operator, into which the name of the field goes; a name has one for each field. They are joined as they were
written: an inner `and` or `or` stands in brackets, and `not` before them.
"""

from privacy.package.words import Words
from privacy.segment_rule import NAMES, Ago, Compared, Every, Not, Rule


def in_words(rule: Rule, words: Words) -> str:
    """The rule as a sentence without its full stop: `bookings at least 3 and a customer of artsport`."""
    match rule:
        case Compared():
            return _compared(rule, words)
        case Not(rule=inner):
            return words.term("segment", "not").format(rule=in_words(inner, words))
        case _:
            joint = words.term("segment", "and" if isinstance(rule, Every) else "or")
            return f" {joint} ".join(_inner(one, words) for one in rule.rules)


def _inner(rule: Rule, words: Words) -> str:
    said = in_words(rule, words)
    return said if isinstance(rule, Compared | Not) else f"({said})"


def _compared(rule: Compared, words: Words) -> str:
    if rule.field in NAMES:
        return words.term("segment", f"{rule.field} {rule.operator}").format(value=rule.value)
    field = words.term("segment", rule.field)
    if isinstance(rule.value, Ago):
        return words.term("segment", f"{rule.operator} ago").format(field=field, value=rule.value.days)
    value = rule.value if isinstance(rule.value, int) else words.day(str(rule.value))
    return words.term("segment", rule.operator).format(field=field, value=value)
