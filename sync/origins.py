"""The origin of a source's records, under the processing register as it is now."""

from datetime import datetime

from sqlalchemy import Connection

from config.register import ProcessingRegister
from config.settings import Source
from store import origins


def origin_id(
    connection: Connection, register: ProcessingRegister, source: Source, activity: str, kind: str, now: datetime
) -> int:
    """Id of the origin of this source's records of a kind. Call inside `store.engine.writing`."""
    origin = register.origin(source.party, activity, kind)
    version = origins.register_version(connection, register.digest, register.canonical, origin.notice_version, now)
    return origins.origin_id(
        connection, version, origin, source=source.name, activity=activity, kind=kind, brand=source.brand
    )
