"""The one error of reading files, inside this folder: it ends as a problem in the report."""


class UnreadableFile(Exception):
    """A file that is not read. `reason` is for people; `row` where there is one."""

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
