"""Comparisons of texts, numbers, truth values and lists: `= LIKE BETWEEN IN IS NULL CASEI + A_…`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg2.sql import SQL, Composable

from gis.publish.cql2 import temporal
from gis.publish.cql2.faults import fault, shown
from gis.publish.cql2.guard import MAX_DEPTH
from gis.publish.cql2.terms import (
    ARITHMETIC,
    FAMILIES,
    Bound,
    Term,
    arguments,
    arithmetic,
    is_node,
    literal,
    mismatch,
    property_of,
    sql_of,
    wrong_kind,
)
from gis.publish.properties import Property

MAX_PATTERN = 200
MAX_LIST = 10_000
_EQUALITY = frozenset({"=", "<>"})
_ON_LISTS: Mapping[str, str] = {
    "a_contains": "({a} @> {b})",
    "a_containedby": "({a} <@ {b})",
    "a_overlaps": "({a} && {b})",
    "a_equals": "({a} @> {b} AND {a} <@ {b})",
}


@dataclass
class Scope:
    """What a condition is compiled in: the layer's properties, the parameters so far, the NOT around it."""

    known: Mapping[str, Property]
    bound: Bound
    negations: int = 0

    @contextmanager
    def negated(self) -> Iterator[None]:
        """Within a NOT."""
        self.negations += 1
        try:
            yield
        finally:
            self.negations -= 1


def scalar(node: Any, scope: Scope, depth: int = 0) -> Term:
    """A property, a literal, CASEI of a text or a calculation.

    Raises
    ------
    InvalidInput
        It is none of them.
    """
    if depth > MAX_DEPTH:
        raise fault(f"The filter is nested deeper than {MAX_DEPTH} levels.", "filter-too-deep")
    if is_node(node, "property"):
        found = property_of(node, scope.known)
        return Term(FAMILIES[found.kind], known=found)
    if not is_node(node, "op", "args"):
        return literal(node)
    op = node["op"]
    if isinstance(op, str) and op.lower() in ARITHMETIC:
        return arithmetic(node, lambda inner: scalar(inner, scope, depth + 1), scope.bound)
    if isinstance(op, str) and op.lower() == "casei":
        inner = scalar(arguments(node, 1)[0], scope, depth + 1)
        if inner.family != "text":
            raise wrong_kind(inner, "text", "CASEI")
        return Term("text", sql=SQL("lower({})").format(sql_of(inner, scope.bound)))
    raise fault(f"The filter's operator or function {shown(op)} is not known here.", "unknown-function")


def comparison(op: str, left: Any, right: Any, scope: Scope) -> Composable:
    """`= <> < <= > >=` of two scalars of one kind.

    Raises
    ------
    InvalidInput
        They are of different kinds; the message names the property.
    """
    if temporal.is_time(left, scope.known) and temporal.is_time(right, scope.known):
        return temporal.comparison(op, left, right, scope.known, scope.bound)
    one, other = (_scalar_or_time(node, scope) for node in (left, right))
    if one.family != other.family:
        raise mismatch(one, other)
    if one.family in ("list", "geometry"):
        raise fault(f"{one.called} cannot be compared by {op}: use A_ or S_ functions.", "wrong-type")
    if one.family == "boolean" and op not in _EQUALITY:
        raise fault(f"{one.called} is true or false: it has no order.", "wrong-type")
    pattern = SQL("{} " + op + " {}")
    if one.family == "text" and op not in _EQUALITY:
        pattern = SQL('{} COLLATE "C" ' + op + " {}")
    if one.known and other.is_literal:
        return _of_property(one.known, pattern, sql_of(other, scope.bound, beside=one), scope)
    sides = sql_of(one, scope.bound, beside=other), sql_of(other, scope.bound, beside=one)
    return SQL("({})").format(pattern.format(*sides))


def _scalar_or_time(node: Any, scope: Scope) -> Term:
    return (
        Term("time")
        if not is_node(node, "property") and temporal.is_time(node, scope.known)
        else scalar(node, scope)
    )


def _of_property(known: Property, pattern: SQL, value: Composable, scope: Scope) -> Composable:
    """A property compared with a constant: a code of another table by the integer column, which has an index.

    Not under NOT: there a row without cell must stay unknown, while IN of an empty list is false.
    """
    link = known.reference
    if link is None or scope.negations:
        return SQL("({})").format(pattern.format(SQL(known.column), value))
    return SQL("({} IN (SELECT other.{} FROM app.{} AS other WHERE {}))").format(
        SQL(link.column), SQL(link.key), SQL(link.table), pattern.format(SQL("other.code"), value)
    )


