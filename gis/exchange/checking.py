"""Row by row: every field read, every place checked, the key made, and a reason for each row refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from gis.division.codes import pinyin_initials
from gis.errors import InvalidInput
from gis.exchange.layers import Field, Layer
from gis.exchange.model import RawRow, Reject, Row, Table
from gis.exchange.places import place_of
from gis.exchange.readers.gpx import Fixes
from gis.geometry.crs import area_m2

# Keys of rows that bring none are made of their content under this name.
CONTENT_KEYS = UUID("6f1c7f0e-3a43-5b8e-9a43-1d1f5a0c9e51")
_GEOD = Geod(ellps="WGS84")
_KEYS = {"building": "building_id", "parcel": "parcel_id", "team": "team_id"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of a lookup: `keys` by code or name (lower case), `places` by key."""

    keys: Mapping[str, Any]
    places: Mapping[Any, BaseGeometry] = field(default_factory=dict)
    extra: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checking:
    """What rows are checked against."""

    layer: Layer
    table: Table
    matched: Mapping[str, str]
    crs: str
    constants: Mapping[str, str]
    known: Mapping[str, Known]


@dataclass(slots=True)
class Checked:
    """Rows to store, rows refused, and how many repeat an earlier row of the file word for word."""

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    repeated: int = 0


def check_rows(task: Checking) -> Checked:
    """Check every row of a table; each ends in exactly one of the three counts."""
    result = Checked()
    seen: dict[Any, Row] = {}
    for raw in task.table.rows:
        try:
            row = _check(task, raw)
        except InvalidInput as fault:
            result.rejects.append(rejected(raw.number, fault))
            continue
        key = row.values[task.layer.key]
        first = seen.setdefault(key, row)
        if first is row:
            result.rows.append(row)
        elif first.values == row.values and first.geometry == row.geometry:
            result.repeated += 1
        else:
            reason = f"{key} stands already in row {first.number}, with other content"
            result.rejects.append(Reject(row.number, task.layer.key, "duplicate-key", reason))
    return result


def rejected(number: int, fault: InvalidInput) -> Reject:
    """A fault as it is listed."""
    return Reject(number, (fault.pointer or "")[:100], fault.code, fault.message[:500])


def given_columns(task: Checking) -> tuple[str, ...]:
    """Columns of the database that the file says something about; the others are left alone."""
    named = [column.name for column in task.layer.fields if column.name in (*task.matched, *task.constants)]
    return tuple(_column(column) for column in task.layer.fields if column.name in named)


def parse_fields(
    raw: RawRow, fields: Sequence[Field], matched: Mapping[str, str], constants: Mapping[str, str]
) -> dict[str, Any]:
    """Values by field name, blanks filled with constants and defaults.

    Raises
    ------
    InvalidInput
        ``pointer`` is the header as the file writes it; ``missing-<field>`` for a required blank.
    """
    found: dict[str, Any] = {}
    for column in fields:
        header = matched.get(column.name, column.name)
        value = column.parse(raw.values.get(header), header)
        if value is None and column.name in constants:
            value = column.parse(constants[column.name], column.name)
        if value is None and column.required:
            raise InvalidInput("is blank or missing", pointer=header, code=f"missing-{column.name}")
        found[column.name] = column.default if value is None else value
    return found


def _check(task: Checking, raw: RawRow) -> Row:
    if raw.fault is not None:
        raise raw.fault
    place = place_of(raw, task.matched, task.layer.shape, task.crs)
    if place is None and "building_code" not in {*task.matched, *task.constants}:
        raise _no_position(task)
    found = parse_fields(raw, task.layer.fields, task.matched, task.constants)
    for column in task.layer.fields:
        if column.lookup and found[column.name] is not None:
            found[column.name] = _look_up(task.known[column.lookup], column, found[column.name], task.matched)
    if place is None:
        place = task.known["building"].places.get(found.get("building_code"))
    if place is None:
        raise _no_position(task)
    if task.layer.shape == "polygon":
        place = shapely.MultiPolygon(shapely.get_parts(place).tolist())
    elif task.layer.shape == "line":
        place = shapely.MultiLineString(shapely.get_parts(place).tolist())
    values = {_column(column): found[column.name] for column in task.layer.fields}
    return Row(raw.number, _DERIVE[task.layer.name](values, place, raw, task), place)


def _no_position(task: Checking) -> InvalidInput:
    wanted = {"point": "longitude and latitude, or WKT", "polygon": "a polygon", "line": "a line"}
    return InvalidInput(
        f"no position: {wanted[task.layer.shape]} is needed", pointer="position", code="no-position"
    )


def _column(column: Field) -> str:
    return _KEYS.get(column.lookup or "", column.name)


