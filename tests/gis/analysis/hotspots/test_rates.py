"""Rates and their smoothing: the answers of esda's tests, and what smoothing must and must not do."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.analysis.hotspots.rates import chance_of_counts, raw_rates, smoothed_by_neighbours, smoothed_rates
from gis.analysis.hotspots.weights import Weights
from gis.errors import InvalidInput

pairs = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5_000)), min_size=2, max_size=30)
ALONE = Weights(3, np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def libpysal():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import libpysal

        yield libpysal


def test_sids_of_north_carolina(libpysal):
    """Empirical_Bayes of SID74 by BIR74, first five counties: esda/tests/test_smoothing.py."""
    table = libpysal.io.open(libpysal.examples.get_path("sids2.dbf"))
    births, deaths = np.array(table[:, 8], float), np.array(table[:, 9], float)
    table.close()
    found = smoothed_rates(deaths, births)[:5]
    assert np.allclose(found, [0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349], atol=1e-7)


def test_homicides_of_st_louis_by_neighbours(libpysal):
    """Spatial_Empirical_Bayes of HC7984 by PO7984: esda/tests/test_smoothing.py."""
    example = libpysal.examples.load_example("stl")
    table = libpysal.io.open(example.get_path("stl_hom.csv"))
    events, people = np.array(table[:, 10], float), np.array(table[:, 13], float)
    table.close()
    file = libpysal.io.open(example.get_path("stl.gal"))
    w = file.read()
    file.close()
    near = sorted((int(a) - 1, int(b) - 1) for a, around in w.neighbors.items() for b in around)
    begin, end = np.array(near).T
    found = smoothed_by_neighbours(events, people, Weights(len(events), begin, end, np.ones(len(begin))))
    expected = [
        4.01485749e-05, 3.62437513e-05, 4.93034844e-05, 5.09387329e-05, 3.72735210e-05,
        3.69333797e-05, 5.40245456e-05, 2.99806055e-05, 3.73034109e-05, 3.47270722e-05,
    ]  # fmt: skip
    assert np.allclose(found[:10], expected, rtol=1e-6, atol=0)


@patient
@given(pairs)
def test_smoothing_lies_between_the_cell_and_the_mean(rows):
    counts, sizes = np.array(rows, dtype=float).T
    mean = counts.sum() / sizes.sum()
    raw, smoothed = raw_rates(counts, sizes), smoothed_rates(counts, sizes)
    assert (smoothed <= np.maximum(raw, mean) + 1e-12).all()
    assert (smoothed >= np.minimum(raw, mean) - 1e-12).all()


def test_small_cells_are_drawn_more():
    counts, sizes = np.array([2.0, 200, 50, 900, 10]), np.array([10.0, 1_000, 1_000, 3_000, 500])
    raw, smoothed = raw_rates(counts, sizes), smoothed_rates(counts, sizes)
    mean = counts.sum() / sizes.sum()
    drawn = (smoothed - mean) / (raw - mean)
    assert raw[0] == raw[1]
    assert 0 < drawn[0] < drawn[1] < drawn[3] < 1


def test_without_size_there_is_no_rate():
    assert np.isnan(raw_rates([1, 1], [0, 4])[0])
    assert smoothed_rates([1, 1], [0, 4])[0] == pytest.approx(0.5)
    assert smoothed_rates([0, 0, 0], [0, 0, 0]).tolist() == [0, 0, 0]
    assert smoothed_by_neighbours([0, 3, 1], [0, 6, 4], ALONE).tolist() == [0, 0.5, 0.25]


def test_chance_of_counts_by_hand():
    """Two neighbours and one alone; five incidents on 4 units, so 1.25 each. P(X >= 5 | 2.5) = 0.108822."""
    pair = Weights(3, np.array([0, 1]), np.array([1, 0]), np.ones(2))
    p = chance_of_counts([2, 3, 0], [1, 1, 2], pair)
    assert p == pytest.approx([0.108822, 0.108822, np.exp(-2.5)], abs=1e-6)


@pytest.mark.parametrize(("counts", "sizes"), [([-1, 0], [1, 1]), ([1], [1, 1]), ([1, 1], [np.inf, 1])])
def test_refuses_impossible_numbers(counts, sizes):
    with pytest.raises(InvalidInput):
        smoothed_rates(counts, sizes)
