from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.analysis.spread.legs import LegFiles
from gis.analysis.spread.shares import Period, parted, shares, shares_parted
from gis.errors import InvalidInput
from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.zones import Zones
from gis.geometry.partition import voronoi_partition

DAYS = (date(2026, 3, 1), date(2026, 3, 2))
PERIOD = Period(DAYS, 30.0)
SIZE_M = 12_000.0
ORIGIN = np.array([491_234.5, 2_516_789.25])


@pytest.fixture(scope="module")
def cells():
    """60 cells of nine communities, over several squares of files."""
    generator = np.random.default_rng(5)
    box = shapely.box(*ORIGIN, *(ORIGIN + SIZE_M))
    polygons = voronoi_partition(box, ORIGIN + generator.uniform(0.02, 0.98, (60, 2)) * SIZE_M)
    middle = (shapely.get_coordinates(shapely.centroid(polygons)) - ORIGIN) // (SIZE_M / 3)
    return gpd.GeoDataFrame(
        {
            "code": [f"C{number:02d}" for number in generator.permutation(60)],
            "community": [f"{int(x)}{int(y)}" for x, y in middle],
        },
        geometry=list(polygons),
        crs=4547,
    )


@pytest.fixture(scope="module")
def walked():
    generator = np.random.default_rng(6)
    begin = ORIGIN + generator.uniform(-0.02, 1.02, (2, 6_000, 2)) * SIZE_M
    turn = generator.uniform(0, 2 * np.pi, (2, 6_000, 1))
    return np.concatenate([begin, begin + 150 * np.concatenate([np.cos(turn), np.sin(turn)], -1)], axis=-1)


@pytest.fixture
def files(tmp_path, walked):
    files = LegFiles(tmp_path)
    for day, legs in zip(DAYS, walked, strict=True):
        files.write(day, "north", legs[::2])
        files.write(day, "south", legs[1::2])
    return files


def test_files_give_what_the_whole_gives(cells, files, walked):
    legs = np.concatenate(walked)
    grid = Grid.around(cells.total_bounds)
    zones = Zones.prepare(grid, cells.geometry.to_numpy())
    layer = paint(grid, legs, [], PERIOD.radius_m)
    found = shares(cells, files, PERIOD)
    assert np.array_equal(found["covered_m2"], zones.covered_m2([layer]))
    assert np.array_equal(found["share"], zones.share([layer]))
    assert 0.1 < found["share"].mean() < 0.9


@pytest.mark.parametrize("parts", [1, 3, 9])
def test_parts_give_the_same_to_the_bit(cells, files, parts):
    import dask

    whole = shares(cells, files, PERIOD).sort_values("code")
    with dask.config.set(scheduler="synchronous"):
        found = shares_parted(parted(cells, "community", parts), files, PERIOD)
    for name in whole:
        assert list(found[name]) == list(whole[name]), name


def test_a_community_never_comes_apart(cells):
    import dask

    with dask.config.set(scheduler="synchronous"):
        pieces = [part.compute() for part in parted(cells, "community", 4).partitions]
    communities = [set(piece.index) for piece in pieces]
    assert sum(map(len, communities)) == len(set().union(*communities)) == cells["community"].nunique()
    assert sum(map(len, pieces)) == len(cells)


@pytest.mark.slow
def test_processes_of_a_cluster_give_the_same_to_the_bit(cells, files):
    from distributed import Client, LocalCluster

    whole = shares(cells, files, PERIOD).sort_values("code")
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        Client(cluster),
    ):
        found = shares_parted(parted(cells, "community", 4), files, PERIOD)
    for name in whole:
        assert list(found[name]) == list(whole[name]), name


def test_writing_again_replaces_what_a_source_gave(cells, files, walked):
    files.write(DAYS[0], "north", walked[0][:10])
    legs = files.near(cells.total_bounds, DAYS[:1], 1e6)
    assert len(legs) == 10 + len(walked[0][1::2])


def test_near_reads_every_leg_that_reaches_in(files, walked):
    legs = np.concatenate(walked)
    bounds = (*(ORIGIN + 4_000), *(ORIGIN + 5_500))
    lines = shapely.linestrings(legs.reshape(-1, 2, 2))
    reaching = legs[shapely.dwithin(lines, shapely.box(*bounds), 30.0)]
    near = {tuple(leg) for leg in files.near(bounds, DAYS, 30.0)}
    assert {tuple(leg) for leg in reaching} <= near
    assert len(near) < len(legs) / 10


def test_what_is_no_leg_or_zone_is_refused(cells, tmp_path):
    with pytest.raises(InvalidInput, match="200 m"):
        LegFiles(tmp_path).write(DAYS[0], "a", np.array([[0.0, 0, 0, 201]]))
    with pytest.raises(InvalidInput, match="columns"):
        LegFiles(tmp_path).write(DAYS[0], "a", np.zeros((3, 2)))
    with pytest.raises(InvalidInput, match="4547"):
        shares(cells.to_crs(4326), LegFiles(tmp_path), PERIOD)
    with pytest.raises(InvalidInput, match="code"):
        shares(cells.drop(columns="code"), LegFiles(tmp_path), PERIOD)
    assert not list(tmp_path.iterdir())


def test_days_without_legs_cover_nothing(cells, files):
    found = shares(cells, files, Period((date(2025, 1, 1),), 30.0))
    assert (found["covered_m2"] == 0).all()
    assert len(found) == len(cells)
