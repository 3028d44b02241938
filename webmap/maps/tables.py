"""The table twins of the maps: the same figures and records as rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import format_date, format_datetime, format_decimal, gettext

from gis.database.pool import Database
from gis.exchange.formulas import formula_safe
from gis.incident import service as incidents
from gis.patrol import service as patrols
from gis.people.model import Actor
from gis.photo import reading as photos
from gis.publish import figures as figure_service
from gis.publish import service as publish
from gis.publish.model import Figure, FigureName, ItemQuery, Level
from webmap.api.figures import definition_of
from webmap.i18n import is_english
from webmap.maps.figures import Choice
from webmap.maps.words import label_of, word_of

PAGE = 50
_SUMMED = {FigureName.OPEN_INCIDENTS, FigureName.RENTAL_UNITS, FigureName.OVERDUE_UNITS}
_SHOWN: dict[str, tuple[str, ...]] = {
    "incident": ("address", "state", "severity", "reported_at", "due_at", "is_overdue"),
    "rental_unit": ("grade", "use", "area_m2", "tenants", "hazards", "last_visit_at", "due_on", "is_overdue"),
    "building": ("address", "use", "floors", "built_year", "code"),
    "facility": ("address", "capacity", "opening_hours", "code"),
    "parcel": ("level", "area_m2", "code"),
    "check_point": ("radius_m", "code"),
    "patrol_point": ("at", "accuracy_m", "grade", "source"),
}
_NUMBERS = {"tenants", "floors", "capacity", "severity", "photos"}


@dataclass(frozen=True, slots=True)
class Column:
    """A figure as a column."""

    id: str
    label: str
    unit: str
    definition: str


@dataclass(frozen=True, slots=True)
class Row:
    """A community or cell with its figures; None is unknown or not the reader's to see."""

    code: str
    name: str
    url: str
    numbers: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Table:
    """Places by figures."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: Mapping[str, float | None]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Records:
    """One page of a layer's records in a cell: column heads, and per record its title, link and texts."""

    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    next_after: str | None


def communities(
    db: Database, actor: Actor, figures: tuple[Choice, ...], *, on_date: date | None = None
) -> Table:
    """Return the communities by figures, today's or those at the end of a past day."""
    return _table(db, actor, figures, community=None, on_date=on_date)


def cells(
    db: Database,
    actor: Actor,
    figures: tuple[Choice, ...],
    *,
    community: str,
    on_date: date | None = None,
) -> Table:
    """Return a community's cells by figures. Raises `InvalidInput` when there is no such community."""
    return _table(db, actor, figures, community=community, on_date=on_date)


def facts(
    db: Database, actor: Actor, figures: tuple[Choice, ...], *, community: str, cell: str
) -> list[dict[str, str]]:
    """Return the figures of one cell as texts."""
    table = cells(db, actor, figures, community=community)
    own = next((row for row in table.rows if row.code == cell), None)
    return [
        {"label": column.label, "text": number_text(own.numbers[column.id] if own else None, column.unit)}
        for column in table.columns
    ]


def records(db: Database, actor: Actor, layer: str, *, cell: str, after: str | None) -> Records:
    """Return a page of a layer's records in a cell.

    Raises
    ------
    NotFound, Forbidden, InvalidInput
        As `gis.publish.service.items`.
    """
    page = publish.items(db, actor, layer, ItemQuery(cell=cell, limit=PAGE, after=after))
    features: list[dict[str, Any]] = json.loads(b"[" + page.features + b"]")
    shown = _SHOWN[layer]
    names = code_names(db, actor, layer)
    if layer in photos.LAYERS:
        shown = (*shown, "photos")
        counts = photos.photo_counts(db, actor, layer, [int(feature["id"]) for feature in features])
        for feature in features:
            feature["properties"]["photos"] = counts.get(int(feature["id"]))
    rows = tuple(
        (
            title_of(feature["properties"], names, str(feature["id"])),
            _on_map(cell, layer, feature),
            tuple(text_of(key, feature["properties"].get(key)) for key in shown),
        )
        for feature in features
    )
    heads = tuple((label_of(key), key.endswith(("_m", "_m2")) or key in _NUMBERS) for key in shown)
    return Records(heads, rows, page.next_after)


