"""Loading the demo district: one transaction, so that it is there whole or not at all."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from gis.database.copy import copy_columns
from gis.database.pool import Connection, connect
from gis.database.sql import load_queries
from gis.demo import rounds
from gis.demo.bulk import bulk_load
from gis.demo.chance import Ints, stream
from gis.demo.facilities import facility_columns
from gis.demo.findings import Desk, finding_tables
from gis.demo.ground import Setting, read_ground
from gis.demo.housing import Buildings, head_columns, make_buildings, make_units
from gis.demo.incidents import Category, Reporters, incident_columns
from gis.demo.land import CheckPoints, Parcels, TeamAreas, make_check_points, make_parcels, make_team_areas
from gis.demo.patrol import Fixes, Ids, Patrols, point_columns, take_fixes, track_columns
from gis.demo.people import (
    ACCOUNTS,
    Staff,
    assignment_columns,
    make_staff,
    member_columns,
    team_columns,
)
from gis.demo.routes import lay_routes, plan_walks
from gis.demo.scale import SCALES, DemoScale
from gis.demo.streets import STATED, make_streets
from gis.division.draft import schematic_draft
from gis.division.schematic import build_schematic_division
from gis.division.service import publish
from gis.errors import Conflict, InvalidInput
from gis.people.passwords import hash_password
from gis.roads.service import store_streets
from gis.zone import local_today

_QUERIES = load_queries(__file__, "store")
_LOG = logging.getLogger(__name__)
_DIVISION_SINCE = date(2014, 4, 1)
_DISPATCHER = next(n for n, account in enumerate(ACCOUNTS) if account.role == "dispatcher")
_LARGE = ("app.rental_unit", "app.incident", "app.patrol_point")
_KEYS = {
    "account": "account_id",
    "team": "team_id",
    "building": "building_id",
    "parcel": "parcel_id",
    "check_point": "check_point_id",
    "patrol_round": "patrol_round_id",
}
_TALLIED = (
    "building",
    "rental_unit",
    "incident",
    "parcel",
    "check_point",
    "patrol_point",
    "patrol_track",
    "facility",
)
_TABLES = (
    *(f"app.{table}" for table in _KEYS),
    *("app.credential", "app.assignment", "app.team_member", "app.team_area", "app.building_head"),
    *("app.patrol_plan", "app.patrol_plan_point", "app.patrol_round_point"),
    *("app.rental_unit", "app.incident", "app.patrol_track", "app.patrol_point", "app.facility"),
    "app.field_receipt",
    *("app.incident_step", "app.finding_deadline", "app.road_network", "app.road_line"),
)


@dataclass
class DemoReport:
    """What was loaded: rows by table, and how long each subject took."""

    size: str
    today: date
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        """One line for people."""
        counts = ", ".join(f"{table.removeprefix('app.')} {rows:,}" for table, rows in self.rows.items())
        return f"demo district ({self.size}, {self.today}) in {sum(self.seconds.values()):.1f} s: {counts}"


def load(
    url: str, *, size: str, password: str, today: date | None = None, seed: int = 20140401
) -> DemoReport:
    """Fill an empty, migrated database with the invented demo district. All or nothing.

    The same seed and day make the same rows; only the password hashes differ.

    Parameters
    ----------
    url : str
        libpq URL of a role that may become gis_migrator and gis_owner; quickest as a superuser.
    size : "small" or "district"
    password : str
        Of the accounts in `ACCOUNTS`; nobody else in the demo can sign in.
    today : date, optional
        The day the records lead up to; by default the present day in Asia/Shanghai.

    Raises
    ------
    InvalidInput
        Unknown size.
    Conflict
        The database holds divisions already.
    """
    if size not in SCALES:
        raise InvalidInput(f"unknown demo size {size}; there are {', '.join(SCALES)}", pointer="size")
    return load_scale(url, size=size, scale=SCALES[size], password=password, today=today, seed=seed)


def load_scale(
    url: str, *, size: str, scale: DemoScale, password: str, today: date | None = None, seed: int = 20140401
) -> DemoReport:
    """Do as `load` for any scale; `size` is what the installation is then said to hold."""
    report = DemoReport(size, today or local_today())
    connection = connect(url)
    try:
        with connection:
            _QUERIES.become_migrator(connection)
            _QUERIES.wait_for_us(connection)
            if _QUERIES.holds_divisions(connection):
                raise Conflict(_explained(_QUERIES.demo_size(connection)))
            _Loader(connection, report, seed).load(scale, password)
            _QUERIES.set_demo_size(connection, size=size)
        _vacuum(connection, report)
    finally:
        connection.close()
    _LOG.info("%s", report)
    return report


def _explained(demo_size: str | None) -> str:
    if demo_size:
        return f"The database holds the demo district already (size {demo_size})."
    return "The database holds a division of its own; the demo goes into an empty database only."


def _vacuum(connection: Connection, report: DemoReport) -> None:
    """Leave statistics, hint bits and the visibility map as after a quiet night."""
    started = time.perf_counter()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_owner")
        for table in (
            "app.district",
            "app.subdistrict",
            "app.community",
            "app.cell",
            "app.layer_tally",
            *_TABLES,
        ):
            cursor.execute("VACUUM (ANALYZE) " + table)
    report.seconds["vacuum"] = time.perf_counter() - started


class _Loader:
    """The connection, the report and the keys given so far, handed from subject to subject."""

    def __init__(self, connection: Connection, report: DemoReport, seed: int) -> None:
        self.connection, self.report, self.seed = connection, report, seed
        self.clock = time.perf_counter()
        self.ids: dict[str, Ints] = {}

    def load(self, scale: DemoScale, password: str) -> None:
        """Everything, in the order of who refers to whom."""
        publish(self.connection, schematic_draft(build_schematic_division(), _DIVISION_SINCE))
        setting = Setting(read_ground(self.connection, scale.communities), scale, self.report.today)
        first_day = setting.today - timedelta(days=scale.patrol_days)
        _QUERIES.make_months(self.connection, from_on=first_day, until_on=setting.today)
        self._lap("division")
        with bulk_load(self.connection, _LARGE, _TABLES):
            staff = self._people(setting, password)
            buildings = self._housing(setting)
            parcels, check_points, areas = self._land(setting, staff)
            self._copy("facility", facility_columns(self._rng("facility"), setting))
            self._lap("land and facilities")
            self._streets(setting)
            self._incidents(setting, staff, buildings)
            self._patrols(setting, staff, parcels, check_points, areas)
            del buildings
        self._lap("indexes and keys")
        _QUERIES.recount(self.connection, layers=list(_TALLIED))
        self._lap("tallies")

    def _rng(self, subject: str) -> np.random.Generator:
        return stream(self.seed, subject)

    def _lap(self, name: str) -> None:
        now = time.perf_counter()
        self.report.seconds[name] = now - self.clock
        self.clock = now

    def _take_ids(self, table: str, count: int) -> Ints:
        rows = _QUERIES.take_ids(self.connection, table=f"app.{table}", column=_KEYS[table], count=count)
        self.ids[table] = np.array([row.id for row in rows], np.int64)
        return self.ids[table]

    def _copy(self, table: str, columns: dict[str, Any]) -> None:
        if table in self.ids:
            columns = {_KEYS[table]: self.ids[table], **columns}
        rows = copy_columns(self.connection, f"app.{table}", columns)
        self.report.rows[table] = self.report.rows.get(table, 0) + rows

    def _people(self, setting: Setting, password: str) -> Staff:
        staff = make_staff(self._rng("people"), setting)
        accounts = self._take_ids("account", staff.count)
        teams = self._take_ids("team", len(staff.members))
        self._copy("account", staff.columns)
        hashed = hash_password(password)
        count = len(ACCOUNTS)
        self._copy("credential", {"account_id": accounts[:count], "password_hash": [hashed] * count})
        cells = setting.ground.cell_id
        self._copy("assignment", assignment_columns(staff, accounts, cells, setting.today))
        self._copy("team", team_columns(staff))
        self._copy("team_member", member_columns(staff, accounts, teams, setting.today))
        self._lap("people")
        return staff

    def _housing(self, setting: Setting) -> Buildings:
        rng = self._rng("housing")
        buildings = make_buildings(rng, setting)
        ids = self._take_ids("building", len(buildings.cell))
        intervals = {row.code: row.visit_interval_days for row in _QUERIES.visit_intervals(self.connection)}
        units = make_units(rng, setting, buildings, ids=ids, intervals=intervals)
        self._copy("building", buildings.columns)
        rented = np.unique(units.building)
        self._copy("building_head", head_columns(rng, setting, buildings, ids, rented))
        self._copy("rental_unit", units.columns)
        self._lap("housing")
        return buildings

    def _land(self, setting: Setting, staff: Staff) -> tuple[Parcels, CheckPoints, TeamAreas]:
        rng = self._rng("land")
        parcels = make_parcels(rng, setting.ground, setting.scale)
        ids = self._take_ids("parcel", len(parcels.cell))
        self._copy("parcel", parcels.columns)
        points = make_check_points(rng, setting.ground, setting.scale, parcels, ids)
        self._take_ids("check_point", len(points.parcel))
        self._copy("check_point", points.columns)
        areas = make_team_areas(
            setting.ground,
            staff,
            parcels,
            team_ids=self.ids["team"],
            parcel_ids=ids,
            today=setting.today,
        )
        self._copy("team_area", areas.columns)
        return parcels, points, areas

    def _streets(self, setting: Setting) -> None:
        streets = make_streets(self._rng("streets"), setting.ground)
        store_streets(self.connection, streets, STATED, is_synthetic=True)
        self.report.rows["road_line"] = len(streets.lines)
        self._lap("streets")

    def _incidents(self, setting: Setting, staff: Staff, buildings: Buildings) -> None:
        categories = [
            Category(row.code, row.family, row.name_zh, row.time_limit_hours)
            for row in _QUERIES.time_limits(self.connection)
        ]
        accounts = self.ids["account"]
        columns = incident_columns(
            self._rng("incident"),
            setting,
            buildings,
            categories,
            reporters=Reporters(
                officer_of_cell=accounts[staff.primary],
                patrols=accounts[[who for crew in staff.members for who in crew]],
                shown_cells=np.flatnonzero(staff.primary == 0),
            ),
        )
        self._copy("incident", columns)
        self._lap("incidents")

    def _patrols(
        self,
        setting: Setting,
        staff: Staff,
        parcels: Parcels,
        check_points: CheckPoints,
        areas: TeamAreas,
    ) -> None:
        rng, ground = self._rng("patrol"), setting.ground
        walks = plan_walks(rng, setting, staff, areas)
        routes = lay_routes(rng, ground, walks, areas, parcels, check_points)
        fixes = take_fixes(rng, ground, walks, routes, parcels, check_points)
        plans = rounds.make_plans(setting, parcels, check_points, areas)
        coming = rounds.coming_rounds(setting, plans)
        missed = rounds.missed_walks(rng, walks)
        self._take_ids("patrol_round", len(walks.team) + len(missed) + len(coming))
        ids = Ids(**{table: self.ids[table] for table in Ids.__annotations__})
        patrols = Patrols(walks, routes, fixes, check_points)
        self._lap("walking")
        first_day = setting.today - timedelta(days=setting.scale.patrol_days)
        _QUERIES.make_track_months(self.connection, from_on=first_day, until_on=setting.today)
        made = _QUERIES.insert_plans(self.connection, today=setting.today, **rounds.plan_values(plans, ids))
        plan_ids = np.array([row.patrol_plan_id for row in made], np.int64)
        planned = rounds.Planned(plans, plan_ids, coming, missed)
        self._copy("patrol_plan_point", rounds.plan_point_columns(plans, plan_ids, ids))
        self._copy("patrol_round", rounds.round_columns(setting, patrols, planned, ids))
        self._copy("patrol_round_point", rounds.round_point_columns(patrols, planned, ids))
        self._copy("patrol_track", track_columns(rng, ground, walks, fixes, ids))
        points = point_columns(rng, ground, walks, fixes, ids)
        self._copy("patrol_point", points)
        _QUERIES.write_receipts(self.connection)
        self._lap("patrol rows")
        self._findings(setting, staff, points, fixes)

    def _findings(self, setting: Setting, staff: Staff, points: dict[str, Any], fixes: Fixes) -> None:
        accounts = self.ids["account"]
        desk = Desk(int(accounts[_DISPATCHER]), accounts[staff.primary])
        rng = self._rng("finding")
        for table, columns in finding_tables(self.connection, rng, setting, points, fixes, desk).items():
            self._copy(table, columns)
        self._lap("findings")
