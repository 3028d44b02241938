"""OGC API - Features Part 3 and CQL2, requirement by requirement; each test is named by class and requirement."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from gis.publish.crs import CRS84
from gis.publish.equals import scalars
from gis.publish.layers import LAYERS
from gis.publish.properties import queryables
from tests.webmap.ogc.conftest import by_rel, path_of

ITEMS = "/ogc/collections/{}/items"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
POINT = "POINT(113.905 22.755)"


def found(client, layer: str, text: str, **parameters) -> list:
    """Ids of the features a filter finds."""
    given = {"filter": text, **{name.replace("_", "-"): value for name, value in parameters.items()}}
    query = "&".join(f"{name}={quote(str(value))}" for name, value in given.items())
    answer = client.get(f"{ITEMS.format(layer)}?{query}")
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json["features"]]


@pytest.fixture
def parameters(client):
    document = client.get("/ogc/api").json
    return {p["name"]: p for p in document["paths"]["/collections/incident/items"]["get"]["parameters"]}


def test_queryables_queryables_link(client):
    for layer in LAYERS:
        (way,) = by_rel(client.get(f"/ogc/collections/{layer}").json, REL)
        assert way["type"] == "application/schema+json"
        assert path_of(way["href"]) == f"/ogc/collections/{layer}/queryables"


def test_queryables_get_queryables_op(client):
    for layer in LAYERS:
        assert client.get(f"/ogc/collections/{layer}/queryables").status_code == 200


def test_queryables_get_queryables_response(client):
    for layer in LAYERS:
        answer = client.get(f"/ogc/collections/{layer}/queryables")
        assert answer.content_type == "application/schema+json"
        schema = answer.json
        assert schema["$schema"].startswith("https://json-schema.org/draft/2020-12/")
        assert path_of(schema["$id"]) == f"/ogc/collections/{layer}/queryables"
        assert schema["type"] == "object" and set(schema["properties"]) == {q.name for q in queryables(layer)}


def written(value) -> str:
    return json.dumps(value) if isinstance(value, bool) else quote(str(value))


@pytest.mark.parametrize(("layer", "name"), [(layer, name) for layer in LAYERS for name in scalars(layer)])
def test_queryables_query_parameters_parameters_every_scalar_one(client, layer, name):
    """The first feature is found by each of its values, together with every other feature that has it."""
    features = client.get(f"{ITEMS.format(layer)}?limit=1000").json["features"]

    def value_of(feature):
        return feature["id"] if name == "id" else feature["properties"][name]

    value = value_of(features[0])
    if value is None:
        number = {"integer": "1", "number": "1", "boolean": "true", "date": "1990-01-01"}
        text = {"timestamp": "1990-01-01T00:00:00Z"}.get(scalars(layer)[name].kind, "none-has-this")
        value = number.get(scalars(layer)[name].kind, text)
    wanted = [feature["id"] for feature in features if value_of(feature) == value]
    answer = client.get(f"{ITEMS.format(layer)}?limit=1000&{name}={written(value)}")
    assert answer.status_code == 200, answer.text
    assert sorted(feature["id"] for feature in answer.json["features"]) == sorted(wanted)


def test_queryables_query_parameters_parameters_have_the_schema_of_the_queryable(client):
    document = client.get("/ogc/api").json
    for layer in LAYERS:
        schema = client.get(f"/ogc/collections/{layer}/queryables").json["properties"]
        described = {
            p["name"]: p for p in document["paths"][f"/collections/{layer}/items"]["get"]["parameters"]
        }
        for name in scalars(layer):
            assert described[name]["in"] == "query"
            if name not in ("cell", "community"):  # these two are parameters of every layer
                assert described[name]["schema"] == schema[name]


@pytest.mark.parametrize("query", ["area_m2=x", "due_on=soon", "due_on=2026-1-1", "last_visit_at=2026-01-01T00:00:00",
                                   "tenants=1.5", "is_overdue=yes", "hazards=x", "geometry=x"])  # fmt: skip
def test_queryables_query_parameters_parameters_of_another_type(client, query):
    answer = client.get(f"{ITEMS.format('rental_unit')}?{query}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, query.partition("=")[0])


def test_filter_filter_param(client):
    assert found(client, "facility", "code = 'F3'") == [3]
    assert client.get(f"{ITEMS.format('facility')}?filter=code").status_code == 400


def test_filter_filter_lang_param(client):
    as_json = json.dumps({"op": "=", "args": [{"property": "code"}, "F3"]})
    assert found(client, "facility", as_json, filter_lang="cql2-json") == [3]
    assert client.get(f"{ITEMS.format('facility')}?filter=true&filter-lang=ecql").status_code == 400


def test_filter_filter_lang_param_of_the_draft_that_gdal_writes(client):
    assert found(client, "facility", "code ILIKE 'f3'", filter_lang="cql-text") == [3]
    assert found(client, "rental_unit", "(filed_on = '2014-01-01T') AND (is_overdue = 1)", filter_lang="cql-text") == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip
    assert (
        found(client, "rental_unit", "code = 'x = 1' OR address = '2014-01-01T'", filter_lang="cql-text")
        == []
    )


def test_filter_filter_crs_wgs84(client):
    assert found(client, "facility", f"S_INTERSECTS(geometry, {POINT})") == [1]
    assert found(client, "facility", f"S_INTERSECTS(geometry, {POINT})", filter_crs=CRS84) == [1]


def test_filter_filter_crs_param(client):
    uri = "http://www.opengis.net/def/crs/EPSG/0/4326"
    assert found(client, "facility", "S_INTERSECTS(geometry, POINT(22.755 113.905))", filter_crs=uri) == [1]
    assert client.get(f"{ITEMS.format('facility')}?filter-crs=none").status_code == 400


def test_filter_mixing_expressions_all_must_hold(client):
    box = {"bbox": "113.90,22.75,113.93,22.76"}
    assert found(client, "facility", "code <> 'F1'", **box) == [2, 3]
    assert found(client, "facility", "code <> 'F1'", code="F1", **box) == []
    query = f"filter={quote('capacity IS NULL')}&code=F2&id=2&bbox={box['bbox']}"
    assert [f["id"] for f in client.get(f"{ITEMS.format('facility')}?{query}").json["features"]] == [2]
    query = f"filter={quote('code > %27F1%27', safe='%')}&id=2&cell=440306007001002"
    assert [f["id"] for f in client.get(f"{ITEMS.format('facility')}?{query}").json["features"]] == [2]


def test_filter_response_only_what_is_true(client):
    assert found(client, "facility", "capacity > 1 OR code = 'F1'") == [1], "null is not true"
    assert found(client, "facility", "NOT (capacity > 1)") == []


def test_features_filter_get_queryables_op(client):
    assert client.get("/ogc/collections/none/queryables").status_code == 404


def test_features_filter_filter_param(parameters):
    assert parameters["filter"]["in"] == "query" and not parameters["filter"]["required"]


def test_features_filter_filter_lang_param(parameters):
    schema = parameters["filter-lang"]["schema"]
    assert schema["default"] == "cql2-text" and {"cql2-text", "cql2-json"} <= set(schema["enum"])


def test_features_filter_filter_crs_param(parameters):
    assert parameters["filter-crs"]["schema"]["default"] == CRS84


def test_features_filter_response_is_of_own_rows(as_person):
    assert found(as_person("alice"), "rental_unit", "code LIKE 'U%'") == [1, 2]
    assert found(as_person("petra"), "rental_unit", "code LIKE 'U%'") == [1, 2, 3, 4, 5, 6]


def test_cql2_text_escaping(client):
    assert found(client, "facility", "name_zh = 'it''s'") == []
    assert found(client, "facility", "\"code\" = 'F1'") == [1]


def test_cql2_json_basic_cql2(client):
    tree = {"op": "and", "args": [
        {"op": "not", "args": [{"op": "isNull", "args": [{"property": "code"}]}]},
        {"op": "or", "args": [{"op": "=", "args": [{"property": "code"}, "F1"]},
                              {"op": ">=", "args": [{"property": "code"}, "F6"]}]},
    ]}  # fmt: skip
    assert found(client, "facility", json.dumps(tree), filter_lang="cql2-json") == [1, 6]


def test_basic_cql2_cql2_filter(client):
    assert found(client, "facility", "(code = 'F1' OR code = 'F2') AND NOT code = 'F1'") == [2]
    assert found(client, "facility", "TRUE") == [1, 2, 3, 4, 5, 6]


def test_basic_cql2_property_that_is_none_is_refused(client):
    answer = client.get(f"{ITEMS.format('facility')}?filter=none%3D1")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "unknown-property")


@pytest.mark.parametrize(("op", "wanted"), [("=", [3]), ("<>", [1, 2, 4, 5, 6]), ("<", [1, 2]), ("<=", [1, 2, 3]),
                                            (">", [4, 5, 6]), (">=", [3, 4, 5, 6])])  # fmt: skip
def test_basic_cql2_binary_comparison_predicate(client, op, wanted):
    assert found(client, "facility", f"code {op} 'F3'") == wanted
    assert found(client, "incident", f"id {op} 3") == wanted


def test_basic_cql2_binary_comparison_predicate_of_truth_and_time(client):
    assert len(found(client, "incident", "is_open = TRUE")) == 6
    assert len(found(client, "rental_unit", "filed_on = DATE('2014-01-01')")) == 6
    assert found(client, "incident", "reported_at < TIMESTAMP('2000-01-01T00:00:00Z')") == []


def test_basic_cql2_null_predicate(client):
    assert found(client, "facility", "capacity IS NULL AND code IS NOT NULL") == [1, 2, 3, 4, 5, 6]


def test_advanced_comparison_operators_like_predicate(client):
    assert found(client, "facility", "code LIKE 'F_'") == [1, 2, 3, 4, 5, 6]
    assert found(client, "facility", "code NOT LIKE '%3'") == [1, 2, 4, 5, 6]


def test_advanced_comparison_operators_between_predicate(client):
    assert found(client, "incident", "id BETWEEN 2 AND 4") == [2, 3, 4]
    assert found(client, "incident", "id NOT BETWEEN 2 AND 4") == [1, 5, 6]


def test_advanced_comparison_operators_in_predicate(client):
    assert found(client, "facility", "code IN ('F2', 'F5', 'F9')") == [2, 5]


def test_case_insensitive_comparison_casei_function(client):
    assert found(client, "facility", "CASEI(code) = CASEI('f4')") == [4]


def test_basic_spatial_functions_spatial_predicate(client):
    assert found(client, "facility", f"NOT S_INTERSECTS(geometry, {POINT})") == [2, 3, 4, 5, 6]


def test_basic_spatial_functions_spatial_functions(client):
    assert found(client, "facility", "S_INTERSECTS(geometry, BBOX(113.90, 22.75, 113.92, 22.76))") == [1, 2]


def test_basic_spatial_functions_spatial_data_types(client):
    assert found(client, "facility", f"S_INTERSECTS(geometry, {POINT})") == [1]


@pytest.mark.parametrize(("shape", "wanted"), [
    ("MULTIPOINT((113.905 22.755), (113.925 22.755))", [1, 3]),
    ("LINESTRING(113.90 22.755, 113.92 22.755)", [1, 2]),
    ("MULTILINESTRING((113.90 22.755, 113.91 22.755), (113.95 22.755, 113.96 22.755))", [1, 6]),
    ("POLYGON((113.90 22.75, 113.91 22.75, 113.91 22.76, 113.90 22.76, 113.90 22.75))", [1]),
    ("MULTIPOLYGON(((113.90 22.75, 113.91 22.75, 113.91 22.76, 113.90 22.76, 113.90 22.75)))", [1]),
    ("GEOMETRYCOLLECTION(POINT(113.905 22.755), POINT(113.955 22.755))", [1, 6]),
])  # fmt: skip
def test_basic_spatial_functions_plus_spatial_data_types(client, shape, wanted):
    assert found(client, "facility", f"S_INTERSECTS(geometry, {shape})") == wanted


CELL_1 = "POLYGON((113.90 22.75, 113.91 22.75, 113.91 22.76, 113.90 22.76, 113.90 22.75))"
INSIDE = "POLYGON((113.902 22.752, 113.908 22.752, 113.908 22.758, 113.902 22.758, 113.902 22.752))"


@pytest.mark.parametrize(("condition", "wanted"), [
    (f"S_EQUALS(geometry, {CELL_1})", [1]),
    (f"S_DISJOINT(geometry, {CELL_1})", [3, 4, 5, 6]),
    (f"S_TOUCHES(geometry, {CELL_1})", [2]),
    (f"S_CONTAINS(geometry, {INSIDE})", [1]),
    (f"S_WITHIN(geometry, {CELL_1})", [1]),
    ("S_CROSSES(geometry, LINESTRING(113.895 22.755, 113.905 22.755))", [1]),
    ("S_OVERLAPS(geometry, POLYGON((113.895 22.752, 113.905 22.752, 113.905 22.758, 113.895 22.758, 113.895 22.752)))", [1]),
    (f"S_INTERSECTS(geometry, {INSIDE})", [1]),
])  # fmt: skip
def test_spatial_functions_spatial_functions(client, condition, wanted):
    codes = [f"44030600700{(n - 1) // 3 + 1}00{(n - 1) % 3 + 1}" for n in wanted]
    assert found(client, "cell", condition) == codes


def test_temporal_functions_temporal_predicates(client):
    assert len(found(client, "rental_unit", "T_EQUALS(filed_on, DATE('2014-01-01'))")) == 6
    assert found(client, "rental_unit", "NOT T_EQUALS(filed_on, DATE('2014-01-01'))") == []


@pytest.mark.parametrize(("condition", "wanted"), [
    ("T_AFTER(filed_on, DATE('2013-01-01'))", 6), ("T_BEFORE(filed_on, DATE('2013-01-01'))", 0),
    ("T_DISJOINT(filed_on, DATE('2013-01-01'))", 6), ("T_EQUALS(filed_on, DATE('2014-01-01'))", 6),
    ("T_INTERSECTS(filed_on, INTERVAL('2013-01-01', '2015-01-01'))", 6),
])  # fmt: skip
def test_temporal_functions_temporal_functions_of_instants(client, condition, wanted):
    assert len(found(client, "rental_unit", condition)) == wanted


@pytest.mark.parametrize(("function", "other", "wanted"), [
    ("T_CONTAINS", ("2014-01-02", "2014-01-06"), 6), ("T_DURING", ("2013-01-01", "2015-01-01"), 6),
    ("T_FINISHEDBY", ("2014-01-03", "2014-01-07"), 6), ("T_FINISHES", ("2013-01-01", "2014-01-07"), 6),
    ("T_MEETS", ("2014-01-07", "2015-01-01"), 6), ("T_METBY", ("2013-01-01", "2014-01-01"), 6),
    ("T_OVERLAPPEDBY", ("2013-01-01", "2014-01-03"), 6), ("T_OVERLAPS", ("2014-01-03", "2015-01-01"), 6),
    ("T_STARTEDBY", ("2014-01-01", "2014-01-03"), 6), ("T_STARTS", ("2014-01-01", "2015-01-01"), 6),
    ("T_DURING", ("2015-01-01", "2016-01-01"), 0),
])  # fmt: skip
def test_temporal_functions_temporal_functions_of_intervals(client, function, other, wanted):
    condition = f"{function}(INTERVAL(from_on, to_on), INTERVAL('{other[0]}', '{other[1]}'))"
    assert len(found(client, "coverage", condition)) == wanted


@pytest.mark.parametrize("function", ["A_CONTAINS", "A_CONTAINEDBY", "A_EQUALS", "A_OVERLAPS"])
def test_array_functions_array_predicates(client, function):
    wanted = {"A_CONTAINEDBY": 6}.get(function, 0)  # nobody's hazards are known here
    assert len(found(client, "rental_unit", f"{function}(hazards, ('fire', 'gas'))")) == wanted


def test_property_property_withdraw_permissions(client):
    assert found(client, "coverage", "covered_m2 < area_m2 AND area_m2 > covered_m2") != []
    assert found(client, "facility", "code = name_zh") == []


def test_arithmetic_arithmetic(client):
    assert found(client, "incident", "id * 2 - 1 = 5") == [3]
    assert found(client, "incident", "id % 3 = 0 AND id / 2 > 2") == [6]
