"""Values of a filter: what kind they are, and how literals become bound parameters of the right type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from psycopg2.sql import SQL, Composable, Placeholder

from gis.errors import InvalidInput
from gis.publish.cql2.faults import fault, is_text, shown
from gis.publish.properties import Property

Family = Literal["text", "number", "boolean", "time", "list", "geometry"]

MAX_LITERAL = 1_000
_EXACT = 2**53
ARITHMETIC: Mapping[str, str] = {
    "+": "({}::double precision + {}::double precision)",
    "-": "({}::double precision - {}::double precision)",
    "*": "({}::double precision * {}::double precision)",
    "/": "({}::double precision / {}::double precision)",
    "^": "power({}::double precision, {}::double precision)",
    "%": "mod({}::numeric, {}::numeric)::double precision",
    "div": "div({}::numeric, {}::numeric)::double precision",
}
_BIGGEST_SINGLE, _SMALLEST_SINGLE = 3.4e38, 1.2e-38

FAMILIES: Mapping[str, Family] = {
    "text": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "time",
    "timestamp": "time",
    "text_array": "list",
    "geometry": "geometry",
}
_CALLED: Mapping[Family, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "time": "a date or time",
    "list": "a list of texts",
    "geometry": "a geometry",
}


@dataclass
class Bound:
    """The parameters of one statement: every literal gets a name and never stands in the text."""

    values: dict[str, Any] = field(default_factory=dict)
    prefix: str = "f"

    def bind(self, value: Any, cast: str = "") -> Composable:
        """A placeholder for a value, cast to a type of ours."""
        name = f"{self.prefix}{len(self.values)}"
        self.values[name] = value
        return Placeholder(name) + SQL(f"::{cast}" if cast else "")


@dataclass(frozen=True)
class Term:
    """A scalar of the filter: a property (`known`), a literal (`value`) or an expression of them (`sql`)."""

    family: Family
    known: Property | None = None
    value: Any = None
    sql: Composable | None = None

    @property
    def is_literal(self) -> bool:
        """Whether it is neither a property nor computed."""
        return self.known is None and self.sql is None

    @property
    def called(self) -> str:
        """What an error calls it."""
        return self.known.name if self.known else _CALLED[self.family]


def property_of(node: Any, known: Mapping[str, Property]) -> Property:
    """The property a node names.

    Raises
    ------
    InvalidInput
        It is no property of the layer: `unknown-property`, whether or not the table has such a column.
    """
    name = node.get("property") if is_node(node, "property") else None
    if not isinstance(name, str):
        raise fault(f"A property is expected, not {shown(node)}.")
    found = known.get(name)
    if found is None or not found.is_queryable:
        raise fault(f"There is no property {shown(name)}.", "unknown-property")
    return found


def is_node(node: Any, *keys: str) -> bool:
    """Whether a node is an object of exactly these members."""
    return isinstance(node, dict) and set(node) == set(keys)


def arguments(node: Any, number: int) -> list[Any]:
    """The arguments of an operator, so many of them."""
    args = node["args"]
    if not isinstance(args, list) or len(args) != number:
        raise fault(f"{shown(node['op'])} takes {number} arguments.")
    return args


def literal(value: Any) -> Term:
    """A text, number or truth value of the filter.

    Raises
    ------
    InvalidInput
        It is none of them, too long or not finite.
    """
    if isinstance(value, bool):
        return Term("boolean", value=value)
    if isinstance(value, str):
        if len(value) > MAX_LITERAL or not is_text(value):
            raise fault(f"A text of the filter has {MAX_LITERAL:,} characters at most, and no others.")
        return Term("text", value=value)
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise fault("A number of the filter is not finite.")
        return Term("number", value=value)
    raise fault(f"A value is expected, not {shown(value)}.")


def number_for(value: float, known: Property | None, bound: Bound) -> Composable:
    """A number in the type of what it is compared with: another type would lose the column's index."""
    if known is not None and known.kind == "integer":
        if value == int(value) and abs(value) <= _EXACT:
            return bound.bind(int(value), "integer" if abs(value) < 2**31 else "bigint")
    elif (
        known is not None
        and known.is_single
        and (value == 0 or _SMALLEST_SINGLE < abs(value) < _BIGGEST_SINGLE)
    ):
        return bound.bind(float(value), "real")
    return bound.bind(float(value), "double precision")


def sql_of(term: Term, bound: Bound, beside: Term | None = None) -> Composable:
    """The SQL of a term; a literal number takes the type of the property `beside` it."""
    if term.sql is not None:
        return term.sql
    if term.known is not None:
        return SQL(term.known.column)
    if term.family == "number":
        return number_for(term.value, beside.known if beside else None, bound)
    return bound.bind(term.value, "text" if term.family == "text" else "boolean")


def mismatch(one: Term, other: Term) -> InvalidInput:
    """The error of two terms that cannot be compared; names the property."""
    if one.known is None:
        one, other = other, one
    hint = " Write DATE('…') or TIMESTAMP('…')." if "time" in (one.family, other.family) else ""
    kind = f" is {_CALLED[one.family]} and" if one.known else ""
    return fault(f"{one.called}{kind} cannot be compared with {other.called}.{hint}", "wrong-type")


def wrong_kind(term: Term, wanted: Family, what: str) -> InvalidInput:
    """The error of an operator given the wrong kind of thing."""
    return fault(f"{what} needs {_CALLED[wanted]}, and {term.called} is not.", "wrong-type")


def arithmetic(node: Any, inner: Callable[[Any], Term], bound: Bound) -> Term:
    """`+ - * / % ^ div` of two numbers, as 64-bit floats: 7 / 2 is 3.5.

    A division by zero or an overflow is the database's to find; `gis.database.errors` makes it InvalidInput.
    """
    sides = [inner(arg) for arg in arguments(node, 2)]
    for side in sides:
        if side.family != "number":
            raise wrong_kind(side, "number", f"The operator {node['op']}")
    left, right = (sql_of(side, bound) for side in sides)
    return Term("number", sql=SQL(ARITHMETIC[node["op"].lower()]).format(left, right))
