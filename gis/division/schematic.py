"""The schematic division: what stands in until real boundaries are imported.

Communities are the Voronoi polygons of the 28 settlement points inside the generalised outline; cells
divide each community so that a synthetic population, dense in the old village and sparse on the
hills, is spread in cells of about 1,200 people. Not legal boundaries. Deterministic: the same reference
files and library versions give the same division.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis.geometry.balance import balanced_sites
from gis.geometry.crs import area_m2
from gis.geometry.datum import Floats
from gis.geometry.partition import (
    GRID_DEG,
    Plane,
    Sites,
    nested_partition,
    power_nearest,
    voronoi_partition,
)

DATA_DIR = Path(__file__).resolve().parents[2] / "data"
CODE_SCHEME = "nbs-2014"
NOTICE = "schematic, not legal boundaries"
DISTRICT_CODE = "GMXQ"

LAND_USES = ("urban_village", "estate", "industrial", "hill")

# The population surface of a community: share of the people and density of each belt.
_CORE_SHARE, _CORE_PER_KM2 = 0.55, 26_000.0
_TOWN_SHARE, _TOWN_PER_KM2 = 0.30, 9_000.0
_HAMLET_SHARE = 0.11
_HAMLETS = 4
_LOAD_SPREAD = 0.35  # sigma of the log-normal people per cell
_CANDIDATES = 20_000
_SAMPLES_PER_CELL = 50
_VILLAGE_PER_KM2, _HILL_PER_KM2 = 12_000.0, 2_000.0


@dataclass(frozen=True)
class District:
    """The new district as a whole."""

    code: str
    name_zh: str
    name_en: str
    geometry: Polygon


@dataclass(frozen=True)
class Subdistrict:
    """A subdistrict office and the land of its communities."""

    code: str
    name_zh: str
    name_en: str
    initials: str
    district_code: str
    geometry: Polygon | MultiPolygon


@dataclass(frozen=True)
class Community:
    """A community: settlement point, synthetic population, schematic polygon."""

    code: str
    name_zh: str
    name_pinyin: str
    initials: str
    subdistrict_code: str
    lon: float
    lat: float
    population: int
    cell_count: int
    geometry: Polygon


@dataclass(frozen=True)
class Cell:
    """A grid cell with its synthetic population and main land use (one of `LAND_USES`)."""

    code: str
    name_zh: str
    community_code: str
    sequence: int
    population: int
    land_use: str
    area_m2: float
    geometry: Polygon


@dataclass(frozen=True)
class SchematicDivision:
    """District, subdistricts, communities and cells; geometries EPSG:4326 on a grid of 1e-7 degrees."""

    code_scheme: str
    notice: str
    district: District
    subdistricts: tuple[Subdistrict, ...]
    communities: tuple[Community, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class _CellPlan:
    """Generators of a community's cells and the people each is to hold, both of length k."""

    sites: Sites
    populations: NDArray[np.int64]


def build_schematic_division(data_dir: Path = DATA_DIR) -> SchematicDivision:
    """Build the whole division from the reference files; takes a few seconds.

    Parameters
    ----------
    data_dir : folder with outline.geojson, subdistricts.csv and communities.csv.

    Returns
    -------
    SchematicDivision
        All cells form one exact coverage; a community is the exact union of its cells, a subdistrict
        and the district of their communities.
    """
    properties, outline = _read_outline(data_dir / "outline.geojson")
    rows = _read_csv(data_dir / "communities.csv")
    places = np.array([[float(row["lon"]), float(row["lat"])] for row in rows])
    drafts = voronoi_partition(outline, places)
    plane = Plane(*places.mean(axis=0))
    plans = [_cell_plan(draft, row, plane) for draft, row in zip(drafts, rows, strict=True)]
    divided = nested_partition(drafts, [plan.sites for plan in plans], plane=plane)

    communities, cells = [], []
    for row, plan, polygons in zip(rows, plans, divided, strict=True):
        community = _community(row, _union(polygons))
        communities.append(community)
        cells.extend(_cells(community, polygons, plan.populations))
    subdistricts = _subdistricts(_read_csv(data_dir / "subdistricts.csv"), communities)
    district = District(
        DISTRICT_CODE,
        properties["name_zh"],
        properties["name_en"],
        cast(Polygon, _union([community.geometry for community in communities])),
    )
    return SchematicDivision(CODE_SCHEME, NOTICE, district, subdistricts, tuple(communities), tuple(cells))


def numbering_order(polygons: list[Polygon] | NDArray[np.object_]) -> NDArray[np.int64]:
    """Indices of cells in the order of their sequence numbers: west to east, then north to south.

    Compares the centroids' longitudes and, where these agree to the grid, their latitudes from the
    north (the order of the Beijing and Xi'an rules). Shape (n,).
    """
    centres = shapely.get_coordinates(shapely.centroid(np.asarray(polygons, dtype=object)))
    eastward = np.rint(centres[:, 0] / GRID_DEG)
    return np.lexsort((-centres[:, 1], eastward))


def _read_outline(path: Path) -> tuple[dict[str, str], Polygon]:
    feature = json.loads(path.read_text(encoding="utf-8"))["features"][0]
    outline = shapely.from_geojson(json.dumps(feature["geometry"]))
    if not isinstance(outline, Polygon) or not outline.is_valid:
        raise ValueError(f"{path.name}: the outline must be one valid polygon")
    return feature["properties"], outline


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _community(row: dict[str, str], geometry: Polygon | MultiPolygon) -> Community:
    if not isinstance(geometry, Polygon):
        raise ValueError(f"{row['name_zh']}: the community is not one polygon")
    return Community(
        code=row["code"],
        name_zh=row["name_zh"],
        name_pinyin=row["name_pinyin"],
        initials=row["initials"],
        subdistrict_code=row["subdistrict_code"],
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        population=int(row["synthetic_population"]),
        cell_count=int(row["cells"]),
        geometry=geometry,
    )


