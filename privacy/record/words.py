"""Words of the record of processing: its own (`words.toml`), then those of the access answer."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from privacy.package.words import Table, Words, tables


@cache
def own_tables() -> Mapping[str, Table]:
    """Every table of words of its own: table → code → language → words."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


class RecordWords(Words):
    """What the record says in one language."""

    def _text(self, table: str, key: str) -> str | None:
        if found := own_tables().get(table, {}).get(key, {}).get(self.language):
            return found
        return super()._text(table, key) if table in tables() else None
