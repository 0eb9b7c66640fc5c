"""Migrations. `HEAD` is the newest revision, so that an up-to-date database is recognised without alembic."""

HEAD = "0007"
