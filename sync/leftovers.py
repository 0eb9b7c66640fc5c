"""Files of the inboxes that hold a person who was erased: nobody but their owner takes them away.

What is archived after an import stands in a folder below the inbox (`connectors.files.inbox`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.settings import Source
from connectors.files.container import form_of, inspect, read_rows, refuse_by_name
from connectors.files.inbox import candidates, told_name
from connectors.files.unreadable import UnreadableFile
from store.erasing.texts import Told

ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file: the source whose inbox it lies in, its name from there. `read`: false where nobody could look into it."""

    source: str
    file: str
    read: bool


def leftovers(sources: Iterable[Source], told: Told) -> Iterator[Leftover]:
    """The files of these sources' inboxes and archives that tell of the person, and those that cannot be read."""
    for source in sources:
        if source.inbox is None:
            continue
        for folder in (source.inbox, source.inbox / ARCHIVE):
            for look in candidates(folder) if folder.is_dir() else ():
                told_of = _tells(look.path, told)
                if told_of is not False:
                    name = told_name(look.path)
                    yield Leftover(source.name, name if folder == source.inbox else f"{ARCHIVE}/{name}", bool(told_of))


def _tells(path: Path, told: Told) -> bool | None:
    """Whether a file tells of the person; `None` where it cannot be read to its end."""
    if told.tells(path.name):
        return True
    try:
        refuse_by_name(path)
        rows = read_rows(form_of(path, inspect(path), {}))
        return any(told.tells(" ; ".join(cells)) for _, cells in rows)
    except UnreadableFile as error:
        return None if error.broken else False
    except OSError:
        return None
