"""The database: tables, landing, publishing and reading."""
