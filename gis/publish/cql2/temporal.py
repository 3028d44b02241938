"""Times of a filter: instants and intervals, closed at both ends, days as they are counted in the district.

A date compared with a moment is the whole of that day in Asia/Shanghai, to its last microsecond.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from psycopg2.sql import SQL, Composable

from gis.publish.cql2.faults import fault, shown
from gis.publish.cql2.terms import FAMILIES, Bound, Term, arguments, is_node, property_of, wrong_kind
from gis.publish.properties import Property
from gis.zone import ZONE

Kind = Literal["date", "timestamp"]

_TYPES: Mapping[Kind, str] = {"date": "date", "timestamp": "timestamptz"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_OPEN = ".."

# By Allen: a and b are the first and last moments of the two periods.
FUNCTIONS: Mapping[str, str] = {
    "t_after": "{a1} > {b2}",
    "t_before": "{a2} < {b1}",
    "t_contains": "{a1} < {b1} AND {a2} > {b2}",
    "t_disjoint": "({a2} < {b1} OR {a1} > {b2})",
    "t_during": "{a1} > {b1} AND {a2} < {b2}",
    "t_equals": "{a1} = {b1} AND {a2} = {b2}",
    "t_finishedby": "{a1} < {b1} AND {a2} = {b2}",
    "t_finishes": "{a1} > {b1} AND {a2} = {b2}",
    "t_intersects": "{a2} >= {b1} AND {a1} <= {b2}",
    "t_meets": "{a2} = {b1}",
    "t_metby": "{a1} = {b2}",
    "t_overlappedby": "{a1} > {b1} AND {a1} < {b2} AND {a2} > {b2}",
    "t_overlaps": "{a1} < {b1} AND {a2} > {b1} AND {a2} < {b2}",
    "t_startedby": "{a1} = {b1} AND {a2} > {b2}",
    "t_starts": "{a1} = {b1} AND {a2} < {b2}",
}
_COMPARISONS: Mapping[str, str] = {
    "=": FUNCTIONS["t_intersects"],
    "<>": FUNCTIONS["t_disjoint"],
    "<": FUNCTIONS["t_before"],
    ">": FUNCTIONS["t_after"],
    "<=": "{a1} <= {b2}",
    ">=": "{a2} >= {b1}",
}


@dataclass(frozen=True)
class _End:
    """One end of a period: a literal, a column, or open (`value` is '-infinity' or 'infinity')."""

    kind: Kind | None
    value: Any
    is_column: bool = False

    def sql(self, kind: Kind, bound: Bound, *, is_last: bool) -> Composable:
        """The end as that kind; a date as the first or the last moment of its day."""
        if self.is_column:
            return _of_column(SQL(self.value), lift=self.kind != kind, is_last=is_last)
        value = self.value
        if self.kind == "date" and kind == "timestamp":
            value = _moment_of(value, is_last=is_last)
        return bound.bind(value, _TYPES[kind])


@dataclass(frozen=True)
class Period:
    """An instant, whose ends are the same, or an interval."""

    first: _End
    last: _End

    @property
    def is_instant(self) -> bool:
        """Whether it is one date or moment."""
        return self.first is self.last

    @property
    def has_moments(self) -> bool:
        """Whether one of its ends is finer than a day."""
        return "timestamp" in (self.first.kind, self.last.kind)


def is_time(node: Any, known: Mapping[str, Property]) -> bool:
    """Whether a node is a date, a timestamp, an interval or a property of such a kind."""
    if is_node(node, "property"):
        return FAMILIES[property_of(node, known).kind] == "time"
    return is_node(node, "date") or is_node(node, "timestamp") or is_node(node, "interval")


def condition(node: Any, known: Mapping[str, Property], bound: Bound) -> Composable:
    """A temporal function of two periods.

    Raises
    ------
    InvalidInput
        An argument is no time, or a time that does not exist.
    """
    one, other = (_period(arg, known, node["op"].upper()) for arg in arguments(node, 2))
    return _compared(FUNCTIONS[node["op"]], one, other, bound)


def comparison(op: str, left: Any, right: Any, known: Mapping[str, Property], bound: Bound) -> Composable:
    """`= <> < <= > >=` of two instants; raises as `condition` does."""
    one, other = (_period(arg, known, op) for arg in (left, right))
    if not (one.is_instant and other.is_instant):
        raise fault(f"An interval cannot be compared by {op}: use T_ functions.", "wrong-type")
    return _compared(_COMPARISONS[op], one, other, bound)


def _compared(pattern: str, one: Period, other: Period, bound: Bound) -> Composable:
    kind: Kind = "timestamp" if one.has_moments or other.has_moments else "date"
    used = {
        name: end.sql(kind, bound, is_last=name.endswith("2"))
        for name, end in (("a1", one.first), ("a2", one.last), ("b1", other.first), ("b2", other.last))
        if "{" + name + "}" in pattern
    }
    return SQL("(" + pattern + ")").format(**used)


def _period(node: Any, known: Mapping[str, Property], what: str) -> Period:
    if not is_node(node, "interval"):
        end = _end(node, known, what)
        return Period(end, end)
    ends = node["interval"]
    if not isinstance(ends, list) or len(ends) != 2:
        raise fault("An INTERVAL has two ends.")
    first = _end_of_interval(ends[0], known, "-infinity")
    last = _end_of_interval(ends[1], known, "infinity")
    _check_order(first, last)
    return Period(first, last)


def _check_order(first: _End, last: _End) -> None:
    if first.kind and last.kind and not (first.is_column or last.is_column):
        start = _moment_of(first.value, is_last=False) if first.kind == "date" else first.value
        end = _moment_of(last.value, is_last=True) if last.kind == "date" else last.value
        if start > end:
            raise fault("An INTERVAL of the filter ends before it starts.")


def _end_of_interval(node: Any, known: Mapping[str, Property], beyond: str) -> _End:
    if not isinstance(node, str):
        return _end(node, known, "INTERVAL")
    if node == _OPEN:
        return _End(None, beyond)
    return _End("date", _date(node)) if len(node) == 10 else _End("timestamp", _moment(node))


def _end(node: Any, known: Mapping[str, Property], what: str) -> _End:
    if is_node(node, "property"):
        found = property_of(node, known)
        if found.kind not in ("date", "timestamp"):
            raise wrong_kind(Term(FAMILIES[found.kind], known=found), "time", what)
        return _End("date" if found.kind == "date" else "timestamp", found.column, is_column=True)
    if is_node(node, "date"):
        return _End("date", _date(node["date"]))
    if is_node(node, "timestamp"):
        return _End("timestamp", _moment(node["timestamp"]))
    raise fault(f"{what} needs DATE('…'), TIMESTAMP('…') or INTERVAL(…), not {shown(node)}.", "wrong-type")


def _date(text: Any) -> date:
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # refused below like anything else that is no date
    raise fault(f"{shown(text)} is no date such as 2026-01-31.", "not-a-time")


def _moment(text: Any) -> datetime:
    try:
        if isinstance(text, str) and _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass  # refused below like anything else that is no time
    raise fault(f"{shown(text)} is no time such as 2026-01-31T08:00:00Z.", "not-a-time")


def _moment_of(day: date, *, is_last: bool) -> datetime:
    try:
        start = datetime.combine(day, datetime.min.time(), ZONE)
        return start + timedelta(days=1) - timedelta(microseconds=1) if is_last else start
    except OverflowError as error:
        raise fault(f"{day} is too far away.", "not-a-time") from error


def _of_column(column: Composable, *, lift: bool, is_last: bool) -> Composable:
    if not lift:
        return column
    if is_last:
        return SQL("((({} + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') - interval '1 microsecond')").format(
            column
        )
    return SQL("({}::timestamp AT TIME ZONE 'Asia/Shanghai')").format(column)
