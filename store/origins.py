"""Versions of the processing register, and the origins that records point to."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import Connection, insert, select

from config.entries import Origin
from store.tables import Origin as OriginTable
from store.tables import RegisterVersion, table

_version = table(RegisterVersion)
_origin = table(OriginTable)

LISTED = ("legal_basis", "purpose", "data_categories")
"""What an origin holds as JSON lists."""
TRANSFER = (
    "origin_country", "storage_country", "direction", "exporter", "importer", "mechanism_stated", "mechanism_assessed",
    "instrument",
)  # fmt: skip
"""What an origin tells of where the data went, and what carried them."""


def register_version(connection: Connection, digest: str, document: str, notice: str, now: datetime) -> int:
    """The id of this content of the register; a content not seen before becomes a version valid from now."""
    known = connection.execute(select(_version.c.id).where(_version.c.sha256 == digest)).scalar()
    if known is not None:
        return int(known)
    values = {"sha256": digest, "document": document, "notice_version": notice, "valid_from": now}
    return int(connection.execute(insert(_version).values(values).returning(_version.c.id)).scalar_one())


def newest_version(connection: Connection) -> tuple[int, str] | None:
    """Id and digest of the version of the register that came last; `None` before the first."""
    row = connection.execute(select(_version.c.id, _version.c.sha256).order_by(_version.c.id.desc()).limit(1)).first()
    return None if row is None else (row.id, row.sha256)


def origin_id(
    connection: Connection, version_id: int, origin: Origin, *, source: str, activity: str, kind: str, brand: str
) -> int:
    """The id of the origin of records of this kind; written once for each register version that says something new."""
    values = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        for name, value in origin.model_dump(mode="json").items()
    }
    values |= {"source": source, "activity": activity, "kind": kind, "brand": brand}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    known = connection.execute(select(_origin.c.id).where(_origin.c.sha256 == digest)).scalar()
    if known is not None:
        return int(known)
    row = values | {"sha256": digest, "register_version_id": version_id}
    return int(connection.execute(insert(_origin).values(row).returning(_origin.c.id)).scalar_one())


def handler(processor_id: str, controller_id: str) -> str:
    """The party that handled the records of an origin with these, by its key in the processing register: the controller
    where no other party did."""
    return controller_id if processor_id == "none" else processor_id
