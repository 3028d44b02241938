"""Dense places: found whatever their shape, outlined, and none too wide."""

from __future__ import annotations

import numpy as np
import shapely

from gis.analysis.hotspots.streets import MAX_ACROSS_M, dense_places


def test_a_street_and_a_crossing():
    rng = np.random.default_rng(1)
    street = np.column_stack([rng.uniform(0, 400, 200), rng.normal(0, 8, 200)])
    crossing = rng.normal(2_000, 15, (120, 2))
    scattered = rng.uniform(-5_000, 5_000, (300, 2))
    xy = np.concatenate([street, crossing, scattered])
    found = dense_places(xy, least=40)
    own = [set(np.flatnonzero(np.arange(620) < 200)), set(range(200, 320))]
    assert [max(len(own[k] & set(place.members.tolist())) for place in found) > 60 for k in (0, 1)] == [
        True
    ] * 2
    for place in found:
        assert shapely.covers(place.outline, shapely.multipoints(xy[place.members]))
        assert np.hypot(*np.ptp(xy[place.members], axis=0)) <= MAX_ACROSS_M
    assert [len(place.members) for place in found] == sorted((len(p.members) for p in found), reverse=True)


def test_order_does_not_matter():
    rng = np.random.default_rng(2)
    xy = np.concatenate(
        [rng.normal(at, 20, (80, 2)) for at in (0, 900)] + [rng.uniform(-3_000, 3_000, (200, 2))]
    )
    order = rng.permutation(len(xy))
    before = [set(map(tuple, xy[place.members])) for place in dense_places(xy, least=20)]
    after = [set(map(tuple, xy[order][place.members])) for place in dense_places(xy[order], least=20)]
    assert before == after != []


def test_too_few_are_no_place():
    assert dense_places(np.zeros((5, 2)), least=10) == []
