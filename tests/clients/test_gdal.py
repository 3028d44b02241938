"""GDAL's OAPIF driver reads every collection as the database shows it to the person, and asks the server to filter.

The driver has no option for headers; a token goes by GDAL_HTTP_AUTH and GDAL_HTTP_BEARER.
"""

from __future__ import annotations

import math

import pyogrio
import pytest

from gis.people.model import Actor, Role
from gis.publish.layers import LAYERS, layers_of
from tests.clients.conftest import EMPTY, FILTERS, ROLES, SEEN, Served

BY_BOX = "ST_Intersects(t.geom, ST_MakeEnvelope({}, {}, {}, {}, 4326))"


class Gdal:
    """The driver, as a person."""

    def __init__(self, served: Served, role: str) -> None:
        self._source = f"OAPIF:{served.url}/ogc"
        pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": served.tokens[role]})

    def layers(self) -> set[str]:
        return {name for name, _ in pyogrio.list_layers(self._source)}

    def read(self, layer: str, **options):
        return pyogrio.read_dataframe(self._source, layer=layer, fid_as_index=True, **options)

    def ids(self, layer: str, **options) -> set[str]:
        frame = self.read(layer, **options)
        found = frame["id"] if LAYERS[layer].is_division else frame.index
        assert found.is_unique, "a feature came twice"
        return {str(value) for value in found}


@pytest.fixture
def gdal(served):
    yield lambda role: Gdal(served, role)
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": None, "GDAL_HTTP_BEARER": None})


@pytest.mark.parametrize("role", ROLES)
def test_layers_are_those_of_the_role(gdal, role):
    assert gdal(role).layers() == {layer.name for layer in layers_of(Actor(None, Role(role)))}


def test_nobody_reads_anything(served):
    with pytest.raises(pyogrio.errors.DataSourceError):
        pyogrio.list_layers(f"OAPIF:{served.url}/ogc")


@pytest.mark.parametrize(("role", "layer"), SEEN)
def test_pages_hold_every_row_once(served, gdal, role, layer):
    wanted = served.ids(role, layer)
    size = min(10_000, max(1, math.ceil(len(wanted) / 3)))
    before = served.requests(f"/ogc/collections/{layer}/items")
    assert gdal(role).ids(layer, PAGE_SIZE=str(size)) == wanted
    pages = served.requests(f"/ogc/collections/{layer}/items") - before
    assert pages >= math.ceil(len(wanted) / size)


@pytest.mark.parametrize(("role", "layer"), SEEN)
def test_box_holds_what_the_database_finds_in_it(served, gdal, middle, role, layer):
    box = middle(role, layer)
    wanted = served.ids(role, layer, BY_BOX.format(*box))
    assert bool(wanted) == ((role, layer) not in EMPTY)
    assert gdal(role).ids(layer, bbox=box) == wanted


# Of an empty collection GDAL knows no columns, so it cannot be asked for any.
@pytest.mark.parametrize(("role", "layer"), [pair for pair in SEEN if pair not in EMPTY])
def test_filter_is_the_servers_and_finds_what_the_database_finds(served, gdal, role, layer):
    ogr, sql, _ = FILTERS[layer]
    wanted = served.ids(role, layer, sql)
    before = served.requests(f"/ogc/collections/{layer}/items")
    assert gdal(role).ids(layer, where=ogr, PAGE_SIZE="5000") == wanted
    pages = served.requests(f"/ogc/collections/{layer}/items") - before
    # One to learn the columns; the rest hold what matches and nothing else.
    assert pages <= 1 + max(1, math.ceil(len(wanted) / 5000))


@pytest.mark.parametrize(("where", "sql"), [
    ("grade = 'strict'", "t.grade = 'strict'"),
    ("is_overdue = 1 AND tenants > 2", "t.due_on < app.today() AND t.tenants > 2"),
    ("is_overdue = 0 OR floor <= 3", "t.due_on >= app.today() OR t.floor <= 3"),
    ("due_on < '2026/10/01'", "t.due_on < '2026-10-01'"),
    ("last_visit_at >= '2026/06/01 08:00:00'", "t.last_visit_at >= '2026-06-01 08:00:00+00'"),
    ("code ILIKE '%1_'", "t.code ILIKE '%1_'"),
    ("NOT (grade IN ('strict', 'watch'))", "t.grade NOT IN ('strict', 'watch')"),
    ("room IS NULL", "t.room IS NULL"),
    ("area_m2 BETWEEN 20 AND 30.5", "t.area_m2 BETWEEN 20 AND 30.5"),
    ("address = 'it''s'", "t.address = 'it''s'"),
])  # fmt: skip
def test_every_kind_of_comparison(served, gdal, where, sql):
    assert gdal("officer").ids("rental_unit", where=where) == served.ids("officer", "rental_unit", sql)


@pytest.mark.parametrize(("role", "layer"), SEEN)
@pytest.mark.parametrize("epsg", [3857, 4490, 4547])
def test_coordinates_in_other_systems(served, gdal, role, layer, epsg):
    corners = "ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g)".replace("g", f"ST_Transform(t.geom, {epsg})")
    wanted = {str(row[0]): row[1:] for row in served.rows(role, layer, columns=corners)}
    frame = gdal(role).read(layer, max_features=20, CRS=f"EPSG:{epsg}", PAGE_SIZE="20")
    assert frame.crs.to_epsg() == epsg
    # 7 digits of a degree are a centimetre, metres have 3; CGCS2000 counts as WGS84 (gis/publish/crs.py).
    accuracy = 2e-7 if epsg == 4490 else 0.025
    keys = frame["id"] if LAYERS[layer].is_division else frame.index
    assert bool(len(frame)) == ((role, layer) not in EMPTY)
    for key, bounds in zip(keys, frame.bounds.to_numpy(), strict=True):
        assert tuple(bounds) == pytest.approx(wanted[str(key)], abs=accuracy)


def test_box_in_another_system(served, gdal):
    box = (490_000, 2_510_000, 500_000, 2_520_000)
    sql = "ST_Intersects(ST_Transform(t.geom, 4547), ST_MakeEnvelope({}, {}, {}, {}, 4547))".format(*box)
    wanted = served.ids("planner", "facility", sql)
    assert 0 < len(wanted) < len(served.ids("planner", "facility"))
    assert gdal("planner").ids("facility", CRS="EPSG:4547", bbox=box) == wanted


def test_feature_by_its_id(served, gdal):
    code = served.rows("planner", "cell")[7][0]
    assert gdal("planner").ids("cell", where=f"id = '{code}'") == {code}
