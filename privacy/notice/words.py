"""Words of a drafted notice: its own (`words.toml`), then those of the access answer."""

from pathlib import Path

from privacy.package.words import Words


class NoticeWords(Words):
    """What a notice says in one language."""

    folder = Path(__file__).parent

    def missing(self, key: str, **values: object) -> str:
        """A gap that somebody has to fill in: `[PUUTTUU: säilytysaika]`."""
        return self.say("gap", what=self.term("missing", key).format(**values))

    @property
    def mark(self) -> str:
        """How every gap begins."""
        return self.say("gap", what="").split(":")[0]
