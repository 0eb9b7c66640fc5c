"""Words of a drafted notice: its own (`words.toml`), then those of the access answer."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from privacy.package.words import Table, Words, tables


@cache
def _own() -> Mapping[str, Table]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


class NoticeWords(Words):
    """What a notice says in one language."""

    def missing(self, key: str, **values: object) -> str:
        """A gap that somebody has to fill in: `[PUUTTUU: säilytysaika]`."""
        return self.say("gap", what=self.term("missing", key).format(**values))

    @property
    def mark(self) -> str:
        """How every gap begins."""
        return self.say("gap", what="").split(":")[0]

    def _text(self, table: str, key: str) -> str | None:
        if found := _own().get(table, {}).get(key, {}).get(self.language):
            return found
        return super()._text(table, key) if table in tables() else None
