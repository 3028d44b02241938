"""OGC API Tiles 1 (20-057), Tile Matrix Set 2.0 (17-083r4), TileJSON 3.0 and style documents."""

from __future__ import annotations

import itertools
import math
import re

import psycopg2
import pytest

from gis.publish.layers import LAYERS
from gis.publish.model import MAX_ZOOM, BBox, tile_bbox
from tests.conftest import ROOT
from tests.gis.publish import mvt
from tests.webmap.ogc.conftest import by_rel, path_of
from webmap.ogc.palette import COLOURS
from webmap.ogc.tilegrid import URI, definition, limits, tile_at

TILESET = "/ogc/collections/{}/tiles/WebMercatorQuad"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def test_req_tms_json_tilematrixset_definition(client):
    grid = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json
    assert (grid["id"], grid["uri"], grid["orderedAxes"]) == ("WebMercatorQuad", URI, ["X", "Y"])
    assert grid["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    assert [matrix["id"] for matrix in grid["tileMatrices"]] == [str(zoom) for zoom in range(MAX_ZOOM + 1)]
    # The figures of annex D.1.
    first, last = grid["tileMatrices"][0], grid["tileMatrices"][24]
    assert first["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    assert first["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892], rel=1e-12)
    assert last["scaleDenominator"] == pytest.approx(33.3238997477, rel=1e-9)
    assert (last["matrixWidth"], last["matrixHeight"]) == (2**24, 2**24)
    assert {matrix["cornerOfOrigin"] for matrix in grid["tileMatrices"]} == {"topLeft"}
    assert client.get("/ogc/tileMatrixSets/Other").status_code == 404


def test_req_tms_list_names_the_definition(client):
    document = client.get("/ogc/tileMatrixSets").json
    (entry,) = document["tileMatrixSets"]
    (own,) = entry["links"]
    assert (own["rel"], path_of(own["href"])) == ("self", "/ogc/tileMatrixSets/WebMercatorQuad")


