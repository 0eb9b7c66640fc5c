"""Tables without their indexes and references while many rows come in: to make both anew at the end takes a third of
the time, and sees to the same. Inside one transaction, so nobody ever finds them without.

SQLite cannot take a reference off a table: there it is seen to at the commit.
"""

from collections.abc import Callable

from sqlalchemy import Connection, text

_REFERENCES = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""
_INDEXES = """
SELECT quote_ident(c.relname), pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
"""
_SQLITE_INDEXES = """
SELECT '"' || name || '"', sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
"""


def strip(connection: Connection) -> Callable[[], None]:
    """Take them off; what is given back puts them on again. Raises `IntegrityError` there where rows do not fit."""
    again: list[str] = []
    if connection.dialect.name == "postgresql":
        for table, name, definition in connection.execute(text(_REFERENCES)).all():
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        indexes = connection.execute(text(_INDEXES)).all()
    else:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        indexes = connection.execute(text(_SQLITE_INDEXES)).all()
    for name, definition in indexes:
        connection.exec_driver_sql(f"DROP INDEX {name}")
        again.insert(0, definition)  # references look values up

    def dress() -> None:
        for statement in again:
            connection.exec_driver_sql(statement)

    return dress
