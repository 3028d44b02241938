"""The draft of CQL2 text that GDAL still writes (`filter-lang=cql-text`), brought to CQL2.

Its OAPIF driver compares by ILIKE, writes truth values as 0 and 1 and times as texts (`'2026-01-31T'`);
for servers without this language it sends every comparison of a time as `datetime`, of whatever column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gis.publish.properties import Property

_PART = re.compile(
    r"\b(?P<name>[a-z_]\w*) (?P<op>=|<>|<=|>=|<|>|ILIKE) (?P<value>'(?:[^']|'')*'|[01]\b)|'(?:[^']|'')*'"
)
_TIME = re.compile(r"'(?P<day>\d{4}-\d\d-\d\d)T(?P<clock>\d\d(?::\d\d){0,2})?Z?'")


def from_draft(text: str, known: Mapping[str, Property]) -> str:
    """The same filter in CQL2 text; what is not GDAL's own way is left as it is.

    Parameters
    ----------
    known : the properties of the layer.
    """

    def converted(part: re.Match[str]) -> str:
        name, op, value = part.group("name", "op", "value")
        if name is None:
            return part[0]
        if op == "ILIKE":
            return f"CASEI({name}) LIKE CASEI({value})"
        kind = known[name].kind if name in known else None
        if kind == "boolean" and value in ("0", "1"):
            return f"{name} {op} {'TRUE' if value == '1' else 'FALSE'}"
        if (time := _TIME.fullmatch(value)) is None or kind not in ("date", "timestamp"):
            return part[0]
        if kind == "date":
            return f"{name} {op} DATE('{time['day']}')"
        clock = ((time["clock"] or "00") + ":00:00")[:8]
        return f"{name} {op} TIMESTAMP('{time['day']}T{clock}Z')"

    return _PART.sub(converted, text)
