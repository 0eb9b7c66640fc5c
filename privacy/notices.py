"""Which version of the privacy notice a person had before them."""

from datetime import date

from config.entries import Notice
from config.register import ProcessingRegister

UNKNOWN = "unknown"


def notice_at(register: ProcessingRegister, day: date) -> str:
    """The newest version of the notice that held on this day; `unknown` where the register has none."""
    held = [(_since(notice), version) for version, notice in register.notices.items() if _held(notice, day)]
    return max(held)[1] if held else UNKNOWN


def _since(notice: Notice) -> date:
    return notice.valid_from or notice.drawn_up


def _held(notice: Notice, day: date) -> bool:
    return _since(notice) <= day and (notice.valid_to is None or day <= notice.valid_to)
