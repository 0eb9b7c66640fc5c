"""Before a run the registry and the sidecar of its key are told of each other's erasures, and of what people forbade
(`store.backup.sidecar`).

A registry that was put back by other means than `rekisteri restore`, or begun anew, knows less than the sidecar: then
those people are erased before anything lands, else they would be back, and nothing that was forbidden is allowed
meanwhile. The sidecar knows less where an erasure or a declaration was cut between the database and the file. A stamp
of both tells at once, run after run, that nothing is new.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from config import UPKEEP
from config.errors import ConfigError
from config.keyfile import key_of
from config.logging import logger
from config.settings import Settings
from privacy.key import for_erasing
from privacy.pseudonym import Pseudonyms
from privacy.redeclaring import are_awaited, redeclare_awaited
from privacy.replay import knows_all, replay
from privacy.telling import tell
from store import audit, runs, tombstones
from store.backup import sidecar
from store.backup.errors import SidecarError
from store.backup.keeping import standing
from store.engine import reading, writing
from store.erasing import space
from sync.reconciling import Act, Rules, Tally, reconcile_records

STAMP = "sidecar"
_ACTOR = "rekisteri"


def obey(engine: Engine, settings: Settings, rules: Callable[[], Rules]) -> None:
    """See the module's text. Raises `ConfigError` where the key is missing, `SidecarError` where nobody can tell who
    was erased: this registry knows nothing of it, and the sidecar cannot be read."""
    key_file = settings.privacy.key_file
    path = sidecar.beside(key_file)
    with reading(engine) as connection:
        mine = tombstones.there_are_any(connection)
        if not mine and not sidecar.begun(path) and not (path.exists() and key_file.exists()):
            return
        key = key_of(key_file)
        before, known = runs.stamp(connection, STAMP), standing(connection)
    try:
        if path.exists() and before == f"{sidecar.state(path, key)} {known}":
            return
        _learn(engine, settings, rules)
        with reading(engine) as connection:
            tell(connection, key_file)
            known = standing(connection)
        with writing(engine) as connection:
            runs.set_stamp(connection, STAMP, f"{sidecar.state(path, key)} {known}")
    except SidecarError as error:
        if not mine:
            raise
        logger("sync").warning("the sidecar of erasures cannot be used; no backup can be restored", reason=str(error))


def _learn(engine: Engine, settings: Settings, rules: Callable[[], Rules]) -> None:
    """Do again what the sidecar knows and this registry does not."""
    key_file = settings.privacy.key_file
    path = sidecar.beside(key_file)
    if not path.exists():
        return
    key = key_of(key_file)
    entries = sidecar.read(path, key)
    with reading(engine) as connection:
        if knows_all(connection, entries, Pseudonyms(key)):
            return
    with writing(engine) as connection:
        done = replay(connection, entries, for_erasing(connection, key_file))
        if done.queued:
            reconcile_records(connection, done.queued, rules(), Act(_ACTOR, datetime.now(UTC)), Tally())
        told = {"erasures": done.erasures, "rows": done.rows, "declarations": done.declarations}
        if any(told.values()):
            audit.note(connection, datetime.now(UTC), _ACTOR, "erasures.replayed", UPKEEP, detail=told)
    if any(told.values()):
        logger("sync").warning("erasures and declarations that this registry did not know were done again", **told)
    space.clean(engine)


def heed(engine: Engine, settings: Settings) -> None:
    """Let declarations be in force that waited for somebody who has landed now. Call before that is published."""
    with reading(engine) as connection:
        if not are_awaited(connection):
            return
    with writing(engine) as connection:
        heeded(connection, settings)


def heeded(connection: Connection, settings: Settings) -> set[int]:
    """The same inside a transaction of another; the records, queued, that must be reconciled."""
    try:
        done = redeclare_awaited(connection, settings.privacy.key_file)
    except SidecarError as error:
        logger("sync").error("what people declared before the registry was restored cannot be read", reason=str(error))
        return set()
    if done.number:
        told = {"declarations": done.number}
        audit.note(connection, datetime.now(UTC), _ACTOR, "declarations.replayed", UPKEEP, detail=told)
    return done.queued


def tell_declared(engine: Engine, settings: Settings) -> str | None:
    """Let the sidecar know of a declaration that was committed, where there is one: else there is no backup that lacks
    it. Why that could not be done."""
    key_file = settings.privacy.key_file
    if not sidecar.beside(key_file).exists():
        return None
    try:
        with reading(engine) as connection:
            tell(connection, key_file)
    except (SidecarError, ConfigError) as error:
        return str(error)
    return None
