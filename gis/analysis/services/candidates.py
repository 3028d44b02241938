"""Where a new site may be: community premises, parcels, along streets, picked places, a kept list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from gis.analysis.access.network import Floats, Indices
from gis.analysis.access.snapping import NOWHERE, snap
from gis.analysis.services.ground import Ground
from gis.analysis.services.loading import load_ground, metric, places_of_parcels
from gis.analysis.services.sites_model import CENTRES, NamedPlace, SitesParameters
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.geometry.crs import METRIC_EPSG, STORAGE_EPSG, transformer

_queries = load_queries(__file__, "drafts")
_SQUARES_M = {"mclp": 300.0, "lscp": 300.0, "pmedian": 600.0}
"""One place on a street in every square of this side; the p-median weighs every pair of place and site."""
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places that may become sites: `xy` in EPSG:4547, `lon_lat` in degrees, shapes (m, 2)."""

    names: tuple[str, ...]
    xy: Floats
    lon_lat: Floats

    def some(self, which: Indices) -> Candidates:
        """A part of them."""
        return Candidates(tuple(self.names[n] for n in which.tolist()), self.xy[which], self.lon_lat[which])

    @classmethod
    def at(cls, places: list[NamedPlace]) -> Candidates:
        """Candidates at named places."""
        lon_lat = np.array([(place.lon, place.lat) for place in places], np.float64).reshape(-1, 2)
        return cls(tuple(place.name for place in places), metric(lon_lat), lon_lat)


@dataclass(frozen=True, slots=True)
class SitesGround:
    """What new sites are measured on; `listed` are the candidates that had to be read."""

    ground: Ground
    listed: tuple[NamedPlace, ...]


def load_sites(connection: Connection, asked: SitesParameters) -> SitesGround:
    """Read everything the choice of sites is made from."""
    return SitesGround(load_ground(connection), listed_places(connection, asked))


def listed_places(connection: Connection, asked: SitesParameters) -> tuple[NamedPlace, ...]:
    """The parcels or the kept list, where these are the candidates asked for."""
    if asked.candidates == "parcels":
        parcels = places_of_parcels(connection)
        return tuple(NamedPlace(row.name_zh or row.code, row.lon, row.lat) for row in parcels)
    if asked.candidates == "list":
        rows = _queries.sites_of_draft(connection, site_draft_id=asked.list_id)
        return tuple(NamedPlace(row.name, row.lon, row.lat) for row in rows)
    return ()


def candidates_of(given: SitesGround, asked: SitesParameters) -> Candidates:
    """The candidates asked for, in an order of their own, each place once."""
    ground = given.ground
    if asked.candidates == "centres":
        return _once(_centres(ground))
    if asked.candidates == "streets":
        return _on_streets(ground, _SQUARES_M[asked.goal], over_streets=ground.walks(asked))
    if asked.candidates == "picked":
        return _once(Candidates.at([NamedPlace(_written(lon, lat), lon, lat) for lon, lat in asked.places]))
    return _once(Candidates.at(list(given.listed)))


def _centres(ground: Ground) -> Candidates:
    facilities = ground.facilities
    which = np.flatnonzero(np.array([kind in CENTRES for kind in facilities.kinds], bool))
    names = tuple(facilities.names[n] for n in which.tolist())
    return Candidates(names, facilities.xy[which], facilities.lon_lat[which])


def _on_streets(ground: Ground, square_m: float, *, over_streets: bool) -> Candidates:
    """In every square of a grid where people live, the place on a street (or building) nearest its middle."""
    people = ground.demand.xy[ground.demand.residents + ground.demand.units > 0]
    if not len(people):
        return Candidates.at([])
    middles = (np.unique(np.floor(people / square_m), axis=0) + 0.5) * square_m
    if over_streets:
        found = snap(ground.network, middles, within_m=square_m)
        on = np.flatnonzero(found.edge != NOWHERE)
        places = shapely.line_interpolate_point(ground.network.lines[found.edge[on]], found.along_m[on])
        xy = shapely.get_coordinates(places)
    else:
        xy = people[np.unique(cKDTree(people).query(middles)[1])]
    lon, lat = transformer(METRIC_EPSG, STORAGE_EPSG).transform(xy[:, 0], xy[:, 1])
    lon_lat = np.round(np.column_stack([lon, lat]), _DECIMALS)
    return _once(Candidates(tuple(_written(*place) for place in lon_lat.tolist()), xy, lon_lat))


def _once(candidates: Candidates) -> Candidates:
    """Without places that stand twice."""
    _, first = np.unique(np.round(candidates.lon_lat, _DECIMALS), axis=0, return_index=True)
    return candidates.some(np.sort(first))


def _written(lon: float, lat: float) -> str:
    return f"{lon:.5f}, {lat:.5f}"
