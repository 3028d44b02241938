"""Reports of beats and of a community divided anew: before and after on two maps, borders with their numbers."""

from __future__ import annotations

import re

import pytest

from gis.analysis.runs import service, worker
from webmap.planner.report import Report

WEST = "440306007001"


@pytest.fixture(scope="module")
def runs(world) -> dict[str, int]:
    asked = {"beats": {"beats": 4}, "split": {"community": WEST, "cells": 2}}
    found = {
        name: service.ask_run(world.db, world.actor("petra"), name, parameters).run_id
        for name, parameters in asked.items()
    }
    worker.work_off(world.url, world.db)
    return found


@pytest.fixture
def report(world, world_app, runs):
    with world_app.test_request_context("/?lang=en"):
        yield lambda name, **options: Report(world.db, world.actor("petra"), runs[name], **options)


def names_on(drawing: str) -> list[str]:
    """What stands on a map, without its halo and its bar of scale."""
    return re.findall(r'fill="#17252e">([^<]+)</text>', drawing)


def shapes_on(drawing: str) -> int:
    """How many rings are coloured."""
    return sum(path.count("M") for path in re.findall(r'd="([^"]+)"[^>]*fill-rule', drawing))


def test_beats_stand_beside_those_of_today(report):
    section = report("beats").district()
    proposed, today = section["maps"]
    assert (proposed["figure"], today["figure"]) == (
        "Beats proposed (in colours)",
        "Beats today (in colours)",
    )
    assert sorted(names_on(proposed["svg"])) == ["1", "2", "3", "4"] and names_on(today["svg"]) == []
    assert [shapes_on(one["svg"]) for one in section["maps"]] == [6, 6]
    assert "fill-opacity" not in proposed["svg"]  # nothing lies over the colours
    assert proposed["legend"] == []  # they only tell neighbours apart
    assert [chart["title"] for chart in section["tall"]] == ["Minutes of each beat"]
    assert "Beat 4" in section["tall"][0]["svg"]


def test_a_community_has_its_own_beats(report):
    section = report("beats").community(WEST)
    beats = next(table for table in section["tables"] if table["title"] == "Beats proposed")
    numbers = [row[0] for row in beats["grid"].rows]
    assert 0 < len(numbers) < 4
    assert sorted(names_on(section["maps"][0]["svg"])) == numbers
    assert section["tall"][0]["svg"].count("Beat ") == len(numbers)


def test_a_figure_that_is_asked_for_stands_alone(report):
    (alone,) = report("beats", figure="minutes").district()["maps"]
    assert alone["figure"] == "Minutes a month (min)"


def test_new_cells_stand_beside_the_cells_of_today_by_one_scale(report):
    made = report("split")
    section = made.district()
    new, today = section["maps"]
    assert (new["figure"], today["figure"]) == ("Minutes a month (min)", "Minutes a month today (min)")
    assert new["legend"] == today["legend"] != []
    assert names_on(new["svg"]) == ["001", "002"] and names_on(today["svg"]) == []
    assert [shapes_on(one["svg"]) for one in section["maps"]] == [2, 3]
    assert [chart["title"] for chart in section["tall"]] == ["Minutes of each new cell"]
    assert section["title"] == "社区1"  # it is about nothing else of the district
    assert [one.code for one in made.spoken_of()] == [WEST]  # no empty sections of other communities
