"""Small analyses for tests of runs: units by cell, one that takes its time, one that fails."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import shapely
from pydantic import BaseModel, ConfigDict, Field

from gis.analysis import registry
from gis.analysis.result import Analysis, Figure, Finding, Place, Result, Table, Unit

HERE = {name: f"{__name__}:{name.upper()}" for name in ("units", "slow", "falls")}
WEEK = {"from_on": "2014-01-01", "to_on": "2014-01-07"}


class Period(BaseModel):
    """A period, and how many steps measuring takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_on: date
    to_on: date
    steps: int = Field(default=3, ge=1)


class Plain(BaseModel):
    """No period."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = 1


def _ask(connection: Any, statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _version(connection: Any, _: Period) -> str:
    return str(_ask(connection, "SELECT count(*) FROM app.rental_unit")[0][0])


def _load(connection: Any, _: Period) -> list[Any]:
    return _ask(
        connection,
        "SELECT c.code, h.code AS community, count(u.rental_unit_id)::integer AS units FROM app.cell AS c"
        " JOIN app.community AS h USING (community_id) LEFT JOIN app.rental_unit AS u USING (cell_id)"
        ' WHERE c.valid_to IS NULL GROUP BY 1, 2 ORDER BY c.code COLLATE "C"',
    )


def _measure(cells: list[Any], asked: Period, progress: Any) -> Result:
    for step in range(asked.steps):
        progress(step + 1, asked.steps)
    total = sum(cell.units for cell in cells)
    rows = tuple((cell.code, cell.units / total if total else 0.0, cell.units) for cell in cells)
    figures = (Figure("code", Unit.CODE), Figure("share", Unit.SHARE), Figure("units", Unit.COUNT))
    gap = shapely.to_wkb(shapely.box(113.901, 22.751, 113.902, 22.752))
    site = shapely.to_wkb(shapely.Point(113.915, 22.755))
    shapes = (Figure("number", Unit.COUNT), Figure("note", Unit.TEXT), Figure("metres", Unit.METRES))
    return Result(
        (
            Table("cells", figures, rows, Place.CELL),
            Table("gaps", shapes, ((1, "=1+1", 12.5), (2, None, 3.0)), None, (gap, site)),
        ),
        (
            Finding("units_found", {"units": total, "share": 1.0}),
            Finding("most", {"units": 1}, cells[0].code),
        ),
    )


def _take_time(_: Any, asked: Period, progress: Any) -> Result:
    for step in range(asked.steps):
        progress(step, asked.steps)
        time.sleep(0.1)
    return Result((Table("nothing", (Figure("number", Unit.COUNT),), ()),))


def _fall(*_: Any) -> Result:
    raise ZeroDivisionError


UNITS = Analysis("units", Period, _version, _load, _measure)
SLOW = Analysis("slow", Period, _version, _load, _take_time)
FALLS = Analysis("falls", Plain, lambda *_: "1", lambda *_: None, _fall)


def register() -> None:
    """Add them to those there are, for the rest of this process."""
    registry.ANALYSES = {**registry.ANALYSES, **HERE}
