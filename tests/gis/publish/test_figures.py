"""Figures and counts against the rows they come from."""

from __future__ import annotations

from datetime import timedelta

import psycopg2
import pytest

from gis.errors import Forbidden, InvalidInput
from gis.publish import figures
from gis.publish.model import FigureName, Level, TimeSpan, class_breaks
from gis.zone import local_today
from tests.gis.publish.town import NOW, Town

INTERVAL_DAYS = {"lenient": 21, "watch": 14, "strict": 7}


def day_of(moment):
    return (moment + timedelta(hours=8)).date()


def is_overdue(row):
    since = day_of(row["last_visit_at"]) if row["last_visit_at"] else local_today().replace(2024, 1, 1)
    return since + timedelta(days=INTERVAL_DAYS[row["grade"]]) < local_today()


def expected_counts(town, role, name):
    layer = "incident" if name is FigureName.OPEN_INCIDENTS else "rental_unit"
    rows = town.visible(layer, role)
    if name is FigureName.OPEN_INCIDENTS:
        rows = [row for row in rows if row["state"] not in ("closed", "voided")]
    if name is FigureName.OVERDUE_UNITS:
        rows = [row for row in rows if is_overdue(row)]
    return [sum(row["cell_id"] == cell["cell_id"] for row in rows) for cell in town.cells]


def own_cells(town, role):
    if town.actors[role].sees_district:
        return set(range(len(town.cells)))
    return {0, 1} if role == "officer" else set(range(12, 24))


COUNTING = [FigureName.OPEN_INCIDENTS, FigureName.RENTAL_UNITS, FigureName.OVERDUE_UNITS]


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize("role", ["officer", "patrol", "dispatcher", "planner"])
def test_counting_figures(town, role, name):
    actor = town.actors[role]
    if role == "patrol" and name is not FigureName.OPEN_INCIDENTS:
        with pytest.raises(Forbidden):
            figures.figure(town.db, actor, name, level=Level.CELL)
        return
    numbers, own = expected_counts(town, role, name), own_cells(town, role)
    found = figures.figure(town.db, actor, name, level=Level.CELL)
    expected = {cell["code"]: numbers[i] if i in own else None for i, cell in enumerate(town.cells)}
    assert {item.code: item.value for item in found.items} == expected
    assert found.scope == ("district" if actor.sees_district else "own")
    by_community = figures.figure(town.db, actor, name, level=Level.COMMUNITY)
    for index, item in enumerate(by_community.items):
        members = [i for i in range(12 * index, 12 * index + 12) if i in own]
        assert item.value == (sum(numbers[i] for i in members) if members else None)
    second = town.communities[1]["code"]
    narrowed = figures.figure(town.db, actor, name, level=Level.CELL, community=second)
    assert {item.code: item.value for item in narrowed.items} == {
        cell["code"]: expected[cell["code"]] for cell in town.cells[12:]
    }


@pytest.mark.parametrize("role", ["officer", "patrol", "planner"])
def test_days_since_patrol(town, role):
    found = figures.figure(town.db, town.actors[role], FigureName.DAYS_SINCE_PATROL, level=Level.CELL)
    own, rows = own_cells(town, role), town.visible("patrol_point", role)
    for index, (cell, item) in enumerate(zip(town.cells, found.items, strict=True)):
        days = [
            (local_today() - day_of(r["device_at"])).days for r in rows if r["cell_id"] == cell["cell_id"]
        ]
        assert item.value == (min(days) if days and index in own else None)


def test_how_it_stood_on_a_day(town):
    day = local_today() - timedelta(days=60)
    planner = town.actors["planner"]
    found = figures.figure(town.db, planner, FigureName.OPEN_INCIDENTS, level=Level.COMMUNITY, on_date=day)
    for community, item in zip(town.communities, found.items, strict=True):
        assert item.value == sum(
            row["community_id"] == community["community_id"]
            and day_of(row["reported_at"]) <= day
            and (
                row["state"] not in ("closed", "voided")
                or (row["closed_at"] is not None and day_of(row["closed_at"]) > day)
            )
            for row in town.rows["incident"]
        )
    since = figures.figure(
        town.db, planner, FigureName.DAYS_SINCE_PATROL, level=Level.CELL,
        on_date=local_today() - timedelta(days=10),
    )  # fmt: skip
    for cell, item in zip(town.cells, since.items, strict=True):
        days = [
            (local_today() - day_of(row["device_at"])).days - 10
            for row in town.rows["patrol_point"]
            if row["cell_id"] == cell["cell_id"]
        ]
        assert item.value == min((d for d in days if d >= 0), default=None)
    with pytest.raises(InvalidInput):
        figures.figure(town.db, planner, FigureName.RENTAL_UNITS, level=Level.CELL, on_date=day)


