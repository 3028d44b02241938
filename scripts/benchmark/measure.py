"""One measurement: wrk against one server, and what the server and the database used meanwhile."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gis.database import cluster
from scripts.benchmark.database import CLUSTER_HOME, Base
from scripts.benchmark.ours import Headers, fetch
from scripts.benchmark.process import ServerProcess, cpu_ms, family
from scripts.commands.machine import MachineError, say

CONNECTIONS = 8
TIMEOUT_S, FIRST_TIMEOUT_S = 60, 30
GOOD = frozenset((200, 204, 304))
_CANCEL_AFTER_S, _LOOK_EVERY_S, _IDLE_SHARE, _QUIET_LOOKS = 15.0, 0.2, 0.08, 4
_ACTIVE = """
SELECT count(*) FROM pg_stat_activity
WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True, slots=True)
class Target:
    """A running server as a work asks it."""

    label: str
    process: ServerProcess
    port: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class Measure:
    """What one run showed. CPU time is per request, of the app's processes and of PostgreSQL's."""

    work: str
    label: str
    requests: int
    per_s: float
    p50_ms: float
    p99_ms: float
    app_ms: float
    db_ms: float
    kb: float
    errors: int


def warm_up(
    target: Target, paths: Iterable[str], *, revalidates: bool, patience_s: float = math.inf
) -> tuple[list[str], int]:
    """Ask for each path once, as long as patience lasts.

    Returns wrk's lines, and how many answers were bad, the first of them shown.

    Raises
    ------
    OSError
        No answer in time.
    """
    lines, bad, deadline = [], 0, time.monotonic() + patience_s
    for path in paths:
        if time.monotonic() > deadline:
            break
        status, headers, body = fetch(target.port, path, target.headers, timeout_s=FIRST_TIMEOUT_S)
        if status not in GOOD:
            if not bad:
                say(f"  {target.label}: {status} for {path[:200]}: {body[:200]!r}")
            bad += 1
        line = path
        if revalidates and headers["ETag"]:
            tag = {"If-None-Match": headers["ETag"]}
            line += f"\tIf-None-Match: {headers['ETag']}"
            status, _, _ = fetch(target.port, path, {**target.headers, **tag})
            if status != 304:
                say(f"  {target.label}: {status} for the ETag it gave before: {path}")
                bad += 1
        lines.append(line)
    return lines, bad


def run_wrk(work: str, target: Target, lines: list[str], seconds: float) -> Measure:
    """Load a server with `lines` for a while."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        headers = [f"{name}: {value}" for name, value in target.headers.items()]
        command = [
            "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", f"--timeout={TIMEOUT_S}s",
            "-s", str(_SCRIPT), f"http://127.0.0.1:{target.port}", "--", file.name, *headers,
        ]  # fmt: skip
        before = _used(target)
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        app_ms, db_ms = (after - earlier for after, earlier in zip(_used(target), before, strict=True))
    found = parse(answer.stdout)
    if found is None:
        raise MachineError(f"wrk failed: {answer.stderr.strip()[-500:] or answer.stdout[-500:]}")
    count = max(1, found["requests"])
    errors = found["bad_status"] + found["broken"]
    return Measure(
        work, target.label, found["requests"], found["requests"] / (found["us"] / 1e6),
        found["p50_us"] / 1000, found["p99_us"] / 1000, app_ms / count, db_ms / count,
        found["bytes"] / 1024 / count, errors,
    )  # fmt: skip


def settle(base: Base, targets: Iterable[Target]) -> None:
    """Wait until nobody works on what wrk left behind when it hung up; cancel what takes long."""
    pids = {target.process.pid for target in targets}
    deadline, quiet = time.monotonic() + _CANCEL_AFTER_S, 0
    while quiet < _QUIET_LOOKS:
        before = sum(cpu_ms(family(pid)) for pid in pids)
        time.sleep(_LOOK_EVERY_S)
        used_ms = sum(cpu_ms(family(pid)) for pid in pids) - before
        is_busy = base.rows(_ACTIVE)[0][0] or used_ms > _IDLE_SHARE * _LOOK_EVERY_S * 1000
        quiet = 0 if is_busy else quiet + 1
        if is_busy and time.monotonic() > deadline:
            base.rows(_CANCEL)


def parse(output: str) -> dict[str, int] | None:
    """The numbers that requests.lua writes at the end."""
    lines = (line for line in output.splitlines() if line.startswith("RESULT "))
    text = next(lines, None)
    return None if text is None else json.loads(text.removeprefix("RESULT "))


def database_ms() -> float:
    """CPU time of the cluster's processes so far; only differences mean something."""
    postmaster = cluster.status(CLUSTER_HOME)
    if postmaster is None:
        raise MachineError("the benchmark's database is not running")
    return cpu_ms(family(postmaster))


def _used(target: Target) -> tuple[float, float]:
    return cpu_ms(family(target.process.pid)), database_ms()
