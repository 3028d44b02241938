"""HiGHS in a process of its own: the same answer, ended when nobody wants it, and no harm where it fails."""

from __future__ import annotations

import signal
import subprocess

import numpy as np
import pytest
from scipy.sparse import csr_array

from gis.analysis.siting import highs, solver
from gis.analysis.siting.highs import Program, Solved
from gis.analysis.siting.lscp import fewest_sites
from gis.analysis.siting.mclp import gain_curve, most_served
from gis.analysis.siting.model import Cover


class Ended(Exception): ...


@pytest.fixture
def apart(monkeypatch) -> list[subprocess.Popen[bytes]]:
    """Nothing is solved at once; the processes that were started."""
    started: list[subprocess.Popen[bytes]] = []

    class Told(subprocess.Popen):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Told)
    monkeypatch.setattr(solver, "solve", lambda program, limit_s: Solved(None, -np.inf, False, "no time"))
    return started


def tangled(seed: int = 1, points: int = 80, sites: int = 50) -> Cover:
    """Sites that serve points at random: a cover that greed, exchange and bound leave undecided."""
    random = np.random.default_rng(seed)
    point, site = np.nonzero(random.random((points, sites)) < 0.08)
    return Cover.from_pairs(point, site, random.integers(1, 50, points).astype(float), sites)


def test_a_process_of_its_own_gives_the_same(apart):
    random = np.random.default_rng(3)
    cost, low = random.integers(1, 9, 30).astype(float), np.ones(40)
    rows = csr_array((random.random((40, 30)) < 0.15).astype(float) + np.eye(40, 30))
    program = Program(cost, rows, np.minimum(low, rows.sum(axis=1)), np.full(40, np.inf), np.ones(30))
    there, here = solver.minimise(program, 30.0), highs.solve(program, 30.0)
    assert [process.returncode for process in apart] == [0]
    assert there.values.tolist() == here.values.tolist()
    assert (there.bound, there.proven, there.message) == (here.bound, True, here.message)


@pytest.mark.parametrize(
    "ask",
    [
        lambda progress: fewest_sites(tangled(), progress=progress),
        lambda progress: gain_curve(tangled(), 8, progress=progress),
    ],
    ids=["fewest", "most"],
)
def test_the_process_is_ended_with_the_work(apart, monkeypatch, ask):
    monkeypatch.setattr(solver, "_LOOK_EVERY_S", 0.01)

    def stop(done: int, of: int) -> None:
        if apart:
            raise Ended

    with pytest.raises(Ended):
        ask(stop)
    assert [process.returncode for process in apart] == [-signal.SIGKILL]


def test_where_the_process_fails_the_quick_answer_stays_bounded(apart, monkeypatch):
    with monkeypatch.context() as unhurried:
        unhurried.setattr(solver, "solve", highs.solve)
        best = most_served(tangled(), 8), fewest_sites(tangled()).siting
    monkeypatch.setattr(solver.sys, "executable", "/bin/false")
    most, fewest = most_served(tangled(), 8), fewest_sites(tangled()).siting
    assert most.objective <= best[0].objective <= most.bound
    assert fewest.bound <= best[1].objective <= fewest.objective
    assert apart[-1].returncode == 1


def test_a_process_that_does_not_keep_to_its_time_is_ended(apart, monkeypatch):
    monkeypatch.setattr(solver, "_GRACE_S", -60.0)
    found = fewest_sites(tangled()).siting
    assert found.bound <= found.objective
    assert [process.returncode for process in apart] == [-signal.SIGKILL]
