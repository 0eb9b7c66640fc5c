"""Which version of the program this is."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str | None:
    """As it was installed; `None` in a tree that never was."""
    try:
        return version("rekisteri")
    except PackageNotFoundError:
        return None
