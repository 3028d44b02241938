"""From CQL2 JSON to a condition over `t`: by allow-list, every literal a bound parameter.

What is not named here is refused; nothing of the client's ever becomes part of the statement's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from psycopg2.sql import SQL, Composable

from gis.publish.cql2 import scalars, spatial, temporal
from gis.publish.cql2.faults import fault, shown
from gis.publish.cql2.guard import MAX_DEPTH, MAX_TEXT, Language, parse
from gis.publish.cql2.scalars import Scope
from gis.publish.cql2.spatial import ToLonLat
from gis.publish.cql2.terms import Bound, arguments, is_node, property_of
from gis.publish.model import BBox
from gis.publish.properties import properties_of

_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMANCE = tuple(
    _CQL2 + name
    for name in (
        "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
        "case-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus",
        "spatial-functions", "temporal-functions", "array-functions", "property-property", "arithmetic",
    )
)  # fmt: skip
"""The classes of CQL2 that `compile_filter` keeps; accent-insensitive comparison and functions are not."""

MAX_NODES = 1_000


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition over `t`, its parameters, and a box around every point it can be true of, if it has one."""

    condition: Composable
    values: Mapping[str, Any]
    box: BBox | None


_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


def compile_filter(
    layer: str, text_or_json: str, *, lang: Language, to_lonlat: ToLonLat | None = None
) -> tuple[Composable, dict[str, Any]]:
    """The condition of a filter over alias `t`, and its parameters `f0`, `f1`, …

    Parameters
    ----------
    layer : name of a layer of the catalogue.
    to_lonlat : from the filter's coordinates (x, y) to degrees; None if they are EPSG:4326 lon, lat.

    Raises
    ------
    InvalidInput
        The filter is no CQL2, names no property of the layer or compares what cannot be compared;
        `pointer` is `filter`.
    NotFound
        There is no such layer.
    """
    made = compiled(layer, text_or_json, lang=lang, to_lonlat=to_lonlat)
    return made.condition, dict(made.values)


def compiled(
    layer: str,
    text_or_json: str,
    *,
    lang: Language,
    to_lonlat: ToLonLat | None = None,
    prefix: str = "f",
) -> Compiled:
    """`compile_filter` and `bounding_box` at once; raises as the former does.

    The last few hundred are kept: a client that pages or draws tiles sends one filter again and again.

    Parameters
    ----------
    prefix : how parameters' names begin, so that two filters can share a statement.
    """
    work = _kept if len(text_or_json) <= MAX_TEXT else _compiled
    return work(layer, text_or_json, lang, to_lonlat, prefix)


def _compiled(
    layer: str, text_or_json: str, lang: Language, to_lonlat: ToLonLat | None, prefix: str
) -> Compiled:
    known, bound = properties_of(layer), Bound(prefix=prefix)
    parsed = parse(text_or_json, lang=lang)
    condition = _Compiler(Scope(known, bound), to_lonlat).condition(parsed, 0)
    return Compiled(condition, MappingProxyType(bound.values), bounding_box(parsed, to_lonlat))


_kept = lru_cache(maxsize=256)(_compiled)


def bounding_box(parsed: Any, to_lonlat: ToLonLat | None = None) -> BBox | None:
    """A box that holds every point the filter can be true of; None where the filter sets no such bound.

    For layers of points. Looks at spatial functions with a literal that stand alone or under a top AND;
    of several boxes the part they share, or the first where they share none.
    """
    found: BBox | None = None
    for node in _conjuncts(parsed):
        box = _box_of(node, to_lonlat)
        if box is not None:
            found = box if found is None else _shared(found, box)
    return found


def _conjuncts(node: Any, depth: int = 0) -> list[Any]:
    if (
        depth <= MAX_DEPTH
        and is_node(node, "op", "args")
        and node["op"] == "and"
        and isinstance(node["args"], list)
    ):
        return [inner for arg in node["args"] for inner in _conjuncts(arg, depth + 1)]
    return [node]


def _box_of(node: Any, to_lonlat: ToLonLat | None) -> BBox | None:
    if not is_node(node, "op", "args") or not isinstance(node["op"], str):
        return None
    op = node["op"].lower()
    if op not in spatial.FUNCTIONS or op == "s_disjoint":
        return None
    literals = [arg for arg in arguments(node, 2) if not is_node(arg, "property")]
    return spatial.box_of(literals[0], to_lonlat) if len(literals) == 1 else None


def _shared(one: BBox, other: BBox) -> BBox:
    west, south = max(one.west, other.west), max(one.south, other.south)
    east, north = min(one.east, other.east), min(one.north, other.north)
    return BBox(west, south, east, north) if west <= east and south <= north else one


class _Compiler:
    """One filter's walk from the top down."""

    def __init__(self, scope: Scope, to_lonlat: ToLonLat | None) -> None:
        self._scope, self._to_lonlat = scope, to_lonlat
        self._nodes = 0

    def condition(self, node: Any, depth: int) -> Composable:
        """The SQL of something true or false."""
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise fault(f"The filter is nested deeper than {MAX_DEPTH} levels.", "filter-too-deep")
        if self._nodes > MAX_NODES:
            raise fault(f"The filter has more than {MAX_NODES:,} conditions.", "filter-too-long")
        if isinstance(node, bool):
            return SQL("true" if node else "false")
        if is_node(node, "property"):
            return self._truth(node)
        if not is_node(node, "op", "args") or not isinstance(node["op"], str):
            raise fault(f"A condition is expected, not {shown(node)}.")
        return self._operator({"op": node["op"].lower(), "args": node["args"]}, depth)

    def _truth(self, node: Any) -> Composable:
        found = property_of(node, self._scope.known)
        if found.kind != "boolean":
            raise fault(f"{found.name} is not true or false: it cannot stand alone.", "wrong-type")
        return SQL(found.column)

    def _operator(self, node: dict[str, Any], depth: int) -> Composable:
        op = node["op"]
        if op in ("and", "or"):
            return self._joined(node, depth)
        if op == "not":
            with self._scope.negated():
                inner = self.condition(arguments(node, 1)[0], depth + 1)
            return SQL("(NOT {})").format(inner)
        if op in spatial.FUNCTIONS:
            return spatial.condition(node, self._scope.known, self._scope.bound, self._to_lonlat)
        if op in temporal.FUNCTIONS:
            return temporal.condition(node, self._scope.known, self._scope.bound)
        if op in _COMPARISONS:
            left, right = arguments(node, 2)
            return scalars.comparison(op, left, right, self._scope)
        simple = scalars.PREDICATES.get(op)
        if simple is None:
            raise fault(
                f"The filter's operator or function {shown(op)} is not known here.", "unknown-function"
            )
        return simple(node, self._scope)

    def _joined(self, node: dict[str, Any], depth: int) -> Composable:
        args = node["args"]
        if not isinstance(args, list) or len(args) < 2:
            raise fault(f"{node['op'].upper()} joins two conditions at least.")
        parts = [self.condition(arg, depth + 1) for arg in args]
        return SQL("({})").format(SQL(f" {node['op'].upper()} ").join(parts))
