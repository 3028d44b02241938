"""Minutes of a month from counts and weights. One definition, told in docs/workload.md. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.workload.model import TOUR_FACTOR, Weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is to do in a month in each of k cells.

    Attributes
    ----------
    grades, visits : G grades of units and how often a unit of each is checked in a month, (G,).
    units : units by grade, (k, G).
    stops : visits of buildings a month, (k,): all units of a building are checked at one stop, which comes
        as often as its strictest unit wants.
    families : F families of incidents.
    incidents : incidents a month by family, (k, F).
    points : check points, (k,).
    point_visits : visits of check points of parcels a month, (k,), and check points without parcel, (k,).
    area_m2 : of the convex hull of the places, (k,), EPSG:4547.
    """

    grades: tuple[str, ...]
    visits: Floats
    units: Floats
    stops: Floats
    families: tuple[str, ...]
    incidents: Floats
    points: Floats
    point_visits: Floats
    lone_points: Floats
    area_m2: Floats


@dataclass(frozen=True, slots=True)
class Terms:
    """Minutes a month by what they go into, (k,) each."""

    checks: Floats
    incidents: Floats
    points: Floats
    travel: Floats

    @property
    def total(self) -> Floats:
        """All together, (k,)."""
        return self.checks + self.incidents + self.points + self.travel


def minutes_of(counts: Counts, weights: Weights) -> Terms:
    """Minutes a month of each cell.

    checks = Σ units × visits a month × minutes; incidents = Σ incidents × minutes; points = visits ×
    minutes; travel as `travel_m` says, by the pace.
    """
    check = np.array(weights.checked(counts.grades))
    incident = np.array([weights.incident.get(family, 0.0) for family in counts.families])
    point_visits = counts.point_visits + weights.point_visits * counts.lone_points
    stops = counts.stops + counts.incidents.sum(axis=1) + point_visits
    way = travel_m(stops, counts.area_m2, working_days=weights.working_days, detour=weights.detour)
    return Terms(
        checks=counts.units @ (counts.visits * check),
        incidents=counts.incidents @ incident,
        points=point_visits * weights.point_minutes,
        travel=way / weights.walk_m_min,
    )


def travel_m(stops: Floats, area_m2: Floats, *, working_days: float, detour: float) -> Floats:
    """Metres a month between the stops of each cell, (k,).

    The stops of a month are spread over D working days, each a shortest tour of n = stops / D places:
    D · c · √(n · A) = c · √(stops · D · A), times the detour. With less than one stop a day there are as
    many tours as stops. The constant c holds for many places spread evenly; few places, or places in
    clumps, take another way, in clumps a shorter one.
    """
    days = np.minimum(working_days, stops)
    return detour * TOUR_FACTOR * np.sqrt(stops * days * area_m2)


@dataclass(frozen=True, slots=True)
class Duties:
    """Who answers for which cell: position of the cell, number of the officer (from 0), whether primary."""

    cell: Ints
    officer: Ints
    is_primary: NDArray[np.bool_]
    officers: int


def parts_of(duties: Duties, cells: int, deputy_part: float) -> Floats:
    """What part of its cell each duty carries; the parts of a cell with officers add up to 1.

    A primary counts 1, a deputy `deputy_part`; where there are deputies alone, they share alike.
    """
    part = np.where(duties.is_primary, 1.0, deputy_part)
    weight = np.bincount(duties.cell, part, cells)
    part = np.where(weight[duties.cell] > 0, part, 1.0)
    parts: Floats = part / np.bincount(duties.cell, part, cells)[duties.cell]
    return parts


def officer_minutes(minutes: Floats, duties: Duties, deputy_part: float) -> Floats:
    """Minutes of each officer, (m,): the sum of what each carries of the cells."""
    carried = minutes[duties.cell] * parts_of(duties, len(minutes), deputy_part)
    return np.bincount(duties.officer, carried, duties.officers).astype(np.float64)


def sum_by(labels: Ints, values: Floats, count: int) -> Floats:
    """Sums of values by label, (count,)."""
    return np.bincount(labels, values, count).astype(np.float64)
