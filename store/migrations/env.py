"""Alembic's environment: runs over the connection that `store.engine` hands in."""

from alembic import context
from sqlmodel import SQLModel

import store.tables  # noqa: F401  (registers the tables)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
context.run_migrations()
