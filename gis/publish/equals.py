"""Properties given as parameters of their own (OGC API - Features Part 3, queryables-query-parameters)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from gis.errors import InvalidInput
from gis.geometry.validate import number
from gis.publish.properties import Property, queryables

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def scalars(layer: str) -> Mapping[str, Property]:
    """The queryables of a layer that a parameter can name: all but lists and the geometry."""
    return {known.name: known for known in queryables(layer) if known.kind not in ("text_array", "geometry")}


def as_filter(layer: str, wanted: Mapping[str, str]) -> str:
    """The same question as a filter in CQL2 JSON.

    Raises
    ------
    InvalidInput
        A name that is no scalar queryable of the layer, or a value of another type; `pointer` is the name.
    """
    known = scalars(layer)
    parts = []
    for name, text in wanted.items():
        if name not in known:
            raise InvalidInput(
                f"The layer {layer} has no parameter {name[:40]!r}.",
                pointer=name[:40],
                code="unknown-parameter",
            )
        value = _READERS[known[name].kind](text, name)
        parts.append({"op": "=", "args": [{"property": name}, value]})
    return json.dumps(parts[0] if len(parts) == 1 else {"op": "and", "args": parts})


def boolean(text: str, name: str) -> bool:
    """True or false; GDAL writes 1 and 0."""
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise InvalidInput(f"{name} is true or false.", pointer=name)
    return value


def _text(text: str, name: str) -> str:
    if len(text) > 100:
        raise InvalidInput(f"{name} has 100 characters at most.", pointer=name)
    return text


def _integer(text: str, name: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise InvalidInput(f"{name} is a whole number.", pointer=name)
    return int(text)


def _number(text: str, name: str) -> float:
    return number(text, pointer=name, name=name)


def _date(text: str, name: str) -> dict[str, str]:
    try:
        if len(text) == 10:
            return {"date": date.fromisoformat(text).isoformat()}
    except ValueError:
        pass
    raise InvalidInput(f"{name} is a date such as 2026-01-31.", pointer=name)


def _timestamp(text: str, name: str) -> dict[str, str]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or len(text) < 19:
        raise InvalidInput(f"{name} is a time in RFC 3339, with its offset.", pointer=name)
    return {"timestamp": moment.isoformat()}


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": boolean,
    "date": _date,
    "timestamp": _timestamp,
}
