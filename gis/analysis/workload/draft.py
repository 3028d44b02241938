"""A community divided anew into cells of about equal work, as a draft that can be published.

The draft is a whole division: it goes through the same check as every other, and the same file and command
publish it (docs/import.md).
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import shapely
from pydantic import Field

from gis.analysis.workload.fairness import Spread, spread
from gis.analysis.workload.formula import Floats, Ints, Terms, minutes_of
from gis.analysis.workload.material import queries, read_weights
from gis.analysis.workload.model import FAMILIES, MONTH_DAYS, Weights, WorkQuestion
from gis.analysis.workload.places import Places, counts_of, loads_of
from gis.analysis.workload.redraw import Frames, NewCells, codes_like, redrawn
from gis.analysis.workload.split import heaviest_spot, split_outline
from gis.database.pool import Connection, Database
from gis.division import store as division_store
from gis.division.draft import complete
from gis.division.locator import CellLocator
from gis.division.model import DivisionDraft, Level, Revision
from gis.division.schematic import numbering_order
from gis.division.soundness import Verdict, judge
from gis.errors import NotFound
from gis.people.model import Actor, Permission

_READ_MS = 60_000
_LAYERS = {
    Level.COMMUNITY: "communities",
    Level.CELL: "cells",
    Level.SUBDISTRICT: "subdistricts",
    Level.DISTRICT: "district",
}


class SplitQuestion(WorkQuestion):
    """Which community shall be divided into how many cells, by which work."""

    community: Annotated[str, Field(min_length=1, max_length=40)]
    cells: Annotated[int, Field(ge=2, le=200)]


@dataclass(frozen=True, slots=True)
class SplitMaterial:
    """The division in force and the places of work of a community; `before` is the old cell of each place."""

    question: SplitQuestion
    today: date
    revision: Revision
    frames: Frames
    places: Places
    codes: tuple[str, ...]
    before: Ints
    weights: Weights
    weights_version: int | None


@dataclass(frozen=True, slots=True)
class TodaysCell:
    """A cell as it is: code, minutes a month by the formula, units."""

    code: str
    minutes: float
    units: int


@dataclass(frozen=True, slots=True)
class NewCell:
    """A proposed cell: code, minutes a month by the formula, units, outline (EPSG:4326)."""

    code: str
    minutes: float
    units: int
    outline: shapely.Polygon


@dataclass(frozen=True, slots=True)
class Split:
    """A community before and after, and the whole draft with the verdict of the usual check.

    `lower_bound` is the heaviest building by the mean of a cell: max/mean can hardly be less.
    """

    community_code: str
    before: Spread
    after: Spread
    lower_bound: float
    today: tuple[TodaysCell, ...]
    cells: tuple[NewCell, ...]
    weights_version: int | None
    verdict: Verdict
    draft: DivisionDraft

    @property
    def is_sound(self) -> bool:
        """Whether the draft may be published."""
        return not (self.verdict.broken or self.verdict.errors)


def split_community(db: Database, actor: Actor, question: SplitQuestion) -> Split:
    """Divide a community anew; nothing is kept.

    Raises
    ------
    Forbidden
        The actor may not compute.
    NotFound
        No division, no such community, no such version of the weights.
    InvalidInput
        The community cannot be divided into so many cells.
    """
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        material = load(connection, question)
    return divide_anew(material)


def load(connection: Connection, question: SplitQuestion) -> SplitMaterial:
    """Read a division and the places of work of one of its communities."""
    revision = division_store.current_revision(connection)
    community_id = queries.community_id(connection, code=question.community)
    if revision is None or community_id is None:
        raise NotFound
    today: date = queries.today(connection)
    weights, version = read_weights(connection, question)
    cells = list(queries.cells_of_community(connection, community_id=community_id))
    places, before = _places(connection, question, community_id, [cell.cell_id for cell in cells])
    frames = {level: division_store.read_level(connection, revision.revision_id, level) for level in Level}
    return SplitMaterial(
        question=question,
        today=today,
        revision=revision,
        frames=frames,
        places=places,
        codes=tuple(cell.code for cell in cells),
        before=before,
        weights=weights,
        weights_version=version,
    )


def _places(
    connection: Connection, question: SplitQuestion, community_id: int, cell_ids: list[int]
) -> tuple[Places, Ints]:
    to_on = question.to or queries.today(connection)
    since = to_on - timedelta(days=question.days - 1)
    grades = list(queries.grades(connection))
    number = {grade.code: index for index, grade in enumerate(grades)}
    units = list(queries.unit_places(connection, community_id=community_id, to_on=to_on))
    period = {"community_id": community_id, "from_on": since, "to_on": to_on}
    incidents = list(queries.incident_places(connection, **period))
    points = list(queries.point_places(connection, community_id=community_id))
    buildings = list(queries.building_places(connection, community_id=community_id))
    cell = {cell_id: index for index, cell_id in enumerate(cell_ids)}
    places = Places(
        grades=tuple(grade.code for grade in grades),
        visits=np.array([MONTH_DAYS / grade.visit_interval_days for grade in grades]),
        building=np.array([row.building for row in units], dtype=np.int64),
        grade=np.array([number[row.grade] for row in units], dtype=np.int64),
        family=np.array([FAMILIES.index(row.family) for row in incidents], dtype=np.int64),
        month_share=MONTH_DAYS / question.days,
        point_visits=np.array([row.visits for row in points], dtype=np.float64),
        unit_at=_positions(units),
        incident_at=_positions(incidents),
        point_at=_positions(points),
        building_at=_positions(buildings),
        home_at=np.array([(row.home_lon, row.home_lat) for row in units], dtype=np.float64).reshape(-1, 2),
    )
    everything = (*units, *incidents, *points, *buildings)
    before = np.array([cell[row.cell_id] for row in everything], dtype=np.int64)
    return places, before


def _positions(rows: list[Any]) -> Floats:
    return np.array([(row.lon, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2)


def divide_anew(material: SplitMaterial) -> Split:
    """Make the draft: new cells of one community, everything else as it is."""
    question, places, weights = material.question, material.places, material.weights
    cells = material.frames[Level.CELL]
    own = (cells["parent_code"] == question.community).to_numpy()
    communities = material.frames[Level.COMMUNITY]
    outline = communities.geometry.to_numpy()[communities["code"].tolist().index(question.community)]
    loads = loads_of(places, weights)
    polygons, others = split_outline(
        outline, cells.geometry.to_numpy()[~own], places.work_at, loads, question.cells
    )
    polygons = [polygons[index] for index in numbering_order(polygons)]
    codes = codes_like(material.codes, question.community, material.revision.code_scheme, len(polygons))
    terms, units = _counted(material, codes, polygons)
    counted = counts_of(places, material.before, len(material.codes))
    before = minutes_of(counted, weights)
    draft = _draft(
        material, redrawn(material.frames, question.community, NewCells(codes, polygons, units), others)
    )
    old = zip(material.codes, before.total, counted.units.sum(axis=1), strict=True)
    new = zip(codes, terms.total, units.sum(axis=0), polygons, strict=True)
    return Split(
        community_code=question.community,
        before=spread(before.total),
        after=spread(terms.total),
        lower_bound=heaviest_spot(places.work_at, loads) * len(codes) / float(loads.sum()),
        today=tuple(TodaysCell(code, round(float(m), 1), int(held)) for code, m, held in old),
        cells=tuple(NewCell(code, round(float(m), 1), int(held), shape) for code, m, held, shape in new),
        weights_version=material.weights_version,
        verdict=judge(complete(draft)),
        draft=draft,
    )


def _counted(
    material: SplitMaterial, codes: list[str], polygons: list[shapely.Polygon]
) -> tuple[Terms, Floats]:
    """Minutes of the new cells, and how many units each old cell gives each new one, (old, new)."""
    after = _located(codes, polygons, material.places.lon_lat)
    units = np.zeros((len(material.codes), len(codes)))
    first = len(material.places.unit_at)
    np.add.at(units, (material.before[:first], after[:first]), 1.0)
    return minutes_of(counts_of(material.places, after, len(codes)), material.weights), units


def _located(codes: list[str], polygons: list[shapely.Polygon], lon_lat: Floats) -> Ints:
    """The new cell of each place; a rounded border may leave one just outside: the nearest cell has it."""
    labels = CellLocator(np.arange(len(codes)), codes, polygons).locate(*lon_lat.T)
    lost = np.flatnonzero(labels < 0)
    if len(lost):
        nearest = shapely.STRtree(polygons).query_nearest(shapely.points(lon_lat[lost]), all_matches=False)
        labels[lost] = nearest[1]
    return labels


def draft_file(draft: DivisionDraft) -> bytes:
    """A draft as a GeoPackage, as `scripts/load division` loads and publishes it."""
    import pyogrio  # brings GDAL along: only who takes a file pays

    frames = {
        Level.COMMUNITY: draft.communities,
        Level.CELL: draft.cells,
        Level.SUBDISTRICT: draft.subdistricts,
        Level.DISTRICT: draft.district,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.gpkg"
        for level, layer in _LAYERS.items():
            pyogrio.write_dataframe(frames[level], path, layer=layer, driver="GPKG", append=path.exists())
        return path.read_bytes()


def _draft(material: SplitMaterial, frames: Frames) -> DivisionDraft:
    revision, question = material.revision, material.question
    version = f"weights {material.weights_version}" if material.weights_version else "weights tried out"
    how = f"{question.community} divided into {question.cells} cells by workload, {version}"
    return DivisionDraft(
        title=f"{revision.title}: {question.community} / {question.cells}",
        code_scheme=revision.code_scheme,
        source=f"{revision.source}; {how}",
        is_schematic=revision.is_schematic,
        valid_from=material.today,
        communities=frames[Level.COMMUNITY],
        cells=frames[Level.CELL],
        subdistricts=frames[Level.SUBDISTRICT],
        district=frames[Level.DISTRICT],
    )
