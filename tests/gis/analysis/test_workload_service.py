"""The workload through the database, on the small world: by hand, in versions, and for whom."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
import shapely

from gis.analysis.workload import service
from gis.analysis.workload.draft import SplitQuestion
from gis.analysis.workload.material import days_of, month_starts
from gis.analysis.workload.model import DEFAULTS, MONTH_DAYS, TOUR_FACTOR, WorkloadQuestion
from gis.analysis.workload.proposal import BEATS, BeatsQuestion
from gis.analysis.workload.splitting import SPLIT
from gis.errors import Conflict, Forbidden, InvalidInput, NotFound
from gis.geometry.crs import to_metric

CHECK = 8 * MONTH_DAYS / 14  # a watched unit every 14 days
INCIDENT = 20 * MONTH_DAYS / 91
POINT = 4 * 3  # of a key parcel, three visits a month


def told(answer, table):
    found = next(t for t in answer.result.tables if t.name == table)
    names = [figure.name for figure in found.figures]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


@pytest.fixture(scope="module")
def petra(world):
    return world.actor("petra")


@pytest.fixture(scope="module")
def answer(world, petra):
    """The world with three more buildings in cell 1 and a second unit in one of them."""
    world.ask(
        "SET ROLE gis_migrator;"
        "INSERT INTO app.building (code, name_zh, address, use, floors, cell_id, community_id, geom)"
        " SELECT 'BX' || n, 'x', 'x', 'residential', 6, 1, 1, ST_SetSRID(ST_MakePoint("
        " 113.903 + 0.004 * mod(n, 2), 22.753 + 0.004 * (n / 2)), 4326) FROM generate_series(0, 3) AS n;"
        "INSERT INTO app.rental_unit (code, building_id, address, grade, filed_on, cell_id, community_id, geom)"
        " SELECT 'UX' || building_id, building_id, 'x', 'strict', '2014-01-01', 1, 1, geom"
        " FROM app.building WHERE code LIKE 'BX%%';"
        "INSERT INTO app.rental_unit (code, building_id, address, grade, filed_on, cell_id, community_id, geom)"
        " SELECT 'UY', building_id, 'x', 'lenient', app.today(), 1, 1, geom FROM app.building WHERE code = 'BX0'"
    )
    return service.workload(world.db, petra, WorkloadQuestion())


def test_minutes_of_every_cell_by_hand(answer):
    cells = told(answer, "cells")
    assert [cell["code"] for cell in cells] == [f"44030600700{c}00{n}" for c in (1, 2) for n in (1, 2, 3)]
    for cell in cells[1:]:
        assert cell["checks_minutes"] == pytest.approx(CHECK, abs=0.05)
        assert cell["incidents_minutes"] == pytest.approx(INCIDENT, abs=0.05)
        assert cell["points_minutes"] == POINT
        assert cell["travel_minutes"] == 0  # building and check point are one place
        assert cell["minutes"] == pytest.approx(CHECK + INCIDENT + POINT, abs=0.1)


def test_the_way_of_a_cell_with_five_buildings(answer):
    cell = told(answer, "cells")[0]
    checks = CHECK + 4 * 12 * MONTH_DAYS / 7 + 6 * MONTH_DAYS / 21
    assert cell["checks_minutes"] == pytest.approx(checks, abs=0.05)
    square = shapely.box(113.903, 22.753, 113.907, 22.757)
    area = shapely.area(to_metric(np.array([square]))[0])
    # Four strict buildings (the lenient unit is seen with them), a watched one, the incident, the check point.
    stops = 4 * MONTH_DAYS / 7 + MONTH_DAYS / 14 + MONTH_DAYS / 91 + 3
    way = 1.3 * TOUR_FACTOR * np.sqrt(stops * min(20.67, stops) * area)
    assert cell["travel_minutes"] == pytest.approx(way / 75, abs=0.05)


def test_cells_add_up_to_communities_and_district(answer):
    cells, communities = told(answer, "cells"), told(answer, "communities")
    for community in communities:
        own = [cell["minutes"] for cell in cells if cell["community_code"] == community["code"]]
        assert community["cells"] == len(own) == 3
        assert community["minutes"] == pytest.approx(sum(own), abs=0.2)
    whole = told(answer, "summary")[0]
    assert whole["minutes"] == pytest.approx(sum(cell["minutes"] for cell in cells), abs=0.4)
    assert whole["weights_version"] == 1


def test_officers_carry_their_cells_and_are_not_named(answer):
    cells = {cell["code"]: cell["minutes"] for cell in told(answer, "cells")}
    alice = cells["440306007001001"] + cells["440306007001002"]
    officers = told(answer, "officers")
    assert [officer["number"] for officer in officers] == [1, 2]
    assert [officer["minutes"] for officer in officers] == pytest.approx(
        [alice, cells["440306007002001"]], abs=0.2
    )
    assert told(answer, "summary")[1]["cells_without_officer"] == 3
    text = repr(answer.result)
    assert "演示" not in text and "alice" not in text


def test_findings_speak_of_the_heaviest_cell(answer):
    heaviest = next(f for f in answer.result.findings if f.key == "workload_heaviest")
    cells = sorted(told(answer, "cells"), key=lambda cell: -cell["minutes"])
    assert heaviest.code == "440306007001001" == cells[0]["code"]
    assert heaviest.values["times"] == round(cells[0]["over_mean"], 1)


def test_trend_counts_what_was_there_then(answer, world, petra):
    today = answer.material.to_on
    months = told(answer, "trend")
    assert [month["month"] for month in months] == [m.isoformat() for m in month_starts(today, 6)]
    # The unit filed today was not there; no incident is older than today.
    strict = 4 * 12 * MONTH_DAYS / 7
    assert months[-1]["checks_minutes"] == pytest.approx(6 * CHECK + strict, abs=0.1)
    assert months[-1]["incidents_minutes"] == 0
    later = service.workload(world.db, petra, WorkloadQuestion(to=today + timedelta(days=40), months=2))
    first = today.replace(day=1)
    month = next(row for row in told(later, "trend") if row["month"] == first.isoformat())
    assert month["incidents_minutes"] == pytest.approx(6 * 20 * MONTH_DAYS / days_of(first), abs=0.1)


def test_rejected_and_voided_incidents_are_not_counted(world, petra):
    before = told(service.workload(world.db, petra, WorkloadQuestion()), "summary")[0]["minutes"]
    world.ask("SET ROLE gis_migrator; UPDATE app.incident SET state = 'voided' WHERE incident_id = 2")
    after = told(service.workload(world.db, petra, WorkloadQuestion()), "summary")[0]["minutes"]
    world.ask("SET ROLE gis_migrator; UPDATE app.incident SET state = 'reported' WHERE incident_id = 2")
    assert before - after == pytest.approx(INCIDENT, abs=0.1)


def test_lines_of_a_cell_add_up_to_its_minutes(answer, world, petra):
    cell = service.cell_workload(world.db, petra, "440306007001001", WorkloadQuestion())
    assert cell.rank == 1 and cell.cells == 6
    assert sum(line.minutes for line in cell.lines) == pytest.approx(cell.minutes)
    assert cell.minutes == pytest.approx(told(answer, "cells")[0]["minutes"], abs=0.1)
    strict = next(line for line in cell.lines if line.key == "strict")
    assert (strict.count, strict.each) == (4, 12)
    with pytest.raises(NotFound):
        service.cell_workload(world.db, petra, "nothing", WorkloadQuestion())


def test_same_data_same_version_and_other_data_another(world, petra):
    def version(question):
        with world.db.transaction(petra.identity, read_only=True) as connection:
            return service.WORKLOAD.version(connection, question)

    first = version(WorkloadQuestion())
    assert version(WorkloadQuestion()) == first
    assert version(WorkloadQuestion(what_if={"detour": 1.2})) != first
    world.ask("SET ROLE gis_migrator; UPDATE app.rental_unit SET grade = 'strict' WHERE code = 'U3'")
    assert version(WorkloadQuestion()) != first
    world.ask("SET ROLE gis_migrator; UPDATE app.rental_unit SET grade = 'watch' WHERE code = 'U3'")
    assert version(WorkloadQuestion()) == first


@pytest.mark.parametrize(
    ("analysis", "question"),
    [
        (service.WORKLOAD, WorkloadQuestion(what_if={"detour": 1.25, "check.watch": 7.5})),
        (BEATS, BeatsQuestion(beats=3, within_communities=False, keep=0.5)),
        (SPLIT, SplitQuestion(community="440306007001", cells=2)),
    ],
    ids=["workload", "beats", "split"],
)
def test_the_same_parameters_on_the_same_data_give_the_same_result(world, petra, analysis, question):
    again = analysis.parameters.model_validate_json(question.model_dump_json())
    assert again == question
    steps = []
    with world.db.transaction(petra.identity, read_only=True) as connection:
        materials = [analysis.load(connection, asked) for asked in (question, again)]
        assert analysis.version(connection, question) == analysis.version(connection, again)
    first, second = (
        analysis.measure(material, question, lambda done, total: steps.append((done, total)))
        for material in materials
    )
    assert first == second
    assert steps[-1][0] == steps[-1][1]
    for table in first.tables:
        assert all(len(row) == len(table.figures) for row in table.rows)
        assert table.shapes is None or len(table.shapes) == len(table.rows)


def test_weights_are_kept_in_versions_and_results_tell_theirs(world, petra):
    number = service.keep_weights(
        world.db, petra, {"check.watch": 16}, reason="Checks grew longer", follows=1
    )
    versions = service.weights_versions(world.db, petra)
    assert [v.version for v in versions] == [number, 1]
    assert versions[0].reason == "Checks grew longer" and versions[0].by == "演示petra"
    assert versions[1].weights == DEFAULTS and versions[1].by == ""
    now = service.workload(world.db, petra, WorkloadQuestion())
    before = service.workload(world.db, petra, WorkloadQuestion(weights_version=1))
    assert told(now, "summary")[0]["weights_version"] == number
    assert told(before, "summary")[0]["weights_version"] == 1
    assert told(now, "cells")[1]["checks_minutes"] == pytest.approx(2 * CHECK, abs=0.05)
    assert told(before, "cells")[1]["checks_minutes"] == pytest.approx(CHECK, abs=0.05)
    logged = world.ask(
        "SELECT detail FROM app.audit_log WHERE action = 'workload.weights' AND subject = %s", str(number)
    )
    assert logged == [({"check.watch": [8.0, 16.0]},)]
    with pytest.raises(NotFound):
        service.workload(world.db, petra, WorkloadQuestion(weights_version=999))


def test_of_two_changes_to_one_version_the_later_is_refused(world, petra):
    latest = service.weights_versions(world.db, petra)[0].version
    number = service.keep_weights(world.db, petra, {"detour": 1.5}, reason="x", follows=latest)
    with pytest.raises(Conflict):
        service.keep_weights(world.db, petra, {"detour": 1.6}, reason="x", follows=latest)
    with pytest.raises(InvalidInput):
        service.keep_weights(world.db, petra, {"detour": 1.5}, reason="x", follows=number)
    with pytest.raises(InvalidInput):
        service.keep_weights(world.db, petra, {"detour": 1.6}, reason=" ", follows=number)


def test_a_what_if_changes_the_answer_and_keeps_nothing(world, petra):
    kept = service.weights_versions(world.db, petra)
    answer = service.workload(world.db, petra, WorkloadQuestion(what_if={"point_minutes": 40}))
    assert told(answer, "cells")[1]["points_minutes"] == 120
    assert told(answer, "summary")[0]["weights_version"] is None
    assert service.weights_versions(world.db, petra) == kept


@pytest.mark.parametrize("name", ["alice", "pat", "adam"])
def test_who_may_not_look(world, name):
    with pytest.raises(Forbidden):
        service.workload(world.db, world.actor(name), WorkloadQuestion())
    with pytest.raises(Forbidden):
        service.weights_versions(world.db, world.actor(name))
    with pytest.raises(Forbidden):
        service.measured_weights(world.db, world.actor(name))


@pytest.mark.parametrize("name", ["dan", "audrey"])
def test_who_looks_may_neither_try_nor_keep_weights(world, name):
    actor = world.actor(name)
    assert (
        service.workload(world.db, actor, WorkloadQuestion(weights_version=1)).material.weights_version == 1
    )
    with pytest.raises(Forbidden):
        service.workload(world.db, actor, WorkloadQuestion(what_if={"detour": 1.1}))
    with pytest.raises(Forbidden):
        service.keep_weights(world.db, actor, {"detour": 1.1}, reason="x", follows=1)


def test_measured_minutes_of_checks_and_incidents(world, petra):
    world.ask(
        "SET ROLE gis_migrator;"
        # 35 weeks: on each Monday unit X is seen at ten, unit Y of the same building 9 minutes later.
        "INSERT INTO app.building (code, name_zh, address, use, floors, cell_id, community_id, geom)"
        " SELECT 'M' || n, 'x', 'x', 'residential', 6, 2, 1, ST_SetSRID(ST_MakePoint(113.915, 22.755), 4326)"
        " FROM generate_series(1, 35) AS n;"
        "INSERT INTO app.rental_unit (code, building_id, address, grade, filed_on, last_visit_at, cell_id,"
        " community_id, geom) SELECT building.code || side, building_id, 'x', 'banned', '2014-01-01',"
        " '2014-03-03 10:00+08'::timestamptz + substr(building.code, 2)::integer * interval '7 days'"
        " + side * interval '9 minutes', 2, 1, geom"
        " FROM app.building CROSS JOIN generate_series(0, 1) AS side WHERE building.code LIKE 'M%%';"
        "INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id, at)"
        " SELECT 1, f, t, (SELECT account_id FROM app.account WHERE username = 'dan'), at FROM (VALUES"
        " ('dispatched', 'handling', '2014-05-05 10:00+08'::timestamptz),"
        " ('handling', 'handled', '2014-05-05 10:50+08'), ('rework', 'dispatched', '2014-05-06 10:00+08'),"
        " ('dispatched', 'handling', '2014-05-06 10:00+08'), ('handling', 'handled', '2014-05-07 10:00+08'))"
        " AS step (f, t, at)"
    )
    measured = {found.name: found for found in service.measured_weights(world.db, petra)}
    banned = measured["check.banned"]
    assert (banned.value, banned.count, banned.is_enough) == (9, 35, True)
    assert (banned.last_on - banned.first_on).days == 34 * 7
    incident = measured["incident.SR"]
    assert (incident.value, incident.count, incident.is_enough) == (50, 1, False)
    assert "point_minutes" not in measured  # nobody stayed anywhere
