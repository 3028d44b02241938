"""Classes of values: every value has one, its edges read well, changes mirror at 0."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gis.analysis.result import Unit
from webmap.planner.classes import classes_of
from webmap.planner.definitions import Word
from webmap.planner.palette import DIVERGING, GREEN, NO_DATA, WARM
from webmap.planner.words.patrol import WORDS

NUMBERS = st.floats(0, 1e6, allow_nan=False).map(lambda value: round(value, 3))
LISTS = st.lists(st.one_of(st.none(), NUMBERS), max_size=40)


@given(LISTS, st.sampled_from([Unit.COUNT, Unit.MINUTES, Unit.SQUARE_METRES, Unit.NUMBER]))
def test_every_value_lies_in_a_class(values, unit):
    found = classes_of(values, unit, Word("", ""))
    assert list(found.edges) == sorted(set(found.edges))
    assert len(found.colours) == len(found.edges) - 1
    for value in values:
        if value is None:
            assert found.colour(value) == NO_DATA
            continue
        assert found.edges[0] <= value <= found.edges[-1] * (1 + 1e-9)
        at = found.colours.index(found.colour(value))
        assert found.edges[at] <= value
        assert value < found.edges[at + 1] or at == len(found.colours) - 1


@given(
    st.lists(st.floats(-1e4, 1e4).map(lambda value: round(value, 2)), min_size=1).filter(lambda v: min(v) < 0)
)
def test_changes_mirror_at_zero(values):
    found = classes_of(values, Unit.NUMBER, Word("", ""))
    assert list(found.edges) == [-edge for edge in reversed(found.edges)]
    assert len(found.colours) == len(found.edges) - 1
    assert found.edges[0] <= min(values) and max(values) <= found.edges[-1]
    assert found.colour(0) == DIVERGING[3]


def test_shares_have_fifths_in_the_colours_of_what_is_good():
    good = classes_of([0.1, 0.9], Unit.SHARE, Word("", "", good="high"))
    assert good.edges == (0, 0.2, 0.4, 0.6, 0.8, 1)
    assert (good.colour(0), good.colour(1)) == (GREEN[0], GREEN[-1])
    bad = classes_of([0.1, 0.9], Unit.SHARE, Word("", "", good="low"))
    assert bad.colour(1) == WARM[-1]


def test_the_edges_of_a_subject_are_its_own():
    """z-scores have theirs: two-sided 90, 95 and 99 percent."""
    edges = (-10, -2.576, -1.960, -1.645, 1.645, 1.960, 2.576, 10)
    found = classes_of([3, -3, 0.1], Unit.NUMBER, Word("", "", edges=edges))
    assert found.edges == edges
    assert [found.colour(z) for z in (-3, 0.1, 3)] == [DIVERGING[0], DIVERGING[3], DIVERGING[-1]]


@given(st.sampled_from([(), (-1.0, -0.2, 0.2, 1.0)]), st.sampled_from(["high", "low", ""]))
def test_what_is_worse_is_orange(edges, good):
    found = classes_of([-0.9, -0.5, -0.1, 0.1, 0.5, 0.9], Unit.NUMBER, Word("", "", good=good, edges=edges))
    worse, better = (-0.9, 0.9) if good == "high" else (0.9, -0.9)
    assert DIVERGING.index(found.colour(worse)) > 3 > DIVERGING.index(found.colour(better))


def test_no_change_of_a_share_lies_beyond_its_classes():
    assert (WORDS.figure("share_change").edges[0], WORDS.figure("share_change").edges[-1]) == (-1, 1)
