"""What goes wrong during the drill: workers of the app and the database's first process are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gis.database import cluster
from scripts.drilling.server import Server

_EVERY_S = 2.0
_LOOK_S = 0.05
_DATABASE_KILLED_AT = (0.2, 0.6)


class Faults(threading.Thread):
    """Kills a worker every two seconds, and the database at two moments of the way.

    Parameters
    ----------
    progress : gives the share of what is sent that was answered for, 0 to 1.
    database_at : the shares after which the database is killed.
    """

    def __init__(
        self,
        server: Server,
        progress: Callable[[], float],
        *,
        database_at: tuple[float, ...] = _DATABASE_KILLED_AT,
    ) -> None:
        super().__init__(daemon=True)
        self._server, self._progress, self._database_at = server, progress, database_at
        self._ends = threading.Event()
        self.workers_killed = self.databases_killed = 0

    def run(self) -> None:
        """Go on until stopped."""
        next_worker = time.monotonic() + _EVERY_S
        while not self._ends.wait(_LOOK_S):
            if time.monotonic() >= next_worker:
                next_worker += _EVERY_S
                self._kill_worker()
            due = self._database_at[self.databases_killed :]
            if due and self._progress() >= due[0]:
                self._kill_database()

    def stop(self) -> None:
        """Stop killing; the database is up."""
        self._ends.set()
        self.join()

    def _kill_worker(self) -> None:
        workers = children_of(self._server.app.pid)
        if workers:  # the oldest of them
            with contextlib.suppress(ProcessLookupError):
                os.kill(workers[0], signal.SIGKILL)
                self.workers_killed += 1

    def _kill_database(self) -> None:
        postmaster = cluster.status(self._server.cluster_home)
        if postmaster is not None:
            os.kill(postmaster, signal.SIGKILL)
            self.databases_killed += 1
            cluster.start(self._server.cluster_home)


def children_of(parent: int) -> list[int]:
    """Process ids of a process's children that serve: granian's workers, not Python's resource tracker."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError):
            # The name in parentheses may hold anything; the parent is the second field after it.
            ppid = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if ppid == parent and b"resource_tracker" not in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return sorted(found)
