"""Streets from lines: where they meet, what is left out, in which parts they lie."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from gis.analysis.access.network import Network


def network(*lines, **options) -> Network:
    return Network.from_lines(np.array([*lines, None], dtype=object)[:-1], **options)


def test_lines_meet_where_they_share_a_vertex():
    # A street with a side street at its middle vertex, as OpenStreetMap draws it: three pieces, four nodes.
    net = network(LineString([(0, 0), (10, 0), (20, 0)]), LineString([(10, 0), (10, 5)]))
    assert sorted(net.lengths.tolist()) == [5, 10, 10]
    assert len(net.nodes) == 4
    assert net.row.tolist() == [0, 0, 1]
    assert net.part.tolist() == [0, 0, 0]


def test_lines_that_only_cross_are_a_bridge():
    net = network(LineString([(0, 0), (10, 0)]), LineString([(5, -5), (5, 5)]))
    assert len(net.lengths) == 2
    assert len(set(net.part.tolist())) == 2
    assert net.crossings == 1


def test_an_end_slightly_off_is_joined():
    lines = LineString([(0, 0), (10, 0)]), LineString([(10.004, 0), (20, 0)])
    assert network(*lines).part.tolist() == [0, 0]
    apart = network(*lines, join_m=0.0)
    assert sorted(apart.part.tolist()) == [0, 1]
    assert apart.loose_ends == 2


def test_a_line_that_ends_on_another_meets_it():
    # Two side streets, drawn to the middle of a street without a vertex there, one from each side.
    side, facing = LineString([(50, 60), (50, 0.003)]), LineString([(50, 0), (50, -70)])
    net = network(LineString([(0, 0), (100, 0)]), side, LineString([(100, 0), (100, 9)]), facing)
    assert sorted(net.lengths.round(1).tolist()) == [9, 50, 50, 60, 70]
    assert set(net.part.tolist()) == {0}
    assert net.loose_ends == 0
    assert set(network(LineString([(0, 0), (100, 0)]), facing, join_m=0.0).part.tolist()) == {0, 1}


def test_an_end_short_of_a_street_is_told():
    # 40 cm short of the middle of a street: nothing is joined there, and the report says so.
    net = network(LineString([(0, 0), (100, 0)]), LineString([(50, 0.4), (50, 60)]))
    assert net.loose_ends == 1


def test_what_is_left_out_is_counted():
    net = network(
        LineString([(0, 0), (10, 0)]),
        None,
        LineString([(3, 3), (3, 3)]),
        LineString(),
        LineString([(0, 0), (0, 10)]),
        MultiLineString([[(10, 0), (20, 0)], [(30, 0), (40, 0)]]),
        closed=np.array([False, False, False, False, True, False]),
    )
    assert (net.left_out.closed, net.left_out.empty) == (1, 3)
    assert net.row.tolist() == [0, 5, 5]


def test_rings_and_doubles_stay():
    ring = LineString([(0, 0), (10, 0), (10, 10), (0, 0)])
    net = network(ring, LineString([(0, 0), (-5, 0)]), LineString([(0, 0), (-2, 3), (-5, 0)]))
    assert len(net.lengths) == 3
    assert net.ends[0, 0] == net.ends[0, 1]


def test_a_line_that_meets_itself_is_cut_there():
    # A cul-de-sac ending in a loop, one line: the stem and the loop.
    net = network(LineString([(0, 0), (10, 0), (15, 5), (20, 0), (10, 0)]))
    assert len(net.lengths) == 2
    assert len(net.nodes) == 2


def test_the_longest_part_is_first_and_can_be_kept_alone():
    net = network(
        LineString([(0, 0), (1, 0)]), LineString([(50, 0), (90, 0)]), LineString([(90, 0), (95, 0)])
    )
    assert net.part.tolist() == [1, 0, 0]
    longest = net.longest_part()
    assert longest.lengths.tolist() == [40, 5]
    assert len(longest.nodes) == 3


def test_what_is_no_line_is_refused():
    with pytest.raises(ValueError, match="lines only"):
        network(Point(0, 0))
    with pytest.raises(ValueError, match="not finite"):
        network(LineString([(0, 0), (np.inf, 0)]))


def test_no_lines_are_an_empty_network():
    net = network()
    assert (len(net.nodes), len(net.lengths)) == (0, 0)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=6), max_size=8)
)
def test_no_metre_is_lost_or_invented(drawn):
    lines = [LineString(places) for places in drawn]
    net = network(*lines)
    assert net.lengths.sum() == pytest.approx(sum(line.length for line in lines))
    assert np.allclose(shapely.length(net.lines), net.lengths)
    first = np.array([line.coords[0] for line in net.lines]).reshape(-1, 2)
    assert np.array_equal(net.nodes[net.ends[:, 0]], first)
