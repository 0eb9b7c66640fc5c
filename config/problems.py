"""pydantic's findings as one line each, without any value of the owner's."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from config.errors import ConfigError


def first_problem(error: ValidationError) -> ConfigError:
    """The first thing that is wrong. pydantic's own texts are used only where they quote no input."""
    problem = error.errors(include_url=False, include_input=False)[0]
    setting = ".".join(str(part + 1 if isinstance(part, int) else part) for part in problem["loc"])
    return ConfigError(_say(problem["type"], problem["msg"], problem.get("ctx", {})), setting)


def _say(kind: str, text: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "value_error":
            return str(context.get("error", text))
        case "string_too_short" | "too_short":
            return "is empty; give a value or leave the setting out"
        case "model_type" | "mapping_type" | "dict_type" | "model_attributes_type":
            return "must be a table"
        case "string_type":
            return "must be text in quotes"
        case "missing":
            return "is missing"
        case _:
            return text.replace("Input should be", "must be").replace("Value should", "must")
