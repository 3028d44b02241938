"""How a filter is refused: always `InvalidInput` at `filter`, with what it says in short."""

from __future__ import annotations

import re

from gis.errors import InvalidInput

POINTER = "filter"
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def fault(message: str, code: str = "invalid-filter") -> InvalidInput:
    """The error to raise."""
    return InvalidInput(message, pointer=POINTER, code=code)


def shown(value: object) -> str:
    """Something of the client's, short and with unprintable signs escaped."""
    return repr(value)[:60]


def is_text(value: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL and no half of a surrogate pair."""
    return _NO_TEXT.search(value) is None
