"""A tiny demo district, loaded for real: repeatable, plausible, and consistent with what SQL says."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import psycopg2
import pytest

from gis import demo
from gis.database import pool
from gis.database.pool import connect
from gis.demo import service
from gis.demo.scale import SCALES, DemoScale
from gis.demo.service import load_scale
from gis.errors import Conflict, InvalidInput
from gis.people.passwords import verify_password

TODAY = dt.date(2026, 3, 2)
PASSWORD = "tiny-demo-1"
TINY = DemoScale(
    buildings=700,
    units=4_000,
    incidents=5_000,
    patrol_points=9_000,
    walk_fixes=130,
    parcels=14,
    check_points=70,
    teams=5,
    members_per_team=4,
    patrol_days=40,
    communities=3,
)
# Everything the demo writes, without the random salts of the password hashes.
TABLES = {
    "account": "account_id",
    "assignment": "assignment_id",
    "team": "team_id",
    "team_member": "team_member_id",
    "team_area": "team_area_id",
    "building": "building_id",
    "building_head": "building_head_id",
    "rental_unit": "rental_unit_id",
    "parcel": "parcel_id",
    "check_point": "check_point_id",
    "incident": "incident_id",
    "patrol_plan_point": "patrol_plan_id, position",
    "incident_step": "incident_step_id",
    "finding_deadline": "incident_id, step",
    "patrol_round": "patrol_round_id",
    "patrol_round_point": "patrol_round_id, position",
    "patrol_track": "patrol_track_id",
    "patrol_point": "patrol_point_id",
    "field_receipt": "client_id",
    "facility": "facility_id",
    "road_line": "road_line_id",
    "cell": "cell_id",
}


class Query:
    """Ask the loaded database as a superuser."""

    def __init__(self, url: str) -> None:
        self.connection = connect(url)
        self.connection.autocommit = True

    def __call__(self, statement: str, *values: Any) -> Any:
        with self.connection.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
            cursor.execute("SET search_path TO app, public;" + statement, values or None)
            rows = cursor.fetchall()
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


@pytest.fixture(scope="module", autouse=True)
def one_division() -> Iterator[None]:
    """Compute the schematic division once for all loads here: it has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "build_schematic_division", cache(service.build_schematic_division))
        yield


