"""Gi* and local Moran: published answers, esda as a peer, what must not change them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gis.analysis.hotspots.gi_star import gi_star, two_sided
from gis.analysis.hotspots.moran import Kind, local_moran
from gis.analysis.hotspots.weights import Weights, within_distance
from gis.errors import InvalidInput
from tests.gis.analysis.hotspots.getis_raster import PLACES, RASTER

# The six points and values of esda's own tests (esda/tests/test_getisord.py).
TOY_XY = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
TOY = np.array([2, 3, 3.2, 5, 8, 7])
SQUARE = 119  # the raster's cell n - 136, which Getis and Ord follow

whole_values = st.lists(st.integers(-1000, 1000), min_size=6, max_size=6).filter(lambda x: len(set(x)) > 1)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def peer():
    """esda and libpysal, which warn of islands and of old names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import esda
        import libpysal

        yield esda, libpysal


def _cells(count, seed=5):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 10_000, (count, 2))
    return xy, rng.gamma(2.0, 3.0, count)


def _w_of(libpysal, weights):
    pairs: dict[int, list[int]] = {cell: [] for cell in range(weights.size)}
    for begin, end in zip(weights.begin.tolist(), weights.end.tolist(), strict=True):
        pairs[begin].append(end)
    return libpysal.weights.W(pairs, silence_warnings=True)


def test_toy_of_esda():
    assert gi_star(TOY, within_distance(TOY_XY, 15.0))[0] == pytest.approx(-1.39727626, abs=1e-8)


def test_published_gi_star_of_the_raster():
    """spdep's page on localG: 1.45078, and with √((n-1)/n) the 1.447943 of Getis and Ord 1996, p. 267."""
    z = gi_star(RASTER, within_distance(PLACES, 30.0))[SQUARE]
    n = RASTER.size
    assert (round(z, 6), round(z * np.sqrt((n - 1) / n), 6)) == (1.45078, 1.447943)


@pytest.mark.parametrize(
    ("metres", "published"),
    [(30, 1.221979), (60, 1.748098), (90, 1.986135), (120, 1.893374), (150, 1.237454)],
)
def test_published_gi_of_the_raster(metres, published):
    """Gi without the cell itself (spdep's page on localG) is local Moran's z with the sign of the cell."""
    moran = local_moran(RASTER, within_distance(PLACES, float(metres)))
    sign = np.sign(RASTER[SQUARE] - RASTER.mean())
    assert round(float(sign * moran.z[SQUARE]), 6) == published


def test_equal_to_esda(peer):
    esda, libpysal = peer
    xy, values = _cells(800)
    weights = within_distance(xy, 600.0)
    star = libpysal.weights.fill_diagonal(_w_of(libpysal, weights), 1.0)
    theirs = esda.G_Local(values, star, transform="B", star=True, permutations=0)
    ours = gi_star(values, weights)
    assert np.abs(ours - theirs.Zs).max() < 1e-10
    assert np.abs(two_sided(ours) - 2 * theirs.p_norm).max() < 1e-10


def test_moran_equal_to_esda(peer):
    esda, libpysal = peer
    xy, values = _cells(300)
    weights = within_distance(xy, 1_200.0)
    theirs = esda.Moran_Local(values, _w_of(libpysal, weights), transformation="r", permutations=0)
    ours = local_moran(values, weights)
    assert np.abs(ours.statistic - theirs.Is).max() < 1e-10
    names = {1: Kind.HIGH_AMONG_HIGH, 2: Kind.LOW_AMONG_HIGH, 3: Kind.LOW_AMONG_LOW, 4: Kind.HIGH_AMONG_LOW}
    told = ours.kind != Kind.ALONE
    assert told.sum() > 250
    assert [names[q] for q in theirs.q[told]] == ours.kind[told].tolist()


def test_moran_of_columbus_divides_by_n_less_1(peer):
    """First tract of Columbus: 0.7217814 with n - 1 as esda, 0.7368185 with n as spdep prints."""
    _, libpysal = peer
    table = libpysal.io.open(libpysal.examples.get_path("columbus.dbf"))
    crime = np.array(table.by_col("CRIME"))
    table.close()
    file = libpysal.io.open(libpysal.examples.get_path("columbus.gal"))
    w = file.read()
    file.close()
    pairs = sorted((w.id2i[a], w.id2i[b]) for a, around in w.neighbors.items() for b in around)
    begin, end = np.array(pairs).T
    found = local_moran(crime, Weights(49, begin, end, np.ones(len(begin)))).statistic[0]
    assert round(float(found), 7) == 0.7217814
    assert round(float(found) * 49 / 48, 7) == pytest.approx(0.7368185, abs=1.1e-7)


def test_moran_p_is_that_of_permutations():
    """The analytic p against 20,000 deals of the other cells' values, at a cell of middling z."""
    xy, values = _cells(120)
    weights = within_distance(xy, 2_000.0)
    moran = local_moran(values, weights)
    cell = int(np.argmin(np.abs(np.abs(moran.z) - 1.5)))
    around = weights.end[weights.begin == cell]
    others = np.delete(values, cell)
    rng = np.random.default_rng(7)
    dealt = np.array([rng.choice(others, len(around), replace=False).mean() for _ in range(20_000)])
    z = (values[around].mean() - dealt.mean()) / dealt.std() * np.sign(values[cell] - values.mean())
    assert z == pytest.approx(moran.z[cell], abs=0.03)


@patient
@given(whole_values, st.integers(-50, 50), st.integers(1, 9))
def test_units_of_measure_do_not_matter(x, a, b):
    weights = within_distance(TOY_XY, 15.0)
    z = gi_star(x, weights)
    assert np.allclose(gi_star(a + b * np.array(x), weights), z, atol=1e-9)
    assert np.allclose(gi_star(a - b * np.array(x), weights), -z, atol=1e-9)


@patient
@given(whole_values, st.permutations(range(6)))
@example([2, 0, 0, 1, -2, 1], [0, 1, 2, 4, 3, 5])  # neighbours that add up to the mean, but for rounding
def test_order_of_cells_does_not_matter(x, order):
    values, places = np.array(x, dtype=float), TOY_XY
    ours, shuffled = within_distance(places, 15.0), within_distance(places[order], 15.0)
    assert np.allclose(gi_star(values[order], shuffled), gi_star(values, ours)[order], atol=1e-9)
    before, after = local_moran(values, ours), local_moran(values[order], shuffled)
    assert np.allclose(after.statistic, before.statistic[order], atol=1e-9)
    assert np.allclose(after.p, before.p[order], atol=1e-9)
    assert after.kind.tolist() == before.kind[order].tolist()


def test_nothing_is_hot_where_nothing_varies():
    weights = within_distance(TOY_XY, 15.0)
    assert not gi_star(np.full(6, 0.1), weights).any()
    assert set(local_moran(np.full(6, 0.1), weights).kind) == {Kind.ALONE}
    assert gi_star([], within_distance(np.empty((0, 2)), 1.0)).size == 0


def test_refuses_what_is_no_number():
    with pytest.raises(InvalidInput):
        gi_star([1, 2, np.nan, 4, 5, 6], within_distance(TOY_XY, 15.0))
    with pytest.raises(InvalidInput):
        gi_star([1, 2], within_distance(TOY_XY, 15.0))
