"""Patrol coverage as an analysis on the demo district: tables that hold together, the same each time."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
import shapely

from gis.analysis.patrol.gaps import priority, ranked_gaps, swept
from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.measuring import PATROL, measure_places
from gis.analysis.patrol.model import PatrolQuestion
from gis.people.model import Actor, Role
from tests.asking import rows as ask_rows

PLANNER = Actor(1, Role.PLANNER)


def rows_of(result, name):
    table = next(table for table in result.tables if table.name == name)
    names = [figure.name for figure in table.figures]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


@pytest.fixture(scope="module")
def load(demo_db):
    def run(question):
        with demo_db.transaction(PLANNER.identity, read_only=True) as connection:
            return PATROL.load(connection, question)

    return run


@pytest.fixture(scope="module")
def today(demo_url):
    return ask_rows(demo_url, "SELECT app.today()")[0][0]


@pytest.fixture(scope="module")
def week(today):
    return PatrolQuestion.about(today - timedelta(days=6), today)


@pytest.fixture(scope="module")
def material(load, week):
    return load(week)


@pytest.fixture(scope="module")
def result(material, week):
    return PATROL.measure(material, week, lambda done, total: None)


def test_cells_add_up_to_their_community(result):
    cells, communities = rows_of(result, "cells"), rows_of(result, "communities")
    assert (len(cells), len(communities)) == (735, 28)
    for community in communities:
        own = [cell for cell in cells if cell["community"] == community["code"]]
        for name in ("covered_m2", "repeated_m2", "area_m2", "minutes", "metres", "vehicle_m"):
            assert community[name] == pytest.approx(sum(cell[name] for cell in own), abs=0.1 * len(own))
        for name in ("check_points", "check_points_visited"):
            assert community[name] == sum(cell[name] for cell in own)
        assert (community["cells"], community["cells_on_target"]) == (
            len(own),
            sum(cell["on_target"] for cell in own),
        )
        # A walk through two cells is one visit of the community.
        assert community["visits"] <= sum(cell["visits"] for cell in own)
    assert sum(community["visits"] for community in communities) > 0


def test_shares_are_shares_and_errors_stand_beside_them(result):
    for name in ("communities", "cells", "parcels"):
        for row in rows_of(result, name):
            assert 0 <= row["share"] <= 1
            assert 0 <= row["error_likely"] <= row["error_bound"] + 1e-3
            assert row["covered_m2"] <= row["repeated_m2"] + 1
            assert row["check_points_visited"] <= row["check_points"]
    assert sum(row["share"] == 1 for row in rows_of(result, "parcels")) > 0


def test_basis_tells_what_it_was_measured_from(result, week):
    [basis] = rows_of(result, "basis")
    assert (basis["from_on"], basis["to_on"]) == (str(week.from_on), str(week.to_on))
    assert (basis["radius_m"], basis["max_accuracy_m"], basis["days_waiting"]) == (50, 50, 0)
    assert basis["fixes"] > 0


def test_target_is_the_share_and_the_age(result):
    for name in ("cells", "parcels"):
        for row in rows_of(result, name):
            since = row["days_since"]
            reached = row["share"] >= row["target_share"] - 1e-6 and since is not None
            assert row["on_target"] == (reached and since <= row["target_days"])


def test_same_question_on_the_same_data_gives_the_same(material, load, week, result):
    again = load(week)
    assert again.version == material.version
    assert PATROL.measure(again, week, lambda done, total: None) == result


def test_version_is_that_of_what_is_loaded(demo_db, material, week):
    with demo_db.transaction(PLANNER.identity, read_only=True) as connection:
        assert PATROL.version(connection, week) == material.version
        shorter = PatrolQuestion.about(week.from_on, week.to_on - timedelta(days=3))
        assert PATROL.version(connection, shorter) != material.version


def test_comparison_with_itself_is_none_and_with_another_the_difference(load, week, result):
    before = {"than_from": week.from_on - timedelta(days=7), "than_to": week.from_on - timedelta(days=1)}
    asked = PatrolQuestion.model_validate({"from": week.from_on, "to": week.to_on, **before})
    compared = PATROL.measure(load(asked), asked, lambda done, total: None)
    alone = PATROL.measure(load(asked.other), asked.other, lambda done, total: None)
    now, than = rows_of(result, "cells"), rows_of(alone, "cells")
    for row, one, other in zip(rows_of(compared, "cells"), now, than, strict=True):
        assert row["share"] == one["share"] and row["share_than"] == other["share"]
        assert row["share_change"] == pytest.approx(one["share"] - other["share"], abs=1e-5)
        assert row["metres_change"] == pytest.approx(one["metres"] - other["metres"], abs=0.2)
    same = asked.model_copy(update={"than_from": week.from_on, "than_to": week.to_on})
    changes = rows_of(PATROL.measure(load(same), same, lambda done, total: None), "communities")
    assert {row["share_change"] for row in changes} == {0}


def test_coverage_grows_with_the_radius(load, week, material):
    narrow = measure_places(material, 50.0)
    wide = measure_places(load(week.model_copy(update={"radius_m": 65.0})), 65.0)
    assert (wide.cells.area.covered >= narrow.cells.area.covered).all()
    assert (wide.parcels.area.covered >= narrow.parcels.area.covered - 1).all()
    assert wide.cells.area.covered.sum() > narrow.cells.area.covered.sum()


def test_small_parcels_are_exact(demo_url, material, week):
    """Against GEOS with 64 chords to the quarter, from every leg of the period."""
    packed = ask_rows(
        demo_url,
        "SELECT packed FROM app.patrol_day WHERE on_day BETWEEN %s AND %s",
        (week.from_on, week.to_on),
    )
    legs = np.concatenate([DayLegs.unpacked(bytes(row[0])).covering for row in packed])
    lines = shapely.linestrings(legs.reshape(-1, 2, 2))
    tree = shapely.STRtree(lines)
    parcels, first = measure_places(material, 50.0).parcels.area, len(material.places.cells)
    partly = np.flatnonzero((parcels.share > 0) & (parcels.share < 1))[:25]
    assert len(partly) == 25
    for number in partly:
        zone = material.places.polygons[first + number]
        near = lines[tree.query(zone, predicate="dwithin", distance=50.0)]
        seen = shapely.intersection(zone, shapely.union_all(shapely.buffer(near, 50.0, quad_segs=64)))
        assert abs(parcels.share[number] - shapely.area(seen) / shapely.area(zone)) <= 0.001


def test_gaps_are_what_is_not_covered(material):
    cells = measure_places(material, 50.0).cells
    partly = np.flatnonzero((cells.area.share > 0.2) & (cells.area.share < 0.9))[:10]
    for number in partly:
        zone = material.places.polygons[number]
        gap = swept(material, 50.0).gap(zone)
        left = shapely.area(gap) / shapely.area(zone)
        assert abs(cells.area.share[number] + left - 1) <= cells.area.bound[number] / shapely.area(zone)
        assert shapely.covers(shapely.buffer(zone, 0.001), gap)


def test_gaps_are_ranked_by_risk_and_age(material, result):
    cells = measure_places(material, 50.0).cells
    ranking = priority(material, cells)
    top = ranked_gaps(material, ranking, 50.0, most=20)
    order = [ranking[gap.cell] for gap in top]
    assert order == sorted(order, reverse=True)
    assert all(gap.area_m2 >= 100 for gap in top)
    table = rows_of(result, "gaps")
    assert [row["cell"] for row in table] == [material.places.cells[gap.cell].code for gap in top]
    stored = next(table for table in result.tables if table.name == "gaps")
    assert len(stored.shapes) == len(stored.rows)
    west, south, east, north = shapely.total_bounds(shapely.from_wkb(stored.shapes))
    assert (113 < west < east < 115) and (22 < south < north < 24)


def test_progress_ends_the_work(material, week):
    told = []
    PATROL.measure(material, week, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] and [done for done, _ in told] == list(range(1, len(told) + 1))

    class Cancelled(Exception):
        pass

    def cancel(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        PATROL.measure(material, week, cancel)
