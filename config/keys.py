"""Which keys a model knows, and which known key a mistyped one was probably meant to be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

ANY = "*"
"""Key of a `Shape` that stands for a name of the owner's choice (`files.NAME`) or for a place in a list."""

ALIKE = 0.6
"""Share of letters in common from which difflib calls texts close matches."""

Shape = dict[str, "Shape | None"]
"""Known keys of a table; `None` marks a value that is no table."""


@dataclass(frozen=True)
class Known:
    """Annotation of a mapping whose keys are a closed list."""

    names: tuple[str, ...]


def shape_of(model: type[BaseModel]) -> Shape:
    """Known keys of a model and of the models below it."""
    fields = model.model_fields.items()
    return {field.alias or name: _shape(field.annotation, field.metadata) for name, field in fields}


def _shape(annotation: Any, metadata: Sequence[Any] = ()) -> Shape | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return shape_of(annotation)
    for mark in metadata:
        if isinstance(mark, Known):
            return dict.fromkeys(mark.names)
    return _shape_of_generic(get_origin(annotation), get_args(annotation))


def _shape_of_generic(origin: Any, arguments: tuple[Any, ...]) -> Shape | None:
    if origin in (Union, UnionType):
        return next((found for found in map(_shape, arguments) if found is not None), None)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {ANY: _shape(arguments[1])}
    if origin is tuple and isinstance(arguments[0], type) and issubclass(arguments[0], BaseModel):
        return {ANY: shape_of(arguments[0])}
    return None


def unknown_keys(tree: Mapping[str, Any], shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths in `tree` that `shape` does not know, each down to its first leaf, in the order of the file."""
    for key, value in tree.items():
        here = (*path, key)
        if key not in shape and ANY not in shape:
            yield (*here, *_first_leaf(value))
            continue
        below = shape.get(key, shape.get(ANY))
        if below is not None:
            yield from unknown_keys(_as_table(value), below, here)


def _as_table(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    return {str(place): entry for place, entry in enumerate(value, 1)} if isinstance(value, list) else {}


def _first_leaf(value: Any) -> tuple[str, ...]:
    if not isinstance(value, Mapping) or not value:
        return ()
    key = next(iter(value))
    return (key, *_first_leaf(value[key]))


def known_paths(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path to a value that is no table, `ANY` standing where the owner chooses a name."""
    for key, below in shape.items():
        if below is None:
            yield (*path, key)
        else:
            yield from known_paths(below, (*path, key))


def nearest(path: tuple[str, ...], shape: Shape) -> tuple[str, ...]:
    """The known path that looks most like `path`. Names of the owner's choice are taken over from `path`."""
    wanted = ".".join(path)
    candidates = (_named_like(known, path) for known in known_paths(shape))
    return max(candidates, key=lambda known: SequenceMatcher(None, wanted, ".".join(known)).ratio())


def near(path: tuple[str, ...], shape: Shape) -> tuple[str, ...] | None:
    """The nearest known path where it is likely what was meant: what follows the tables that both share is alike."""
    found = nearest(path, shape)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, found, strict=False)))
    wanted, known = (".".join(each[shared:]) for each in (path, found))
    return found if SequenceMatcher(None, wanted, known).ratio() >= ALIKE else None


def _named_like(known: tuple[str, ...], path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        path[place] if part == ANY and place < len(path) else "NAME" if part == ANY else part
        for place, part in enumerate(known)
    )


def meant(name: str, names: Iterable[str]) -> str:
    """The way out for a name that is none of `names`: the one that it is like, else all of them."""
    known = tuple(names)
    alike = [each for each in known if SequenceMatcher(None, name, each).ratio() >= ALIKE]
    if not alike:
        return f"known: {', '.join(known)}"
    return f"did you mean {max(alike, key=lambda each: SequenceMatcher(None, name, each).ratio())}?"
