"""Runs: asked for once, measured in the asker's name, the same twice, cancelled, tried again, taken up after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing

import psycopg2
import pytest

from gis.analysis import registry
from gis.analysis.result import Place
from gis.analysis.runs import schedules, service, worker
from gis.analysis.runs.model import ReportWish, State
from gis.analysis.runs.queue import Queue
from gis.database.pool import connect
from gis.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests import analyses
from tests.analyses import WEEK
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(registry, "ANALYSES", {**registry.ANALYSES, **analyses.HERE})


@pytest.fixture
def petra(world):
    return world.actor("petra")


@pytest.fixture(autouse=True)
def nothing_under_way(world):
    yield
    world.ask(
        "UPDATE app.analysis_run SET state = 'cancelled', ended_at = now() WHERE state IN ('queued', 'running')"
    )


def work(world, make_report=None) -> int:
    return worker.work_off(world.url, world.db, make_report)


def state(world, run_id: int) -> State:
    return service.show_run(world.db, world.actor("petra"), run_id)[0].state


def wait_for(condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_a_run_gives_tables_findings_and_the_shapes_of_its_rows(world, petra):
    asked = service.ask_run(world.db, petra, "units", WEEK)
    assert asked.is_new and state(world, asked.run_id) is State.QUEUED
    assert work(world) == 1
    outcome = service.outcome_of(world.db, petra, asked.run_id)
    run, (cells, gaps) = outcome.run, outcome.result.tables
    assert (run.state, run.data_version, run.tries, run.steps_done, run.steps_all) == (
        State.DONE,
        "6",
        1,
        3,
        3,
    )
    assert run.asked_by == "演示petra" and run.took is not None
    assert cells.place is Place.CELL
    assert cells.rows[0] == ("440306007001001", 1 / 6, 1)
    assert [name.community for name in outcome.names[0]] == ["440306007001"] * 3 + ["440306007002"] * 3
    assert outcome.names[0][5].zh == "网格6"
    assert gaps.rows == ((1, "=1+1", 12.5), (2, None, 3.0))
    assert [finding.key for finding in outcome.result.findings] == ["units_found", "most"]
    assert outcome.result.findings[0].values == {"units": 6, "share": 1.0}
    assert len(service.shapes_of(world.db, petra, asked.run_id, 1)) == 6
    assert None not in service.shapes_of(world.db, petra, asked.run_id, 2)


def test_the_same_is_under_way_once_and_measured_once_until_the_data_change(world, petra):
    asked = {**WEEK, "steps": 4}
    first = service.ask_run(world.db, petra, "units", asked)
    again = service.ask_run(world.db, petra, "units", asked)
    assert (again.run_id, again.is_new) == (first.run_id, False)
    work(world)
    kept = service.ask_run(world.db, petra, "units", {**asked, "from_on": "2014-01-01"})
    assert (kept.run_id, kept.is_new) == (first.run_id, False)
    world.ask(
        "UPDATE app.rental_unit SET room = '1' WHERE rental_unit_id = 1"
    )  # what the version does not tell
    assert not service.ask_run(world.db, petra, "units", asked).is_new
    world.ask("DELETE FROM app.rental_unit WHERE rental_unit_id = 6")
    other = service.ask_run(world.db, petra, "units", asked)
    assert other.is_new
    work(world)
    versions = [
        service.show_run(world.db, petra, run)[0].data_version for run in (first.run_id, other.run_id)
    ]
    assert versions == ["6", "5"]


def test_two_computations_give_the_same_sha256(world, petra):
    ((today,),) = world.ask("SELECT app.today()")
    days = {"from_on": str(today), "to_on": str(today)}
    hashes = set()
    for _ in range(2):
        run_id = service.ask_run(world.db, petra, "patrol", {**days, "radius_m": 40}, anew=True).run_id
        work(world)
        run = service.show_run(world.db, petra, run_id)[0]
        assert run.state is State.DONE
        hashes.add(run.sha256)
    other = service.ask_run(world.db, petra, "patrol", {**days, "radius_m": 41}).run_id
    work(world)
    assert len(hashes) == 1 and None not in hashes
    assert service.show_run(world.db, petra, other)[0].sha256 not in hashes


def test_two_who_ask_at_once_get_one_run(world, petra):
    given, asked = [], {**WEEK, "steps": 9}
    threads = [
        threading.Thread(target=lambda: given.append(service.ask_run(world.db, petra, "units", asked)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({run.run_id for run in given}) == 1
    assert [run.is_new for run in given].count(True) == 1


def test_parameters_are_checked_when_asked(world, petra):
    for parameters, pointer in [
        ({}, "from_on"),
        ({**WEEK, "steps": 0}, "steps"),
        ({**WEEK, "colour": "red"}, "colour"),
        ({**WEEK, "to_on": "no day"}, "to_on"),
    ]:
        with pytest.raises(InvalidInput) as fault:
            service.ask_run(world.db, petra, "units", parameters)
        assert fault.value.pointer == pointer
    with pytest.raises(NotFound):
        service.ask_run(world.db, petra, "os", {})


def test_a_run_is_measured_by_what_its_asker_may(world, petra):
    run_id = service.ask_run(world.db, petra, "units", {**WEEK, "steps": 5}).run_id
    world.ask("UPDATE app.account SET is_active = false WHERE username = 'petra'")
    try:
        work(world)
    finally:
        world.ask("UPDATE app.account SET is_active = true WHERE username = 'petra'")
    run = service.show_run(world.db, petra, run_id)[0]
    assert (run.state, run.message) == (State.FAILED, "Who asked for this may not measure any more.")


def test_what_an_analysis_reads_cannot_write(world, petra, monkeypatch):
    def write(connection, _):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE app.facility SET name_zh = 'x'")

    wrong = analyses.Analysis("falls", analyses.Plain, lambda *_: "1", write, lambda *_: None)
    monkeypatch.setattr(analyses, "FALLS", wrong)
    run_id = service.ask_run(world.db, petra, "falls", {"steps": 2}).run_id
    work(world)
    assert state(world, run_id) is State.FAILED
    assert world.ask("SELECT count(*) FROM app.facility WHERE name_zh = 'x'") == [(0,)]


def test_a_failure_is_told_without_its_traceback_and_can_be_tried_again(world, petra):
    run_id = service.ask_run(world.db, petra, "falls", {}).run_id
    work(world)
    run = service.show_run(world.db, petra, run_id)[0]
    assert run.state is State.FAILED and "log of the server" in run.message
    with pytest.raises(NotFound):
        service.outcome_of(world.db, petra, run_id)
    service.retry_run(world.db, petra, run_id)
    assert state(world, run_id) is State.QUEUED
    assert work(world) == 1
    with pytest.raises(Conflict):
        service.cancel_run(world.db, petra, run_id)


def test_what_is_done_or_under_way_is_not_tried_again(world, petra):
    done = service.ask_run(world.db, petra, "units", {**WEEK, "steps": 6}).run_id
    with pytest.raises(Conflict):
        service.retry_run(world.db, petra, done)
    work(world)
    with pytest.raises(Conflict):
        service.retry_run(world.db, petra, done)
    fallen = service.ask_run(world.db, petra, "falls", {"steps": 3}).run_id
    work(world)
    service.ask_run(world.db, petra, "falls", {"steps": 3})
    with pytest.raises(Conflict):  # the same is under way
        service.retry_run(world.db, petra, fallen)


def test_cancelling_stops_a_run_between_two_steps(world, petra):
    run_id = service.ask_run(world.db, petra, "slow", {**WEEK, "steps": 300}).run_id
    thread = threading.Thread(target=work, args=(world,))
    thread.start()
    wait_for(lambda: service.show_run(world.db, petra, run_id)[0].steps_all == 300)
    # No transaction is open while it measures.
    assert world.ask(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%%'"
    ) == [(0,)]
    service.cancel_run(world.db, petra, run_id)
    thread.join(10)
    assert not thread.is_alive()
    run = service.show_run(world.db, petra, run_id)[0]
    assert (run.state, run.sha256) == (State.CANCELLED, None)
    service.retry_run(world.db, petra, run_id)
    assert service.show_run(world.db, petra, run_id)[0].tries == 0


def test_what_waits_is_cancelled_before_it_begins(world, petra):
    run_id = service.ask_run(world.db, petra, "slow", {**WEEK, "steps": 200}).run_id
    service.cancel_run(world.db, petra, run_id)
    assert work(world) == 0
    assert state(world, run_id) is State.CANCELLED


WORKER = """
import sys
from gis.analysis.runs import worker
from gis.database.pool import Database
from tests import analyses
analyses.register()
worker.keep_working(sys.argv[1], Database(sys.argv[2], size=2), goes_on=lambda: True)
"""


@pytest.fixture
def start_worker(world):
    started = []

    def start() -> subprocess.Popen:
        started.append(subprocess.Popen([sys.executable, "-c", WORKER, world.url, world.db._url], cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_run_whose_worker_is_killed_is_taken_up_again_and_given_up_after_three_times(
    world, petra, start_worker
):
    run_id = service.ask_run(world.db, petra, "slow", {**WEEK, "steps": 250}).run_id
    for tries in (1, 2, 3):
        process = start_worker()
        wait_for(lambda tries=tries: (
            (run := service.show_run(world.db, petra, run_id)[0]).tries == tries and run.steps_all > 0
        ))  # fmt: skip
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    wait_for(lambda: work(world) == 0 and state(world, run_id) is State.FAILED)
    run = service.show_run(world.db, petra, run_id)[0]
    assert run.tries == 3 and "ended in the middle" in run.message


def test_after_one_kill_the_next_worker_finishes(world, petra, start_worker):
    run_id = service.ask_run(world.db, petra, "slow", {**WEEK, "steps": 12}).run_id
    process = start_worker()
    wait_for(lambda: service.show_run(world.db, petra, run_id)[0].steps_done > 0)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: work(world) == 1)
    run = service.show_run(world.db, petra, run_id)[0]
    assert (run.state, run.tries) == (State.DONE, 2)


def test_a_waiting_worker_begins_at_once_when_asked(world, petra, start_worker, monkeypatch):
    start_worker()
    first = service.ask_run(world.db, petra, "units", {**WEEK, "steps": 31}).run_id
    wait_for(lambda: state(world, first) is State.DONE)
    begun = time.monotonic()
    second = service.ask_run(world.db, petra, "units", {**WEEK, "steps": 32}).run_id
    wait_for(lambda: state(world, second) is State.DONE)
    assert time.monotonic() - begun < worker._LOOK_EVERY_S


def test_two_workers_measure_one_at_a_time(world, petra):
    with closing(connect(world.url)) as one, closing(connect(world.url)) as other:
        service.ask_run(world.db, petra, "units", {**WEEK, "steps": 41})
        service.ask_run(world.db, petra, "units", {**WEEK, "steps": 42})
        assert Queue(one).take() is not None
        assert Queue(other).take() is None


def test_who_looks_may_neither_ask_nor_change(world, petra):
    run_id = service.ask_run(world.db, petra, "units", {**WEEK, "steps": 7}).run_id
    work(world)
    for name in ("dan", "audrey"):
        actor = world.actor(name)
        assert service.outcome_of(world.db, actor, run_id).run.run_id == run_id
        for act in (
            lambda actor=actor: service.ask_run(world.db, actor, "units", WEEK),
            lambda actor=actor: service.cancel_run(world.db, actor, run_id),
            lambda actor=actor: service.retry_run(world.db, actor, run_id),
            lambda actor=actor: service.keep_run(world.db, actor, run_id, is_kept=True),
            lambda actor=actor: service.ask_report(world.db, actor, run_id, ReportWish()),
        ):
            with pytest.raises(Forbidden):
                act()
    for name in ("alice", "pat", "adam"):
        with pytest.raises(Forbidden):
            service.outcome_of(world.db, world.actor(name), run_id)


def test_a_report_is_made_in_the_askers_name(world, petra):
    run_id = service.ask_run(world.db, petra, "units", {**WEEK, "steps": 8}).run_id
    with pytest.raises(Conflict):
        service.ask_report(world.db, petra, run_id, ReportWish())
    work(world)
    report_id = service.ask_report(world.db, petra, run_id, ReportWish(paper="A3")).run_id
    assert service.ask_report(world.db, petra, run_id, ReportWish(paper="A3")).run_id == report_id
    assert service.ask_report(world.db, petra, run_id, ReportWish(paper="A4")).run_id != report_id

    def make(db, actor, of_run, wish, progress) -> bytes:
        progress(1, 2)
        return f"{actor.username} {of_run} {wish.paper}".encode()

    assert work(world, make) == 2
    assert service.report_file(world.db, petra, report_id) == f"petra {run_id} A3".encode()
    assert [run.run_id for run in service.show_run(world.db, petra, run_id)[1]][-1] == report_id
    with pytest.raises(NotFound):
        service.report_file(world.db, petra, run_id)


def test_old_runs_are_forgotten_with_their_results_and_kept_ones_stay(world, petra):
    runs = [service.ask_run(world.db, petra, "units", {**WEEK, "steps": 50 + n}).run_id for n in range(3)]
    work(world)
    for run_id in runs[:2]:
        world.ask(
            "UPDATE app.analysis_run SET ended_at = now() - interval '91 days' WHERE analysis_run_id = %s",
            run_id,
        )
    service.keep_run(world.db, petra, runs[0], is_kept=True)
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        assert schedules.forget_old_runs(connection) == 1
    connection.close()
    assert [len(world.ask("SELECT 1 FROM app.analysis_row WHERE analysis_run_id = %s", run)) > 0 for run in runs] == [
        True, False, True,
    ]  # fmt: skip
    counted = world.ask("SELECT (SELECT count(*) FROM app.analysis_row WHERE has_area),"
                        " (SELECT sum(objects) FROM app.layer_tally WHERE layer = 'analysis_result')")  # fmt: skip
    assert counted[0][0] == counted[0][1] > 0


def test_asking_and_changing_leave_a_trace(world, petra):
    run_id = service.ask_run(world.db, petra, "units", {**WEEK, "steps": 60}).run_id
    service.cancel_run(world.db, petra, run_id)
    assert world.ask("SELECT action FROM app.audit_log WHERE subject = %s ORDER BY audit_id", str(run_id)) == [
        ("analysis.ask",), ("analysis.cancel",),
    ]  # fmt: skip
