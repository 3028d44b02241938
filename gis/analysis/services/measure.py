"""Service coverage: who has a facility within reach, who is served worst, how much there is for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gis.analysis.access.coverage import quantile, served, shares, worst_served
from gis.analysis.access.distances import Nearest
from gis.analysis.access.floating import Decay, Supply, floating
from gis.analysis.access.network import Bools, Floats, Indices
from gis.analysis.result import Figure, Finding, Place, Progress, Result, Table, Unit, Value
from gis.analysis.services.ground import Ground
from gis.analysis.services.loading import points_wkb
from gis.analysis.services.model import (
    CELL_FIGURES,
    COMMUNITY_FIGURES,
    CURVE_FIGURES,
    FACILITY_FIGURES,
    KIND_FIGURES,
    KINDS,
    WITHIN_MINUTES,
    WORST_FIGURES,
    ServicesParameters,
    Walking,
)
from gis.facility.hours import WEEKDAYS

_WORST_CELLS = 20
_CURVE_MINUTES = tuple(range(3, 31, 3))


@dataclass(frozen=True, slots=True)
class Reached:
    """One kind of facility on a ground: minutes from each building, always and when it is open.

    `which` are the numbers of the facilities of the kind; `facility` of each building is an index into it.
    """

    which: Indices
    is_open: Bools
    minutes: Floats
    facility: Indices
    minutes_open: Floats


def measure(ground: Ground, asked: ServicesParameters, progress: Progress) -> Result:
    """Coverage of the kind asked for by community, cell and facility, and of every kind in the district."""
    steps = len(KINDS) + 2
    kinds = []
    for done, kind in enumerate(KINDS):
        progress(done, steps)
        kinds.append(_kind_row(ground, asked, kind))
    progress(len(KINDS), steps)
    reached = reach(ground, asked, asked.kind)
    supply = capacity(ground, asked, reached)
    cells = ground.cells
    by_community = cells.community[ground.demand.cell]
    progress(len(KINDS) + 1, steps)
    tables = (
        _places(ground, asked, reached, supply, Place.COMMUNITY, by_community),
        _places(ground, asked, reached, supply, Place.CELL, ground.demand.cell),
        Table("kinds", KIND_FIGURES, tuple(row for row in kinds if row[1])),
        _curve(ground, asked, reached),
        _worst(ground, reached),
        _facilities(ground, reached, supply),
    )
    progress(steps, steps)
    return Result(tables, _findings(ground, asked, reached, tables))


def reach(ground: Ground, asked: ServicesParameters, kind: str) -> Reached:
    """Minutes from each building to the nearest facility of a kind, and to the nearest one open then."""
    which = ground.facilities.of_kind(kind)
    places = ground.facilities.xy[which]
    always = ground.nearest(asked, places, ("kind", kind))
    is_open = np.array([_is_open(ground, asked, n) for n in which.tolist()], bool)
    then = always
    if not is_open.all():
        then = ground.nearest(asked, places[is_open], ("open", kind, asked.weekday, asked.hour))
    return Reached(which, is_open, _minutes(always, asked), always.facility, _minutes(then, asked))


def capacity(ground: Ground, asked: ServicesParameters, reached: Reached) -> Supply | None:
    """Places for each resident by floating catchments; None where no facility tells a capacity."""
    known = np.flatnonzero(np.isfinite(ground.facilities.capacity[reached.which]))
    if not len(known):
        return None
    which = reached.which[known]
    pairs = ground.within(asked, ground.facilities.xy[which])
    found = floating(
        pairs, ground.demand.residents, ground.facilities.capacity[which], asked.limit_m, Decay(asked.decay)
    )
    ratio = np.full(len(reached.which), np.nan)
    ratio[known] = found.ratio
    return Supply(found.per_person, ratio, found.reached)


def _is_open(ground: Ground, asked: ServicesParameters, number: int) -> bool:
    """Open at the time asked for; one whose hours are not known counts as open."""
    hours = ground.facilities.hours[number]
    if asked.weekday == "any" or hours is None:
        return True
    return hours.is_open(WEEKDAYS.index(asked.weekday), asked.hour)


def _minutes(found: Nearest, asked: ServicesParameters) -> Floats:
    return found.metres / asked.metres_per_minute


def _kind_row(ground: Ground, asked: ServicesParameters, kind: str) -> tuple[Value, ...]:
    reached = reach(ground, asked, kind)
    whole = np.zeros(len(ground.demand.codes), np.intp)
    residents = ground.demand.residents
    found = shares(reached.minutes, residents, whole, 1, WITHIN_MINUTES)
    known = ground.facilities.capacity[reached.which]
    return (
        kind,
        len(reached.which),
        *map(number, found.share[0]),
        number(_near(reached.minutes, ground.demand.units, asked)),
        number(_near(reached.minutes_open, residents, asked)) if asked.weekday != "any" else None,
        number(found.p95[0]),
        round(float(found.unreached[0])),
        round(float(np.nansum(known))) if np.isfinite(known).any() else None,
    )


def _near(minutes: Floats, weight: Floats, asked: ServicesParameters) -> float:
    """Share of all the weight within the minutes asked for; NaN without weight."""
    total = weight.sum()
    return float(weight[minutes <= asked.minutes].sum() / total) if total else float("nan")


def _places(
    ground: Ground,
    asked: ServicesParameters,
    reached: Reached,
    supply: Supply | None,
    place: Place,
    group: Indices,
) -> Table:
    is_cell = place is Place.CELL
    codes = ground.cells.codes if is_cell else ground.cells.communities
    demand, count, limit = ground.demand, len(codes), (float(asked.minutes),)
    found = shares(reached.minutes, demand.residents, group, count, (*WITHIN_MINUTES, *limit))
    units = shares(reached.minutes, demand.units, group, count, limit)
    then = shares(reached.minutes_open, demand.residents, group, count, limit).share[:, 0]
    worst = worst_served(reached.minutes, demand.residents)
    columns = [
        np.round(units.people),
        np.round(found.people),
        *found.share.T,
        units.share[:, 0],
        then if asked.weekday != "any" else np.full(count, np.nan),
        found.share[:, -1] - then if asked.weekday != "any" else np.full(count, np.nan),
        found.p95,
        np.bincount(group, np.where(worst, demand.residents, 0.0), minlength=count),
        _per_1000(supply, demand.residents, group, count),
    ]
    return table_of(place, CELL_FIGURES if is_cell else COMMUNITY_FIGURES, codes, columns)


def table_of(
    place: Place, figures: tuple[Figure, ...], codes: tuple[str, ...], columns: Sequence[Floats]
) -> Table:
    """The table of cells or communities; `columns` are those after the code, (g,) each."""
    whole = [figure.unit is Unit.COUNT for figure in figures[1:]]
    rows = tuple(
        (code, *(number(column[n], is_whole=one) for column, one in zip(columns, whole, strict=True)))
        for n, code in enumerate(codes)
    )
    return Table("cells" if place is Place.CELL else "communities", figures, rows, place)


def _per_1000(supply: Supply | None, residents: Floats, group: Indices, count: int) -> Floats:
    """(g,) places for 1,000 residents, as their mean over the residents of each group."""
    if supply is None:
        return np.full(count, np.nan)
    people = np.bincount(group, residents, minlength=count)
    places = np.bincount(group, residents * supply.per_person, minlength=count)
    mean: Floats = np.divide(1000 * places, people, out=np.full(count, np.nan), where=people > 0)
    return mean


def _worst(ground: Ground, reached: Reached) -> Table:
    """The cells where most of the worst-served twentieth of the residents live."""
    demand, cells = ground.demand, ground.cells
    worst = worst_served(reached.minutes, demand.residents)
    there = np.isfinite(reached.minutes)
    count = len(cells.codes)
    people = np.bincount(demand.cell[worst], demand.residents[worst], minlength=count)
    arrive = worst & there
    walkers = np.bincount(demand.cell[arrive], demand.residents[arrive], minlength=count)
    walked = np.bincount(
        demand.cell[arrive], (demand.residents * np.where(there, reached.minutes, 0))[arrive], count
    )
    mean = np.divide(walked, walkers, out=np.full(count, np.nan), where=walkers > 0)
    order = np.argsort(-people, kind="stable")[:_WORST_CELLS]
    rows = tuple(
        (
            cells.codes[n],
            cells.communities[cells.community[n]],
            round(float(people[n])),
            number(mean[n]),
            round(float(people[n] - walkers[n])),
        )
        for n in order.tolist()
        if people[n] > 0
    )
    return Table("worst", WORST_FIGURES, rows)


def _curve(ground: Ground, asked: ServicesParameters, reached: Reached) -> Table:
    """The share of residents within every third minute up to half an hour."""
    residents = ground.demand.residents
    total = residents.sum()
    rows: list[tuple[Value, ...]] = []
    for minute in _CURVE_MINUTES if total else ():
        near, then = (residents[m <= minute].sum() / total for m in (reached.minutes, reached.minutes_open))
        rows.append((minute, float(near), float(then) if asked.weekday != "any" else None))
    return Table("curve", CURVE_FIGURES, tuple(rows))


def _facilities(ground: Ground, reached: Reached, supply: Supply | None) -> Table:
    facilities = ground.facilities
    people, mean = served(reached.facility, reached.minutes, ground.demand.residents, len(reached.which))
    ratio = np.full(len(reached.which), np.nan) if supply is None else supply.ratio
    rows = tuple(
        (
            facilities.codes[n],
            facilities.names[n],
            round(float(people[k])),
            number(mean[k]),
            number(facilities.capacity[n], is_whole=True),
            number(1000 * ratio[k]),
            facilities.hours_text[n],
            bool(reached.is_open[k]),
        )
        for k, n in enumerate(reached.which.tolist())
    )
    shapes = points_wkb(facilities.lon_lat[reached.which])
    return Table("facilities", FACILITY_FIGURES, rows, shapes=shapes)


def _findings(
    ground: Ground, asked: ServicesParameters, reached: Reached, tables: tuple[Table, ...]
) -> tuple[Finding, ...]:
    found = of_streets(ground, asked)
    if not len(reached.which):
        return (*found, Finding("no_facility"))
    residents = ground.demand.residents
    if not residents.sum():
        return (*found, Finding("no_residents"))
    near = number(_near(reached.minutes, residents, asked))
    values: dict[str, Value] = {"within": near, "asked_minutes": asked.minutes}
    found.append(Finding("covered", values))
    found += _worst_findings(ground, reached, tables)
    if asked.weekday != "any":
        found.append(
            Finding(
                "open_then",
                {
                    "within": near,
                    "within_open": number(_near(reached.minutes_open, residents, asked)),
                    "facilities": int(reached.is_open.sum()),
                    "hour": asked.hour,
                },
            )
        )
    return tuple(found)


def of_streets(ground: Ground, asked: Walking) -> list[Finding]:
    """That ways are straight lines, or over streets that were made up; nothing where neither is so."""
    if asked.way == "network" and not ground.walks(asked):
        return [Finding("no_network", {"detour": asked.detour})]
    if ground.walks(asked) and ground.roads is not None and ground.roads.is_synthetic:
        return [Finding("synthetic_network")]
    return []


def _worst_findings(ground: Ground, reached: Reached, tables: tuple[Table, ...]) -> list[Finding]:
    """How far the worst-served twentieth walks, and the community where most of them live."""
    residents = ground.demand.residents
    limit = quantile(reached.minutes, residents, np.zeros(len(residents), np.intp), 1, 0.95)[0]
    by_community = tables[0]
    column = [figure.name for figure in by_community.figures].index("worst_residents")
    most = max(by_community.rows, key=lambda row: float(row[column] or 0))
    values: dict[str, Value] = {"worst_residents": most[column], "community": str(most[0])}
    if np.isfinite(limit):
        return [Finding("worst_served", {"p95_minutes": float(limit), **values}, str(most[0]))]
    unreached = round(float(residents[~np.isfinite(reached.minutes)].sum()))
    return [Finding("worst_unreached", {"unreached": unreached, **values}, str(most[0]))]


def number(value: float, *, is_whole: bool = False) -> Value:
    """A figure; None where nothing is known or nothing is reached."""
    if not np.isfinite(value):
        return None
    return round(float(value)) if is_whole else float(value)
