"""False discovery rate: the example of the paper, and what is kept is significant before."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.analysis.hotspots.fdr import kept, threshold

# Benjamini and Hochberg 1995, section 3.1: 15 hypotheses of a trial of treatments of myocardial infarction.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
    0.7590, 1.0000,
]  # fmt: skip
ps = st.lists(st.floats(0, 1), max_size=40)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_published_example():
    assert kept(PUBLISHED, 0.05).sum() == 4
    assert round(threshold(PUBLISHED, 0.05), 6) == 0.013333


@patient
@given(ps, st.sampled_from([0.01, 0.05, 0.2]))
def test_kept_are_among_the_raw(p, share):
    values = np.array(p)
    found = kept(values, share)
    assert (values[found] <= share).all()
    assert not found.any() or (values[~found] > values[found].max()).all()


@patient
@given(ps, st.randoms())
def test_order_does_not_matter(p, random):
    order = list(range(len(p)))
    random.shuffle(order)
    assert kept(np.array(p)[order], 0.05).tolist() == kept(p, 0.05)[order].tolist()


def test_nothing_tested_nothing_kept():
    assert threshold([], 0.05) == 0
    assert not kept([1.0, 0.9], 0.05).any()