def add_coverage(town: Town) -> None:
    connection = psycopg2.connect(town.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO app.coverage_run (from_on, to_on, radius_m, revision_id, fixes, legs)"
            " SELECT '2026-01-01', '2026-01-07', 50, revision_id, 1, 1 FROM app.division_revision"
            " RETURNING coverage_run_id"
        )
        run = cursor.fetchone()[0]
        for index, cell in enumerate(town.cells[:18]):
            share = (run, cell["cell_id"], cell["community_id"], 100.0 * (1 + index % 2), 5.0 * index)
            cursor.execute("INSERT INTO app.coverage_share VALUES (%s, %s, %s, %s, %s)", share)
    connection.close()


def test_patrol_coverage_weighs_by_area(town):
    planner = town.actors["planner"]
    empty = figures.figure(town.db, planner, FigureName.PATROL_COVERAGE, level=Level.CELL)
    assert ({item.value for item in empty.items}, empty.basis) == ({None}, {})
    add_coverage(town)
    found = figures.figure(town.db, planner, FigureName.PATROL_COVERAGE, level=Level.CELL)
    assert [item.value for item in found.items[:4]] == [0, 2.5, 10, 7.5]
    assert {item.value for item in found.items[18:]} == {None}
    assert found.basis["radius_m"] == 50
    assert found.unit == "percent"
    by_community = figures.figure(town.db, planner, FigureName.PATROL_COVERAGE, level=Level.COMMUNITY)
    assert by_community.items[0].value == pytest.approx(100 * 5 * sum(range(12)) / 1800, abs=0.005)
    own = figures.figure(town.db, town.actors["officer"], FigureName.PATROL_COVERAGE, level=Level.CELL)
    assert [item.value for item in own.items][:3] == [0, 2.5, None]


def test_unknown_community_is_named(town):
    with pytest.raises(InvalidInput) as caught:
        figures.figure(
            town.db, town.actors["planner"], FigureName.RENTAL_UNITS, level=Level.CELL, community="x"
        )
    assert caught.value.pointer == "community"


@pytest.mark.parametrize("role", ["officer", "patrol", "planner"])
@pytest.mark.parametrize("layer", ["incident", "patrol_point", "facility"])
def test_counts_by_place_hold_visible_rows_only(town, role, layer):
    made = figures.counts(town.db, town.actors[role], layer, by=Level.CELL)
    rows = town.visible(layer, role)
    names = {cell["code"]: cell["cell_id"] for cell in town.cells}
    counted = {item.code: item.count for item in made.items}
    for code, cell_id in names.items():
        assert counted.get(code, 0) == sum(row["cell_id"] == cell_id for row in rows)
    assert made.outside == sum(row["cell_id"] is None for row in rows)
    by_community = figures.counts(town.db, town.actors[role], layer, by=Level.COMMUNITY)
    assert sum(item.count for item in by_community.items) + by_community.outside == len(rows)


def test_counts_of_a_period_and_of_what_has_none(town):
    planner, since = town.actors["planner"], NOW - timedelta(days=45)
    made = figures.counts(town.db, planner, "incident", by=Level.COMMUNITY, span=TimeSpan(from_at=since))
    rows = [row for row in town.rows["incident"] if row["reported_at"] >= since]
    assert sum(item.count for item in made.items) + made.outside == len(rows)
    for layer, level, span in [
        ("facility", Level.CELL, TimeSpan(from_at=since)),
        ("cell", Level.COMMUNITY, None),
        ("patrol_track", Level.CELL, None),
    ]:
        with pytest.raises(InvalidInput):
            figures.counts(town.db, planner, layer, by=level, span=span)


@pytest.mark.parametrize(
    ("values", "breaks"),
    [
        ([], (0, 1)),
        ([0, 0, 0], (0, 1)),
        ([1, 1, 1], (0, 1)),
        ([3], (0, 3)),
        (list(range(1, 101)), (0, 20, 40, 60, 80, 100)),
        ([1, 2, 3, 400], (0, 1, 2, 3, 400)),
        ([12_345, 23_456, 34_567, 45_678, 56_789], (0, 25_000, 30_000, 50_000, 60_000)),
    ],
)
def test_class_breaks_read_well(values, breaks):
    assert class_breaks(values) == pytest.approx(breaks)