def _is_null(node: Any, scope: Scope) -> Composable:
    known = property_of(arguments(node, 1)[0], scope.known)
    column = known.reference.column if known.reference else known.column
    return SQL("({} IS NULL)").format(SQL(column))


def _like(node: Any, scope: Scope) -> Composable:
    text, pattern = arguments(node, 2)
    left = scalar(text, scope)
    if left.family != "text":
        raise wrong_kind(left, "text", "LIKE")
    plain = pattern["args"][0] if _is_casei(pattern) else pattern
    if not isinstance(plain, str) or len(plain) > MAX_PATTERN:
        raise fault(f"The pattern of LIKE is a text of {MAX_PATTERN} characters at most.", "wrong-type")
    if (len(plain) - len(plain.rstrip("\\"))) % 2:
        raise fault("The pattern of LIKE ends with a lone backslash.")
    right = sql_of(scalar(pattern, scope), scope.bound)
    if left.known:
        return _of_property(left.known, SQL("{} LIKE {}"), right, scope)
    return SQL("({} LIKE {})").format(sql_of(left, scope.bound), right)


def _is_casei(node: Any) -> bool:
    return (
        is_node(node, "op", "args")
        and isinstance(node["op"], str)
        and node["op"].lower() == "casei"
        and len(arguments(node, 1)) == 1
    )


def _between(node: Any, scope: Scope) -> Composable:
    value, low, high = arguments(node, 3)
    return SQL("({} AND {})").format(
        comparison(">=", value, low, scope), comparison("<=", value, high, scope)
    )


def _in(node: Any, scope: Scope) -> Composable:
    value, listed = arguments(node, 2)
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_LIST:
        raise fault(f"IN takes a list of 1 to {MAX_LIST:,} values.")
    if is_node(value, "property") and all(isinstance(item, str | int | float) for item in listed):
        known = property_of(value, scope.known)
        array = _array(known, [literal(item) for item in listed], scope)
        if array is not None:
            return _of_property(known, SQL("{} = ANY ({})"), array, scope)
    if len(listed) > MAX_PATTERN:
        raise fault(f"IN takes {MAX_PATTERN} calculated values at most.", "filter-too-long")
    return SQL("({})").format(SQL(" OR ").join(comparison("=", value, item, scope) for item in listed))


def _array(known: Property, items: list[Term], scope: Scope) -> Composable | None:
    """A list of literals as one parameter in the column's type; None for kinds compared one by one."""
    for item in items:
        if item.family != FAMILIES[known.kind]:
            raise mismatch(Term(FAMILIES[known.kind], known=known), item)
    values = [item.value for item in items]
    if known.kind == "text":
        return scope.bound.bind(values, "text[]")
    if known.kind == "integer" and all(value == int(value) and abs(value) <= 2**53 for value in values):
        return scope.bound.bind([int(value) for value in values], "bigint[]")
    if known.kind == "number" and not known.is_single:
        return scope.bound.bind([float(value) for value in values], "double precision[]")
    return None


def _on_lists(node: Any, scope: Scope) -> Composable:
    sides = [_list(arg, scope, node["op"].upper()) for arg in arguments(node, 2)]
    return SQL(_ON_LISTS[node["op"]]).format(a=sides[0], b=sides[1])


def _list(node: Any, scope: Scope, what: str) -> Composable:
    if is_node(node, "property"):
        known = property_of(node, scope.known)
        if known.kind != "text_array":
            raise wrong_kind(Term(FAMILIES[known.kind], known=known), "list", what)
        return SQL(known.column)
    if not isinstance(node, list) or len(node) > MAX_LIST:
        raise fault(f"{what} needs a list of texts, not {shown(node)}.", "wrong-type")
    items = [literal(item) for item in node]
    if any(item.family != "text" for item in items):
        raise fault(f"{what} needs a list of texts alone.", "wrong-type")
    return scope.bound.bind([item.value for item in items], "text[]")


PREDICATES: Mapping[str, Callable[[Any, Scope], Composable]] = {
    "isnull": _is_null,
    "like": _like,
    "between": _between,
    "in": _in,
    **dict.fromkeys(_ON_LISTS, _on_lists),
}
