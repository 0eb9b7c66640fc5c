"""Words of the record of processing: its own (`words.toml`), then those of the access answer."""

from pathlib import Path

from privacy.package.words import Words


class RecordWords(Words):
    """What the record says in one language."""

    folder = Path(__file__).parent
