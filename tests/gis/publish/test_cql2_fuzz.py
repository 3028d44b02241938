"""Whatever comes as a filter, PostgreSQL accepts what it is compiled to or it is InvalidInput."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.geometry.crs import wgs84_from
from gis.publish.cql2 import bounding_box, compile_filter, parse
from gis.publish.layers import LAYERS
from gis.publish.properties import queryables
from tests.gis.publish.filtering import furnish, run
from tests.gis.publish.town import Town

LAYERS_USED = ("rental_unit", "incident", "patrol_track", "community")
NAMES = sorted({known.name for layer in LAYERS_USED for known in queryables(layer)})
FUNCTIONS = [
    "S_INTERSECTS", "S_EQUALS", "S_DISJOINT", "S_TOUCHES", "S_WITHIN", "S_OVERLAPS", "S_CROSSES", "S_CONTAINS",
    "T_AFTER", "T_BEFORE", "T_DURING", "T_EQUALS", "T_INTERSECTS", "T_DISJOINT", "T_CONTAINS", "T_MEETS", "T_METBY",
    "T_OVERLAPS", "T_OVERLAPPEDBY", "T_STARTS", "T_STARTEDBY", "T_FINISHES", "T_FINISHEDBY",
    "A_CONTAINS", "A_CONTAINEDBY", "A_OVERLAPS", "A_EQUALS", "CASEI", "ACCENTI", "BBOX", "pg_sleep",
]  # fmt: skip
OPERATORS = ["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "^", "div", "LIKE", "IN", "BETWEEN", "AND", "OR", "NOT", "IS NULL"]  # fmt: skip
SHAPES = [
    "POINT(113.9 22.7)", "POLYGON((113.9 22.7, 114 22.7, 114 22.8, 113.9 22.7))", "LINESTRING(113.9 22.7, 114 22.8)",
    "MULTIPOINT((113.9 22.7), (114 22.8))", "POINT EMPTY", "POLYGON((1 1, 2 2))", "POINT Z (1 2 3)", "BBOX(113, 22, 114, 23)",
    "GEOMETRYCOLLECTION(POINT(113.9 22.7), LINESTRING(113.9 22.7, 114 22.8))",
]  # fmt: skip
TIMES = ["DATE('2026-03-10')", "DATE('0001-01-01')", "DATE('9999-12-31')", "TIMESTAMP('2026-03-10T00:00:00Z')",
         "TIMESTAMP('0001-01-01T00:00:00+14:00')", "TIMESTAMP('9999-12-31T23:59:59-14:00')", "INTERVAL('2026-01-01', '..')",
         "INTERVAL('..', '..')", "INTERVAL(started_at, ended_at)", "INTERVAL(filed_on, '9999-12-31')", "DATE('x')"]  # fmt: skip
VALUES = ["1", "-1", "0", "2.5", "1e300", "1e999", "9007199254740993", "99999999999999999999", "'x'", "''", "'%'", "'\\'", "TRUE", "FALSE",
          "NULL", "('fire', 'gas')", "(1, 2)"]  # fmt: skip
TOKENS = st.sampled_from(
    [*NAMES, *FUNCTIONS, *OPERATORS, *SHAPES, *TIMES, *VALUES, "(", ")", ",", "'", '"', ";"]
)
HUGE_AND_DEEP = {
    "20 KB of (": "(" * 20_000,
    "10,000 NOT": "NOT " * 10_000,
    "16,000 AND": " AND ".join(["is_open"] * 16_000),
    "JSON 100,000 deep": '{"op":"not","args":[' * 100_000 + "true" + "]}" * 100_000,
    "lists 100,000 deep": "[" * 100_000 + "]" * 100_000,
}

operands = st.sampled_from([*NAMES, *VALUES, *TIMES, *SHAPES])
comparisons = st.builds(
    lambda left, op, right: f"{left} {op} {right}", operands, st.sampled_from(OPERATORS), operands
)
calls = st.builds(
    lambda name, left, right: f"{name}({left}, {right})", st.sampled_from(FUNCTIONS), operands, operands
)
conditions = st.recursive(
    comparisons | calls | st.builds("{} BETWEEN {} AND {}".format, operands, operands, operands),
    lambda inner: (
        st.builds("({}) AND {}".format, inner, inner)
        | st.builds("{} OR ({})".format, inner, inner)
        | st.builds("NOT ({})".format, inner)
    ),
    max_leaves=8,
)
texts = (
    conditions
    | st.lists(TOKENS, max_size=25).map(" ".join)
    | st.lists(TOKENS, max_size=40).map("".join)
    | st.text(max_size=200)
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["..", "2026-03-10", "2026-03-10T00:00:00Z", *NAMES])
)
leaves = (
    scalars
    | st.sampled_from(NAMES).map(lambda name: {"property": name})
    | scalars.map(lambda value: {"date": value})
    | scalars.map(lambda value: {"timestamp": value})
    | st.lists(scalars, max_size=3).map(lambda ends: {"interval": ends})
    | st.lists(st.floats() | st.integers(-180, 180), max_size=6).map(lambda numbers: {"bbox": numbers})
    | st.builds(
        lambda kind, coordinates: {"type": kind, "coordinates": coordinates},
        st.sampled_from(["Point", "LineString", "Polygon", "MultiPoint", "MultiPolygon", "Circle"]),
        st.recursive(
            st.floats() | st.integers(-200, 200), lambda inner: st.lists(inner, max_size=4), max_leaves=12
        ),
    )
)
OPS = st.sampled_from([*(name.lower() for name in FUNCTIONS), *OPERATORS, "and", "or", "not", "isNull", "like", "in", "between", "casei"])  # fmt: skip
nodes: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda op, args: {"op": op, "args": args}, OPS, st.lists(inner, max_size=3))
        | st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["op", "args", "property", "type", "x"]), inner, max_size=3)
    ),
    max_leaves=15,
)

fuzzed = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def world(town: Town) -> Town:
    return furnish(town)


def asked(world: Town, layer: str, text: str, lang: Any, **options: Any) -> str:
    """What became of a filter: it ran or was refused; anything else fails the test."""
    started = time.thread_time()
    try:
        parsed = parse(text, lang=lang)
        if LAYERS[layer].is_point:
            bounding_box(parsed)
        made = compile_filter(layer, text, lang=lang, **options)
    except InvalidInput as error:
        assert error.pointer == "filter"
        assert len(error.message) < 400
        return "refused"
    finally:
        assert time.thread_time() - started < 1.0
    try:
        run(world, layer, *made)
    except InvalidInput:  # division by zero and the like, by way of gis.database.errors
        return "refused in running"
    return "ran"


@fuzzed
@given(st.sampled_from(LAYERS_USED), texts)
@example("incident", "(" * 20_000)
@example("incident", "severity / 0 = 1")
def test_any_text_is_compiled_or_refused(world, layer, text):
    asked(world, layer, text, "cql2-text")


@fuzzed
@given(st.sampled_from(LAYERS_USED), nodes)
def test_any_json_is_compiled_or_refused(world, layer, node):
    asked(world, layer, json.dumps(node), "cql2-json")


@fuzzed
@given(st.sampled_from(LAYERS_USED), nodes)
def test_any_json_in_metres_is_compiled_or_refused(world, layer, node):
    wrapped = {"op": "s_intersects", "args": [{"property": "geometry"}, node]}
    asked(world, layer, json.dumps(wrapped), "cql2-json", to_lonlat=lambda x, y: wgs84_from(x, y, "4547"))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_as_json_is_compiled_or_refused(text):
    try:
        compile_filter("incident", text, lang="cql2-json")
    except InvalidInput as error:
        assert error.pointer == "filter"


@pytest.mark.parametrize("text", HUGE_AND_DEEP.values(), ids=HUGE_AND_DEEP)
@pytest.mark.parametrize("lang", ["cql2-text", "cql2-json"])
def test_huge_and_deep_filters_are_refused_and_the_process_lives(world, text, lang):
    assert asked(world, "incident", text, lang) == "refused"


def test_some_of_what_is_tried_does_run(world):
    """Otherwise the tests above would prove little."""
    outcomes = []

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(conditions)
    def tried(text: str) -> None:
        outcomes.append(asked(world, "rental_unit", text, "cql2-text"))

    tried()
    assert outcomes.count("ran") >= 5
    assert outcomes.count("refused") >= 5
