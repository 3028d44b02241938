"""A small town whose answers can be worked out by hand: 24 square cells, and rows of every layer.

Two communities of 12 cells each lie side by side; an officer has the first two cells, a patrol team the
second community. Nothing of it is demo data, so what a test expects is computed from the rows below.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from gis.database.pool import Database
from gis.people.model import Actor, Role

WEST, SOUTH, STEP = 113.90, 22.70, 0.01
COLUMNS, ROWS = 6, 4
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Town:
    """Rows as they were written: plain dictionaries, ids as the database gave them."""

    db: Database
    url: str
    cells: list[dict[str, Any]] = field(default_factory=list)
    communities: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def cell_of(self, lon: float, lat: float) -> dict[str, Any] | None:
        """The cell a point lies in; no row lies on a border."""
        for cell in self.cells:
            west, south, east, north = cell["box"]
            if west < lon < east and south < lat < north:
                return cell
        return None

    def visible(self, layer: str, role: str) -> list[dict[str, Any]]:
        """Rows of a layer the actor may see, by the rules in words (not in SQL)."""
        actor, rows = self.actors[role], self.rows[layer]
        if actor.sees_district or layer == "facility":
            return rows
        if role == "officer":
            own = {cell["cell_id"] for cell in self.cells[:2]}
            me = actor.account_id
            return [
                r for r in rows if r["cell_id"] in own or me in (r.get("reporter_id"), r.get("account_id"))
            ]
        second = self.communities[1]["community_id"]
        if layer == "incident":
            return [r for r in rows if r["reporter_id"] == actor.account_id]
        return [r for r in rows if r["community_id"] == second or r.get("account_id") == actor.account_id]


def _insert(cursor, table: str, rows: list[dict[str, Any]], key: str) -> None:
    columns = list(rows[0])
    template = (
        "(" + ", ".join("ST_GeomFromText(%s, 4326)" if column == "geom" else "%s" for column in columns) + ")"
    )
    statement = f"INSERT INTO app.{table} ({', '.join(columns)}) VALUES %s RETURNING {key}"
    values = [[row[column] for column in columns] for row in rows]
    ids = execute_values(cursor, statement, values, template=template, fetch=True, page_size=len(rows))
    for row, (row_id,) in zip(rows, ids, strict=True):
        row[key] = row_id


def _square(west: float, south: float, east: float, north: float) -> str:
    return f"MULTIPOLYGON((({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south})))"


def seed_division(cursor, town: Town) -> None:
    """District, subdistrict, two communities, 24 cells."""
    cursor.execute(
        "INSERT INTO app.division_revision (title, code_scheme, source, is_schematic, valid_from)"
        " VALUES ('test', 'test', 'test', true, '2014-01-01') RETURNING revision_id"
    )
    revision = cursor.fetchone()[0]
    whole = _square(WEST, SOUTH, WEST + COLUMNS * STEP, SOUTH + ROWS * STEP)
    common = {"revision_id": revision, "code_scheme": "test", "valid_from": "2014-01-01", "area_m2": 1e6}
    district = {**common, "code": "440309", "name_zh": "测试区", "name_en": "Test", "geom": whole}
    _insert(cursor, "district", [district], "district_id")
    office = {
        **common, "district_id": district["district_id"], "code": "440309001", "name_zh": "东周办事处",
        "name_en": "Dongzhou", "geom": whole,
    }  # fmt: skip
    _insert(cursor, "subdistrict", [office], "subdistrict_id")
    for index, (name, english, initials) in enumerate(
        [("凤凰社区", "Fenghuang", "fhsq"), ("塘尾社区", "Tangwei", "twsq")]
    ):
        west = WEST + index * 3 * STEP
        town.communities.append({
            **common, "subdistrict_id": office["subdistrict_id"], "code": f"44030900100{index + 1}",
            "name_zh": name, "name_en": english, "pinyin_initials": initials,
            "geom": _square(west, SOUTH, west + 3 * STEP, SOUTH + ROWS * STEP),
        })  # fmt: skip
    _insert(cursor, "community", town.communities, "community_id")
    for index, community in enumerate(town.communities):
        for number in range(3 * ROWS):
            column, row = index * 3 + number // ROWS, ROWS - 1 - number % ROWS
            west, south = WEST + column * STEP, SOUTH + row * STEP
            town.cells.append({
                **common, "community_id": community["community_id"],
                "code": f"{community['code']}{number + 1:03d}", "name_zh": f"第{number + 1:03d}网格",
                "land_use": "estate", "population": 100,
                "geom": _square(west, south, west + STEP, south + STEP),
            })  # fmt: skip
    _insert(cursor, "cell", town.cells, "cell_id")
    for number, cell in enumerate(town.cells):
        index, within = divmod(number, 3 * ROWS)
        west = WEST + (index * 3 + within // ROWS) * STEP
        south = SOUTH + (ROWS - 1 - within % ROWS) * STEP
        cell["box"] = (west, south, west + STEP, south + STEP)


def seed_people(cursor, town: Town) -> None:
    """One account a role; the officer's cells and the team's community."""
    accounts = [
        {"username": f"{role}.test", "full_name": f"{role} person", "role": role, "phone": "13800000000"}
        for role in ("officer", "patrol", "dispatcher", "planner", "auditor", "admin")
    ]
    _insert(cursor, "account", accounts, "account_id")
    for account in accounts:
        town.actors[account["role"]] = Actor(account["account_id"], Role(account["role"]))
    _insert(cursor, "assignment", [
        {"account_id": accounts[0]["account_id"], "cell_id": cell["cell_id"], "duty": "primary",
         "valid_from": "2014-01-01"}
        for cell in town.cells[:2]
    ], "assignment_id")  # fmt: skip
    team = {"code": "T1", "name_zh": "一队"}
    _insert(cursor, "team", [team], "team_id")
    _insert(cursor, "team_member", [
        {"team_id": team["team_id"], "account_id": accounts[1]["account_id"], "valid_from": "2014-01-01"}
    ], "team_member_id")  # fmt: skip
    _insert(cursor, "team_area", [
        {"team_id": team["team_id"], "community_id": town.communities[1]["community_id"],
         "valid_from": "2014-01-01"}
    ], "team_area_id")  # fmt: skip


def _place(town: Town, rng: random.Random, *, outside: float = 0.05) -> dict[str, Any]:
    if rng.random() < outside:
        lon, lat = WEST + rng.uniform(0, COLUMNS * STEP), SOUTH - rng.uniform(0.0005, 0.009)
    else:
        lon = WEST + rng.uniform(1e-4, COLUMNS * STEP - 1e-4)
        lat = SOUTH + rng.uniform(1e-4, ROWS * STEP - 1e-4)
    lon, lat = round(lon, 7), round(lat, 7)
    cell = town.cell_of(lon, lat)
    return {
        "cell_id": cell and cell["cell_id"],
        "community_id": cell and cell["community_id"],
        "geom": f"POINT({lon} {lat})",
    }


def seed_layers(cursor, town: Town, rng: random.Random) -> None:
    """A few hundred rows of every point layer, some of them outside the district."""
    rows = town.rows
    rows["building"] = [
        {"code": f"B{n:04d}", "name_zh": f"甲{n}栋", "address": f"凤凰路{n}号", "pinyin_initials": f"j{n}d",
         "use": rng.choice(["residential", "mixed"]), "floors": 6, **_place(town, rng)}
        for n in range(120)
    ]  # fmt: skip
    _insert(cursor, "building", rows["building"], "building_id")
    cursor.executemany(
        "INSERT INTO app.building_head (building_id, full_name, phone, cell_id, community_id, valid_from)"
        " VALUES (%(building_id)s, '欧阳测试', '13912345678', %(cell_id)s, %(community_id)s, '2014-01-01')",
        rows["building"],
    )
    intervals = {"lenient": 21, "watch": 14, "strict": 7}
    rows["rental_unit"] = []
    for n in range(600):
        building = rng.choice(rows["building"])
        grade = rng.choice(sorted(intervals))
        visited = None if rng.random() < 0.2 else NOW - timedelta(days=rng.uniform(0, 30))
        rows["rental_unit"].append(
            {"code": f"U{n:05d}", "building_id": building["building_id"], "address": building["address"],
             "room": str(n), "grade": grade, "filed_on": "2024-01-01", "last_visit_at": visited, "tenants": 2,
             "cell_id": building["cell_id"], "community_id": building["community_id"],
             "geom": building["geom"]}
        )  # fmt: skip
    _insert(cursor, "rental_unit", rows["rental_unit"], "rental_unit_id")
    people = [actor.account_id for actor in town.actors.values()]
    rows["incident"] = []
    for n in range(400):
        reported = NOW - timedelta(days=rng.uniform(0.1, 200))
        state = rng.choice(["reported", "handling", "closed", "voided"])
        rows["incident"].append(
            {"client_id": f"00000000-0000-4000-8000-{n:012d}", "category": "ZZ01", "state": state,
             "description": f"事件{n}", "occurred_at": reported, "reported_at": reported,
             "due_at": reported + timedelta(days=3), "reporter_id": rng.choice(people),
             "closed_at": reported + timedelta(days=2) if state == "closed" else None, **_place(town, rng)}
        )  # fmt: skip
    _insert(cursor, "incident", rows["incident"], "incident_id")
    rows["patrol_point"] = []
    for n in range(500):
        place, at = _place(town, rng), NOW - timedelta(days=rng.uniform(0, 60))
        rows["patrol_point"].append(
            {"client_id": f"00000000-0000-4000-9000-{n:012d}", "content_sha256": b"0" * 32,
             "account_id": rng.choice(people), "kind": "OK", "note": "note", "source": "phone",
             "at": at, "device_at": at, "is_outside": place["cell_id"] is None, **place}
        )  # fmt: skip
    _insert(cursor, "patrol_point", rows["patrol_point"], "patrol_point_id")
    rows["facility"] = [
        {"code": f"F{n:03d}", "kind": "service_centre", "name_zh": f"服务中心{n}", "name_en": f"Centre {n}",
         "pinyin_initials": f"fwzx{n}", "address": "100%_\\路", **_place(town, rng, outside=0)}
        for n in range(40)
    ]  # fmt: skip
    _insert(cursor, "facility", rows["facility"], "facility_id")
    rows["parcel"] = []
    for n in range(20):
        place = _place(town, rng, outside=0)
        lon, lat = lonlat(place)
        rows["parcel"].append(
            {"code": f"P{n:03d}", "name_zh": f"地块{n}", "level": "key", "area_m2": 1e4, **place,
             "geom": _square(lon - 0.003, lat - 0.003, lon + 0.003, lat + 0.003)}
        )  # fmt: skip
    _insert(cursor, "parcel", rows["parcel"], "parcel_id")


def lonlat(row: dict[str, Any]) -> tuple[float, float]:
    """Coordinates of a point row."""
    lon, lat = row["geom"].removeprefix("POINT(").rstrip(")").split()
    return float(lon), float(lat)


def build(url: str, db: Database) -> Town:
    """Write the town into an empty migrated database (superuser url)."""
    made = Town(db, url)
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            seed_division(cursor, made)
            seed_people(cursor, made)
            seed_layers(cursor, made, random.Random(2014))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    finally:
        connection.close()
    return made
