"""Periodic jobs: run when due, never twice at once, taken up again after a kill, failures kept."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time

import psycopg2
import pytest

from gis.errors import Forbidden
from gis.jobs import runner
from gis.jobs.model import Job, LastRun, Outcome, is_due
from gis.jobs.registry import JOBS
from tests.conftest import ROOT

HOUR = dt.timedelta(hours=1)
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def runs(world):
    connection = psycopg2.connect(world.url)
    connection.autocommit = True

    def ask(name: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT outcome, detail FROM app.job_run WHERE name = %s ORDER BY job_run_id", (name,)
            )
            return cursor.fetchall()

    yield ask
    connection.close()


def test_due_when_its_time_has_come_or_the_last_run_did_not_end_well():
    job = Job("x", HOUR, lambda _: "")
    assert is_due(job, None, NOON)
    for outcome, minutes, due in [
        (Outcome.DONE, 59, False),
        (Outcome.DONE, 60, True),
        (Outcome.FAILED, 4, False),
        (Outcome.FAILED, 5, True),
        (Outcome.CUT_OFF, 0, True),
    ]:
        last = LastRun(NOON - dt.timedelta(minutes=minutes), outcome)
        assert is_due(job, last, NOON) is due, (outcome, minutes)


def test_a_job_runs_once_until_it_is_due_again(world, runs):
    job = Job("once", HOUR, lambda _: "well")
    assert runner.run_due_jobs(world.url, [job]) == {"once": Outcome.DONE}
    assert runner.run_due_jobs(world.url, [job]) == {}
    assert runs("once") == [("done", "well")]


def test_a_failure_is_kept_with_its_reason_and_undoes_what_was_written(world, runs):
    def fail(connection) -> str:
        connection.cursor().execute("UPDATE app.team SET name_zh = 'half done'")
        raise ValueError("no ladder")

    other = Job("after_it", HOUR, lambda _: "well")
    outcomes = runner.run_due_jobs(world.url, [Job("falls", HOUR, fail), other])
    assert outcomes == {"falls": Outcome.FAILED, "after_it": Outcome.DONE}
    assert runs("falls") == [("failed", "ValueError: no ladder")]
    with psycopg2.connect(world.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM app.team WHERE name_zh = 'half done'")
        assert cursor.fetchone()[0] == 0
    connection.close()


def test_many_runners_run_a_due_job_once(world, runs):
    at_once, most = 0, 0
    guard = threading.Lock()

    def slow(_) -> str:
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.3)
        with guard:
            at_once -= 1
        return "well"

    job = Job("shared", HOUR, slow)
    threads = [threading.Thread(target=runner.run_due_jobs, args=(world.url, [job])) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert runs("shared") == [("done", "well")]


SLEEPER = """
import datetime, sys, time
from gis.jobs import runner
from gis.jobs.model import Job

def sleep(connection):
    connection.cursor().execute("UPDATE app.team SET name_zh = 'half done'")
    print("inside", flush=True)
    time.sleep(60)

runner.run_due_jobs(sys.argv[1], [Job("killed", datetime.timedelta(hours=1), sleep)])
"""


def test_a_killed_run_is_told_and_its_work_taken_up_at_once(world, runs):
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, world.url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "inside\n"
    job = Job("killed", HOUR, lambda _: "well")
    assert runner.run_due_jobs(world.url, [job]) == {}  # somebody is at it
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 20
    while not (outcome := runner.run_due_jobs(world.url, [job])) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert outcome == {"killed": Outcome.DONE}
    assert runs("killed") == [("cut_off", ""), ("done", "well")]


def test_the_loop_outlives_a_database_that_cannot_be_reached(world, runs):
    turns = iter([True, True, False])
    runner.keep_running("postgresql://127.0.0.1:1/none?connect_timeout=1", 0, goes_on=lambda: next(turns))
    turns = iter([True, False])
    runner.keep_running(world.url, 0, goes_on=lambda: next(turns))
    assert [outcome for outcome, _ in runs("plan_rounds")] == ["done"]


def test_runs_are_the_administrators_to_look_at(world):
    by_job, latest = runner.recent_runs(world.db, world.actor("adam"))
    assert [job for job, _ in by_job] == list(JOBS)
    assert latest
    with pytest.raises(Forbidden):
        runner.recent_runs(world.db, world.actor("petra"))
