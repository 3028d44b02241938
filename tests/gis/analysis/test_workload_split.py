"""A community divided anew: the draft is sound, publishable, and the work is where the figures say."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import box

from gis.analysis.workload import draft as drafts
from gis.analysis.workload import service
from gis.analysis.workload.draft import SplitQuestion, split_community
from gis.analysis.workload.formula import minutes_of
from gis.analysis.workload.model import DEFAULTS, FAMILIES, WorkloadQuestion
from gis.analysis.workload.places import Places, counts_of, loads_of
from gis.analysis.workload.proposal import BeatsQuestion
from gis.analysis.workload.redraw import codes_like, people_of
from gis.analysis.workload.split import heaviest_spot, split_outline
from gis.errors import Forbidden, InvalidInput, NotFound
from gis.exchange.model import LoadOptions
from gis.exchange.service import load_file
from gis.people.model import Actor, Role
from tests.asking import rows


def even(columns: int, rows_: int) -> np.ndarray:
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows_) + 0.5) / rows_)
    return np.column_stack([113.9 + 0.01 * x.ravel(), 22.75 + 0.01 * y.ravel()])


def test_a_square_falls_into_equal_work_and_the_neighbour_gets_the_corner():
    square, neighbour = box(113.9, 22.75, 113.91, 22.76), box(113.91, 22.75, 113.92, 22.76)
    places = even(40, 40)
    cells, (other,) = split_outline(square, [neighbour], places, np.ones(len(places)), 4)
    held = [int(shapely.contains_xy(cell, *places.T).sum()) for cell in cells]
    assert max(held) < 1.1 * min(held)
    flat = np.array([*cells, shapely.get_parts(other)[0]])
    assert shapely.coverage_is_valid(flat)
    assert shapely.area(shapely.coverage_union_all(cells)) == pytest.approx(shapely.area(square))
    assert shapely.get_num_coordinates(other) > shapely.get_num_coordinates(neighbour)


def test_a_building_is_the_least_a_cell_can_hold():
    places = np.array([[113.9, 22.7], [113.9, 22.7], [113.91, 22.7]])
    assert heaviest_spot(places, np.array([3.0, 4.0, 5.0])) == 7.0


def test_what_cannot_be_divided_is_refused_by_name():
    square, places = box(113.9, 22.75, 113.91, 22.76), even(1, 3)
    with pytest.raises(InvalidInput) as few:
        split_outline(square, [], places, np.array([1.0, 1.0, 0.0]), 3)
    assert few.value.pointer == "cells"
    apart = shapely.MultiPolygon([square, box(113.95, 22.75, 113.96, 22.76)])
    with pytest.raises(InvalidInput) as parts:
        split_outline(apart, [], places, np.ones(3), 2)
    assert parts.value.pointer == "community"


@pytest.mark.parametrize(
    ("old", "community", "scheme", "last"),
    [
        (["440306007001001", "440306007001002"], "440306007001", "nbs-2014", "440306007001012"),
        (["01011144030600700101"], "440306007001", "cjt349-2010", "01011144030600700112"),
        (["A-7", "A-8"], "A", "own", None),
        (["A001"], "A", "own", "A012"),
        ([], "A", "own", "A012"),
    ],
)
def test_new_codes_are_built_as_the_old_ones(old, community, scheme, last):
    if last is None:  # "-7" is two digits long, and so are the new ones
        last = "A12"
    assert codes_like(old, community, scheme, 12)[-1] == last


def test_too_many_cells_for_the_digits():
    with pytest.raises(InvalidInput):
        codes_like(["01011144030600700101"], "440306007001", "cjt349-2010", 100)


def test_people_go_with_the_units_or_the_area_and_none_is_lost():
    units = np.array([[3.0, 1.0], [0.0, 0.0]])
    area = np.array([[1.0, 1.0], [1.0, 2.0]])
    assert people_of(np.array([100.0, 30.0]), units, area).tolist() == [85, 45]
    assert people_of(np.array([1.0, 1.0]), units, area).sum() == 2


def few_places() -> Places:
    """A building with a watched and a strict unit, one with a lenient unit, a dispute, two check points."""
    at = np.array([[113.901, 22.751], [113.901, 22.751], [113.909, 22.759]])
    return Places(
        grades=("lenient", "watch", "strict"),
        visits=np.array([1.0, 2.0, 4.0]),
        building=np.array([1, 1, 2]),
        grade=np.array([1, 2, 0]),
        family=np.array([FAMILIES.index("JF")]),
        month_share=0.5,
        point_visits=np.array([3.0, np.nan]),
        unit_at=at,
        incident_at=np.array([[113.905, 22.755]]),
        point_at=np.array([[113.901, 22.759], [113.909, 22.751]]),
        building_at=at[1:],
        home_at=at,
    )


def test_places_of_one_part_are_counted_by_hand():
    counts = counts_of(few_places(), np.zeros(8, dtype=np.int64), 1)
    assert counts.units.tolist() == [[1, 1, 1]]
    assert counts.stops.tolist() == [4 + 1]  # the strict unit leads its building
    assert counts.incidents[0, FAMILIES.index("JF")] == 0.5
    assert (counts.points[0], counts.point_visits[0], counts.lone_points[0]) == (2, 3, 1)
    assert counts.area_m2[0] == pytest.approx(823 * 886, rel=0.01)  # 0.008 degrees each way


def test_a_building_in_two_parts_is_a_stop_in_both():
    labels = np.array([0, 1, 0, 0, 0, 1, 0, 1])
    assert counts_of(few_places(), labels, 2).stops.tolist() == [2 + 1, 4]


def test_loads_of_places_add_up_to_the_minutes_of_the_whole():
    places = few_places()
    whole = minutes_of(counts_of(places, np.zeros(8, dtype=np.int64), 1), DEFAULTS)
    loads = loads_of(places, DEFAULTS)
    assert loads.shape == (len(places.work_at),) == (6,)
    assert loads.sum() == pytest.approx(whole.total[0])


@pytest.fixture(scope="module")
def planner(demo_url) -> Actor:
    found = rows(demo_url, "SELECT account_id FROM app.account WHERE username = 'planner1'")
    return Actor(found[0][0], Role.PLANNER, username="planner1")


def minutes_of_cells(db, planner) -> dict[str, float]:
    answer = service.workload(db, planner, WorkloadQuestion(months=0))
    table = next(table for table in answer.result.tables if table.name == "cells")
    at = [figure.name for figure in table.figures].index("minutes")
    return {row[0]: row[at] for row in table.rows}


def community_of(demo_url) -> str:
    """The community with the most rental units."""
    return rows(
        demo_url,
        "SELECT c.code FROM app.community AS c JOIN app.rental_unit USING (community_id)"
        " WHERE valid_to IS NULL GROUP BY c.code ORDER BY count(*) DESC, c.code LIMIT 1",
    )[0][0]


def test_beats_of_the_demo_district(demo_db, planner):
    answer = service.beats(demo_db, planner, BeatsQuestion(beats=60, today="community"))
    cells, beats, summary = answer.result.tables
    assert len(cells.rows) == len(answer.material.workload.codes)
    minutes = sum(row[2] for row in cells.rows)
    at = [figure.name for figure in beats.figures].index("minutes")
    assert sum(row[at] for row in beats.rows) == pytest.approx(minutes, abs=10)
    assert len(beats.shapes) == len(beats.rows) == 60
    assert {row[1] for row in summary.rows} == {"before", "after"}
    again = service.beats(demo_db, planner, BeatsQuestion(beats=60, today="community"))
    assert again.result == answer.result
    with pytest.raises(InvalidInput) as refused:
        service.beats(demo_db, planner, BeatsQuestion(beats=5))
    assert refused.value.pointer == "beats"


def test_a_community_divided_anew_is_published_as_it_was_drawn(demo_db, demo_url, planner, tmp_path):
    code = community_of(demo_url)
    before = minutes_of_cells(demo_db, planner)
    own = [minutes for cell, minutes in before.items() if cell.startswith(code)]
    asked = SplitQuestion(community=code, cells=len(own))
    split = split_community(demo_db, planner, asked)
    # The places counted by the old cells give the figures of the workload.
    assert split.before.count == len(own)
    assert split.before.total == pytest.approx(sum(own), abs=len(own) * 0.1)
    assert split.before.max_over_mean == pytest.approx(max(own) * len(own) / sum(own), abs=0.01)
    assert split.after.cv < split.before.cv
    assert 0 < split.lower_bound < 1.2 * split.after.max_over_mean  # the way of a cell alone is another
    assert split.is_sound, split.verdict
    assert [cell.code for cell in split.cells] == sorted(cell.code for cell in split.cells)
    assert len(split.draft.cells) == len(before)
    assert (
        split.draft.cells["population"].sum()
        == rows(demo_url, "SELECT sum(population) FROM app.cell WHERE valid_to IS NULL")[0][0]
    )

    path = tmp_path / "draft.gpkg"
    path.write_bytes(drafts.draft_file(split.draft))
    scheme = split.draft.code_scheme
    report = load_file(demo_url, "division", path, LoadOptions(code_scheme=scheme, schematic=True))
    assert report.rows_stored and not report.rejects
    after = minutes_of_cells(demo_db, planner)
    assert after.keys() == {
        *(cell for cell in before if not cell.startswith(code)),
        *(c.code for c in split.cells),
    }
    for cell in split.cells:
        assert after[cell.code] == pytest.approx(cell.minutes, abs=0.2)
    for cell, minutes in before.items():
        if not cell.startswith(code):
            assert after[cell] == pytest.approx(minutes, abs=0.2)


def test_who_may_divide_anew(demo_db, demo_url, planner):
    asked = SplitQuestion(community=community_of(demo_url), cells=4)
    with pytest.raises(Forbidden):
        split_community(demo_db, Actor(planner.account_id, Role.DISPATCHER), asked)
    with pytest.raises(NotFound):
        split_community(demo_db, planner, SplitQuestion(community="nothing", cells=4))


def test_outlines_above_follow_their_parts(demo_db, demo_url, planner):
    split = split_community(demo_db, planner, SplitQuestion(community=community_of(demo_url), cells=5))
    cells, communities = split.draft.cells, split.draft.communities
    for row in communities.itertuples():
        parts = cells.geometry[cells["parent_code"] == row.code].to_numpy()
        assert shapely.equals(shapely.coverage_union_all(parts), row.geometry)
    whole = split.draft.district.geometry.iloc[0]
    assert shapely.equals(shapely.coverage_union_all(communities.geometry.to_numpy()), whole)
