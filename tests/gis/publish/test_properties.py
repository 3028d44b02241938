"""The catalogue of properties against the layers, the database and the standards' vocabulary."""

from __future__ import annotations

import json
import re

import psycopg2
import pytest

from gis.errors import NotFound
from gis.publish.layers import LAYERS
from gis.publish.properties import GEOMETRY, ID, properties_of, queryables, sortables
from gis.publish.property_schema import feature_schema, queryables_schema, sortables_schema
from tests.gis.publish.filtering import run
from tests.gis.publish.town import Town

KINDS = {
    "text": "text", "integer": "integer", "smallint": "integer", "bigint": "integer", "real": "number",
    "double precision": "number", "boolean": "boolean", "date": "date", "timestamp with time zone": "timestamp",
    "ARRAY": "text_array",
}  # fmt: skip
PERSONAL = {"account_id", "reporter_id", "client_id", "team_id", "description", "note", "content_sha256"}


@pytest.fixture(scope="module")
def columns(database_url: str) -> dict[tuple[str, str], str]:
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'app'"
            )
            return {(table, column): kind for table, column, kind in cursor}
    finally:
        connection.close()


@pytest.mark.parametrize("layer", LAYERS)
def test_properties_are_exactly_the_public_ones(layer):
    known = LAYERS[layer]
    public = {*known.columns, *(name for name, _ in known.computed), GEOMETRY}
    assert set(properties_of(layer)) - {ID} == public
    assert (ID in properties_of(layer)) == (known.key not in known.columns)
    assert not PERSONAL & set(properties_of(layer))


@pytest.mark.parametrize("layer", LAYERS)
def test_kinds_are_those_of_the_columns(columns, layer):
    for name, known in properties_of(layer).items():
        if known.is_computed or name == GEOMETRY:
            continue
        kind = columns[layer, name]
        assert known.kind == KINDS[kind], name
        assert known.is_single == (kind == "real"), name


@pytest.mark.parametrize("layer", LAYERS)
def test_every_expression_is_one_that_every_role_may_evaluate(town: Town, layer):
    from psycopg2.sql import SQL

    for role, actor in town.actors.items():
        if actor.may(LAYERS[layer].permission):
            for known in properties_of(layer).values():
                condition = SQL("({} IS NULL OR true) AND false").format(SQL(known.column))
                assert run(town, layer, condition, {}, role=role) == []


def test_codes_are_those_of_the_check_constraints(town: Town):
    connection = psycopg2.connect(town.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'c' AND connamespace = 'app'::regnamespace"
            )
            constraints = cursor.fetchall()
    finally:
        connection.close()
    fixed = {}
    for table, text in constraints:
        found = re.match(r"CHECK \(\(+(\w+) (?:= ANY|<@) \(?\(?ARRAY\[(.*?)\]", text)
        if found:
            fixed[table.removeprefix("app."), found[1]] = set(re.findall(r"'(\w+)'", found[2]))
    fixed["parcel", "level"] = fixed["patrol_level", "code"]  # by a foreign key
    listed = {
        (layer, name): {code.value for code in known.codes}
        for layer in LAYERS
        for name, known in properties_of(layer).items()
        if known.codes
    }
    public = {key for key in fixed if key[0] in LAYERS and key[1] in properties_of(key[0])}
    assert listed == {key: fixed[key] for key in public}
    assert len(listed) == 10


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_schemas_describe_every_property_once_in_the_readers_language(layer, locale):
    made = queryables_schema(layer, locale, url=f"https://grid.example/ogc/collections/{layer}/queryables")
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert made["$id"] == f"https://grid.example/ogc/collections/{layer}/queryables"
    assert (made["type"], made["additionalProperties"]) == ("object", False)
    assert list(made["properties"]) == [known.name for known in queryables(layer)]
    titles = [shown["title"] for shown in made["properties"].values()]
    chinese = [bool(re.search("[一-鿿]", title)) for title in titles]
    assert all(chinese) if locale == "zh" else not any(chinese)
    geometry = made["properties"]["geometry"]
    assert geometry["x-ogc-role"] == "primary-geometry"
    assert geometry["format"] == f"geometry-{LAYERS[layer].geometry.lower()}"
    assert "type" not in geometry
    assert json.loads(json.dumps(made)) == made


def test_codes_stand_in_the_schema_with_their_names():
    use = queryables_schema("building", "zh")["properties"]["use"]
    assert use["enum"][:2] == ["residential", "commercial"]
    assert use["oneOf"][0] == {"const": "residential", "title": "居住"}
    hazards = queryables_schema("rental_unit", "en")["properties"]["hazards"]
    assert hazards["items"]["oneOf"][0] == {"const": "fire", "title": "fire"}
    severity = queryables_schema("incident", "en")["properties"]["severity"]
    assert (severity["minimum"], severity["maximum"]) == (1, 4)


def test_the_schema_of_features_has_roles_units_and_order():
    made = feature_schema("patrol_track", "en")["properties"]
    assert made["id"]["x-ogc-role"] == "id"
    assert made["started_at"]["x-ogc-role"] == "primary-interval-start"
    assert made["ended_at"]["x-ogc-role"] == "primary-interval-end"
    assert made["length_m"]["x-ogc-unit"] == "m"
    assert made["community"]["readOnly"]
    assert [shown["x-ogc-propertySeq"] for shown in made.values()] == list(range(1, len(made) + 1))
    # A division of an older revision has an id of code and day.
    assert "x-ogc-role" not in feature_schema("cell", "en")["properties"]["code"]
    assert feature_schema("cell", "en")["properties"]["valid_to"]["x-ogc-role"] == "primary-interval-end"
    assert feature_schema("coverage", "en")["properties"]["from_on"]["x-ogc-role"] == "primary-interval-start"
    assert feature_schema("incident", "en")["properties"]["reported_at"]["x-ogc-role"] == "primary-instant"


def test_sortables_are_plain_columns():
    for layer in LAYERS:
        assert sortables(layer)
        for known in sortables(layer):
            assert re.fullmatch(r"t\.\w+", known.column)
    assert "severity" in sortables_schema("incident", "en")["properties"]
    assert not {"geometry", "cell", "is_open", "is_overdue"} & set(
        sortables_schema("incident", "en")["properties"]
    )


def test_an_unknown_layer_is_not_found():
    for asked in (properties_of, queryables, sortables):
        with pytest.raises(NotFound):
            asked("account")
    with pytest.raises(NotFound):
        queryables_schema("account", "zh")
