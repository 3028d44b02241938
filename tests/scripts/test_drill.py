"""The drill itself: it finds what is lost or doubled, and finds nothing in our server."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from scripts.drilling.__main__ import Result, drill
from scripts.drilling.faults import children_of


@pytest.mark.parametrize(
    ("promised", "stored", "waiting", "refused", "lost", "doubled"),
    [
        ("ab", "abc", 0, (), 0, 0),  # c was stored, its answer lost
        ("abc", "ab", 0, (), 1, 0),
        ("ab", "abb", 0, (), 0, 1),
        ("ab", "ab", 1, (), 0, 0),
        ("ab", "ab", 0, ("conflict",), 0, 0),
    ],
)
def test_fault_is_counted(promised, stored, waiting, refused, lost, doubled):
    result = Result(frozenset(promised), tuple(stored), waiting, refused)
    assert (result.lost, result.doubled) == (lost, doubled)
    assert result.is_good == (not (lost or doubled or waiting or refused))


def test_children_are_those_of_this_process():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        assert child.pid in children_of(os.getpid())
        assert os.getpid() not in children_of(os.getpid())
        child.kill()


@pytest.mark.slow
def test_small_drill_loses_and_doubles_nothing():
    result, _ = drill(400, patience_s=90)
    assert len(result.promised) == 400
    assert result.is_good
