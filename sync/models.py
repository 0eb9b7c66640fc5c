"""The match model that a registry is decided by: the one it was last told to take, whatever the settings say since.

A sync never changes who is who because a file or a version of this program changed: that is an act of its own,
`sync.rematch`, which can be looked at before and refused.
"""

import json
from functools import lru_cache

from sqlalchemy import Connection, Engine

from config.logging import logger
from config.settings import Settings
from store import runs
from store.engine import reading, writing
from sync.reconcile.model import Model, load_model

_FINGERPRINT = "match_model"
_DOCUMENT = "match_model_document"


def configured(settings: Settings) -> Model:
    """The model that the settings name, else the shipped one. Raises `ConfigError`."""
    return load_model(settings.match.model)


def active(connection: Connection, settings: Settings) -> Model:
    """The model that the registry is decided by; where none ever was, the configured one."""
    wanted = configured(settings)
    held = runs.stamp(connection, _FINGERPRINT)
    if held is None or held == wanted.fingerprint:
        return wanted
    return _of(runs.stamp(connection, _DOCUMENT) or "null")


@lru_cache(maxsize=2)
def _of(document: str) -> Model:
    return Model(json.loads(document))


def adopt(connection: Connection, model: Model) -> None:
    """Decide by this model from now on."""
    runs.set_stamp(connection, _FINGERPRINT, model.fingerprint)
    runs.set_stamp(connection, _DOCUMENT, json.dumps(model.document, ensure_ascii=False))


def of_run(engine: Engine, settings: Settings) -> Model:
    """The model of a run. The first one adopts the configured model; later a different one is told, not taken."""
    wanted = configured(settings)
    with reading(engine) as connection:
        held = runs.stamp(connection, _FINGERPRINT)
    if held is None:
        with writing(engine) as connection:
            adopt(connection, wanted)
        return wanted
    if held == wanted.fingerprint:
        return wanted
    logger("sync").warning("the registry keeps its former match model; look at `rekisteri rematch --dry-run`")
    with reading(engine) as connection:
        return active(connection, settings)
