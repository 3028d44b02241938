import threading

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.geometry import crs, datum
from gis.geometry.suspect import suspect_crs

DISTRICT_BOX = shapely.box(113.853, 22.689, 114.004, 22.836)
LON, LAT = np.array([113.93]), np.array([22.76])

# WGS84 lat, lon and GCJ-02 lat, lon as published with googollee/eviltransform's tests.
GCJ_PAIRS = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
]
# WGS84 lat, lon and BD-09 lat, lon: an answer of Baidu's own conversion service (geoconv v1, from=1,
# to=5) as recorded by its users. The BD-09 pairs of eviltransform disagree with it by up to 40 m.
BD_PAIR = (29.575429778924, 114.21892734521, 29.57908262908, 114.23074952312)


def metres_between(lon_a, lat_a, lon_b, lat_b):
    return np.hypot((lon_a - lon_b) * 111_320 * np.cos(np.radians(lat_a)), (lat_a - lat_b) * 110_750)


@pytest.mark.parametrize("pair", GCJ_PAIRS)
def test_gcj02_meets_the_published_pairs_within_a_metre_both_ways(pair):
    wgs_lat, wgs_lon, gcj_lat, gcj_lon = (np.array([value]) for value in pair)
    assert metres_between(*crs.wgs84_to(wgs_lon, wgs_lat, "gcj02"), gcj_lon, gcj_lat) < 0.05
    assert metres_between(*crs.wgs84_from(gcj_lon, gcj_lat, "gcj02"), wgs_lon, wgs_lat) < 0.05


def test_bd09_meets_the_answer_of_its_owner_within_a_metre_both_ways():
    wgs_lat, wgs_lon, bd_lat, bd_lon = (np.array([value]) for value in BD_PAIR)
    assert metres_between(*crs.wgs84_to(wgs_lon, wgs_lat, "bd09"), bd_lon, bd_lat) < 1.0
    assert metres_between(*crs.wgs84_from(bd_lon, bd_lat, "bd09"), wgs_lon, wgs_lat) < 1.0


@settings(deadline=None)
@given(st.floats(75, 134), st.floats(5, 53))
def test_the_iterative_inverses_undo_the_shift_to_a_millimetre(lon, lat):
    lon, lat = np.array([lon]), np.array([lat])
    for name in ("gcj02", "bd09"):
        there = crs.wgs84_to(lon, lat, name)
        assert metres_between(*crs.wgs84_from(*there, name), lon, lat) < 0.001


def test_the_shift_over_the_district_is_the_measured_one():
    lon, lat = np.array([113.853, 113.879, 114.004, 113.933]), np.array([22.791, 22.693, 22.747, 22.836])
    shifted = datum.wgs84_to_gcj02(lon, lat)
    # domain facts, section 4: +0.00487..0.00502 degrees east, -0.00282..0.00303 degrees north
    assert np.all((shifted.lon - lon > 0.0048) & (shifted.lon - lon < 0.0051))
    assert np.all((shifted.lat - lat < -0.0028) & (shifted.lat - lat > -0.0031))


def test_nothing_is_shifted_outside_china():
    lon, lat = np.array([-0.1276, 151.2]), np.array([51.5, -33.9])
    assert np.array_equal(datum.wgs84_to_gcj02(lon, lat), (lon, lat))
    assert np.array_equal(datum.gcj02_to_wgs84(lon, lat), (lon, lat))


def test_gauss_krueger_known_answers_with_easting_first():
    assert np.allclose(crs.wgs84_to(LON, LAT, "4547"), [[492_810.796], [2_517_961.117]], atol=0.001)
    assert np.allclose(crs.wgs84_to(LON, LAT, "EPSG:4526"), [[38_492_810.796], [2_517_961.117]], atol=0.001)


def test_web_mercator_known_answer():
    x, y = crs.wgs84_to(LON, LAT, "3857")
    assert x[0] == pytest.approx(6_378_137 * np.radians(113.93), abs=1e-6)
    assert y[0] == pytest.approx(6_378_137 * np.log(np.tan(np.pi / 4 + np.radians(22.76) / 2)), abs=1e-6)


