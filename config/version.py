"""Which version of the program this is, and of what it stands on."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str | None:
    """As it was installed; `None` in a tree that never was."""
    return library_version("rekisteri")


def library_version(name: str) -> str | None:
    """Of a library, as it was installed; `None` where it was not."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
