"""Publishing and reading divisions on a real database, with divisions small enough to know by heart.

The ground is a rectangle of 3 x 2 squares of 0.01 degrees. At first it is two communities of three cells
in a row each, south and north; later two columns of two cells each, west and east, under other codes.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import geopandas
import psycopg2
import pytest
import shapely
from psycopg2.sql import SQL, Composed, Identifier

from gis.database.pool import Database, connect
from gis.division import service
from gis.division.draft import schematic_draft
from gis.division.locator import CellLocator
from gis.division.model import DivisionDraft, PublishReport
from gis.division.schematic import build_schematic_division
from gis.errors import Forbidden, InvalidInput, NotFound
from gis.geometry.crs import area_m2, wgs84_to
from gis.people.model import ANONYMOUS, Actor, Role

WEST, SOUTH, STEP = 113.90, 22.70, 0.01
MIDDLE, NORTH, EAST = SOUTH + STEP, SOUTH + 2 * STEP, WEST + 3 * STEP
DAY = timedelta(days=1)
PLANNER = Actor(1, Role.PLANNER)


def x(steps: float) -> float:
    return round(WEST + steps * STEP, 6)


def y(steps: float) -> float:
    return round(SOUTH + steps * STEP, 6)


def frame(rows: list[dict[str, Any]]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(rows, crs=4326)


def box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    """A box in steps from the south-west corner."""
    return shapely.box(x(left), y(bottom), x(right), y(top))


def rows_draft(valid_from: date, **changes: Any) -> DivisionDraft:
    """Communities 001 (south) and 002 (north) with cells 001-003 from west to east."""
    communities, cells = [], []
    for row, code in enumerate(("440306007001", "440306007002")):
        communities.append(
            {
                "code": code,
                "name_zh": f"社区{row}",
                "name_en": f"Community {row}",
                "parent_code": "440306007",
                "pinyin_initials": "sq",
                "code_is_provisional": True,
                "geometry": box(0, row, 3, row + 1),
            }
        )
        cells += [
            {
                "code": f"{code}{column + 1:03d}",
                "name_zh": f"网格{row}{column}",
                "name_en": "",
                "parent_code": code,
                "land_use": "estate",
                "population": 1000 + column,
                "geometry": box(column, row, column + 1, row + 1),
            }
            for column in range(3)
        ]
    whole = box(0, 0, 3, 2)
    office = {"code": "440306007", "name_zh": "公明办事处", "parent_code": "GMXQ", "geometry": whole}
    district = {"code": "GMXQ", "name_zh": "光明新区", "name_en": "Guangming", "geometry": whole}
    draft = DivisionDraft(
        title="示意",
        code_scheme="nbs-2014",
        source="test",
        is_schematic=True,
        valid_from=valid_from,
        communities=frame(communities),
        cells=frame(cells),
        subdistricts=frame([office]),
        district=frame([district]),
    )
    return replace(draft, **changes)


def columns_draft(valid_from: date) -> DivisionDraft:
    """Communities W and E, each with cells 1 (south) and 2 (north); nothing above, no parents named."""
    halves = {"W": (0, 1.6), "E": (1.6, 3)}
    communities = [
        {"code": c, "name_zh": f"新{c}", "geometry": box(a, 0, b, 2)} for c, (a, b) in halves.items()
    ]
    cells = [
        {"code": f"{code}-{row + 1}", "name_zh": f"新格{code}{row + 1}", "geometry": box(a, row, b, row + 1)}
        for code, (a, b) in halves.items()
        for row in range(2)
    ]
    return DivisionDraft(
        title="新网格",
        code_scheme="gb30428-2013",
        source="survey",
        is_schematic=False,
        valid_from=valid_from,
        communities=frame(communities),
        cells=frame(cells),
    )


@pytest.fixture
def url(database_url: str) -> str:
    """The module's database without divisions, people and rows."""
    with contextlib.closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE app.division_revision, app.account, app.team RESTART IDENTITY CASCADE")
        connection.commit()
    return database_url


