"""Coverage as programs use it: computed by the planner, kept, read by those who may, current or not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from gis.analysis.patrol import gap_service, keeping, kept
from gis.analysis.patrol.model import PatrolQuestion
from gis.errors import Busy, Forbidden, InvalidInput, NotFound, TooLarge
from tests.gis.analysis.patrol.walking import point, walk

DAY = date(2014, 4, 15)
ASKED = PatrolQuestion.about(DAY, DAY)
FIRST = "440306007001001"


@pytest.fixture(scope="module", autouse=True)
def walked(world):
    """One straight walk along the middle of cell 1, 400 m, at half past midnight; nothing else that day."""
    walk(world, "2014-04-15 00:30+08", "2014-04-15 01:00+08")
    keeping.paint_waiting(world.url)


def test_walk_covers_its_capsule(world):
    result = kept.compute_coverage(world.db, world.actor("petra"), ASKED)
    cells = {cell.code: cell for c in result.communities for cell in c.cells}
    # Four legs of 100 m in line: 2·R·400 m + π·R² = 47,853.98 m².
    assert cells[FIRST].covered_m2 == pytest.approx(47_853.98, abs=100)
    assert [c.covered_m2 for code, c in cells.items() if code != FIRST] == [0] * 5
    first = result.communities[0]
    assert first.covered_m2 == pytest.approx(sum(c.covered_m2 for c in first.cells))
    assert first.share == pytest.approx(first.covered_m2 / first.area_m2)
    assert (result.fixes, result.legs, result.effort_km) == (5, 4, pytest.approx(0.4))
    assert result.is_current


def test_days_are_those_of_shanghai(world):
    # 00:30 on the 15th in Shanghai is still the 14th in UTC.
    before = PatrolQuestion.about(DAY - timedelta(days=1), DAY - timedelta(days=1))
    assert kept.compute_coverage(world.db, world.actor("petra"), before).share == 0


def test_computed_coverage_is_read_by_those_who_may_and_by_no_other(world):
    kept.compute_coverage(world.db, world.actor("petra"), ASKED)
    for name in ("petra", "dan", "audrey"):
        assert kept.stored_coverage(world.db, world.actor(name), ASKED).share > 0
    for name in ("alice", "pat", "adam"):
        with pytest.raises(Forbidden):
            kept.stored_coverage(world.db, world.actor(name), ASKED)
    for name in ("dan", "audrey", "alice", "pat", "adam"):
        with pytest.raises(Forbidden):
            kept.compute_coverage(world.db, world.actor(name), ASKED)


def test_same_question_is_computed_once_until_something_new_comes_in(world):
    petra = world.actor("petra")
    first = kept.compute_coverage(world.db, petra, ASKED)
    assert kept.compute_coverage(world.db, petra, ASKED).computed_at == first.computed_at
    point(world, "2014-04-15 12:00+08")
    assert not kept.stored_coverage(world.db, petra, ASKED).is_current
    keeping.paint_waiting(world.url)
    assert not kept.stored_coverage(world.db, petra, ASKED).is_current
    anew = kept.compute_coverage(world.db, petra, ASKED)
    assert anew.is_current and anew.computed_at > first.computed_at
    cells = {cell.code: cell for c in anew.communities for cell in c.cells}
    # A lone point covers its disc: π·50² = 7,853.98 m².
    assert cells["440306007001002"].covered_m2 == pytest.approx(7_853.98, abs=20)
    assert world.ask("SELECT count(*) FROM app.coverage_run WHERE from_on = '2014-04-15'") == [(1,)]


def test_gaps_and_covered_area_add_up_to_the_zone(world):
    result = kept.compute_coverage(world.db, world.actor("petra"), ASKED)
    for place in result.communities:
        found = gap_service.gaps(world.db, world.actor("petra"), ASKED, community=place.code)
        # Squares on the one side, polygons with 16 chords to the quarter on the other.
        assert found["uncovered_m2"] + place.covered_m2 == pytest.approx(place.area_m2, abs=150)
        assert sum(f["properties"]["area_m2"] for f in found["features"]) == pytest.approx(
            found["uncovered_m2"], abs=5
        )
    one = gap_service.gaps(world.db, world.actor("petra"), ASKED, cell=FIRST)
    assert one["uncovered_m2"] < one["zone_m2"]


def test_track_that_leaves_the_district_covers_what_it_passed(world):
    """Flagged as outside, 200 m of it inside: along the middle of the first cell, over the west border."""
    walk(world, "2014-05-01 09:00+08", "2014-05-01 09:10+08", lon=113.90, is_outside=True)
    keeping.paint_waiting(world.url)
    day = PatrolQuestion.about(date(2014, 5, 1), date(2014, 5, 1))
    cell = kept.compute_coverage(world.db, world.actor("petra"), day).communities[0].cells[0]
    # 2·R·200 m and a half disc of π·50²/2, up to the meridian not being quite straight up.
    assert cell.covered_m2 == pytest.approx(20_000 + 3_926.99, abs=60)


def test_points_that_are_not_accurate_cover_nothing(world):
    point(world, "2014-05-02 12:00+08", cell=1, accuracy_m=50)
    point(world, "2014-05-02 12:00+08", cell=2, accuracy_m=51)
    keeping.paint_waiting(world.url)
    day = PatrolQuestion.about(date(2014, 5, 2), date(2014, 5, 2))
    result = kept.compute_coverage(world.db, world.actor("petra"), day)
    covered = [cell.covered_m2 for cell in result.communities[0].cells]
    assert covered == [pytest.approx(7_853.98, abs=20), 0, 0]
    assert result.fixes == 1


def test_radius_that_is_no_binary_fraction_is_found_again(world):
    asked = PatrolQuestion.about(DAY, DAY, 12.3)
    first = kept.compute_coverage(world.db, world.actor("petra"), asked)
    assert kept.compute_coverage(world.db, world.actor("petra"), asked).computed_at == first.computed_at


def test_gaps_of_a_radius_nobody_computed_are_the_planners_alone(world):
    never = PatrolQuestion.about(DAY, DAY, 77)
    assert gap_service.gaps(world.db, world.actor("petra"), never, cell=FIRST)["uncovered_m2"] > 0
    with pytest.raises(NotFound):
        gap_service.gaps(world.db, world.actor("audrey"), never, cell=FIRST)
    kept.compute_coverage(world.db, world.actor("petra"), never)
    assert gap_service.gaps(world.db, world.actor("audrey"), never, cell=FIRST)["uncovered_m2"] > 0


def test_one_measurement_at_a_time_and_none_without_end(world, monkeypatch):
    petra, asked = world.actor("petra"), PatrolQuestion.about(DAY, DAY, 88)

    def meanwhile(*_args, **_options):
        with pytest.raises(Busy):
            kept.compute_coverage(world.db, petra, PatrolQuestion.about(DAY, DAY, 99))
        raise RuntimeError("measured")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="measured"):
        patch.setattr(kept, "_measure", meanwhile)
        kept.compute_coverage(world.db, petra, asked)
    with monkeypatch.context() as patch, pytest.raises(TooLarge):
        patch.setattr(kept, "_LONGEST_S", -1.0)
        kept.compute_coverage(world.db, petra, asked)
    assert kept.stored_coverage(world.db, petra, asked) is None
    assert kept.compute_coverage(world.db, petra, asked).is_current


def test_gaps_of_a_place_that_is_not_there(world):
    with pytest.raises(NotFound):
        gap_service.gaps(world.db, world.actor("petra"), ASKED, cell="999")


@pytest.mark.parametrize("last", [DAY - timedelta(days=1), DAY + timedelta(days=92)])
def test_periods_that_are_none_name_their_field(last):
    with pytest.raises(InvalidInput) as refused:
        PatrolQuestion.about(DAY, last)
    assert refused.value.pointer == "to"


@pytest.mark.parametrize("radius_m", [0, 2001, float("nan")])
def test_radius_out_of_range_is_refused(radius_m):
    with pytest.raises(ValidationError, match="radius_m"):
        PatrolQuestion.about(DAY, DAY, radius_m)


def test_other_period_needs_both_days():
    with pytest.raises(InvalidInput) as refused:
        PatrolQuestion.model_validate({"from": DAY, "to": DAY, "than_from": DAY})
    assert refused.value.pointer == "than_to"


def test_default_is_measured_by_the_loader_in_nobodys_name(world):
    kept.compute_default(world.url)
    assert world.ask("SELECT count(*) FROM app.coverage_run WHERE account_id IS NULL AND radius_m = 50") == [
        (2,)
    ]