@pytest.fixture(scope="module")
def loaded(database_url: str) -> demo.DemoReport:
    """Loaded by a machine so slow that the database would not have waited for a page."""
    plan_walks = service.plan_walks

    def plan_slowly(*given: Any) -> Any:
        time.sleep(0.6)
        return plan_walks(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_SESSION_OPTIONS", pool._SESSION_OPTIONS.replace("=60000", "=500"))
        patch.setattr(service, "plan_walks", plan_slowly)
        # `size` is only a label here: what the installation says it holds.
        return load_scale(database_url, size="small", scale=TINY, password=PASSWORD, today=TODAY)


@pytest.fixture(scope="module")
def ask(database_url: str, loaded: demo.DemoReport) -> Iterator[Query]:
    query = Query(database_url)
    yield query
    query.connection.close()


def _digests(ask: Query) -> dict[str, str]:
    return {
        table: ask(f"SELECT md5(string_agg(t::text, '|' ORDER BY {key})) FROM {table} AS t")
        for table, key in TABLES.items()
    }


def test_same_seed_and_day_make_the_same_rows(ask: Query, server_url: str, schema_template: str) -> None:
    name = "t_demo_again"
    maintenance = psycopg2.connect(server_url)
    maintenance.autocommit = True
    try:
        with maintenance.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{schema_template}"')
            dsn = ask.connection.info.dsn_parameters
            again = f"postgresql://{dsn['user']}@/{name}?host={dsn['host']}&port={dsn['port']}"
            load_scale(again, size="small", scale=TINY, password="another-1", today=TODAY)
            other = Query(again)
            try:
                assert _digests(other) == _digests(ask)
            finally:
                other.connection.close()
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        maintenance.close()


def test_streets_are_said_to_be_invented_and_reach_the_buildings(ask: Query) -> None:
    assert ask("SELECT is_synthetic AND title LIKE '%虚构%' FROM road_network")
    beside = ask(
        "SELECT avg(nearest.m), max(nearest.m) FROM building AS b CROSS JOIN LATERAL (SELECT min(ST_Distance("
        " b.geom::geography, r.geom::geography)) AS m FROM road_line AS r WHERE ST_DWithin(r.geom, b.geom, 0.006)) AS nearest"
    )[0]
    assert beside[0] < 40 and beside[1] < 400
    assert ask("SELECT count(*) FROM facility WHERE opening_hours = ''") == 0


def test_counts_are_met(ask: Query, loaded: demo.DemoReport) -> None:
    assert loaded.rows["rental_unit"] == ask("SELECT count(*) FROM rental_unit") == TINY.units
    assert ask("SELECT count(*) FROM incident WHERE violation IS NULL") == TINY.incidents
    assert loaded.rows["incident"] == ask("SELECT count(*) FROM incident")
    assert loaded.rows["patrol_point"] == ask("SELECT count(*) FROM patrol_point") == TINY.patrol_points
    assert ask("SELECT count(*) FROM cell") > 700
    assert ask("SELECT demo_size FROM installation") == "small"
    assert "rental_unit 4,000" in str(loaded)


def test_every_violation_is_an_incident_with_a_clock(ask: Query) -> None:
    found = ask("SELECT count(*) FROM patrol_point WHERE kind <> 'OK'")
    assert found > 0
    assert (
        ask(
            "SELECT count(*) FROM incident AS i JOIN patrol_point AS p ON p.client_id = i.patrol_point_client_id"
            " WHERE i.violation = p.kind AND i.parcel_id = p.parcel_id AND i.reporter_id = p.account_id"
        )
        == found
    )
    assert ask("SELECT count(*) FROM finding_deadline") == 3 * found
    assert (
        ask(
            "SELECT count(*) FROM finding_deadline"
            " WHERE due_at <> deadline_of(found_at, days, in_working_days) OR done_at < found_at"
        )
        == 0
    )
    # Closed ones were seen gone by an all-clear that counts, and each stands where its last step left it.
    assert ask("SELECT count(*) FROM incident WHERE state IN ('closed', 'archived') AND violation <> ''") > 0
    assert (
        ask(
            "SELECT count(*) FROM incident AS i WHERE state IN ('closed', 'archived') AND violation <> ''"
            " AND (recheck_of(incident_id) IS NULL OR NOT EXISTS ("
            "   SELECT FROM patrol_point AS p JOIN incident_step AS s ON s.incident_id = i.incident_id"
            "   WHERE p.client_id = i.recheck_client_id AND p.kind = 'OK' AND p.parcel_id = i.parcel_id"
            "     AND s.to_state = 'handled' AND p.device_at > s.at AND p.device_at < i.closed_at))"
        )
        == 0
    )
    assert (
        ask(
            "SELECT count(*) FROM incident AS i WHERE violation <> '' AND replace(state, 'archived', 'closed') <>"
            " coalesce((SELECT to_state FROM incident_step AS s WHERE s.incident_id = i.incident_id"
            "           ORDER BY at DESC LIMIT 1), 'reported')"
        )
        == 0
    )


def test_second_load_is_refused_and_changes_nothing(ask: Query, database_url: str) -> None:
    before = ask("SELECT count(*) FROM account")
    with pytest.raises(Conflict, match="already"):
        demo.load(database_url, size="small", password=PASSWORD)
    assert ask("SELECT count(*) FROM account") == before
    with pytest.raises(InvalidInput, match="district"):
        demo.load(database_url, size="huge", password=PASSWORD)


def test_indexes_and_foreign_keys_are_back(ask: Query) -> None:
    names = {row[0] for row in ask("SELECT indexname FROM pg_indexes WHERE schemaname = 'app'")}
    assert {"patrol_point_geom_idx", "patrol_point_cell_idx", "incident_open_cell_idx"} <= names
    months = {row[0] for row in ask("SELECT indexname FROM pg_indexes WHERE schemaname = 'app_month'")}
    assert {f"patrol_point_{TODAY:%Y%m}_geom_idx", "patrol_point_rest_geom_idx"} <= months
    assert {"rental_unit_cell_quad_idx", "incident_geom_idx", "rental_unit_geom_idx"} <= names
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        ask("UPDATE rental_unit SET cell_id = -1 RETURNING 1")
    assert ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0


@pytest.mark.parametrize(
    "table", ["building", "rental_unit", "incident", "patrol_point", "facility", "check_point"]
)
def test_cells_are_those_of_cell_at(ask: Query, table: str) -> None:
    wrong = ask(
        # Points beyond the three communities of this tiny demo are outside for it, inside for SQL.
        f"SELECT count(*) FROM (SELECT * FROM {table} WHERE cell_id IS NOT NULL LIMIT 3000) AS t"
        " LEFT JOIN LATERAL app.cell_at(t.geom) AS c ON true"
        " WHERE (t.cell_id, t.community_id) IS DISTINCT FROM (c.cell_id, c.community_id)"
    )
    assert wrong == 0


def test_whole_district_only_leaves_points_outside_without_cell(ask: Query) -> None:
    places = "(SELECT community_id FROM building)"
    assert ask(f"SELECT count(*) FROM incident WHERE community_id NOT IN {places}") == 0
    assert ask("SELECT count(*) FROM patrol_point WHERE is_outside <> (cell_id IS NULL)") == 0


def test_rental_units_look_like_housing(ask: Query) -> None:
    total = TINY.units
    grades = dict(ask("SELECT grade, count(*) FROM rental_unit GROUP BY grade"))
    for grade, low, high in (("lenient", 0.6, 0.64), ("watch", 0.23, 0.27), ("strict", 0.1, 0.13)):
        assert low * total <= grades[grade] <= high * total
    assert 0 < grades["banned"] <= 0.02 * total
    overdue = ask(
        "SELECT count(*) FROM rental_unit u JOIN rental_grade g ON g.code = u.grade"
        " WHERE unit_due_on(filed_on, last_visit_at, visit_interval_days) < %s",
        TODAY,
    )
    assert 0.08 * total <= overdue <= 0.15 * total
    assert 0 < ask("SELECT count(*) FROM rental_unit WHERE last_visit_at IS NULL") < 0.03 * total
    assert 1.6 * total < ask("SELECT sum(tenants) FROM rental_unit") < 2.6 * total
    assert ask("SELECT count(*) FROM rental_unit WHERE code !~ '^[0-9]{25}$'") == 0
    late = "SELECT count(*) FROM rental_unit WHERE last_visit_at >= %s OR filed_on > %s OR filed_on > last_visit_at"
    assert ask(late, TODAY, TODAY) == 0
    beyond = "SELECT count(*) FROM rental_unit u JOIN building b USING (building_id) WHERE "
    assert ask(beyond + "u.floor > b.floors") == 0
    assert ask(beyond + "ST_Distance(u.geom::geography, b.geom::geography) > 25") == 0
    assert ask(beyond + "left(u.code, 19) <> b.code OR u.cell_id <> b.cell_id") == 0


def test_every_cell_of_the_demo_has_a_building_in_it(ask: Query) -> None:
    assert (
        ask(
            "SELECT count(*) FROM cell JOIN community USING (community_id) WHERE community.code IN"
            ' (SELECT code FROM community ORDER BY code COLLATE "C" LIMIT 3)'
            " AND cell_id NOT IN (SELECT cell_id FROM building)"
        )
        == 0
    )


def test_incidents_follow_weekday_and_state(ask: Query) -> None:
    shares = dict(
        ask(
            "SELECT c.family, count(*)::float8 / %s FROM incident i JOIN incident_category c ON c.code = i.category"
            " GROUP BY c.family",
            TINY.incidents,
        )
    )
    assert 0.5 < shares["SR"] < 0.66
    assert all(0.05 < shares[family] < 0.25 for family in ("ZZ", "AQ", "JF"))
    assert 0.008 < ask("SELECT avg(is_open::int)::float8 FROM incident") < 0.025
    assert ask("SELECT count(*) FROM incident WHERE is_open <> (closed_at IS NULL)") == 0
    assert (
        ask("SELECT count(*) FROM incident WHERE reported_at < occurred_at OR closed_at < reported_at") == 0
    )
    assert ask("SELECT count(*) FROM incident WHERE occurred_at >= %s", TODAY) == 0
    by_day = dict(ask("SELECT extract(isodow FROM occurred_at)::int, count(*) FROM incident GROUP BY 1"))
    assert sum(by_day[d] for d in (6, 7)) / 2 < sum(by_day[d] for d in range(1, 6)) / 5
    wet, dry = ask(
        "SELECT count(*) FILTER (WHERE extract(month FROM occurred_at) BETWEEN 4 AND 9),"
        " count(*) FILTER (WHERE extract(month FROM occurred_at) NOT BETWEEN 4 AND 9) FROM incident"
    )[0]
    assert wet > dry
    # Hot spots: a tenth of the buildings draws far more than a tenth of the street cases.
    top = ask(
        "SELECT sum(n) FROM (SELECT count(*) AS n FROM incident WHERE category LIKE 'SR01%%'"
        " GROUP BY address ORDER BY 1 DESC LIMIT %s) AS t",
        TINY.buildings // 10,
    )
    assert top > 0.5 * ask("SELECT count(*) FROM incident WHERE category LIKE 'SR01%'")


def test_parcels_keep_apart_and_hold_their_check_points(ask: Query) -> None:
    assert ask("SELECT count(*) FROM parcel") == TINY.parcels
    assert (
        ask(
            "SELECT count(*) FROM parcel a JOIN parcel b ON a.parcel_id < b.parcel_id"
            " AND ST_Intersects(a.geom, b.geom)"
        )
        == 0
    )
    assert ask("SELECT count(*) FROM parcel WHERE cell_id IS NULL") == 0
    ratio = ask("SELECT max(abs(1 - ST_Area(ST_Transform(geom, 4547)) / area_m2)) FROM parcel")
    assert ratio < 1e-3
    inside = "SELECT bool_and(ST_Covers(p.geom, c.geom)) FROM check_point c JOIN parcel p USING (parcel_id)"
    assert ask(inside) is True


def test_patrols_walk(ask: Query) -> None:
    walked = ask(
        "SELECT min(length_m / extract(epoch FROM ended_at - started_at))::float8,"
        " max(length_m / extract(epoch FROM ended_at - started_at))::float8 FROM patrol_track"
    )[0]
    assert 0.4 < walked[0] < walked[1] < 6
    assert (
        ask("SELECT max(abs(1 - ST_Length(ST_Transform(geom, 4547)) / length_m)) FROM patrol_track") < 0.002
    )
    assert ask("SELECT sum(fixes) FROM patrol_track") == TINY.patrol_points
    steps = ask(
        "SELECT count(*) FROM (SELECT account_id, patrol_round_id, device_at - lag(device_at) OVER w AS step,"
        " sequence - lag(sequence) OVER w AS next FROM patrol_point"
        " WINDOW w AS (PARTITION BY patrol_round_id ORDER BY sequence)) AS s WHERE step <= '0' OR next <> 1"
    )
    assert steps == 0
    # A track breaks exactly where more than 300 s or 200 m lie between two fixes.
    breaks = ask(
        "SELECT count(*) FROM (SELECT device_at - lag(device_at) OVER w AS step,"
        " ST_DistanceSphere(geom, lag(geom) OVER w) AS moved FROM patrol_point"
        " WINDOW w AS (PARTITION BY patrol_round_id ORDER BY sequence)) AS s"
        " WHERE step > '300 s' OR moved > 200"
    )
    tracks = ask("SELECT sum(ST_NumGeometries(geom)) - count(*) FROM patrol_track")
    assert 0 < tracks <= breaks
    first, last = ask("SELECT min(device_at), max(device_at) FROM patrol_point")[0]
    assert last.date() < TODAY
    assert first.date() >= TODAY - dt.timedelta(days=TINY.patrol_days)
    twice = ask(
        "SELECT count(*) FROM patrol_track a JOIN patrol_track b ON a.account_id = b.account_id"
        " AND a.patrol_track_id < b.patrol_track_id"
        " AND (a.started_at, a.ended_at) OVERLAPS (b.started_at, b.ended_at)"
    )
    assert twice == 0


def test_patrol_points_name_where_they_are(ask: Query) -> None:
    assert (
        ask(
            "SELECT count(*) FROM patrol_point p LEFT JOIN LATERAL (SELECT parcel_id FROM parcel q"
            " WHERE ST_Covers(q.geom, p.geom) LIMIT 1) AS at ON true"
            " WHERE p.parcel_id IS DISTINCT FROM at.parcel_id"
        )
        == 0
    )
    checked, far = ask(
        "SELECT count(*), count(*) FILTER (WHERE ST_Distance(p.geom::geography, c.geom::geography)"
        " > c.radius_m + 0.2) FROM patrol_point p JOIN check_point c USING (check_point_id)"
    )[0]
    assert checked > 0
    assert far == 0
    missing = ask(
        "SELECT count(*) FROM patrol_point p WHERE check_point_id IS NULL AND EXISTS"
        " (SELECT FROM check_point c WHERE ST_DWithin(p.geom::geography, c.geom::geography, c.radius_m - 0.2))"
    )
    assert missing == 0
    assert ask("SELECT count(*) FROM patrol_point WHERE kind <> 'OK' AND parcel_id IS NULL") == 0


def test_people(ask: Query) -> None:
    accounts = {row[0]: row[1:] for row in ask("SELECT username, role, full_name, is_demo FROM account")}
    for account in demo.ACCOUNTS:
        assert accounts[account.username] == (account.role, account.full_name, True)
        assert account.hint
    holders = ask("SELECT username, password_hash FROM credential JOIN account USING (account_id)")
    assert {row[0] for row in holders} == {account.username for account in demo.ACCOUNTS}
    assert verify_password(PASSWORD, holders[0][1])
    duties = ask(
        "SELECT duty, count(*), count(DISTINCT community_id) FROM assignment JOIN account USING (account_id)"
        " JOIN cell USING (cell_id) WHERE username = 'officer1' GROUP BY duty ORDER BY duty"
    )
    assert [tuple(row) for row in duties] == [("deputy", 1, 1), ("primary", 3, 1)]
    assert (
        ask(
            "SELECT count(*) FROM building b WHERE 1 <> (SELECT count(*) FROM assignment a"
            " WHERE a.cell_id = b.cell_id AND duty = 'primary')"
        )
        == 0
    )
    shared = ask(
        "SELECT count(*) FROM team_area JOIN team_member USING (team_id) JOIN account p USING (account_id)"
        " WHERE p.username = 'patrol1' AND team_area.community_id IN (SELECT community_id FROM assignment"
        " JOIN cell USING (cell_id) JOIN account o USING (account_id) WHERE o.username = 'officer1')"
    )
    assert shared == 1
    open_at_home = ask(
        "SELECT count(*) FROM incident WHERE is_open AND cell_id IN (SELECT cell_id FROM assignment"
        " JOIN account USING (account_id) WHERE username = 'officer1')"
    )
    assert open_at_home >= 3
    assert ask("SELECT count(*) FROM account WHERE full_name NOT LIKE '_演示%'") == 0
    assert ask("SELECT count(*) FROM building_head WHERE phone !~ '^1380000[0-9]{4}$'") == 0


def test_rounds_and_facilities(ask: Query) -> None:
    states = dict(ask("SELECT state, count(*) FROM patrol_round GROUP BY state"))
    assert states["done"] > states["missed"] > 0
    assert states["planned"] == ask("SELECT count(*) FROM patrol_round WHERE patrol_plan_id IS NOT NULL") > 0
    assert ask("SELECT count(DISTINCT on_date) FROM patrol_round WHERE state = 'planned'") == 7
    assert ask("SELECT count(*) FROM patrol_round WHERE state = 'planned' AND planned_from < %s", TODAY) == 0
    # A round is done when every check point it names was visited, and only those of walked rounds were.
    assert (
        ask(
            "SELECT count(*) FROM patrol_round AS r WHERE (state = 'done') <> (started_at IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM patrol_round_point AS q WHERE q.patrol_round_id = r.patrol_round_id AND visited_at IS NULL))"
        )
        == 0
    )
    assert (
        ask(
            "SELECT count(*) FROM patrol_round_point AS q JOIN patrol_round AS r USING (patrol_round_id)"
            " WHERE visited_at NOT BETWEEN r.started_at AND r.ended_at OR visited_at IS NOT NULL AND started_at IS NULL"
        )
        == 0
    )
    kinds = dict(ask("SELECT kind, count(*) FROM facility GROUP BY kind"))
    assert kinds["party_service_centre"] == kinds["service_centre"] == 3
    assert set(kinds) >= {"health_centre", "school", "kindergarten", "park", "harmony_hall"}
    assert ask("SELECT count(*) FROM facility WHERE cell_id IS NULL") == 0


def test_sizes_promise_the_magnitudes() -> None:
    small, district = SCALES["small"], SCALES["district"]
    assert (small.units, small.incidents, small.patrol_points) == (30_000, 20_000, 100_000)
    assert (district.units, district.incidents, district.patrol_points) == (300_000, 330_000, 2_000_000)
    assert replace(small, units=0).communities is None
