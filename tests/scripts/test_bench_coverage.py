"""The harness of `scripts/bench coverage`: its data, its rows and what its report says of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from scripts.benchmark.coverage import harness, report
from scripts.benchmark.coverage.data import Data, days_of, legs_of
from scripts.benchmark.coverage.harness import Found, Work
from scripts.benchmark.coverage.row import Row, Timing, alternate, check
from scripts.benchmark.coverage.streets import DAY_FIXES
from scripts.commands.machine import MachineError


@pytest.fixture(scope="module")
def data() -> Data:
    return Data()


def test_every_work_says_what_it_is() -> None:
    works = harness.all_works()
    assert {"shares", "periods", "gaps", "day", "accuracy"} <= {work.name for work in works}
    assert [work.order for work in works] == sorted(work.order for work in works)
    assert all(work.title and work.about for work in works)


def test_refuses_works_that_are_not_there() -> None:
    with pytest.raises(MachineError, match="no such work: nonsense"):
        harness.run(["nonsense"], 1)


def test_a_peer_that_is_not_installed_leaves_its_work_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(_data: Data, _rounds: int) -> list[Row]:
        raise ModuleNotFoundError(name="spopt")

    monkeypatch.setattr(harness, "all_works", lambda: [Work("one", "One", "About.", 1, rows)])
    (found,) = harness.run(None, 1)
    assert (found.rows, found.trouble) == ([], "left out: spopt is not installed")


def test_goals_of_a_ratio_and_of_a_value() -> None:
    fast, slow = Timing(1.0, 0.0), Timing(40.0, 0.0)
    assert Row("r", fast, "peer", slow).ratio == 40.0
    assert Row("r", fast, "peer", slow, at_least=30.0).is_met is True
    assert Row("r", fast, "peer", slow, at_least=50.0).is_met is False
    assert Row("r", fast, at_least=50.0).is_met is False, "a goal that was not measured is not met"
    assert Row("r", fast, at_most=0.5).is_met is False
    assert Row("r", value=0.08, unit="pp", at_most=0.1).is_met is True
    assert Row("r", fast, "peer", slow).is_met is None


def test_everybody_is_called_once_to_warm_up_and_once_a_round() -> None:
    calls: list[str] = []
    times = alternate(
        3, once=["theirs"], ours=lambda: calls.append("ours"), theirs=lambda: calls.append("theirs")
    )
    assert sorted(calls) == ["ours"] * 4 + ["theirs"]
    assert set(times) == {"ours", "theirs"}
    assert all(timing.seconds >= 0 for timing in times.values())


def test_a_wrong_answer_ends_its_work_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(_data: Data, _rounds: int) -> list[Row]:
        check(True, "nothing")
        check(False, "shares")
        return [Row("never")]

    works = [
        Work("one", "One", "About.", 1, rows),
        Work("two", "Two", "About.", 2, lambda _d, _r: [Row("r")]),
    ]
    monkeypatch.setattr(harness, "all_works", lambda: works)
    wrong, right = harness.run(None, 1)
    assert (wrong.rows, wrong.trouble, wrong.is_wrong) == ([], "wrong answer: shares", True)
    assert (len(right.rows), right.is_wrong) == (1, False)


def test_the_report_says_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "HOME", tmp_path / "raw")
    work = Work("shares", "Shares", "What is measured.", 1, lambda _data, _rounds: [])
    rows = [
        Row("100,000 fixes, 2 m", Timing(0.05, 12.0), "geopandas", Timing(5.0, 700.0), at_least=30.0, fixes=100_000),
        Row("1,000,000 fixes, 2 m", Timing(0.5, 12.0), "geopandas", Timing(50.0, 700.0), fixes=1_000_000),
        Row("worst cell", value=0.2, unit="pp", at_most=0.1, note="by squares"),
    ]  # fmt: skip
    left_out = Work("more", "More", "Else.", 2, lambda _data, _rounds: [])
    text = report.write(
        [Found(work, rows), Found(left_out, [], "left out: spopt is not installed")], rounds=3, place=tmp_path
    ).read_text()
    assert "| 100,000 fixes, 2 m | 50.0 ms | geopandas | 5.00 s | 100 × | ≥ 30 × | yes | 12 | 700 |" in text
    assert "| worst cell | 0.20 pp |  |  |  | ≤ 0.10 pp | **no** |  |  |" in text
    assert "- worst cell: by squares" in text
    assert "left out: spopt is not installed" in text
    assert "ours · 2 m" in (tmp_path / "coverage-growth.svg").read_text()
    (raw,) = (tmp_path / "raw").glob("coverage-*.json")
    assert len(json.loads(raw.read_text())["works"]["shares"]) == 3


def test_data_are_the_same_again_and_of_the_size_they_say(data: Data) -> None:
    assert len(data.cells) == len(data.population) == len(data.community_of_cell) == 800
    assert len(data.communities) == data.community_of_cell.max() + 1 == 28
    assert len(data.parcels) == 2_547
    assert 5_000 < np.median(shapely.area(data.parcels)) < 7_000
    assert not shapely.STRtree(data.parcels).query(data.parcels, predicate="overlaps").size
    assert len(data.units) == 300_000
    assert shapely.covers(data.district, shapely.multipoints(data.units[:1000]))
    again = Data()
    assert (again.cells == data.cells).all()
    day, again_day = data.day(2), again.day(2)
    assert len(day.x) == DAY_FIXES
    assert all(
        (getattr(day, column) == getattr(again_day, column)).all()
        for column in ("at_s", "x", "y", "accuracy_m")
    )


def test_cells_are_those_of_the_reference_and_cover_the_district_exactly(data: Data) -> None:
    assert shapely.is_valid(data.cells).all()
    assert (shapely.get_type_id(data.cells) == 3).all()
    assert shapely.coverage_is_valid(data.cells), "edges that neighbours do not share to the bit"
    assert shapely.area(data.cells).sum() == pytest.approx(155.0e6, abs=10)
    assert data.district.area == pytest.approx(155.0e6, abs=10)
    assert (shapely.get_type_id(data.district), shapely.get_num_interior_rings(data.district)) == (3, 0)
    assert 90 <= np.median(shapely.get_num_coordinates(data.cells)) <= 105
    # Each community is one polygon: its cells hang together.
    assert (shapely.get_type_id(data.communities) == 3).all()
    assert (np.diff(data.community_of_cell) >= 0).all()
    # People live where they do in the schematic division.
    assert 0.97 < data.population.sum() / 880_500 < 1.03
    assert len(data.schematic) == 735


def test_days_are_walked_on_foot_and_by_bicycle_with_errors_and_gaps(data: Data) -> None:
    day = data.day(0)
    legs = legs_of(day)
    assert 0.95 * DAY_FIXES < len(legs) < DAY_FIXES
    assert np.hypot(*(legs[:, 2:] - legs[:, :2]).T).max() <= 200
    jumps = np.hypot(np.diff(day.x), np.diff(day.y))[np.diff(day.walker) == 0]
    assert (jumps > 1000).any()
    assert (np.diff(day.at_s)[np.diff(day.walker) == 0] > 300).any()
    both, start = data.legs([0, 1])
    assert (both[: start[1]] == legs).all()
    assert len(days_of(1_000_000)) == 10
