"""Backups: one encrypted file that holds a moment of the registry, and what was erased since, which names nobody."""
