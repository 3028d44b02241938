"""Patrol coverage as an analysis on the demo district: tables that hold together, the same each time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gis.analysis.patrol.measuring import PATROL
from gis.analysis.patrol.model import PatrolQuestion
from gis.people.model import Actor, Role


def rows_of(result, name):
    table = next(table for table in result.tables if table.name == name)
    names = [figure.name for figure in table.figures]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


@pytest.fixture(scope="module")
def ask(demo_db):
    def run(question):
        with demo_db.transaction(Actor(1, Role.PLANNER).identity, read_only=True) as connection:
            material = PATROL.load(connection, question)
            version = PATROL.version(connection, question)
        return PATROL.measure(material, question, lambda done, total: None), version

    return run


@pytest.fixture(scope="module")
def today(demo_db):
    with demo_db.transaction(Actor(1, Role.PLANNER).identity, read_only=True) as c, c.cursor() as cursor:
        cursor.execute("SELECT app.today()")
        return cursor.fetchone()[0]


@pytest.fixture(scope="module")
def month(ask, today):
    return ask(PatrolQuestion.about(today - timedelta(days=29), today))[0]


def test_time(ask, today):
    import time

    q = PatrolQuestion.about(today - timedelta(days=29), today)
    import cProfile
    import pstats

    for _ in range(3):
        t = time.perf_counter()
        ask(q)
        print("ALL", time.perf_counter() - t)
    p = cProfile.Profile()
    p.enable()
    ask(q)
    p.disable()
    pstats.Stats(p).sort_stats("cumtime").print_stats(35)
    assert 0
