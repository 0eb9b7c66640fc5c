"""The checkout as data: its files, its Python modules, its Markdown."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ROOMS: list[str] = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

# What `.gitignore` names, and git's own. Not asked of git, which may be missing or may refuse another user's checkout.
IGNORED = frozenset({".git", "dist", "demo-data", "__pycache__"})
HIDDEN = frozenset({".ci", ".editorconfig", ".gitignore"})


def _kept(path: Path) -> bool:
    return path.name not in IGNORED and (not path.name.startswith(".") or path.name in HIDDEN)


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the project under a folder, sorted."""
    for path in sorted(filter(_kept, folder.iterdir())):
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def name(path: Path) -> str:
    """A file's path within the checkout."""
    return path.relative_to(ROOT).as_posix()


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of every Python module under the folders."""
    for folder in folders:
        for path in files(ROOT / folder):
            if path.suffix == ".py":
                yield name(path), _parsed(path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of every Markdown file."""
    for path in files():
        if path.suffix == ".md":
            yield name(path), path.read_text("utf-8")
