"""OGC API - Tiles Part 1, requirement by requirement; each test is named by class and requirement."""

from __future__ import annotations

import pytest

from gis.publish.layers import LAYERS
from tests.gis.publish import mvt
from tests.webmap.ogc.conftest import by_rel, path_of

TILES = "/ogc/collections/{}/tiles"
TILE = "/ogc/collections/incident/tiles/WebMercatorQuad/{}/{}/{}"
MVT = "application/vnd.mapbox-vector-tile"
AT = (14, 7128, 13375)


@pytest.mark.parametrize("layer", LAYERS)
def test_core_tc_op_by_the_template_of_the_tileset(client, layer):
    (template,) = by_rel(client.get(f"{TILES.format(layer)}/WebMercatorQuad").json, "item")
    address = path_of(template["href"])
    for name, value in zip(("tileMatrix", "tileRow", "tileCol"), AT, strict=True):
        address = address.replace(f"{{{name}}}", str(value))
    assert client.get(address).status_code in (200, 204)


def test_core_tc_tilematrix_definition_only_those_of_the_grid(client):
    assert client.get(TILE.format(0, 0, 0)).status_code == 200
    assert client.get(TILE.format(25, 0, 0)).status_code in (400, 404)
    assert client.get(TILE.format("x", 0, 0)).status_code == 404


def test_core_tc_tilerow_definition_only_those_of_the_matrix(client):
    assert client.get(TILE.format(1, 1, 0)).status_code in (200, 204)
    assert client.get(TILE.format(1, 2, 0)).status_code == 400


def test_core_tc_tilecol_definition_only_those_of_the_matrix(client):
    assert client.get(TILE.format(1, 0, 1)).status_code in (200, 204)
    assert client.get(TILE.format(1, 0, 2)).status_code == 400


def test_core_tc_success_has_the_content_of_the_tile(client):
    answer = client.get(TILE.format(*AT))
    assert (answer.status_code, answer.content_type) == (200, MVT)
    assert mvt.read(answer.data)["incident"]


def test_core_tc_error(client):
    assert client.get("/ogc/collections/none/tiles/WebMercatorQuad/0/0/0").status_code == 404
    assert client.get(f"{TILE.format(*AT)}?surplus=1").status_code == 400
    assert client.get(TILE.format(14, 0, 0)).status_code == 204, "an empty tile is no error"


@pytest.mark.parametrize("layer", LAYERS)
def test_tileset_description(client, layer):
    document = client.get(f"{TILES.format(layer)}/WebMercatorQuad").json
    assert document["dataType"] == "vector"
    assert document["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    assert document["tileMatrixSetURI"].endswith("/WebMercatorQuad")
    (grid,) = by_rel(document, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")
    assert client.get(path_of(grid["href"])).json["id"] == "WebMercatorQuad"
    (template,) = by_rel(document, "item")
    assert (template["templated"], template["type"]) == (True, MVT)


@pytest.mark.parametrize("layer", LAYERS)
def test_tilesets_list_tileset_links_lead_to_tileset_and_grid(client, layer):
    (entry,) = client.get(TILES.format(layer)).json["tilesets"]
    assert {"dataType", "crs", "tileMatrixSetURI"} <= set(entry)
    for rel in ("self", "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"):
        (way,) = by_rel(entry, rel)
        assert client.get(path_of(way["href"])).status_code == 200


@pytest.mark.parametrize("layer", LAYERS)
def test_geodata_tilesets_operation(client, layer):
    assert client.get(TILES.format(layer)).json["tilesets"]


@pytest.mark.parametrize("layer", LAYERS)
def test_geodata_tilesets_desc_links(client, layer):
    (way,) = by_rel(
        client.get(f"/ogc/collections/{layer}").json, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
    )
    assert path_of(way["href"]) == TILES.format(layer)


def test_mvt_content_has_the_collection_as_its_layer(client):
    for layer in LAYERS:
        for column in (13374, 13375, 13376):
            answer = client.get(f"{TILES.format(layer)}/WebMercatorQuad/14/7128/{column}")
            if answer.status_code == 200:
                assert answer.content_type == MVT
                assert set(mvt.read(answer.data)) == {layer}
