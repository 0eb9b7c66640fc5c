"""Words of names in whatever script, as they are compared, looked for and masked."""

import re
from unicodedata import normalize

SIGNS = (
    r"\u0780-\u07bf\u0900-\u109f\u1700-\u18af\u1900-\u1cff\u3099\u309a\ua800-\ua82f\ua880-\ua8ff\ua900-\uaadf"
    r"\uaae0-\uaaff\uabc0-\uabff\U00011000-\U00011fff"
)
"""For a class of characters: scripts whose vowels are signs that Unicode counts as marks and `\\w` does not know (of
India, Thailand, Myanmar and others), and the voicing signs of kana. Without them राम and रीमा would be one name."""

_ACCENTS = re.compile(
    r"[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0730-\u074a"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe20-\ufe2f]+"
)
WORD = re.compile(rf"(?:[^\W_]|[{SIGNS}])+")


def without_accents(text: str) -> str:
    """The letters alone where a mark only shades one (`ä`, `й`, Arabic and Hebrew points); a mark that is a vowel of
    its own stays. Compatible forms become plain ones (`ﬁ` → `fi`)."""
    return text if text.isascii() else _ACCENTS.sub("", normalize("NFKD", text))
