"""The one error of reading files, inside this folder: it ends as a problem in the report."""

CANNOT_OPEN = "the file cannot be opened: is it there, and may it be read?"


class UnreadableFile(Exception):
    """A file that is not read. `reason` is for people; `row` where there is one.

    `broken`: rows may have been lost, rather than that the file never was a table of ours.
    """

    def __init__(self, reason: str, row: int | None = None, *, broken: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.broken = broken
