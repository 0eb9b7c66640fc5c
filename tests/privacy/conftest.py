"""The same databases as the tests of the store."""

from tests.store.conftest import light_registry, postgres_tables, postgresql_url, registry, sqlite_template, sqlite_url

__all__ = ["light_registry", "postgres_tables", "postgresql_url", "registry", "sqlite_template", "sqlite_url"]
