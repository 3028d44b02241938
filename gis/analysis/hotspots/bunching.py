"""Incidents that bunch: in place and time together beyond chance, and dense places by themselves. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from gis.analysis.hotspots.chance import Chance, Evidence
from gis.analysis.hotspots.material import IncidentData
from gis.analysis.hotspots.model import HotspotQuestion
from gis.analysis.hotspots.space_time import Bunches, Near, Whole, members
from gis.analysis.hotspots.streets import dense_places, outline

MOST_STREETS = 50


@dataclass(frozen=True, slots=True)
class Bunch:
    """A cluster in place and time that is more than chance; `cell` holds most of it, -1 is outside."""

    members: Whole
    cell: int
    outline: BaseGeometry
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Street:
    """A dense place; `cell` holds most of it, -1 is outside."""

    members: Whole
    cell: int
    outline: BaseGeometry


def bunches(incidents: IncidentData, question: HotspotQuestion) -> tuple[list[Bunch], int]:
    """Clusters that are more than chance, the surest first, and how many others were left out."""
    least = question.core_size(len(incidents.cell))
    near = Near(question.near_m, question.near_days, least)
    clusters = members(Bunches(incidents.xy, near).labels(incidents.at_days))
    chance = Chance(incidents.xy, np.floor(incidents.at_days))
    found = []
    for rows in clusters:
        evidence = chance.evidence(rows)
        if evidence.p <= question.false_share:
            found.append(Bunch(rows, _most(incidents, rows), outline(incidents.xy[rows]), evidence))
    return sorted(found, key=lambda bunch: (bunch.evidence.p, bunch.members[0])), len(clusters) - len(found)


def streets(incidents: IncidentData, question: HotspotQuestion) -> list[Street]:
    """Dense places, the largest first, at most 50."""
    found = dense_places(incidents.xy, least=question.street_size(len(incidents.cell)))
    return [
        Street(place.members, _most(incidents, place.members), place.outline)
        for place in found[:MOST_STREETS]
    ]


def _most(incidents: IncidentData, rows: Whole) -> int:
    """The cell with most of some incidents, of several the first."""
    cells, counts = np.unique(incidents.cell[rows], return_counts=True)
    return int(cells[np.argmax(counts)])
