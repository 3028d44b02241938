"""Where the next facilities belong: the sites chosen, what each adds, how sure that is, who is still far."""

from __future__ import annotations

from math import ceil

import numpy as np

from gis.analysis.access.coverage import WORST, quantile, shares
from gis.analysis.access.network import Floats, Indices
from gis.analysis.result import Analysis, Finding, Place, Progress, Result, Table, Value
from gis.analysis.services.candidates import SitesGround, candidates_of, load_sites
from gis.analysis.services.choosing import Choice, before, choose
from gis.analysis.services.ground import Ground
from gis.analysis.services.loading import points_wkb, version
from gis.analysis.services.measure import number, of_streets, table_of
from gis.analysis.services.model import WITHIN_MINUTES
from gis.analysis.services.sites_model import (
    CELL_FIGURES,
    CHANGE_FIGURES,
    COMMUNITY_FIGURES,
    GAIN_FIGURES,
    SITE_FIGURES,
    SOLUTION_FIGURES,
    SitesParameters,
)
from gis.analysis.siting.model import Siting, Status

_PARTS = 1000
_GAP_STEPS = 1000  # a gap is told in tenths of a percent, never too small
_CHOOSING = 800


def measure_sites(given: SitesGround, asked: SitesParameters, progress: Progress) -> Result:
    """Choose sites and tell what they change, by community and cell too."""
    ground = given.ground

    def part(done: int, of: int) -> None:
        progress(_CHOOSING * done // max(of, 1), _PARTS)

    choice = choose(ground, candidates_of(given, asked), asked, part)
    progress(_CHOOSING, _PARTS)
    old = before(ground, asked)
    new = _after(ground, choice, choice.chosen, old, asked)
    steps = [_after(ground, choice, one, old, asked) for one in choice.curve]
    progress(_PARTS - 1, _PARTS)
    tables = (
        _sites(ground, choice, old, asked),
        _solution(choice, asked),
        _gain(ground, choice, steps, asked),
        Table(
            "change",
            CHANGE_FIGURES,
            (_moment(ground, "before", old, asked), _moment(ground, "after", new, asked)),
        ),
        _places(ground, old, new, asked, Place.COMMUNITY),
        _places(ground, old, new, asked, Place.CELL),
    )
    progress(_PARTS, _PARTS)
    return Result(tables, _findings(ground, choice, old, new, asked))


SITES = Analysis("sites", SitesParameters, version, load_sites, measure_sites)


def _after(ground: Ground, choice: Choice, siting: Siting, old: Floats, asked: SitesParameters) -> Floats:
    """(n,) metres to the nearest facility once the sites are there."""
    if not len(siting.sites):
        return old
    found = ground.nearest(asked, choice.candidates.xy[siting.sites])
    return np.minimum(old, found.metres)


def _sites(ground: Ground, choice: Choice, old: Floats, asked: SitesParameters) -> Table:
    """The sites, the one that adds most first; what one adds is beyond those before it."""
    chosen, weight = choice.chosen.sites, ground.demand.weight(asked.weight)
    places = choice.candidates.some(chosen)
    nearest = ground.nearest(asked, places.xy)
    nearer = nearest.metres < old
    people = np.bincount(nearest.facility[nearer], weight[nearer], minlength=len(chosen))
    rows: list[tuple[Value, ...]] = []
    order = _by_gain(ground, places.xy, old, asked)
    for position, (site, gain) in enumerate(order, start=1):
        lon, lat = places.lon_lat[site].tolist()
        row = (position, places.names[site], round(gain), round(float(people[site])))
        rows.append((*row, f"{lon:.6f}", f"{lat:.6f}"))
    shapes = points_wkb(places.lon_lat[[site for site, _ in order]])
    return Table("sites", SITE_FIGURES, tuple(rows), shapes=shapes)


def _by_gain(ground: Ground, xy: Floats, old: Floats, asked: SitesParameters) -> list[tuple[int, float]]:
    """Numbers of the sites, each time the one that brings most people within the minutes, and how many."""
    pairs = ground.within(asked, xy)
    open_to = np.where(old > asked.limit_m, ground.demand.weight(asked.weight), 0.0)
    left = np.ones(len(xy), bool)
    order = []
    for _ in range(len(xy)):
        gains = np.bincount(pairs.facility, open_to[pairs.point], minlength=len(xy))
        site = int(np.argmax(np.where(left, gains, -1.0)))
        order.append((site, float(gains[site])))
        left[site] = False
        open_to[pairs.point[pairs.facility == site]] = 0.0
    return order


def _solution(choice: Choice, asked: SitesParameters) -> Table:
    found = choice.chosen
    row: tuple[Value, ...] = (
        asked.goal,
        len(found.sites),
        found.objective,
        found.bound,
        number(found.gap),
        found.status.value,
        found.solver,
        len(choice.candidates.names),
        round(choice.out_of_reach),
    )
    return Table("solution", SOLUTION_FIGURES, (row,))


def _gain(ground: Ground, choice: Choice, steps: list[Floats], asked: SitesParameters) -> Table:
    """What every number of sites reaches, and how long the worst-served twentieth then walks."""
    weight = ground.demand.weight(asked.weight)
    served = [float(weight[metres <= asked.limit_m].sum()) for metres in steps]
    total = float(weight.sum())
    rows = tuple(
        (
            len(one.sites) if asked.goal == "lscp" else k,
            served[k] / total if total else None,
            round(served[k] - served[k - 1]) if k else 0,
            _mean(metres, weight, asked),
            _worst(metres, weight, asked),
            one.status.value,
            number(one.gap) if choice.is_bounded[k] else None,
        )
        for k, (one, metres) in enumerate(zip(choice.curve, steps, strict=True))
    )
    return Table("gain", GAIN_FIGURES, rows)


def _moment(ground: Ground, name: str, metres: Floats, asked: SitesParameters) -> tuple[Value, ...]:
    weight = ground.demand.weight(asked.weight)
    whole = np.zeros(len(weight), np.intp)
    limits = (*WITHIN_MINUTES, float(asked.minutes))
    found = shares(metres / asked.metres_per_minute, weight, whole, 1, limits)
    return (name, *map(number, found.share[0]), number(found.p95[0]), _mean(metres, weight, asked))


def _mean(metres: Floats, weight: Floats, asked: SitesParameters) -> Value:
    """Mean minutes of those who reach one."""
    there = np.isfinite(metres) & (weight > 0)
    if not there.any():
        return None
    return float(np.average(metres[there], weights=weight[there]) / asked.metres_per_minute)


def _worst(metres: Floats, weight: Floats, asked: SitesParameters) -> Value:
    whole = np.zeros(len(weight), np.intp)
    return number(quantile(metres / asked.metres_per_minute, weight, whole, 1, 1.0 - WORST)[0])


def _places(ground: Ground, old: Floats, new: Floats, asked: SitesParameters, place: Place) -> Table:
    is_cell = place is Place.CELL
    cells, weight = ground.cells, ground.demand.weight(asked.weight)
    codes = cells.codes if is_cell else cells.communities
    group: Indices = ground.demand.cell if is_cell else cells.community[ground.demand.cell]
    limit = (float(asked.minutes),)
    first, then = (
        shares(metres / asked.metres_per_minute, weight, group, len(codes), limit) for metres in (old, new)
    )
    gained = np.nan_to_num((then.share[:, 0] - first.share[:, 0]) * first.people)
    columns = [first.people, first.share[:, 0], then.share[:, 0], gained, then.p95]
    return table_of(place, CELL_FIGURES if is_cell else COMMUNITY_FIGURES, codes, columns)


def _findings(
    ground: Ground, choice: Choice, old: Floats, new: Floats, asked: SitesParameters
) -> tuple[Finding, ...]:
    found = of_streets(ground, asked)
    if not choice.candidates.names:
        return (*found, Finding("no_candidates"))
    earlier, later = (_moment(ground, "", metres, asked) for metres in (old, new))
    sites = len(choice.chosen.sites)
    if asked.goal == "pmedian":
        values = {"site_mean_minutes": later[6], "before_minutes": _whole(earlier[6])}
        found.append(Finding("shorter", {"sites": sites, **values}))
    else:
        values = {"within_after": later[4], "within_before": earlier[4], "asked_minutes": asked.minutes}
        found.append(Finding("gained", {"sites": sites, **values}))
    if earlier[5] is not None and later[5] is not None:
        found.append(Finding("worst_then", {"p95_minutes": later[5], "p95_before": _whole(earlier[5])}))
    if choice.out_of_reach >= 1 and asked.goal == "lscp":
        found.append(Finding("out_of_reach", {"out_of_reach": round(choice.out_of_reach)}))
    if choice.chosen.status is Status.OPTIMAL:
        return (*found, Finding("proven"))
    gap = number(choice.chosen.gap)
    shown = ceil(gap * _GAP_STEPS) / _GAP_STEPS if isinstance(gap, float) else gap
    return (*found, Finding("not_proven", {"gap": shown}))


def _whole(value: Value) -> Value:
    """A number of minutes for a sentence."""
    return round(value) if isinstance(value, float) else value
