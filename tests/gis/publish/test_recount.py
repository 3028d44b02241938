"""Counting a layer anew: the figures are the rows', and no version ever comes again."""

from __future__ import annotations

import psycopg2
import pytest

_FIGURES = """
SELECT zoom, place, sum(objects), round(sum(lon_sum)::numeric, 6), round(sum(lat_sum)::numeric, 6)
FROM app.layer_tally WHERE layer = %s GROUP BY zoom, place HAVING sum(objects) <> 0 ORDER BY zoom, place
"""
_VERSIONS = "SELECT zoom, place, sum(changes) FROM app.layer_tally WHERE layer = %s GROUP BY zoom, place"


@pytest.fixture
def rows(demo_url):
    connection = psycopg2.connect(demo_url)
    with connection.cursor() as cursor:

        def ask(statement: str, *values: object) -> list[tuple]:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

        yield ask
    connection.rollback()
    connection.close()


def recount(rows, layer: str, *, is_point: bool = True) -> None:
    rows("SELECT app.recount(%s::regclass, %s)", f"app.{layer}", is_point)


def test_the_writers_sums_are_what_counting_anew_gives(rows):
    rows("UPDATE app.facility SET geom = ST_Translate(geom, 0.01, 0) WHERE facility_id % 3 = 0")
    rows("DELETE FROM app.facility WHERE facility_id % 5 = 0")
    summed = rows(_FIGURES, "facility")
    recount(rows, "facility")
    assert rows(_FIGURES, "facility") == summed != []


def test_no_version_comes_again_even_of_a_square_that_is_empty_now(rows):
    before = {row[:2]: row[2] for row in rows(_VERSIONS, "facility")}
    rows("ALTER TABLE app.facility DISABLE TRIGGER USER")  # as bulk loading does
    rows("DELETE FROM app.facility")
    recount(rows, "facility")
    after = {row[:2]: row[2] for row in rows(_VERSIONS, "facility")}
    assert after.keys() == before.keys()
    assert all(after[square] > version for square, version in before.items())
    assert rows(_FIGURES, "facility") == []


def test_shapes_are_counted_as_a_whole(rows):
    recount(rows, "parcel", is_point=False)
    assert rows(_FIGURES, "parcel")[0][:3] == (0, 0, rows("SELECT count(*) FROM app.parcel")[0][0])
