"""Before a run the registry and the sidecar of its key are told of each other's erasures (`store.backup.sidecar`).

A registry that was put back by other means than `rekisteri restore`, or begun anew, knows less than the sidecar: then
those people are erased before anything lands, else they would be back. The sidecar knows less where an erasure was cut
between the database and the file. A stamp of both tells at once, run after run, that nothing is new.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from config import UPKEEP
from config.keyfile import key_of
from config.logging import logger
from config.settings import Settings
from privacy.key import for_erasing
from privacy.replay import replay, unknown
from store import audit, runs, tombstones
from store.backup import sidecar
from store.backup.errors import SidecarError
from store.backup.keeping import catch_up, standing
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
        if not mine and not sidecar.begun(path):
            return
        key = key_of(key_file)
        before, known = runs.stamp(connection, STAMP), standing(connection)
    try:
        if path.exists() and before == f"{sidecar.state(path, key)} {known}":
            return
        _learn(engine, settings, rules)
        with reading(engine) as connection:
            catch_up(connection, path, key)
            known = standing(connection)
        with writing(engine) as connection:
            runs.set_stamp(connection, STAMP, f"{sidecar.state(path, key)} {known}")
    except SidecarError as error:
        if not mine:
            raise
        logger("sync").warning("the sidecar of erasures cannot be used; no backup can be restored", reason=str(error))


def _learn(engine: Engine, settings: Settings, rules: Callable[[], Rules]) -> None:
    """Erase whom the sidecar knows to be erased and this registry does not."""
    key_file = settings.privacy.key_file
    path = sidecar.beside(key_file)
    if not path.exists():
        return
    entries = sidecar.read(path, key_of(key_file))
    with reading(engine) as connection:
        if not unknown(connection, entries):
            return
    with writing(engine) as connection:
        done = replay(connection, entries, for_erasing(connection, key_file))
        if done.queued:
            reconcile_records(connection, done.queued, rules(), Act(_ACTOR, datetime.now(UTC)), Tally())
        detail = {"erasures": done.erasures, "rows": done.rows}
        audit.note(connection, datetime.now(UTC), _ACTOR, "erasures.replayed", UPKEEP, detail=detail)
    told = {"erasures": done.erasures, "rows": done.rows}
    logger("sync").warning("erasures that this registry did not know were done again", **told)
    space.clean(engine)
