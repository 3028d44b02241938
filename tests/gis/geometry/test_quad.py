"""Place codes: ranges hold what lies in a tile or box, and Python and PostgreSQL give the same number."""

from __future__ import annotations

import psycopg2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gis.geometry.quad import QUAD_ZOOM, RANGES, box_ranges, morton, square_of, tile_range

LON = st.floats(-180, 180, allow_nan=False)
LAT = st.floats(-90, 90, allow_nan=False)


def code_of(lon, lat):
    return morton(*square_of(lon, lat))


def test_known_numbers():
    # Interleaving written out by hand: x = 3 (binary 11), y = 5 (binary 101) gives 100111.
    assert morton(3, 5) == 0b100111
    assert square_of(0, 0, 1) == (1, 1)
    assert square_of(-180, 90) == (0, 0)
    assert square_of(180, -90) == (2**QUAD_ZOOM - 1, 2**QUAD_ZOOM - 1)


@given(LON, LAT, st.integers(0, QUAD_ZOOM))
def test_a_tile_is_the_range_of_the_places_in_it(lon, lat, z):
    low, high = tile_range(z, *square_of(lon, lat, z))
    assert low <= code_of(lon, lat) < high
    assert high - low == 4 ** (QUAD_ZOOM - z)


@given(st.tuples(LON, LON).map(sorted), st.tuples(LAT, LAT).map(sorted), st.floats(0, 1), st.floats(0, 1))
def test_the_ranges_of_a_box_hold_every_place_in_it(lons, lats, across, up):
    lows, highs = box_ranges(lons[0], lats[0], lons[1], lats[1])
    assert len(lows) == len(highs) == RANGES
    lon = lons[0] + across * (lons[1] - lons[0])
    lat = lats[0] + up * (lats[1] - lats[0])
    code = code_of(min(lon, lons[1]), min(lat, lats[1]))
    assert any(low <= code < high for low, high in zip(lows, highs, strict=True))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=50))
@example([(0.0, 5e-324)])
def test_the_database_gives_the_same_number(database_url, places):
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.quad_of(lon, lat) FROM unnest(%s::float8[], %s::float8[]) AS p (lon, lat)",
            ([lon for lon, _ in places], [lat for _, lat in places]),
        )
        found = [row[0] for row in cursor]
    connection.close()
    for (lon, lat), code in zip(places, found, strict=True):
        # The two may round a place on the very edge of a square of two metres to either side.
        around = {
            code_of(lon + x, max(-90, min(90, lat + y)))
            for x in (-1e-12, 0, 1e-12)
            for y in (-1e-12, 0, 1e-12)
        }
        assert code in around
