"""Processes of the benchmark: started, stopped by their id, and what they used of the machine. Linux only."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024


class ServerProcess:
    """A server in a session of its own, so that Ctrl-C reaches only the benchmark, which then ends it."""

    def __init__(self, command: list[str], *, cwd: Path, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=cwd, env=dict(environment), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """Process id of the server, whose workers are its children."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def stop(self, patience_s: float = 10.0) -> None:
        """Ask it to end; kill what of its session is left then, or after some seconds."""
        started = family(self.pid) if self.is_running() else []
        self._process.terminate()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            started += family(self.pid)
            self._process.kill()
            self._process.wait()
        for pid in started:
            # The session tells them from processes that took over a number.
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(pid) == self.pid:
                    os.kill(pid, signal.SIGKILL)


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    found, looked_at = [pid], 0
    while looked_at < len(found):
        for children in Path(f"/proc/{found[looked_at]}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in children.read_text().split()]
        looked_at += 1
    return found


def cpu_ms(pids: Iterable[int]) -> float:
    """CPU time in ms of processes and their ended children, user and system.

    Over a whole family this only grows: what a child used passes to its parent when it ends.
    """
    return sum(ticks_of(stat) for stat in map(_stat, pids) if stat) * _TICK_MS


def ticks_of(stat: str) -> int:
    """Clock ticks in a line of /proc/PID/stat: utime, stime, cutime and cstime (proc(5), fields 14-17)."""
    # The second field, the name, may hold spaces and brackets.
    fields = stat[stat.rindex(")") + 2 :].split()
    return sum(int(field) for field in fields[11:15])


def _stat(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None


def memory_mb(pids: Iterable[int]) -> float:
    """Resident memory in MB, shared pages counted in each process."""
    pages = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * _PAGE_KB / 1024


def open_files(pids: Iterable[int]) -> int:
    """Number of open file descriptors."""
    count = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            count += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return count