def number_text(value: float | None, unit: str = "") -> str:
    """Return a figure for the reader; a dash for none."""
    if value is None:
        return "–"
    text = str(format_decimal(round(value, 1)))
    return f"{text}%" if unit == "%" else text


def as_csv(table: Table) -> bytes:
    """Return the table as CSV in UTF-8 with BOM, as Excel expects it; no cell can become a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([gettext("Code"), gettext("Name"), *(_head(column) for column in table.columns)])
    for row in table.rows:
        numbers = (row.numbers[column.id] for column in table.columns)
        writer.writerow(
            [
                formula_safe(row.code),
                formula_safe(row.name),
                *("" if n is None else f"{n:g}" for n in numbers),
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def _table(
    db: Database, actor: Actor, figures: tuple[Choice, ...], *, community: str | None, on_date: date | None
) -> Table:
    level = Level.CELL if community else Level.COMMUNITY
    answers = {
        choice.id: figure_service.figure(
            db, actor, FigureName(choice.id), level=level, community=community, on_date=on_date
        )
        for choice in figures
    }
    columns = tuple(
        Column(choice.id, choice.label, _unit(answers[choice.id]), definition_of(answers[choice.id]))
        for choice in figures
    )
    places: dict[str, str] = {}
    numbers: dict[str, dict[str, float | None]] = {}
    for figure_id, answer in answers.items():
        for item in answer.items:
            places[item.code] = item.name
            numbers.setdefault(item.code, {})[figure_id] = item.value
    endpoint = "maps.community" if level is Level.COMMUNITY else "maps.cell"
    rows = tuple(
        Row(code, name, url_for(endpoint, code=code, view="table"), numbers[code])
        for code, name in places.items()
    )
    totals = {figure_id: _total(answer) for figure_id, answer in answers.items()}
    as_of = min((answer.as_of for answer in answers.values()), default=None)
    return Table(columns, rows, totals, as_of)


def _total(answer: Figure) -> float | None:
    values = [item.value for item in answer.items if item.value is not None]
    return float(sum(values)) if answer.figure in _SUMMED and values else None


def _unit(answer: Figure) -> str:
    return {"percent": "%", "days": str(gettext("days"))}.get(answer.unit, "")


def _head(column: Column) -> str:
    return f"{column.label} ({column.unit})" if column.unit else column.label


def code_names(db: Database, actor: Actor, layer: str) -> dict[str, dict[str, str]]:
    """Return the names of a layer's codes by property, where an administrator keeps them in a table."""
    if layer == "incident":
        return {
            "category": _names(incidents.categories(db, actor)),
            "violation": _names(patrols.violation_kinds(db, actor)),
        }
    if layer == "patrol_point":
        return {"kind": _names(patrols.violation_kinds(db, actor))}
    return {}


def _names(rows: list[Any]) -> dict[str, str]:
    english = is_english()
    return {row.code: (english and row.name_en) or row.name_zh for row in rows}


def title_of(properties: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], fallback: str) -> str:
    """Return what a record is called: its name, that of its category or kind, its address or code."""
    english = is_english() and properties.get("name_en")
    name = english or properties.get("name_zh") or properties.get("name")
    for key, words in names.items():
        name = name or words.get(properties.get(key, ""))
    address, room = str(properties.get("address") or ""), str(properties.get("room") or "")
    if room and room not in address:
        address = f"{address} {room}".strip()
    return str(name or address or properties.get("code") or fallback)


def _on_map(cell: str, layer: str, feature: Mapping[str, Any]) -> str:
    geometry = feature["geometry"] or {}
    anchor = None
    if geometry.get("type") == "Point":
        lon, lat = geometry["coordinates"][:2]
        anchor = f"19/{lat:.5f}/{lon:.5f}"
    return url_for("maps.cell", code=cell, layers=layer, record=f"{layer}.{feature['id']}", _anchor=anchor)


def text_of(key: str, value: Any) -> str:
    """Return a value of a record for the reader; a dash for none."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, list):
        return "、".join(text_of(key, item) for item in value)
    if key == "at" or key.endswith("_at"):
        return str(format_datetime(datetime.fromisoformat(str(value)), "short"))
    if key.endswith("_on"):
        return str(format_date(datetime.fromisoformat(str(value)).date(), "short"))
    if isinstance(value, int | float):
        return str(format_decimal(round(value, 1))) if key != "built_year" else str(value)
    return word_of(str(value))