def _look_up(known: Known, column: Field, word: Any, matched: Mapping[str, str]) -> Any:
    key = known.keys.get(str(word).lower())
    if key is None:
        listed = ", ".join(list(known.keys)[:12])
        hint = f"; known are {listed}" if column.lookup not in _KEYS else "; load it first"
        raise InvalidInput(
            f"unknown {column.lookup} {str(word)[:40]!r}{hint}",
            pointer=matched.get(column.name, column.name),
            code=f"unknown-{column.name}",
        )
    return key


# What follows from a row beside what it says ------------------------------------------------------


def _as_is(values: dict[str, Any], _place: BaseGeometry, _raw: RawRow, _task: Checking) -> dict[str, Any]:
    return values


def _building(values: dict[str, Any], _place: BaseGeometry, _raw: RawRow, _task: Checking) -> dict[str, Any]:
    return values | {"pinyin_initials": pinyin_initials(values["name_zh"] or values["address"])}


def _parcel(values: dict[str, Any], place: BaseGeometry, _raw: RawRow, _task: Checking) -> dict[str, Any]:
    return values | {"area_m2": float(area_m2([place])[0])}


def _facility(values: dict[str, Any], place: BaseGeometry, _raw: RawRow, _task: Checking) -> dict[str, Any]:
    made = values["code"] or content_key("facility", values["kind"], values["name_zh"], *_rounded(place))
    return values | {"code": made, "pinyin_initials": pinyin_initials(values["name_zh"])}


def _incident(values: dict[str, Any], place: BaseGeometry, _raw: RawRow, task: Checking) -> dict[str, Any]:
    number = values.pop("code")
    occurred = values["occurred_at"]
    content = (number,) if number else (values["category"], values["description"], occurred, *_rounded(place))
    reported = values["reported_at"] or occurred
    limit = timedelta(hours=task.known["incident_category"].extra[values["category"]])
    return values | {
        "client_id": values["client_id"] or content_key("incident", *content),
        "source": "import",
        "reported_at": reported,
        "due_at": values["due_at"] or reported + limit,
    }


def _patrol_point(
    values: dict[str, Any], place: BaseGeometry, _raw: RawRow, task: Checking
) -> dict[str, Any]:
    content = (values["device_at"], values["kind"], values["note"], *_rounded(place))
    digest = hashlib.sha256(_canonical("patrol_point", *content).encode()).hexdigest()
    return values | {
        "client_id": values["client_id"] or content_key("patrol_point", *content),
        "at": values["device_at"],
        "content_sha256": f"\\x{digest}",
        "source": "gpx" if task.table.format == "gpx" else "import",
    }


def _patrol_track(
    values: dict[str, Any], place: BaseGeometry, raw: RawRow, _task: Checking
) -> dict[str, Any]:
    fixes = int(shapely.get_num_coordinates(place))
    if isinstance(raw.position, Fixes):
        fixes = sum(map(len, raw.position.segments))
        times = [fix[2] for segment in raw.position.segments for fix in segment if fix[2] is not None]
        # A line of KML may tell when it began and ended without a time for each position.
        values |= {
            "started_at": min(times, default=values["started_at"]),
            "ended_at": max(times, default=values["ended_at"]),
        }
    started, ended = values["started_at"], values["ended_at"]
    if started and ended and ended < started:
        raise InvalidInput("the end lies before the start", pointer="ended_at", code="not-a-date")
    made = content_key("patrol_track", started, shapely.to_wkb(place, hex=True, byte_order=1))
    return values | {
        "client_id": values["client_id"] or made,
        "source": "gpx",
        "length_m": float(_GEOD.geometry_length(place)),
        "fixes": fixes,
    }


def _road(values: dict[str, Any], place: BaseGeometry, _raw: RawRow, _task: Checking) -> dict[str, Any]:
    return values | {"line": content_key("road", shapely.to_wkb(place, hex=True, byte_order=1))}


_DERIVE = {
    "building": _building,
    "rental_unit": _as_is,
    "incident": _incident,
    "parcel": _parcel,
    "check_point": _as_is,
    "facility": _facility,
    "patrol_point": _patrol_point,
    "patrol_track": _patrol_track,
    "road": _road,
}


def content_key(kind: str, *content: object) -> str:
    """A UUID (version 5) of a row's content: the same content is the same row, in any file."""
    return str(uuid5(CONTENT_KEYS, _canonical(kind, *content)))


def _canonical(*content: object) -> str:
    plain = [item.isoformat() if isinstance(item, datetime | date) else item for item in content]
    return json.dumps(plain, ensure_ascii=False)


def _rounded(place: BaseGeometry) -> tuple[float, float]:
    """To the seventh decimal, a centimetre: less is noise of conversion."""
    lon, lat = shapely.get_coordinates(place)[0].tolist()
    return round(lon, 7), round(lat, 7)