def _subdistricts(rows: list[dict[str, str]], communities: list[Community]) -> tuple[Subdistrict, ...]:
    made = []
    for row in rows:
        parts = [place.geometry for place in communities if place.subdistrict_code == row["code"]]
        made.append(
            Subdistrict(
                code=row["code"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                initials=row["initials"],
                district_code=row["district_code"],
                geometry=_union(parts),
            )
        )
    return tuple(made)


def _union(parts: list[Polygon]) -> Polygon | MultiPolygon:
    return cast("Polygon | MultiPolygon", shapely.normalize(shapely.coverage_union_all(parts)))


def _cell_plan(draft: Polygon, row: dict[str, str], plane: Plane) -> _CellPlan:
    """Sites of a community's cells, balanced over its synthetic population."""
    generator = np.random.default_rng(int(row["code"]))
    count = int(row["cells"])
    everywhere = plane.to_metres(_scattered(draft))
    density = _population_density(everywhere, draft, row, plane)
    # Half of the samples by area, half by people, so that both hills and alleys are seen.
    chance = 0.5 / len(density) + 0.5 * density / density.sum()
    wanted = min(_SAMPLES_PER_CELL * count, len(density))
    marks = (np.arange(wanted) + 0.5) / wanted
    picked = np.searchsorted(np.cumsum(chance), marks).clip(max=len(density) - 1)
    points, loads = everywhere[picked], density[picked] / chance[picked]
    targets = np.exp(generator.normal(0.0, _LOAD_SPREAD, count))
    sites, weights = balanced_sites(points, loads, targets)
    nearest = power_nearest(points, sites, weights)
    held = np.bincount(nearest, loads, count).astype(np.float64)
    people = _whole_people(held, int(row["synthetic_population"]))
    return _CellPlan(Sites(plane.to_degrees(sites), weights), people)


def _scattered(polygon: Polygon) -> Floats:
    """Evenly scattered lon/lat inside a polygon, shape (n, 2): the R2 sequence (Roberts 2018)."""
    left, bottom, right, top = polygon.bounds
    steps = np.arange(1, int(_CANDIDATES * (right - left) * (top - bottom) / polygon.area) + 1)
    lon = left + (right - left) * ((steps * 0.7548776662466927) % 1.0)
    lat = bottom + (top - bottom) * ((steps * 0.5698402909980532) % 1.0)
    shapely.prepare(polygon)
    inside = shapely.contains_xy(polygon, lon, lat)
    return np.column_stack([lon[inside], lat[inside]])


def _population_density(places: Floats, draft: Polygon, row: dict[str, str], plane: Plane) -> Floats:
    """Synthetic people per km² (up to a factor) at each place, shape (n,).

    A dense core at the settlement point, a town belt about it, a few hamlets, and the rest evenly:
    hills and farmland.
    """
    people = int(row["synthetic_population"])
    area_km2 = float(area_m2([draft])[0]) / 1e6
    centre = plane.to_metres(np.array([[float(row["lon"]), float(row["lat"])]]))[0]
    generator = np.random.default_rng([int(row["code"]), 1])
    hamlets = places[generator.integers(0, len(places), _HAMLETS)]

    total = np.full(len(places), (1 - _CORE_SHARE - _TOWN_SHARE - _HAMLET_SHARE) * people / area_km2)
    belts = [(centre, _CORE_SHARE * people, _CORE_PER_KM2), (centre, _TOWN_SHARE * people, _TOWN_PER_KM2)]
    belts += [(hamlet, _HAMLET_SHARE / _HAMLETS * people, _TOWN_PER_KM2) for hamlet in hamlets]
    for middle, share, peak_per_km2 in belts:
        variance_m2 = share / (2.0 * np.pi * peak_per_km2) * 1e6
        distance2 = ((places - middle) ** 2).sum(axis=1)
        total += peak_per_km2 * np.exp(-distance2 / (2.0 * variance_m2))
    return total


def _cells(community: Community, polygons: list[Polygon], populations: NDArray[np.int64]) -> list[Cell]:
    order = numbering_order(polygons)
    areas = area_m2(polygons)
    base = community.name_zh.removesuffix("社区")
    cells = []
    for sequence, index in enumerate(order, start=1):
        population, area = int(populations[index]), float(areas[index])
        cells.append(
            Cell(
                code=f"{community.code}{sequence:03d}",
                name_zh=f"{base}{sequence:03d}网格",
                community_code=community.code,
                sequence=sequence,
                population=population,
                land_use=_land_use(population, area, sequence),
                area_m2=area,
                geometry=polygons[index],
            )
        )
    return cells


def _land_use(population: int, area: float, sequence: int) -> str:
    """Main land use by density: villages above 12,000 per km², hills below 2,000.

    Every fourth dense cell is a housing estate, so that the demo has some.
    """
    per_km2 = population / area * 1e6
    if per_km2 >= _VILLAGE_PER_KM2:
        return "estate" if sequence % 4 == 0 else "urban_village"
    return "industrial" if per_km2 >= _HILL_PER_KM2 else "hill"


def _whole_people(loads: Floats, total: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to loads that add up to a total (largest remainders)."""
    exact = loads / loads.sum() * total
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]] += 1
    return whole
