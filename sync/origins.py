"""The origin of a source's records, under the processing register as it is now."""

from datetime import datetime

from sqlalchemy import Connection

from config import UPKEEP
from config.register import ProcessingRegister
from config.settings import Source
from store import audit, origins


def origin_id(
    connection: Connection,
    register: ProcessingRegister,
    source: Source,
    activity: str,
    kind: str,
    now: datetime,
    actor: str,
) -> int:
    """Id of the origin of this source's records of a kind. A content of the register that was not seen before is an
    event of the audit chain, by whoever runs (`actor`). Call inside `store.engine.writing`."""
    origin = register.origin(source.party, activity, kind)
    former, sha256 = origins.newest_version(connection) or (0, "none")
    version = origins.register_version(connection, register.digest, register.canonical, origin.notice_version, now)
    if version > former:
        detail: dict[str, str | int] = {
            "old": former,
            "old_sha256": sha256,
            "new": version,
            "new_sha256": register.digest,
        }
        audit.note(connection, now, actor, "register.changed", UPKEEP, detail=detail)
    return origins.origin_id(
        connection, version, origin, source=source.name, activity=activity, kind=kind, brand=source.brand
    )
