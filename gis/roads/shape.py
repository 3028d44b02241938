"""How a network hangs together: streets on foot, connected parts, what looks like a slip in drawing. Pure."""

from __future__ import annotations

import numpy as np
import shapely

from gis.analysis.access.network import Network
from gis.geometry.crs import to_metric, to_wgs84
from gis.roads.model import NEAR_M, Part, RoadReport, Shape, Streets

_LISTED = 10


def shape_of(streets: Streets) -> Shape:
    """Measure streets in EPSG:4547; where lines meet, `gis.analysis.access.network` tells."""
    lines = to_metric(streets.lines)
    network = Network.from_lines(lines, closed=~streets.walkable)
    edges = np.bincount(network.part)
    metres = np.bincount(network.part, network.lengths)
    first = np.unique(network.part, return_index=True)[1]
    places = shapely.get_coordinates(to_wgs84(shapely.points(network.nodes[network.ends[first, 0]])))
    parts = tuple(
        Part(int(edges[n]), float(metres[n]), float(places[n, 0]), float(places[n, 1]))
        for n in range(len(edges))
    )
    return Shape(
        edges=len(network.lengths),
        length_m=float(shapely.length(lines).sum()),
        walkable_m=float(network.lengths.sum()),
        parts=parts,
        loose_ends=network.loose_ends,
        crossings=network.crossings,
    )


def told(report: RoadReport) -> list[str]:
    """What became of the lines in sentences, as the report of a command lists them."""
    said = []
    if report.far:
        said.append(f"{report.far:,} lines lie more than {NEAR_M / 1000:g} km outside the district: left out")
    return said if report.shape is None else [*said, *_shape_told(report.shape)]


def _shape_told(shape: Shape) -> list[str]:
    km, on_foot_km, apart_km = (m / 1000 for m in (shape.length_m, shape.walkable_m, shape.apart_m))
    said = [
        f"{km:,.1f} km, of which {on_foot_km:,.1f} km on foot in {shape.edges:,} streets between junctions"
    ]
    apart = shape.parts[1:]
    if apart:
        said.append(f"{len(apart):,} parts, {apart_km:,.2f} km together, are not connected with the largest")
        said += [
            f"not connected: {part.length_m:,.0f} m at {part.lon:.5f}, {part.lat:.5f}"
            for part in apart[:_LISTED]
        ]
    if shape.loose_ends:
        said.append(f"{shape.loose_ends:,} dead ends lie within a metre of a street they do not meet")
    if shape.crossings:
        said.append(f"{shape.crossings:,} pairs of streets cross without a common vertex: taken as bridges")
    return said
