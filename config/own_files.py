"""Files that the program lives by, as the settings name them: nothing that it writes may take their place."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from config import layers
from config.settings import Settings, database_file, settings_shape
from config.values import paths_relative_to

_JOURNALS = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database (sqlite.org/tempfiles.html)."""


def own_files(settings: Settings, env: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Absolute paths of them, whether they are there or not: configuration, database with its journals, key, register,
    match model, identity, and files of secrets. `env` stands in for the process environment."""
    database = database_file(settings)
    if database is not None:
        yield from (database, *(database.with_name(database.name + end) for end in _JOURNALS))
    named = (
        settings.file,
        settings.privacy.key_file,
        settings.processing.register_path,
        settings.match.model,
        settings.backup.identity_file,
    )
    yield from filter(None, named)
    trees = [layers.read_environment(os.environ if env is None else env, settings_shape())]
    if settings.file is not None:
        trees.append(layers.read_toml(settings.file))
    with paths_relative_to(settings.base_dir):
        for tree in trees:
            yield from layers.secret_files(tree)
