"""The places of a community where there is work, counted for any division of it. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.workload.formula import Counts, Floats, Ints, minutes_of, sum_by
from gis.analysis.workload.model import FAMILIES, Weights
from gis.geometry.crs import to_metric


@dataclass(frozen=True, slots=True)
class Places:
    """u units, i incidents, p check points, b buildings with units; lon/lat EPSG:4326, (n, 2).

    Attributes
    ----------
    grades, visits : the grades and how often a unit of each is checked in a month, (G,).
    building, grade : number of each unit's building and position of its grade, (u,).
    family : position of each incident's family, (i,).
    month_share : what part of the incidents falls in a month.
    point_visits : visits a month of each check point, (p,), NaN for one of no parcel.
    unit_at, incident_at, point_at, building_at : where they are.
    home_at : where each unit's building is, (u, 2), so that a building is work at one spot.
    """

    grades: tuple[str, ...]
    visits: Floats
    building: Ints
    grade: Ints
    family: Ints
    month_share: float
    point_visits: Floats
    unit_at: Floats
    incident_at: Floats
    point_at: Floats
    building_at: Floats
    home_at: Floats

    @property
    def lon_lat(self) -> Floats:
        """Where all of them are: units, incidents, check points, buildings, (u + i + p + b, 2)."""
        return np.concatenate([self.unit_at, self.incident_at, self.point_at, self.building_at])

    @property
    def work_at(self) -> Floats:
        """Where the work is: units (at their building), incidents, check points, (u + i + p, 2)."""
        return np.concatenate([self.home_at, self.incident_at, self.point_at])


def counts_of(places: Places, labels: Ints, count: int) -> Counts:
    """What there is to do in each of `count` parts; labels (u + i + p + b,) in the order of `lon_lat`."""
    ends = np.cumsum([len(places.unit_at), len(places.incident_at), len(places.point_at)])
    of_unit, of_incident, of_point, of_building = np.split(labels, ends)
    units = np.zeros((count, len(places.grades)))
    np.add.at(units, (of_unit, places.grade), 1.0)
    incidents = np.zeros((count, len(FAMILIES)))
    np.add.at(incidents, (of_incident, places.family), places.month_share)
    is_lone = np.isnan(places.point_visits)
    return Counts(
        grades=places.grades,
        visits=places.visits,
        units=units,
        stops=sum_by(of_unit, _stops(places, of_unit), count),
        families=FAMILIES,
        incidents=incidents,
        points=sum_by(of_point, np.ones(len(of_point)), count),
        point_visits=sum_by(of_point, np.where(is_lone, 0.0, places.point_visits), count),
        lone_points=sum_by(of_point, is_lone.astype(np.float64), count),
        area_m2=_hulls(places, of_building, of_point, count),
    )


def loads_of(places: Places, weights: Weights) -> Floats:
    """Minutes a month at each place of `work_at`, (u + i + p,); the community's way is shared by stops."""
    whole = minutes_of(counts_of(places, np.zeros(len(places.lon_lat), dtype=np.int64), 1), weights)
    check = places.visits * np.array(weights.checked(places.grades))
    incident = np.array([weights.incident.get(family, 0.0) for family in FAMILIES])
    visits = np.where(np.isnan(places.point_visits), weights.point_visits, places.point_visits)
    stops = np.concatenate(
        [
            _stops(places, np.zeros(len(places.building), dtype=np.int64)),
            np.full(len(places.family), places.month_share),
            visits,
        ]
    )
    work = [
        check[places.grade],
        incident[places.family] * places.month_share,
        visits * weights.point_minutes,
    ]
    way = float(whole.travel[0]) / max(float(stops.sum()), 1e-12)
    return np.concatenate(work) + stops * way


def _stops(places: Places, of_unit: Ints) -> Floats:
    """Visits of each building a month in each part, told with its strictest unit there, 0 with the others."""
    order = np.lexsort((-places.visits[places.grade], places.building, of_unit))
    pair = np.column_stack([of_unit, places.building])[order]
    leads = np.ones(len(order), dtype=np.bool_)
    leads[1:] = (pair[1:] != pair[:-1]).any(axis=1)
    stops = np.zeros(len(order))
    stops[order[leads]] = places.visits[places.grade[order[leads]]]
    return stops


def _hulls(places: Places, of_building: Ints, of_point: Ints, count: int) -> Floats:
    """Area of the convex hull of buildings with units and of check points in each part, m²."""
    at = np.concatenate([places.building_at, places.point_at])
    labels = np.concatenate([of_building, of_point])
    metres = shapely.get_coordinates(to_metric(shapely.points(at))) if len(at) else at
    hulls: list[shapely.Geometry] = [shapely.MultiPoint(metres[labels == part]) for part in range(count)]
    areas: NDArray[np.float64] = shapely.area(shapely.convex_hull(hulls))
    return areas