@pytest.fixture
def sql(url: str) -> Iterator[Any]:
    """Run a statement as the migrator, committed; gives the rows."""
    with contextlib.closing(connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE gis_migrator")

            def run(
                statement: str | Composed, values: Mapping[str, Any] | tuple[Any, ...] | None = None
            ) -> list[Any]:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []

            yield run


@pytest.fixture
def today(sql: Any) -> date:
    return sql("SELECT app.today()")[0][0]


ACCOUNTS = """
INSERT INTO app.account (username, full_name, role, phone) VALUES
  ('planner', '规划员', 'planner', NULL), ('officer1', '网格员一', 'officer', '13800000001'),
  ('officer2', '网格员二', 'officer', '13800000002'), ('patrol1', '看护员一', 'patrol', '13800000003')
"""
OFFICER_1, OFFICER_2, PATROL_1 = Actor(2, Role.OFFICER), Actor(3, Role.OFFICER), Actor(4, Role.PATROL)


def assign(
    sql: Any, account: int, code: str, first: date, *, last: date | None = None, duty: str = "primary"
) -> None:
    sql(
        "INSERT INTO app.assignment (account_id, cell_id, duty, valid_from, valid_to, reason)"
        " SELECT %s, cell_id, %s, %s, %s, 'test' FROM app.cell WHERE code = %s AND valid_to IS NULL",
        (account, duty, first, last, code),
    )


def duties(sql: Any) -> list[tuple[Any, ...]]:
    """All assignments as (account, cell code, duty, first day, last day)."""
    rows = sql(
        "SELECT a.account_id, c.code, a.duty, a.valid_from, a.valid_to"
        " FROM app.assignment AS a JOIN app.cell AS c USING (cell_id) ORDER BY 4, 2, 1"
    )
    return [tuple(row) for row in rows]


POINTS = {
    "sw": (0.5, 0.5),
    "centre south": (1.5, 0.5),
    "ne": (2.5, 1.5),
    "on the border": (1.0, 0.5),
    "on four cells": (1.0, 1.0),
    "new border": (1.6, 1.0),
    "outside": (5.0, 5.0),
    "corner": (3.0, 2.0),
    "coming in": (-0.5, 0.5),
}


def fill_layers(sql: Any) -> None:
    """One row of every layer at each of POINTS, without a place."""
    sql("INSERT INTO app.team (code, name_zh) VALUES ('T1', '一队')")
    for number, (steps_x, steps_y) in enumerate(POINTS.values(), start=1):
        values = {"n": number, "point": f"SRID=4326;POINT({x(steps_x)} {y(steps_y)})"}
        for statement in _ROWS:
            sql(statement, values)


_ROWS = (
    "INSERT INTO app.building (code, name_zh, address, use, floors, geom)"
    " VALUES ('B' || %(n)s, '楼', '路', 'mixed', 3, %(point)s)",
    "INSERT INTO app.building_head (building_id, full_name, phone, valid_from)"
    " SELECT building_id, '楼长', '13800000009', '2014-01-01' FROM app.building WHERE code = 'B' || %(n)s",
    "INSERT INTO app.rental_unit (code, address, grade, filed_on, geom)"
    " SELECT 'U' || %(n)s, '路', min(code), '2014-01-01', %(point)s FROM app.rental_grade",
    "INSERT INTO app.incident (client_id, category, description, occurred_at, due_at, geom)"
    " SELECT gen_random_uuid(), min(code), '事', now(), now(), %(point)s FROM app.incident_category",
    "INSERT INTO app.parcel (code, name_zh, level, area_m2, geom)"
    " VALUES ('P' || %(n)s, '地', 'key', 1, ST_Multi(ST_Expand(%(point)s::geometry, 0.0005)))",
    "INSERT INTO app.check_point (code, name_zh, geom) VALUES ('K' || %(n)s, '点', %(point)s)",
    "INSERT INTO app.patrol_round (team_id, parcel_id, planned_from, planned_to, state)"
    " SELECT team_id, parcel_id, now(), now() + interval '1 hour', 'planned'"
    " FROM app.team, app.parcel AS p WHERE p.code = 'P' || %(n)s",
    "INSERT INTO app.patrol_track (client_id, source, length_m, fixes, is_outside, geom)"
    " VALUES (gen_random_uuid(), 'demo', 10, 2, false,"
    " ST_Multi(ST_MakeLine(%(point)s, ST_Translate(%(point)s, 0.02, 0))))",
    "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, is_outside, geom)"
    " SELECT gen_random_uuid(), sha256('x'), min(code), 'demo', now(), now(), false, %(point)s"
    " FROM app.violation_kind",
    "INSERT INTO app.facility (code, kind, name_zh, geom)"
    " SELECT 'F' || %(n)s, min(code), '所', %(point)s FROM app.facility_kind",
)
POINT_LAYERS = ("building", "rental_unit", "incident", "check_point", "patrol_point", "facility")
LAYERS = (*POINT_LAYERS, "building_head", "parcel")


def cell_codes(sql: Any, layer: str) -> list[str | None]:
    """Cell codes of a layer's rows in the order of POINTS; the community must be the cell's own."""
    statement = SQL(
        "SELECT c.code, c.community_id IS NOT DISTINCT FROM l.community_id FROM app.{} AS l"
        " LEFT JOIN app.cell AS c USING (cell_id) ORDER BY l.{}"
    )
    rows = sql(statement.format(Identifier(layer), Identifier(f"{layer}_id")))
    assert all(row[1] for row in rows)
    return [row[0] for row in rows]


ROWS_CELLS = [
    "440306007001001",
    "440306007001002",
    "440306007002003",
    "440306007001001",
    "440306007001001",
    "440306007001002",
    None,
    "440306007002003",
    None,
]
COLUMNS_CELLS = ["W-1", "W-1", "E-2", "W-1", "W-1", "E-1", None, "E-2", None]


class TestFirstPublication:
    def test_stores_every_level(self, url: str, sql: Any, today: date) -> None:
        report = service.publish(url, rows_draft(today))
        assert not report.unchanged
        assert report.counts == {"district": 1, "subdistrict": 1, "community": 2, "cell": 6}
        whole = float(area_m2([box(0, 0, 3, 2)])[0])
        # Areas of the parts differ only by what their straight edges in degrees bend in metres.
        assert all(abs(area - whole) < 1 for area in report.areas_m2.values())
        stored = sql(
            "SELECT c.code, c.name_zh, c.land_use, c.population, k.code AS community, k.pinyin_initials,"
            " k.code_is_provisional, s.name_zh AS office, d.name_en,"
            " c.code_scheme, c.valid_from, c.valid_to, c.area_m2"
            " FROM app.cell AS c JOIN app.community AS k USING (community_id)"
            " JOIN app.subdistrict AS s USING (subdistrict_id)"
            " JOIN app.district AS d USING (district_id) ORDER BY c.code"
        )
        assert tuple(stored[0])[:12] == (
            "440306007001001", "网格00", "estate", 1000, "440306007001", "sq", True,
            "公明办事处", "Guangming", "nbs-2014", today, None,
        )  # fmt: skip
        assert stored[0].area_m2 == pytest.approx(float(area_m2([box(0, 0, 1, 1)])[0]), abs=0.01)
        assert [row.code for row in stored] == sorted(row.code for row in stored)
        assert sql("SELECT action, subject FROM app.audit_log WHERE action = 'division.publish'")

    def test_derives_what_the_draft_leaves_out(self, url: str, sql: Any, today: date) -> None:
        report = service.publish(url, columns_draft(today))
        assert report.counts == {"community": 2, "cell": 4, "district": 1, "subdistrict": 1}
        parents = sql(
            "SELECT c.code, k.code AS community"
            " FROM app.cell AS c JOIN app.community AS k USING (community_id)"
        )
        assert all(cell.startswith(community) for cell, community in parents)
        district = sql("SELECT code, name_zh, area_m2 FROM app.district")[0]
        assert (district.code, district.name_zh) == ("district", "新网格")
        assert district.area_m2 == pytest.approx(float(area_m2([box(0, 0, 3, 2)])[0]), abs=1)

    def test_places_rows_that_were_there_before(self, url: str, sql: Any, today: date) -> None:
        fill_layers(sql)
        report = service.publish(url, rows_draft(today))
        assert [cell_codes(sql, layer) for layer in LAYERS[:-1]] == [ROWS_CELLS] * 7
        assert report.resolved["building"] == 7
        assert report.outside["building"] == 2


class TestReplacement:
    def test_rows_of_every_layer_follow(self, url: str, sql: Any, today: date) -> None:
        service.publish(url, rows_draft(today - 10 * DAY))
        fill_layers(sql)
        report = service.publish(url, columns_draft(today))
        for layer in LAYERS[:-1]:
            assert cell_codes(sql, layer) == COLUMNS_CELLS, layer
        assert {name: report.resolved[name] for name in POINT_LAYERS} == dict.fromkeys(POINT_LAYERS, 7)
        inner = cell_codes(sql, "parcel")
        assert inner[:4] == COLUMNS_CELLS[:4]
        assert inner[6] is None
        tracks = sql(
            "SELECT k.code, t.is_outside FROM app.patrol_track AS t"
            " LEFT JOIN app.community AS k USING (community_id) ORDER BY t.patrol_track_id"
        )
        in_community = [*(code[0] if code else None for code in COLUMNS_CELLS[:-1]), "W"]
        assert [tuple(row) for row in tracks] == [(code, code is None) for code in in_community]
        flags = sql("SELECT is_outside FROM app.patrol_point ORDER BY patrol_point_id")
        assert [row[0] for row in flags] == [code is None for code in COLUMNS_CELLS]
        assert report.outside == {**dict.fromkeys(LAYERS, 2), "patrol_track": 1}

    def test_rows_lie_where_cell_at_and_the_locator_say(self, url: str, sql: Any, today: date) -> None:
        fill_layers(sql)
        sql(
            "INSERT INTO app.facility (code, kind, name_zh, geom)"
            " SELECT 'G' || n, min(code), '所', ST_SetSRID(ST_MakePoint("
            "   113.895 + round(random()::numeric * 80) * 0.0005,"
            "   22.695 + round(random()::numeric * 60) * 0.0005), 4326)"
            " FROM app.facility_kind, generate_series(1, 2000) AS n GROUP BY n"
        )
        for draft in (rows_draft(today), columns_draft(today)):
            service.publish(url, draft)
            wrong = sql(
                "SELECT f.code FROM app.facility AS f LEFT JOIN LATERAL app.cell_at(f.geom) AS c ON true"
                " WHERE (f.cell_id, f.community_id) IS DISTINCT FROM (c.cell_id, c.community_id)"
            )
            assert wrong == []
            places = sql("SELECT cell_id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM app.facility")
            cells = sql("SELECT cell_id, code, ST_AsBinary(geom) AS wkb FROM app.cell WHERE valid_to IS NULL")
            locator = CellLocator(
                [c.cell_id for c in cells],
                [c.code for c in cells],
                shapely.from_wkb([bytes(c.wkb) for c in cells]),
            )
            located = locator.locate([p.lon for p in places], [p.lat for p in places])
            assert located.tolist() == [-1 if p.cell_id is None else p.cell_id for p in places]

    def test_rows_that_leave_and_enter_the_district(self, url: str, sql: Any, today: date) -> None:
        service.publish(url, rows_draft(today))
        fill_layers(sql)
        half = rows_draft(today)
        keep = half.cells.parent_code == "440306007001"
        service.publish(
            url,
            replace(
                half,
                cells=half.cells[keep],
                communities=half.communities.iloc[:1],
                subdistricts=None,
                district=None,
            ),
        )
        assert cell_codes(sql, "facility") == [*ROWS_CELLS[:2], None, *ROWS_CELLS[3:6], None, None, None]
        service.publish(url, rows_draft(today))
        assert cell_codes(sql, "facility") == ROWS_CELLS
        assert sql("SELECT count(*) FROM app.patrol_point WHERE is_outside <> (cell_id IS NULL)")[0][0] == 0

    def test_as_of_a_day(self, url: str, sql: Any, db: Database, today: date) -> None:
        sql(ACCOUNTS)
        service.publish(url, rows_draft(today - 10 * DAY))
        assign(sql, 2, "440306007001001", today - 10 * DAY)
        service.publish(url, columns_draft(today - 3 * DAY))
        where = x(0.5), y(0.5)
        before = service.locate(db, PLANNER, *where, on_date=today - 4 * DAY)
        first_day = service.locate(db, PLANNER, *where, on_date=today - 3 * DAY)
        now = service.locate(db, PLANNER, *where)
        assert (before.cell.code, before.cell.is_schematic) == ("440306007001001", True)
        assert (first_day.cell.code, first_day.cell.is_schematic) == ("W-1", False)
        assert now.cell == first_day.cell
        assert [r.name for r in before.responsible] == [r.name for r in now.responsible] == ["网格员一"]
        assert now.responsible[0].phone_masked == "138****0001"
        with pytest.raises(NotFound):
            service.locate(db, PLANNER, *where, on_date=today - 11 * DAY)
        revisions = sql("SELECT valid_from, valid_to FROM app.division_revision ORDER BY 1")
        assert [tuple(r) for r in revisions] == [(today - 10 * DAY, today - 3 * DAY), (today - 3 * DAY, None)]
        closed = sql("SELECT DISTINCT valid_to FROM app.cell WHERE code LIKE '4403%'")
        assert [tuple(r) for r in closed] == [(today - 3 * DAY,)]

    def test_again_is_a_no_op(self, url: str, sql: Any, today: date) -> None:
        first = service.publish(url, rows_draft(today - 5 * DAY))
        fill_layers(sql)
        # Another day, order of rows, ring direction and start: the same division.
        draft = rows_draft(today)
        cells = draft.cells.iloc[::-1].copy()
        cells.geometry = cells.geometry.reverse()
        again = service.publish(url, replace(draft, cells=cells, title="改名"))
        assert again.unchanged
        assert again.revision_id == first.revision_id
        assert sql("SELECT count(*) FROM app.cell")[0][0] == 6
        assert sql("SELECT title, valid_from FROM app.division_revision")[0] == ("改名", today - 5 * DAY)

    def test_another_name_or_shape_is_another_division(self, url: str, today: date) -> None:
        service.publish(url, rows_draft(today))
        renamed = rows_draft(today)
        renamed.cells.loc[0, "name_zh"] = "老村网格"
        assert not service.publish(url, renamed).unchanged
        assert not service.publish(url, rows_draft(today, code_scheme="other")).unchanged

    def test_several_times_on_one_day(self, url: str, sql: Any, db: Database, today: date) -> None:
        sql(ACCOUNTS)
        service.publish(url, rows_draft(today))
        assign(sql, 2, "440306007001001", today)
        fill_layers(sql)
        service.publish(url, columns_draft(today))
        service.publish(url, rows_draft(today))
        service.publish(url, columns_draft(today))
        assert service.locate(db, PLANNER, x(0.5), y(0.5), on_date=today).cell.code == "W-1"
        assert cell_codes(sql, "facility") == COLUMNS_CELLS
        assert duties(sql) == [(2, "W-1", "primary", today, None)]
        spans = sql("SELECT valid_from, valid_to FROM app.division_revision ORDER BY revision_id")
        assert [tuple(s) for s in spans] == [(today, today)] * 3 + [(today, None)]

    @pytest.mark.parametrize("shift", [-6, 1])
    def test_dates_that_cannot_be(self, url: str, sql: Any, today: date, shift: int) -> None:
        service.publish(url, rows_draft(today - 5 * DAY))
        with pytest.raises(InvalidInput) as refused:
            service.publish(url, columns_draft(today + shift * DAY))
        assert refused.value.pointer == "valid_from"
        assert sql("SELECT count(*) FROM app.division_revision")[0][0] == 1


class TestDuties:
    def test_new_cells_inherit_the_officers_of_the_cell_they_overlap_most(
        self, url: str, sql: Any, db: Database, today: date
    ) -> None:
        sql(ACCOUNTS)
        start = today - 30 * DAY
        service.publish(url, rows_draft(start))
        assign(sql, 2, "440306007001001", start)  # W-1 overlaps it by 1.0, its eastern neighbour by 0.6
        assign(sql, 3, "440306007001001", start, last=today + 9 * DAY, duty="deputy")
        assign(sql, 3, "440306007001002", start)  # half of nothing: neither W-1 nor E-1 has most from it
        assign(sql, 3, "440306007002003", today + 5 * DAY)  # planned for later
        assign(sql, 2, "440306007002003", start, last=today - 10 * DAY)  # over already
        report = service.publish(url, columns_draft(today))
        assert (report.assignments_carried, report.assignments_ended, report.cells_without_officer) == (
            3,
            1,
            2,
        )
        yesterday = today - DAY
        assert duties(sql) == [
            (2, "440306007001001", "primary", start, yesterday),
            (3, "440306007001001", "deputy", start, yesterday),
            (3, "440306007001002", "primary", start, yesterday),
            (2, "440306007002003", "primary", start, today - 10 * DAY),
            (2, "W-1", "primary", today, None),
            (3, "W-1", "deputy", today, today + 9 * DAY),
            (3, "E-2", "primary", today + 5 * DAY, None),
        ]
        with db.transaction(OFFICER_1.identity) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT code FROM app.cell WHERE cell_id = ANY (app.my_cells())")
            assert [row.code for row in cursor.fetchall()] == ["W-1"]

    def test_one_old_cell_may_have_many_heirs(self, url: str, sql: Any, today: date) -> None:
        sql(ACCOUNTS)
        service.publish(url, columns_draft(today - DAY))
        assign(sql, 2, "W-1", today - DAY)
        assign(sql, 3, "E-1", today - DAY)
        report = service.publish(url, rows_draft(today))
        assert (report.assignments_carried, report.assignments_ended) == (2, 0)
        assert [d for d in duties(sql) if d[4] is None] == [
            (2, "440306007001001", "primary", today, None),
            (2, "440306007001002", "primary", today, None),
            (3, "440306007001003", "primary", today, None),
        ]

    def test_teams_follow_their_communities(self, url: str, sql: Any, today: date) -> None:
        service.publish(url, rows_draft(today - DAY))
        sql("INSERT INTO app.team (code, name_zh) VALUES ('T1', '一队'), ('T2', '二队')")
        sql(
            "INSERT INTO app.team_area (team_id, community_id, valid_from)"
            " SELECT team_id, community_id, %s FROM app.team JOIN app.community AS k"
            " ON k.code = CASE team.code WHEN 'T1' THEN '440306007001' ELSE '440306007002' END",
            (today - DAY,),
        )
        sql(
            "INSERT INTO app.patrol_round (team_id, community_id, planned_from, planned_to, state)"
            " SELECT team_id, community_id, now(), now() + interval '1 hour', 'planned' FROM app.team_area"
        )
        # South and north are shared equally by west and east: the lower code of the old ones gives the team.
        report = service.publish(url, columns_draft(today))
        assert (report.team_areas_carried, report.team_areas_ended) == (1, 1)
        now = sql(
            "SELECT t.code AS team, k.code, a.valid_from"
            " FROM app.team_area AS a JOIN app.team AS t USING (team_id)"
            " JOIN app.community AS k USING (community_id) WHERE a.valid_to IS NULL ORDER BY 2"
        )
        assert [tuple(row) for row in now] == [("T1", "E", today), ("T1", "W", today)]
        rounds = sql("SELECT k.code FROM app.patrol_round JOIN app.community AS k USING (community_id)")
        assert [row.code for row in rounds] == ["W", "W"]


FAULTS = {
    "overlap": lambda d: _reshape(d, 0, box(0, 0, 1.1, 1)),
    "gap": lambda d: _reshape(d, 0, box(0, 0, 0.9, 1)),
    "duplicate code": lambda d: replace(d, cells=d.cells.assign(code=[d.cells.code[1], *d.cells.code[1:]])),
    "orphan": lambda d: replace(d, cells=d.cells.assign(parent_code=["nowhere", *d.cells.parent_code[1:]])),
    "not valid": lambda d: _reshape(
        d, 0, shapely.Polygon([(x(0), y(0)), (x(1), y(1)), (x(1), y(0)), (x(0), y(1)), (x(0), y(0))])
    ),
    "a line": lambda d: _reshape(d, 0, shapely.LineString([(x(0), y(0)), (x(1), y(1))])),
    "no code": lambda d: replace(d, cells=d.cells.assign(code=[None, *d.cells.code[1:]])),
    "code as number": lambda d: replace(d, cells=d.cells.assign(code=4.40306007001001e14)),
    "other crs": lambda d: replace(d, cells=d.cells.to_crs(4547)),
    "empty": lambda d: replace(d, cells=d.cells.iloc[:0]),
    "land use": lambda d: replace(d, cells=d.cells.assign(land_use="sea")),
}


def _reshape(draft: DivisionDraft, row: int, shape: shapely.Geometry) -> DivisionDraft:
    cells = draft.cells.copy()
    cells.loc[row, "geometry"] = shape
    return replace(draft, cells=cells)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("replacing", [False, True])
def test_a_faulty_draft_leaves_nothing(url: str, sql: Any, today: date, fault: str, replacing: bool) -> None:
    if replacing:
        service.publish(url, columns_draft(today - DAY))
        fill_layers(sql)
        service.publish(url, columns_draft(today - DAY))
    before = _everything(sql)
    with pytest.raises(InvalidInput):
        service.publish(url, FAULTS[fault](rows_draft(today)))
    assert _everything(sql) == before


def test_a_failure_in_the_middle_leaves_nothing(
    url: str, sql: Any, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.publish(url, rows_draft(today - DAY))
    fill_layers(sql)
    before = _everything(sql)

    def fail(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("gis.division.publication.store.record_publication", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        service.publish(url, columns_draft(today))
    assert _everything(sql) == before


def _everything(sql: Any) -> list[Any]:
    return [
        sql("SELECT * FROM app.division_revision ORDER BY 1"),
        sql("SELECT cell_id, code, valid_from, valid_to FROM app.cell ORDER BY 1"),
        sql("SELECT facility_id, cell_id, community_id FROM app.facility ORDER BY 1"),
        sql("SELECT count(*) FROM app.audit_log"),
    ]


def test_overlaps_and_gaps_may_be_forced(url: str, today: date) -> None:
    report = service.publish(url, FAULTS["gap"](rows_draft(today)), force=True)
    assert report.findings
    with pytest.raises(InvalidInput):
        service.publish(url, FAULTS["orphan"](rows_draft(today)), force=True)


def test_on_the_callers_connection_the_caller_commits(url: str, sql: Any, today: date) -> None:
    with contextlib.closing(connect(url)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE gis_migrator")
        first = service.publish(connection, rows_draft(today))
        second = service.publish(connection, columns_draft(today))
        assert isinstance(first, PublishReport)
        assert second.revision_id > first.revision_id
        connection.rollback()
    assert sql("SELECT count(*) FROM app.division_revision")[0][0] == 0


class TestLocate:
    @pytest.fixture(autouse=True)
    def division(self, url: str, sql: Any, today: date) -> None:
        sql(ACCOUNTS)
        service.publish(url, rows_draft(today))

    @pytest.mark.parametrize(("place", "code"), list(zip(POINTS, ROWS_CELLS, strict=True)))
    def test_known_points(self, db: Database, place: str, code: str | None) -> None:
        steps_x, steps_y = POINTS[place]
        found = service.locate(db, OFFICER_1, x(steps_x), y(steps_y))
        assert (found.cell.code if found.cell else None) == code
        assert found.inside == (code is not None)
        if found.inside:
            assert found.community.code == code[:12]
            assert (found.subdistrict.name, found.district.code) == ("公明办事处", "GMXQ")
            assert found.cell.is_schematic

    @pytest.mark.parametrize("crs", ["gcj02", "bd09", "4490", "4547"])
    def test_other_systems(self, db: Database, crs: str) -> None:
        lon, lat = x(1.02), y(0.5)  # 205 m east of the border: a shift left in would change the cell
        shifted = wgs84_to([lon], [lat], crs)
        found = service.locate(db, PLANNER, float(shifted[0][0]), float(shifted[1][0]), crs=crs)
        assert found.cell.code == "440306007001002"
        assert (found.lon, found.lat) == (pytest.approx(lon, abs=1e-5), pytest.approx(lat, abs=1e-5))

    def test_near_a_border(self, db: Database) -> None:
        # One degree of longitude is 102.7 km here (6378137 cos 22.7 pi / 180 on the ellipsoid's parallel).
        near = service.locate(db, PLANNER, x(1) + 0.00015, y(0.5))
        far = service.locate(db, PLANNER, x(1) + 0.0003, y(0.5))
        assert near.border_distance_m == pytest.approx(15.4, abs=0.1)
        assert (near.near_border, far.near_border) == (True, False)
        assert service.locate(db, PLANNER, far.lon, far.lat, accuracy_m=50).near_border
        outside = service.locate(db, PLANNER, x(3) + 0.0001, y(0.5))
        assert (outside.inside, outside.near_border, outside.cell) == (False, True, None)

    @pytest.mark.parametrize("bad", [(float("nan"), 22.7), (22.7, 113.9), (500.0, 22.7)])
    def test_bad_positions(self, db: Database, bad: tuple[float, float]) -> None:
        with pytest.raises(InvalidInput):
            service.locate(db, PLANNER, *bad)
        with pytest.raises(InvalidInput):
            service.locate(db, PLANNER, x(1), y(1), crs="mars")

    def test_nobody_may_ask(self, db: Database) -> None:
        with pytest.raises(Forbidden):
            service.locate(db, ANONYMOUS, x(1), y(1))


class TestReading:
    @pytest.fixture(autouse=True)
    def division(self, url: str, sql: Any, today: date) -> None:
        sql(ACCOUNTS)
        service.publish(url, rows_draft(today - DAY))
        assign(sql, 2, "440306007001001", today - DAY)
        sql("INSERT INTO app.team (code, name_zh) VALUES ('T1', '一队')")
        sql("INSERT INTO app.team_member (team_id, account_id, valid_from) VALUES (1, 4, %s)", (today,))
        sql(
            "INSERT INTO app.team_area (team_id, community_id, valid_from)"
            " SELECT 1, community_id, %s FROM app.community WHERE code = '440306007002'",
            (today,),
        )

    def test_current_revision(self, db: Database, today: date) -> None:
        revision = service.current_revision(db, OFFICER_1)
        assert (revision.code_scheme, revision.is_schematic, revision.valid_from) == (
            "nbs-2014",
            True,
            today - DAY,
        )

    def test_outlines(self, db: Database) -> None:
        cells = service.outlines(db, OFFICER_1, "cell")
        assert cells["type"] == "FeatureCollection"
        assert cells["division"]["is_schematic"] is True
        assert [f["properties"]["code"][-6:] for f in cells["features"]] == [
            f"00{row}00{column}" for row in (1, 2) for column in (1, 2, 3)
        ]
        first = cells["features"][0]
        assert first["properties"] == {
            "code": "440306007001001",
            "name": "网格00",
            "name_en": "",
            "community_code": "440306007001",
            "mine": True,
        }
        assert shapely.from_geojson(json.dumps(first["geometry"])).equals(box(0, 0, 1, 1))
        assert [f["properties"]["mine"] for f in cells["features"]] == [True] + [False] * 5
        south = service.outlines(db, OFFICER_1, "cell", community_code="440306007002", simplify_m=5)
        assert len(south["features"]) == 3
        for level, count in (("district", 1), ("subdistrict", 1), ("community", 2)):
            assert len(service.outlines(db, PLANNER, level)["features"]) == count

    def test_simplified_neighbours_keep_their_border(self, url: str, db: Database, today: date) -> None:
        bend = (x(1.05), y(0.5))  # 51 m to the east, 1,100 m of border: a triangle of about (170 m)²
        west = shapely.Polygon([(x(0), y(0)), (x(1), y(0)), bend, (x(1), y(1)), (x(0), y(1))])
        east = shapely.Polygon([(x(1), y(0)), (x(2), y(0)), (x(2), y(1)), (x(1), y(1)), bend])
        service.publish(url, _reshape(_reshape(rows_draft(today), 0, west), 1, east))
        for simplify_m, points in ((0, [6, 6]), (50, [6, 6]), (500, [5, 5])):
            cells = service.outlines(db, PLANNER, "cell", simplify_m=simplify_m)["features"][:2]
            shapes = [shapely.from_geojson(json.dumps(cell["geometry"])) for cell in cells]
            assert shapely.get_num_coordinates(shapes).tolist() == points
            assert shapely.coverage_is_valid(shapes)

    def test_outlines_of_a_team(self, db: Database) -> None:
        mine = {
            f["properties"]["code"]
            for level in ("community", "cell")
            for f in service.outlines(db, PATROL_1, level)["features"]
            if f["properties"]["mine"]
        }
        assert mine == {"440306007002", "440306007002001", "440306007002002", "440306007002003"}

    def test_place(self, db: Database) -> None:
        cell = service.place(db, PLANNER, "cell", "440306007001002")
        assert cell.bounds == pytest.approx((x(1), y(0), x(2), y(1)))
        assert cell.centre == pytest.approx((x(1.5), y(0.5)))
        assert [p.code for p in cell.within] == ["GMXQ", "440306007", "440306007001"]
        assert (cell.land_use, cell.population, cell.mine) == ("estate", 1001, False)
        community = service.place(db, PLANNER, "community", "440306007001")
        assert (community.parts, community.population) == (3, 3003)
        assert service.place(db, PLANNER, "district", "GMXQ").population == 6006

    @pytest.mark.parametrize(
        ("actor", "seen"),
        [
            (OFFICER_1, {"440306007001", "440306007001001"}),
            (OFFICER_2, set()),
            (PATROL_1, {"440306007002", *(f"44030600700200{n}" for n in (1, 2, 3))}),
        ],
    )
    def test_places_of_others_do_not_exist(self, db: Database, actor: Actor, seen: set[str]) -> None:
        codes = [f"44030600700{k}{c}" for k in (1, 2) for c in ("", "001", "002", "003")]
        for code in codes:
            level = "community" if len(code) == 12 else "cell"
            if code in seen:
                assert service.place(db, actor, level, code).mine
            else:
                with pytest.raises(NotFound):
                    service.place(db, actor, level, code)
        assert service.place(db, actor, "district", "GMXQ").parts == 1
        assert service.place(db, actor, "subdistrict", "440306007").parts == 2

    def test_unknown(self, db: Database) -> None:
        with pytest.raises(NotFound):
            service.place(db, PLANNER, "cell", "nowhere")
        with pytest.raises(InvalidInput):
            service.place(db, PLANNER, "house", "1")
        with pytest.raises(InvalidInput):
            service.outlines(db, PLANNER, "cell", simplify_m=-1)

    def test_old_codes_are_gone_after_a_replacement(self, url: str, db: Database, today: date) -> None:
        service.publish(url, columns_draft(today))
        with pytest.raises(NotFound):
            service.place(db, PLANNER, "cell", "440306007001001")
        assert service.place(db, OFFICER_1, "cell", "W-1").code_scheme == "gb30428-2013"


def test_before_any_division(url: str, db: Database) -> None:
    for ask in (
        lambda: service.current_revision(db, PLANNER),
        lambda: service.locate(db, PLANNER, x(1), y(1)),
        lambda: service.outlines(db, PLANNER, "cell"),
        lambda: service.place(db, PLANNER, "cell", "1"),
        lambda: service.names(db, PLANNER, "cell"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_schematic_division(url: str, db: Database, today: date) -> None:
    draft = schematic_draft(build_schematic_division(), today)
    report = service.publish(url, draft)
    assert report.counts == {"district": 1, "subdistrict": 2, "community": 28, "cell": 735}
    assert report.areas_m2["cell"] == pytest.approx(report.areas_m2["district"], abs=1)
    assert report.findings == ()
    assert service.publish(url, draft).unchanged
    names = {one.code: (one.name, one.name_en) for one in service.names(db, PLANNER, "cell")}
    assert len(names) == 735 and names["440306007006004"] == ("将石004网格", "Jiangshi Cell 004")
    communities = service.names(db, PLANNER, "community")
    assert [(one.name, one.name_en) for one in communities][:1] == [("光明社区", "Guangming")]
    with pytest.raises(InvalidInput):
        service.names(db, PLANNER, "district")
    for _, cell in draft.cells.iloc[::50].iterrows():
        inner = shapely.point_on_surface(cell.geometry)
        assert service.locate(db, PLANNER, inner.x, inner.y).cell.code == cell.code
