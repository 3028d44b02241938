"""Pages by key: in which order features come, and where a page begins and ends.

A page continues after, or goes back before, a row named by the values it is sorted by and its key, so that
rows added or removed meanwhile neither repeat nor hide others, and the last page costs what the first does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.sql import SQL, Composable, Composed

from gis.errors import InvalidInput

MAX_SORTS = 3


@dataclass(frozen=True, slots=True)
class Key:
    """The SQL of what identifies a row. Texts are ordered by their bytes, as codes are everywhere here."""

    column: Composable
    is_text: bool

    @property
    def ordered(self) -> Composable:
        """The key as an index holds it."""
        return SQL('{} COLLATE "C"').format(self.column) if self.is_text else self.column

    @property
    def sorted(self) -> Composable:
        """The key in a form no index holds: `+ 0` keeps the planner from walking the primary key."""
        return self.ordered if self.is_text else SQL("{} + 0").format(self.column)


@dataclass(frozen=True, slots=True)
class Sort:
    """One property to sort by: its name, its SQL over `t`, the type its values are compared as."""

    name: str
    expression: str
    cast: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of which order.

    Attributes
    ----------
    sorts : what to sort by before the key; empty for the order of keys.
    has_cursor : whether it begins at a cursor instead of at the start.
    is_backward : whether it ends before the cursor instead of beginning after it.
    nulls : for each sort, whether the cursor's value is null.
    by_key_index : walk the key's index instead of sorting what an area holds: for all or most of a layer.
    """

    sorts: tuple[Sort, ...] = ()
    has_cursor: bool = False
    is_backward: bool = False
    nulls: tuple[bool, ...] = ()
    by_key_index: bool = False

    @property
    def is_variable(self) -> bool:
        """Whether its statements are too many to keep."""
        return bool(self.sorts)


def in_order(key: Key, page: Page) -> Composed:
    """ORDER BY: nulls last, the key at the end; turned round for a page that goes back."""
    parts: list[Composable] = []
    for sort in page.sorts:
        way = "DESC" if sort.is_descending != page.is_backward else "ASC"
        nulls = "FIRST" if page.is_backward else "LAST"
        parts.append(SQL(f"{{}} {way} NULLS {nulls}").format(SQL(sort.expression)))
    last = key.ordered if page.by_key_index else key.sorted
    parts.append(SQL("{} DESC" if page.is_backward else "{}").format(last))
    return SQL(", ").join(parts)


def cursor_of(key: Key, page: Page) -> Composable:
    """The cursor of a row: its key, or a JSON list of sorted values and key as text."""
    if not page.sorts:
        return key.column
    values = SQL(", ").join(SQL(sort.expression) for sort in page.sorts)
    return SQL("json_build_array({}, {})::text").format(values, key.column)


def past_cursor(key: Key, page: Page) -> Composable:
    """The condition that a row comes after the cursor (before it, for a page that goes back).

    Needs `at_0` … of the sorts and `at_key`.
    """
    if not page.has_cursor:
        return SQL("true")
    condition: Composable = SQL("{} < %(at_key)s" if page.is_backward else "{} > %(at_key)s").format(
        key.ordered
    )
    for place in reversed(range(len(page.sorts))):
        sort, is_null = page.sorts[place], page.nulls[place]
        column, value = SQL(sort.expression), SQL(f"%(at_{place})s::{sort.cast}")
        same = SQL("{} IS NULL").format(column) if is_null else SQL("{} = {}").format(column, value)
        further = _further(column, value, sort, is_null=is_null, is_backward=page.is_backward)
        condition = SQL("({} OR ({} AND {}))").format(further, same, condition)
    return condition


def _further(
    column: Composable, value: Composable, sort: Sort, *, is_null: bool, is_backward: bool
) -> Composable:
    if is_null:
        return SQL("{} IS NOT NULL" if is_backward else "false").format(column)
    if is_backward:
        return SQL("{} > {}" if sort.is_descending else "{} < {}").format(column, value)
    return SQL("({0} < {1} OR {0} IS NULL)" if sort.is_descending else "({0} > {1} OR {0} IS NULL)").format(
        column, value
    )


def packed(cursor: str, page: Page) -> str:
    """A cursor as it stands in a link."""
    return base64.urlsafe_b64encode(cursor.encode()).rstrip(b"=").decode() if page.sorts else cursor


def unpacked(text: str, sorts: tuple[Sort, ...]) -> tuple[tuple[Any, ...], str]:
    """Sorted values and key of a cursor from a link.

    Raises
    ------
    InvalidInput
        It is none of this order's.
    """
    if not sorts:
        return (), text
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise _no_cursor() from error
    plain = (str, int, float, bool, type(None))
    if not isinstance(values, list) or len(values) != len(sorts) + 1:
        raise _no_cursor()
    if not all(isinstance(value, plain) and "\0" not in str(value) for value in values):
        raise _no_cursor()
    return tuple(values[:-1]), str(values[-1])


def cursor_values(values: tuple[Any, ...], key: Any) -> Mapping[str, Any]:
    """The parameters that `past_cursor` needs."""
    return {**{f"at_{place}": value for place, value in enumerate(values)}, "at_key": key}


def _no_cursor() -> InvalidInput:
    return InvalidInput("This is not where a page of this order ends.", pointer="after")