def test_req_tilesets_list_tileset_links(client):
    for layer in LAYERS:
        document = client.get(f"/ogc/collections/{layer}/tiles").json
        (entry,) = document["tilesets"]
        assert (entry["dataType"], entry["tileMatrixSetURI"]) == ("vector", URI)
        assert entry["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
        (own,) = [link for link in entry["links"] if link["rel"] == "self"]
        assert path_of(own["href"]) == TILESET.format(layer)


def test_req_tileset_tileset_description_links(client):
    for layer in LAYERS:
        document = client.get(TILESET.format(layer)).json
        for link in document["links"]:
            if not link.get("templated"):
                answer = client.get(path_of(link["href"]))
                assert (answer.status_code, answer.mimetype) == (200, link["type"]), link
        (template,) = by_rel(document, "item")
        for variable in ("{tileMatrix}", "{tileRow}", "{tileCol}"):
            assert variable in template["href"]
        assert by_rel(document, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")


def test_req_tileset_limits_hold_the_district_and_lead_to_its_tiles(client):
    document = client.get(TILESET.format("patrol_point")).json
    by_zoom = {limit["tileMatrix"]: limit for limit in document["tileMatrixSetLimits"]}
    assert by_zoom["0"] == {
        "tileMatrix": "0",
        "minTileRow": 0,
        "maxTileRow": 0,
        "minTileCol": 0,
        "maxTileCol": 0,
    }
    limit = by_zoom["16"]
    # The district of the world, and what its outline's 32-bit floats add.
    assert (limit["minTileCol"], limit["minTileRow"]) == tile_at(113.89999, 22.76001, 16)
    assert (limit["maxTileCol"], limit["maxTileRow"]) == tile_at(113.96001, 22.74999, 16)
    (template,) = by_rel(document, "item")
    seen = 0
    for row in range(limit["minTileRow"], limit["maxTileRow"] + 1):
        for column in range(limit["minTileCol"], limit["maxTileCol"] + 1):
            path = path_of(template["href"])
            for name, value in (("tileMatrix", 16), ("tileRow", row), ("tileCol", column)):
                path = path.replace(f"{{{name}}}", str(value))
            answer = client.get(path)
            assert answer.status_code in (200, 204)
            if answer.status_code == 200:
                points = [feature["point"] for feature in mvt.read(answer.data)["patrol_point"]]
                seen += sum(0 <= x < 4096 and 0 <= y < 4096 for x, y in points)
    assert seen == 6, "every point lies in one tile within the limits"


@pytest.mark.parametrize("zoom", [0, 1, 7, 14, 18, 24])
def test_a_position_lies_in_the_tile_it_is_said_to_lie_in(zoom):
    for lon, lat in [
        (113.93, 22.755),
        (-179.99, 85.0),
        (179.99, -85.0),
        (0.001, -0.001),
        (180, 90),
        (-180, -90),
    ]:
        column, row = tile_at(lon, lat, zoom)
        box = tile_bbox(zoom, column, row)
        assert box.west - 1e-9 <= lon <= box.east + 1e-9
        clipped = max(-85.0511287798066, min(85.0511287798066, lat))
        assert box.south - 1e-9 <= clipped <= box.north + 1e-9


def test_limits_are_the_least_that_hold_a_rectangle():
    box = BBox(113.85, 22.66, 114.03, 22.86)
    for limit in limits(box):
        zoom = int(limit["tileMatrix"])
        north_west = tile_bbox(zoom, limit["minTileCol"], limit["minTileRow"])
        south_east = tile_bbox(zoom, limit["maxTileCol"], limit["maxTileRow"])
        assert north_west.west <= box.west < north_west.east
        assert north_west.south < box.north <= north_west.north
        assert south_east.west < box.east <= south_east.east
        assert south_east.south <= box.south < south_east.north


def test_req_tileset_metadata_describes_its_layer(client):
    dimensions = {layer: client.get(TILESET.format(layer)).json["layers"][0]["geometryDimension"] for layer in
                  ("incident", "patrol_track", "cell")}  # fmt: skip
    assert dimensions == {"incident": 0, "patrol_track": 1, "cell": 2}
    document = client.get(TILESET.format("incident")).json
    assert document["boundingBox"]["crs"] == CRS84
    lon, lat = document["centerPoint"]["coordinates"]
    assert 113.90 < lon < 113.96 and 22.75 < lat < 22.76
    properties = document["layers"][0]["propertiesSchema"]["properties"]
    assert properties["is_open"] == {"type": "boolean"}
    assert properties["count"] == {"type": "number"}


@pytest.mark.parametrize("layer", LAYERS)
def test_tilejson_3_describes_the_tiles_there_are(client, layer):
    document = client.get(f"{TILESET.format(layer)}/tilejson.json").json
    assert document["tilejson"] == "3.0.0"
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["version"])
    west, south, east, north = document["bounds"]
    assert west < east and south < north
    lon, lat, zoom = document["center"]
    assert west <= lon <= east and south <= lat <= north
    assert document["minzoom"] <= zoom <= document["maxzoom"]
    (described,) = document["vector_layers"]
    for zoom in (13, 16):
        column, row = tile_at(113.905, 22.755, zoom)
        address = document["tiles"][0]
        for name, value in (("z", zoom), ("x", column), ("y", row)):
            address = address.replace(f"{{{name}}}", str(value))
        tile = client.get(path_of(address))
        if tile.status_code == 204:
            continue
        for feature in mvt.read(tile.data)[described["id"]]:
            carried = {key for key in feature["properties"] if key not in ("cell",)}
            assert carried <= set(described["fields"]), "a property no client was told of"


def test_req_core_no_tileset_tells_of_foreign_rows(as_person, world):
    """alice's bounds are the district's, whatever lies beyond it and is not hers."""
    with psycopg2.connect(world.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO app.incident (client_id, category, description, occurred_at, due_at, geom) VALUES"
            " (gen_random_uuid(), 'SR0102', 'x', now(), now(), ST_SetSRID(ST_MakePoint(114.5, 23.0), 4326))"
            " RETURNING incident_id"
        )
        (made,) = cursor.fetchone()
    connection.close()
    try:
        path = f"{TILESET.format('incident')}/tilejson.json"
        assert as_person("petra").get(path).json["bounds"][2:] == [114.5, 23.0]
        assert as_person("alice").get(path).json["bounds"][2] < 113.97
        extent = as_person("alice").get("/ogc/collections/incident").json["extent"]["spatial"]["bbox"]
        assert extent[0][2] < 113.93
    finally:
        with psycopg2.connect(world.url) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM app.incident WHERE incident_id = %s", (made,))
        connection.close()


PAINT = {
    "background": {"background-color"},
    "fill": {"fill-color", "fill-opacity"},
    "line": {"line-color", "line-width", "line-opacity"},
    "circle": {
        "circle-color",
        "circle-radius",
        "circle-opacity",
        "circle-stroke-color",
        "circle-stroke-width",
    },
}


def styles(client):
    yield client.get("/ogc/style.json").json, set(LAYERS)
    for layer in LAYERS:
        yield client.get(f"/ogc/collections/{layer}/style.json").json, {layer}


def test_style_is_of_version_8_and_fetches_nothing_from_elsewhere(client):
    for style, layers in styles(client):
        assert style["version"] == 8
        assert not {"glyphs", "sprite"} & set(style)
        assert set(style["sources"]) == layers
        for name, source in style["sources"].items():
            assert source["type"] == "vector"
            assert path_of(source["url"]) == f"{TILESET.format(name)}/tilejson.json"
            assert client.get(path_of(source["url"])).status_code == 200
        ids = [drawn["id"] for drawn in style["layers"]]
        assert len(ids) == len(set(ids))
        for drawn in style["layers"]:
            assert set(drawn["paint"]) <= PAINT[drawn["type"]]
            assert drawn["type"] == "background" or drawn["source"] == drawn["source-layer"] in layers
            assert drawn.get("minzoom", 0) < drawn.get("maxzoom", 25)


def test_style_counts_below_and_points_from_the_zoom_tiles_change_at(client):
    for layer in filter(lambda layer: layer.is_point, LAYERS.values()):
        drawn = {d["id"]: d for d in client.get(f"/ogc/collections/{layer.name}/style.json").json["layers"]}
        counts, single = drawn[f"{layer.name}-counts"], drawn[layer.name]
        assert counts["maxzoom"] == single["minzoom"] == layer.points_from_zoom
        assert counts["paint"]["circle-radius"][1] == ["get", "count"]
        radii = counts["paint"]["circle-radius"][2::2]
        assert radii == sorted(radii)


def test_style_has_only_layers_of_the_role(as_person):
    assert "rental_unit" not in as_person("pat").get("/ogc/style.json").json["sources"]
    assert "patrol_track" not in as_person("adam").get("/ogc/style.json").json["sources"]
    assert as_person("pat").get("/ogc/collections/rental_unit/style.json").status_code == 404


def test_style_has_the_colours_of_the_apps_own_map(client):
    script = (ROOT / "webmap" / "static" / "js" / "map" / "symbols.js").read_text("utf-8")
    for name, colour in re.findall(r"^  (\w+): \{ shape: \"\w+\", colour: \"(#\w+)\"", script, re.MULTILINE):
        assert COLOURS[name] == colour, name
    drawn = {d["id"]: d for d in client.get("/ogc/collections/rental_unit/style.json").json["layers"]}
    matched = drawn["rental_unit"]["paint"]["circle-color"]
    by_grade = dict(zip(matched[2:-1:2], matched[3:-1:2], strict=True))
    for grade, colour in re.findall(r"(banned|strict|watch|lenient): \{ colour: \"(#\w+)\"", script):
        assert by_grade[grade] == colour


def test_coverage_is_drawn_in_the_green_ramp_of_the_apps_own_map(client):
    script = (ROOT / "webmap" / "static" / "js" / "map" / "palette.js").read_text("utf-8")
    ramp = re.findall(r"#\w{6}", re.search(r"green: \[(.*?)\]", script)[1])
    drawn = client.get("/ogc/collections/coverage/style.json").json["layers"]
    stepped = next(d for d in drawn if d["type"] == "fill")["paint"]["fill-color"]
    assert stepped[2::2] == ramp[:5]


def test_scale_halves_from_zoom_to_zoom():
    sizes = [matrix["cellSize"] for matrix in definition()["tileMatrices"]]
    assert all(math.isclose(a, 2 * b) for a, b in itertools.pairwise(sizes))
