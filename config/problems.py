"""pydantic's findings as one line each, without any value of the owner's."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from config.errors import ConfigError

_EMPTY, _TABLE = "is empty; give a value or leave the setting out", "must be a table"
_WHOLE, _NUMBER, _YES_OR_NO = "must be a whole number", "must be a number", "must be true or false"
_PLAINER = {
    "string_too_short": _EMPTY,
    "too_short": _EMPTY,
    "model_type": _TABLE,
    "mapping_type": _TABLE,
    "dict_type": _TABLE,
    "model_attributes_type": _TABLE,
    "string_type": "must be text in quotes",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "missing": "is missing",
}
"""What pydantic calls a fault, and what a value must be, in plain words."""


def first_problem(error: ValidationError) -> ConfigError:
    """The first thing that is wrong. pydantic's own texts are used only where they quote no input."""
    problem = error.errors(include_url=False, include_input=False)[0]
    setting = ".".join(str(part + 1 if isinstance(part, int) else part) for part in problem["loc"])
    return ConfigError(_say(problem["type"], problem["msg"], problem.get("ctx", {})), setting)


def _say(kind: str, text: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(context.get("error", text))
    return _PLAINER.get(kind, text.replace("Input should be", "must be").replace("Value should", "must"))