@pytest.mark.parametrize("name", crs.CRS_NAMES)
def test_every_system_returns_to_where_it_began(name):
    there = crs.wgs84_to(LON, LAT, name)
    assert metres_between(*crs.wgs84_from(*there, name), LON, LAT) < 0.001


@pytest.mark.parametrize("alias", ["cgcs2000", "EPSG:4490", "4490", "WGS84", "epsg:4326"])
def test_geographic_names_are_taken_as_they_are(alias):
    assert np.array_equal(crs.wgs84_from(LON, LAT, alias), (LON, LAT))


@pytest.mark.parametrize("name", ["2383", "2435", "beijing54", "shenzhen"])
def test_systems_without_public_parameters_need_a_transform(name):
    with pytest.raises(InvalidInput, match="give a transform") as error:
        crs.wgs84_from([500_000.0], [2_500_000.0], name)
    assert error.value.code == "refused-crs"
    moved = crs.wgs84_from(
        [500_000.0], [2_500_000.0], name, transform=lambda x, y: (x * 0 + 114.0, y * 0 + 22.0)
    )
    assert moved.lon[0] == 114.0


def test_an_unknown_system_is_named_with_the_known_ones():
    with pytest.raises(InvalidInput, match=r"utm.*known are wgs84") as error:
        crs.find_crs("utm50")
    assert (error.value.code, error.value.pointer) == ("unknown-crs", "crs")


def test_geometries_go_to_metres_and_back():
    square = shapely.box(113.93, 22.76, 113.94, 22.77)
    metric = crs.to_metric(square)
    assert metric.area == pytest.approx(1_137_000, rel=0.01)
    assert crs.to_wgs84(metric).equals_exact(square, 1e-11)
    both = crs.to_metric([square, shapely.Point(113.93, 22.76)])
    assert both.shape == (2,)
    assert shapely.get_coordinates(both[1])[0] == pytest.approx([492_810.796, 2_517_961.117], abs=0.001)
    assert crs.area_m2([square])[0] == metric.area


def test_many_threads_get_the_same_answer():
    answers = []

    def work():
        for _ in range(50):
            answers.append(crs.wgs84_to(LON, LAT, "4547")[0][0])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 400
    assert len(set(answers)) == 1


def kinds(x, y, outline=DISTRICT_BOX):
    return {suspicion.kind for suspicion in suspect_crs(x, y, outline=outline)}


def inside_box(count=2000):
    generator = np.random.default_rng(5)
    return generator.uniform(113.853, 114.004, count), generator.uniform(22.689, 22.836, count)


def test_good_positions_raise_no_suspicion():
    assert kinds(*inside_box()) == set()
    assert kinds([], []) == set()
    assert kinds([np.nan], [22.7]) == set()


def test_each_slip_is_recognised():
    lon, lat = inside_box(50)
    east, north = crs.wgs84_to(lon, lat, "4547")
    assert kinds(lat, lon) == {"swapped-axes"}
    assert kinds(east, north) == {"projected-metres"}
    assert kinds(north, east) == {"swapped-projected"}
    assert kinds(east + 38_000_000, north) == {"zone-prefixed-easting"}
    assert kinds(north, east + 38_000_000) == {"zone-prefixed-easting"}


def test_undeclared_gcj02_is_suspected_but_not_converted():
    lon, lat = crs.wgs84_to(*inside_box(), "gcj02")
    before = lon.copy(), lat.copy()
    (suspicion,) = suspect_crs(lon, lat, outline=DISTRICT_BOX)
    assert suspicion.kind == "likely-gcj02"
    assert 0.02 < suspicion.share < 0.2
    assert np.array_equal(before, (lon, lat))


def test_points_far_outside_the_district_are_not_taken_for_gcj02():
    assert kinds(np.full(50, 116.4), np.full(50, 39.9)) == set()
