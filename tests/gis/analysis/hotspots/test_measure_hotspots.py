"""Hot spots measured from made-up districts: what is called hot, new, greyed, and what is said."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely

from gis.analysis.hotspots.judging import judge
from gis.analysis.hotspots.material import CellData, HotspotMaterial, IncidentData
from gis.analysis.hotspots.measure import measure
from gis.analysis.hotspots.model import HotspotQuestion, last_weeks
from gis.errors import InvalidInput

SIDE, CELL_M = 20, 400.0
X0, Y0 = 490_000.0, 2_515_000.0
FROM_ON, TO_ON = last_weeks(date(2026, 11, 22))
ASKED = HotspotQuestion(from_on=FROM_ON, to_on=TO_ON)
MIDDLE = 10 * SIDE + 10


def _district(seed=1, *, per_cell=10.0, units=100, effort_m=50_000.0):
    """400 square cells of 100 units with 10 incidents each on average, evenly over twelve weeks."""
    rng = np.random.default_rng(seed)
    shapes = [
        shapely.box(X0 + x * CELL_M, Y0 + y * CELL_M, X0 + (x + 1) * CELL_M, Y0 + (y + 1) * CELL_M)
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    size = SIDE * SIDE
    codes = tuple(f"C{number:03}" for number in range(size))
    cells = CellData(
        codes=codes,
        names=tuple(f"网格{code}" for code in codes),
        communities=tuple(f"M{number // 100}" for number in range(size)),
        shapes=np.array(shapes, dtype=object),
        units=np.full(size, units),
        effort_m=np.full(size, effort_m),
    )
    cell = np.repeat(np.arange(size), rng.poisson(per_cell, size))
    return HotspotMaterial(0, cells, _placed(rng, cell, rng.uniform(0, 84, len(cell))))


def _placed(rng, cell, at_days):
    corner = np.column_stack([X0 + cell % SIDE * CELL_M, Y0 + cell // SIDE * CELL_M])
    return IncidentData(corner + rng.uniform(1, CELL_M - 1, (len(cell), 2)), at_days, cell)


def _with(material, cell, at_days, *, spread_m=None, seed=9):
    """The district with more incidents in some cells; all about one place if `spread_m` is given."""
    rng = np.random.default_rng(seed)
    more = _placed(rng, np.asarray(cell), np.asarray(at_days, dtype=float))
    xy = more.xy if spread_m is None else more.xy[:1] + rng.normal(0, spread_m, more.xy.shape)
    old = material.incidents
    together = IncidentData(
        np.concatenate([old.xy, xy]),
        np.concatenate([old.at_days, more.at_days]),
        np.concatenate([old.cell, more.cell]),
    )
    return replace(material, incidents=together)


def _block(*, low, high, times):
    """Incidents in the middle cell and those that touch it, as many each day between two days."""
    around = [MIDDLE + dy * SIDE + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return np.repeat(around, times), np.tile(np.linspace(low, high - 0.01, times), 9)


def _measured(material, question=ASKED):
    return measure(material, question, lambda done, total: None).result


def _table(result, name):
    table = next(table for table in result.tables if table.name == name)
    names = [figure.name for figure in table.figures]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def _row(result, cell):
    return _table(result, "cells")[cell]


def _said_of(result, cell):
    return next(f for f in result.findings if f.code == f"C{cell:03}" and f.key.startswith("hotspots_cell"))


def _keys(result):
    return Counter(finding.key for finding in result.findings)


def test_an_even_district_has_no_hot_cell():
    result = _measured(_district())
    assert {row["standing"] for row in _table(result, "cells")} == {"usual"}
    assert _table(result, "bunches") == []
    assert _keys(result)["hotspots_none"] == 1


@pytest.mark.parametrize("per_cell", [1.0, 40.0])
def test_chance_alone_seldom_makes_a_cell_hot(per_cell):
    """Twenty districts without hot spots: at most a tenth tells of any, and 5 % of weeks."""
    told = weeks = 0
    for seed in range(20):
        judged = judge(_district(100 + seed, per_cell=per_cell), ASKED)
        told += judged.is_significant.any()
        weeks += judged.weekly.is_hot.any(axis=0).sum()
    assert told <= 2
    assert weeks <= 20 * 12 * 0.05


def test_a_block_that_is_hot_all_the_time_is_persistent():
    result = _measured(_with(_district(), *_block(low=0, high=84, times=50)))
    row = _row(result, MIDDLE)
    assert row["standing"] == "persistent"
    assert (row["is_significant"], row["hot_weeks"], row["hot_since"]) == (True, 12, FROM_ON.isoformat())
    assert row["times"] > 4
    said = _said_of(result, MIDDLE)
    assert said.key == "hotspots_cell_persistent"
    around = [_row(result, MIDDLE + dy * SIDE + dx)["incidents"] for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    assert (said.values["incidents"], said.values["own"]) == (sum(around), row["incidents"])
    mean = sum(r["incidents"] for r in _table(result, "cells")) / (SIDE * SIDE)
    assert said.values["times"] == pytest.approx(sum(around) / (9 * mean), abs=0.051)


def test_a_block_hot_in_the_last_week_is_new():
    result = _measured(_with(_district(), *_block(low=77, high=84, times=8)))
    row = _row(result, MIDDLE)
    assert (row["standing"], row["trend"], row["hot_since"]) == ("new", "new", "2026-11-16")
    said = _said_of(result, MIDDLE)
    assert (said.key, said.values["since"]) == ("hotspots_cell_new", "2026-11-16")
    assert 8 <= said.values["own"] < row["incidents"], "only what happened since is told"


def test_a_block_hot_until_a_month_ago_is_ended():
    result = _measured(_with(_district(), *_block(low=0, high=56, times=40)))
    row = _row(result, MIDDLE)
    assert (row["standing"], row["trend"], row["hot_since"]) == ("ended", "ended", None)


def test_too_little_effort_is_never_called_hot():
    material = _with(_district(), *_block(low=0, high=84, times=50))
    effort = material.cells.effort_m.copy()
    effort[MIDDLE] = ASKED.least_effort_m * 12 - 1
    result = _measured(replace(material, cells=replace(material.cells, effort_m=effort)))
    row = _row(result, MIDDLE)
    assert (row["standing"], row["is_significant"], row["is_little_walked"]) == ("little_effort", True, True)
    said = next(f for f in result.findings if f.key == "hotspots_little_effort")
    assert said.values == {"cells": 1, "hot": 1}
    assert f"C{MIDDLE:03}" not in {f.code for f in result.findings if f.key.startswith("hotspots_cell")}


def test_too_few_units_are_not_judged_and_too_few_incidents_never_hot():
    material = _with(_district(), *_block(low=0, high=84, times=50))
    units = material.cells.units.copy()
    units[MIDDLE] = ASKED.least_units - 1
    result = _measured(replace(material, cells=replace(material.cells, units=units)))
    row = _row(result, MIDDLE)
    assert (row["standing"], row["z"], row["smoothed_rate"]) == ("few_units", None, None)
    assert _row(result, MIDDLE + 1)["standing"] == "persistent"
    many = _measured(material, ASKED.model_copy(update={"least_incidents": 5_000}))
    assert not {row["standing"] for row in _table(many, "cells")} - {"usual", "cold"}


def test_more_units_and_as_many_more_incidents_are_not_hot():
    """Counts are high where more live; rates are not."""
    material = _district()
    cell, at_days = _block(low=0, high=84, times=40)
    units = material.cells.units.copy()
    units[np.unique(cell)] = 500
    full = _with(replace(material, cells=replace(material.cells, units=units)), cell, at_days)
    assert _row(_measured(full), MIDDLE)["standing"] == "usual"


def test_a_bunch_in_place_and_time_is_found_with_what_was_expected():
    days = np.random.default_rng(6).uniform(30, 35, 60)
    result = _measured(_with(_district(), np.full(60, MIDDLE), days, spread_m=30))
    [bunch] = _table(result, "bunches")
    assert (bunch["cell_code"], bunch["first_on"] >= "2026-09-28") == (f"C{MIDDLE:03}", True)
    assert bunch["in_circle"] >= 55
    assert bunch["expected_in_circle"] < 10
    assert bunch["chance"] < 1e-6
    [said] = [f for f in result.findings if f.key == "hotspots_bunch"]
    assert said.values["incidents"] == bunch["in_circle"]
    shape = next(table for table in result.tables if table.name == "bunches").shapes[0]
    assert shapely.from_wkb(shape).bounds[0] == pytest.approx(113.9, abs=0.2)


def test_the_same_question_gives_the_same_result_in_any_order_of_incidents():
    material = _with(_district(), *_block(low=0, high=84, times=50))
    assert _measured(material) == _measured(material)
    order = np.random.default_rng(3).permutation(len(material.incidents.cell))
    old = material.incidents
    other = replace(material, incidents=IncidentData(old.xy[order], old.at_days[order], old.cell[order]))
    for name in ("cells", "communities", "weeks"):
        assert _table(_measured(other), name) == _table(_measured(material), name)


def test_cells_add_up_to_communities_and_weeks():
    result = _measured(_district())
    cells = _table(result, "cells")
    for community in _table(result, "communities"):
        own = [row for row in cells if row["community_code"] == community["code"]]
        assert community["incidents"] == sum(row["incidents"] for row in own)
        assert community["units"] == sum(row["units"] for row in own)
    assert sum(row["incidents"] for row in _table(result, "weeks")) == sum(r["incidents"] for r in cells)


def test_nothing_happened():
    empty = IncidentData(np.empty((0, 2)), np.empty(0), np.empty(0, np.int64))
    result = _measured(replace(_district(), incidents=empty))
    assert [finding.key for finding in result.findings] == ["hotspots_no_incidents"]
    assert {row["standing"] for row in _table(result, "cells")} == {"usual"}


def test_neighbours_by_distance_and_smoothing_by_neighbours():
    material = _with(_district(), *_block(low=0, high=84, times=50))
    apart = ASKED.model_copy(update={"neighbours": "distance", "distance_m": 600.0})
    assert _row(_measured(material, apart), MIDDLE)["z"] == pytest.approx(
        _row(_measured(material), MIDDLE)["z"], abs=1e-9
    )
    local = _measured(material, ASKED.model_copy(update={"smoothing": "neighbours"}))
    assert _row(local, MIDDLE)["z"] == _row(_measured(material), MIDDLE)["z"]
    assert _row(local, MIDDLE)["smoothed_rate"] != _row(_measured(material), MIDDLE)["smoothed_rate"]


@pytest.mark.parametrize(
    ("from_on", "to_on"),
    [("2026-11-22", "2026-11-01"), ("2026-11-01", "2026-11-22"), ("2026-01-01", "2026-11-22")],
)
def test_a_period_is_whole_weeks(from_on, to_on):
    with pytest.raises(InvalidInput) as caught:
        HotspotQuestion(from_on=from_on, to_on=to_on)
    assert caught.value.pointer == "to"
