"""Every cell judged: its rate, Gi* over the period and week by week, local Moran, what it is called. Pure.

Cells with too few rental units take no part: they are neither judged nor anybody's neighbours. Gi* is that
of the rate drawn towards the district's (Marshall), so that a cell of twenty units does not stand out by one
incident; it must be more than chance by the number of incidents too (`_is_told`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.hotspots.emerging import Trend, classify, current_run
from gis.analysis.hotspots.fdr import kept
from gis.analysis.hotspots.gi_star import gi_star, two_sided
from gis.analysis.hotspots.material import HotspotMaterial
from gis.analysis.hotspots.model import HOT_NOW, WEEK, HotspotQuestion, Standing
from gis.analysis.hotspots.moran import LocalMoran, local_moran
from gis.analysis.hotspots.rates import chance_of_counts, smoothed_by_neighbours, smoothed_rates
from gis.analysis.hotspots.space_time import Whole
from gis.analysis.hotspots.weights import Bools, Floats, Weights, contiguity, within_distance

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Weekly:
    """Of the k judged cells by week, (k, w): Gi* and whether it was hot. (k,): what the weeks tell.

    `run` is for how many weeks up to the last a cell has been hot.
    """

    z: Floats
    is_hot: Bools
    run: Whole
    trend: Objects


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What is known of the n cells, and of those k of them that have enough units to be judged.

    Attributes
    ----------
    weekly_counts : (n, w) incidents.
    is_little_walked : (n,) too little effort to tell.
    standing : (n,) of `Standing`.
    rows : (k,) which cells are judged.
    mean : incidents per unit of all judged cells together.
    around, expected_around : (k, w) incidents in the cell and its neighbours, and what their units and the
        district's week make one expect.
    smoothed : (k,) incidents per unit, drawn towards the mean.
    z, p, is_significant : (k,) Gi* of the whole period; significant after Benjamini and Hochberg.
    moran, is_alike : (k,) local Moran, and where it is significant after Benjamini and Hochberg.
    """

    weekly_counts: Whole
    is_little_walked: Bools
    standing: Objects
    rows: Whole
    mean: float
    around: Floats
    expected_around: Floats
    smoothed: Floats
    z: Floats
    p: Floats
    is_significant: Bools
    weekly: Weekly
    moran: LocalMoran
    is_alike: Bools


def judge(material: HotspotMaterial, question: HotspotQuestion) -> Judged:
    """Judge every cell by itself, its neighbours and its weeks."""
    cells, counts = material.cells, weekly_counts(material, question)
    is_judged = cells.units >= question.least_units
    units, own = cells.units[is_judged], counts[is_judged]
    among = neighbours(cells.shapes, question).among(is_judged)
    events, star = own.sum(axis=1), among.with_self()
    rate = smoothed_rates(events, units)
    z = gi_star(rate, among)
    is_significant = _is_told(z, (events, units), among, question.false_share)
    weekly = _weekly(own, units, among, question.false_share)
    moran = local_moran(rate, among)
    called = _called(is_significant & (z > 0), is_significant & (z < 0), weekly)
    called[(events < question.least_incidents) & (called != Standing.COLD)] = Standing.USUAL
    counted_weeks = (question.days - material.uncounted_days) / WEEK
    is_little_walked = cells.effort_m < question.least_effort_m * counted_weeks
    called[is_little_walked[is_judged]] = Standing.LITTLE_EFFORT
    standing = np.full(len(cells.codes), Standing.FEW_UNITS, dtype=object)
    standing[is_judged] = called
    return Judged(
        weekly_counts=counts,
        is_little_walked=is_little_walked,
        standing=standing,
        rows=np.flatnonzero(is_judged).astype(np.int64),
        mean=float(events.sum() / max(units.sum(), 1)),
        around=np.stack([star.lag(week.astype(np.float64)) for week in own.T], axis=1),
        expected_around=np.outer(star.lag(units.astype(np.float64)), own.sum(axis=0) / max(units.sum(), 1)),
        smoothed=rate if question.smoothing == "district" else smoothed_by_neighbours(events, units, among),
        z=z,
        p=two_sided(z),
        is_significant=is_significant,
        weekly=weekly,
        moran=moran,
        is_alike=kept(moran.p, question.false_share),
    )


def weekly_counts(material: HotspotMaterial, question: HotspotQuestion) -> Whole:
    """Incidents by cell and week, (n, w); those outside all cells are left out."""
    incidents, size = material.incidents, len(material.cells.codes)
    inside = incidents.cell >= 0
    week = np.clip(incidents.at_days[inside] // WEEK, 0, question.weeks - 1).astype(np.int64)
    flat = np.bincount(incidents.cell[inside] * question.weeks + week, minlength=size * question.weeks)
    return flat.reshape(size, question.weeks).astype(np.int64)


def neighbours(shapes: Objects, question: HotspotQuestion) -> Weights:
    """Who is whose neighbour, as the question says."""
    if question.neighbours == "touch":
        return contiguity(shapes)
    return within_distance(shapely.get_coordinates(shapely.centroid(shapes)), question.distance_m)


def _weekly(counts: Whole, units: Whole, among: Weights, false_share: float) -> Weekly:
    """Each week within itself; a cell without an incident of its own is not hot by its neighbours."""
    z = np.zeros(counts.shape)
    is_hot, is_cold = np.zeros(counts.shape, dtype=bool), np.zeros(counts.shape, dtype=bool)
    for week in range(counts.shape[1]):
        z[:, week] = gi_star(smoothed_rates(counts[:, week], units), among)
        told = _is_told(z[:, week], (counts[:, week], units), among, false_share)
        is_hot[:, week] = told & (z[:, week] > 0) & (counts[:, week] > 0)
        is_cold[:, week] = told & (z[:, week] < 0)
    return Weekly(z, is_hot, current_run(is_hot), classify(z, is_hot, is_cold))


def _is_told(z: Floats, rates: tuple[Whole, Whole], among: Weights, false_share: float) -> Bools:
    """Which cells stay significant among all.

    Two things must be unlikely: so high a Gi* where rates differ as they do here, and so many incidents in
    the cell and its neighbours were they spread by units. The first alone mistakes three incidents in a
    quiet week for a hot spot, for small numbers are not normal; the second alone takes for hot what only
    shows that cells differ.
    """
    p = np.maximum(two_sided(z), chance_of_counts(*rates, among))
    return kept(p, false_share)


def _called(is_hot: Bools, is_cold: Bools, weekly: Weekly) -> Objects:
    """What judged cells are called by the period and by their weeks."""
    called = np.full(len(is_hot), Standing.USUAL, dtype=object)
    called[is_cold] = Standing.COLD
    called[is_hot] = Standing.STEADY
    called[is_hot & np.isin(weekly.trend, (Trend.ENDED, Trend.PAST))] = Standing.ENDED
    for trend, standing in HOT_NOW.items():
        called[weekly.trend == trend] = standing
    return called
