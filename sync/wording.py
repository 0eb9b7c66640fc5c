"""Numbers with their nouns, as reports say them."""


def quantity(number: int, noun: str, verb: str = "") -> str:
    """`1 row`, `2 rows`; with a verb `1 row waits`, `2 rows wait`."""
    one = number == 1
    said = f"{number} {noun}" if one else f"{number} {noun}s"
    return f"{said} {verb}s" if verb and one else f"{said} {verb}".rstrip()
