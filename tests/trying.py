"""How many examples are tried, where one takes so long that the profile's number is not the right one."""

import os


def examples(few: int, many: int) -> int:
    """`few`, and with `HYPOTHESIS_PROFILE=thorough` `many`."""
    return many if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else few
