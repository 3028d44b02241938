"""Figures of patrol coverage as tables of a result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.patrol.figures import Figures, sampling_s
from gis.analysis.patrol.gaps import Gap, priority
from gis.analysis.patrol.loading import Material
from gis.analysis.patrol.model import PatrolQuestion
from gis.analysis.patrol.places import Place
from gis.analysis.result import Figure, Finding, Table, Unit, Value
from gis.analysis.result import Place as PlaceKind
from gis.geometry.crs import to_wgs84
from gis.geometry.tracks import MAX_ACCURACY_M
from gis.zone import ZONE

Floats = NDArray[np.float64]
Row = tuple[Value, ...]

CODE, COMMUNITY, LEVEL = Figure("code", Unit.CODE), Figure("community", Unit.CODE), Figure("level", Unit.CODE)
MEASURED = (
    Figure("share", Unit.SHARE),
    Figure("error_likely", Unit.SHARE),
    Figure("error_bound", Unit.SHARE),
    Figure("covered_m2", Unit.SQUARE_METRES),
    Figure("repeated_m2", Unit.SQUARE_METRES),
    Figure("area_m2", Unit.SQUARE_METRES),
    Figure("minutes", Unit.MINUTES),
    Figure("metres", Unit.METRES),
    Figure("vehicle_m", Unit.METRES),
    Figure("check_points", Unit.COUNT),
    Figure("check_points_visited", Unit.COUNT),
    Figure("visits", Unit.COUNT),
    Figure("days_since", Unit.DAYS),
    Figure("revisit_p50", Unit.DAYS),
    Figure("revisit_p90", Unit.DAYS),
    Figure("revisit_max", Unit.DAYS),
    Figure("last_visit", Unit.DATE),
)
JUDGED = (
    Figure("target_share", Unit.SHARE),
    Figure("target_days", Unit.DAYS),
    Figure("on_target", Unit.YES_NO),
)
RISK = (Figure("risk", Unit.NUMBER), Figure("priority", Unit.NUMBER))
GAPS = (
    Figure("number", Unit.COUNT),
    Figure("cell", Unit.CODE),
    Figure("gap_m2", Unit.SQUARE_METRES),
    *RISK,
    Figure("days_since", Unit.DAYS),
)
COMPARED = (
    Figure("share_than", Unit.SHARE),
    Figure("share_change", Unit.SHARE),
    Figure("minutes_change", Unit.MINUTES),
    Figure("metres_change", Unit.METRES),
)
OF_CELLS = (Figure("cells", Unit.COUNT), Figure("cells_on_target", Unit.COUNT))
BASIS = (
    Figure("number", Unit.COUNT),
    Figure("from_on", Unit.DATE),
    Figure("to_on", Unit.DATE),
    Figure("radius_m", Unit.METRES),
    Figure("max_accuracy_m", Unit.METRES),
    Figure("sampling_s", Unit.NUMBER),
    Figure("days_with_tracks", Unit.COUNT),
    Figure("fixes", Unit.COUNT),
    Figure("points", Unit.COUNT),
    Figure("vehicle_legs", Unit.COUNT),
    Figure("days_waiting", Unit.COUNT),
)
_WORST = 3


def community_table(material: Material, found: Figures, cells: Figures, than: Figures | None) -> Table:
    """One row for each community, with how many of its cells are on target."""
    places = material.places
    judged = np.array(on_target(material, "cell", places.cells, cells), dtype=bool)
    of_cells, count = places.community_of[: len(places.cells)], len(places.communities)
    there = np.bincount(of_cells, minlength=count).tolist()
    well = np.bincount(of_cells[judged], minlength=count).tolist()
    rows = tuple(
        (code, *row, *cells_of, *change)
        for code, row, cells_of, change in zip(
            places.communities,
            _measured(found),
            zip(there, well, strict=True),
            _compared(found, than),
            strict=True,
        )
    )
    return Table("communities", _columns(MEASURED, OF_CELLS, than), rows, PlaceKind.COMMUNITY)


def cell_table(material: Material, found: Figures, than: Figures | None) -> Table:
    """One row for each cell, with the target of its land use."""
    ranked = priority(material, found)
    risks = zip(_rounded(material.risk, 2), _rounded(ranked, 1), strict=True)
    plain = _place_rows(material, "cell", material.places.cells, found, than)
    rows = tuple((*row, *risk) for row, risk in zip(plain, risks, strict=True))
    columns = (*_columns((COMMUNITY, LEVEL, *MEASURED), JUDGED, than), *RISK)
    return Table("cells", columns, rows, PlaceKind.CELL)


def parcel_table(material: Material, found: Figures, than: Figures | None) -> Table:
    """One row for each parcel, with the target of its level."""
    parcels = material.places.parcels
    rows = _place_rows(material, "parcel", parcels, found, than)
    named = tuple((row[0], parcel.name, *row[1:]) for row, parcel in zip(rows, parcels, strict=True))
    columns = _columns((Figure("name", Unit.TEXT), COMMUNITY, LEVEL, *MEASURED), JUDGED, than)
    return Table("parcels", columns, named, PlaceKind.PARCEL)


def gap_table(material: Material, found: Figures, gaps: Sequence[Gap]) -> Table:
    """Gaps in their order, with outlines in EPSG:4326; risk, priority and days are those of their cells."""
    ranked, since = priority(material, found), found.visits.since
    rows = tuple(
        (
            number, material.places.cells[gap.cell].code, round(gap.area_m2, 1),
            *_rounded(np.array([material.risk[gap.cell], ranked[gap.cell], since[gap.cell]]), 2),
        )
        for number, gap in enumerate(gaps, 1)
    )  # fmt: skip
    # Half a metre off at most: a gap's border has hundreds of chords.
    outlines = [shapely.simplify(gap.polygon, 0.5) for gap in gaps]
    shapes = tuple(shapely.to_wkb(to_wgs84(np.array(outlines, dtype=object)))) if gaps else ()
    return Table("gaps", GAPS, rows, shapes=shapes)


def basis_table(material: Material, question: PatrolQuestion) -> Table:
    """What the figures were measured from: stands beside every share."""
    rows = [_basis(1, material, question)]
    if material.other is not None and question.other is not None:
        rows.append(_basis(2, material.other, question.other))
    return Table("basis", BASIS, tuple(rows))


def findings(material: Material, communities: Table) -> tuple[Finding, ...]:
    """The communities that are covered least."""
    names = [figure.name for figure in communities.figures]
    share, since = names.index("share"), names.index("days_since")
    worst = sorted(communities.rows, key=lambda row: (row[share], row[0]))[:_WORST]
    if not any(row[share] for row in communities.rows):
        return (Finding("nothing_covered"),)
    return tuple(
        Finding(
            "least_covered" if row[since] is not None else "least_covered_unvisited",
            {
                "name": material.places.names[str(row[0])][0],
                "share": row[share],
                "days_since": row[since],
            },
            str(row[0]),
        )
        for row in worst
    )


def on_target(material: Material, kind: str, places: Sequence[Place], found: Figures) -> list[bool]:
    """Whether each place is covered and visited as its target wants; true where there is none."""
    judged = []
    for place, share, since in zip(places, found.area.share, found.visits.since, strict=True):
        target = material.targets.get((kind, place.level))
        judged.append(target is None or bool(share >= target.share and since <= target.days))
    return judged


def _basis(number: int, material: Material, question: PatrolQuestion) -> Row:
    days = material.days
    return (
        number, question.from_on.isoformat(), question.to_on.isoformat(), question.radius_m, MAX_ACCURACY_M,
        sampling_s(material), len(days), sum(day.fixes for day in days), sum(day.points for day in days),
        sum(day.vehicle_legs for day in days), len(material.waiting),
    )  # fmt: skip


def _columns(figures: Sequence[Figure], more: Sequence[Figure], than: Figures | None) -> tuple[Figure, ...]:
    return CODE, *figures, *more, *(COMPARED if than else ())


def _place_rows(
    material: Material, kind: str, places: Sequence[Place], found: Figures, than: Figures | None
) -> tuple[Row, ...]:
    rows: list[Row] = []
    judged = on_target(material, kind, places, found)
    for place, row, is_met, change in zip(
        places, _measured(found), judged, _compared(found, than), strict=True
    ):
        target = material.targets.get((kind, place.level))
        aim = (target.share, target.days, is_met) if target else (None, None, None)
        rows.append((place.code, place.community, place.level, *row, *aim, *change))
    return tuple(rows)


def _measured(found: Figures) -> list[Row]:
    """Values of `MEASURED` for each place."""
    area, done, seen = found.area, found.work, found.visits
    whole = np.maximum(area.whole, 1e-9)
    columns: list[Sequence[Value]] = [
        _rounded(area.share, 6), _rounded(area.likely / whole, 6),
        _rounded(area.bound / whole, 6), _rounded(area.covered, 1), _rounded(area.repeated, 1),
        _rounded(area.whole, 1), _rounded(done.minutes, 2), _rounded(done.metres, 1),
        _rounded(done.vehicle_m, 1), done.check_points.tolist(), done.visited.tolist(), seen.visits.tolist(),
        _rounded(seen.since, 3), _rounded(seen.p50, 3), _rounded(seen.p90, 3), _rounded(seen.longest, 3),
        [_day(moment) for moment in seen.last_ms.tolist()],
    ]  # fmt: skip
    return list(zip(*columns, strict=True))


def _compared(found: Figures, than: Figures | None) -> list[Row]:
    """Values of `COMPARED` for each place: as it was, and what has changed since."""
    if than is None:
        return [()] * len(found.area.whole)
    columns = (
        than.area.share, found.area.share - than.area.share, found.work.minutes - than.work.minutes,
        found.work.metres - than.work.metres,
    )  # fmt: skip
    digits = (6, 6, 2, 1)
    rows: list[Row] = list(zip(*(_rounded(c, d) for c, d in zip(columns, digits, strict=True)), strict=True))
    return rows


def _rounded(values: Floats, digits: int) -> list[float | None]:
    return [None if value != value else value for value in np.round(values, digits).tolist()]


def _day(moment_ms: int) -> str | None:
    if moment_ms < 0:
        return None
    return datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(ZONE).date().isoformat()
