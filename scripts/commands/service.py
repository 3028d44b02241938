"""The running app: which process it is, and whether it answers."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import time
from pathlib import Path

from scripts.commands.machine import LOCAL, PYTHON, ROOT

PID_FILE = LOCAL / "app.pid"
CLUSTER_HOME = LOCAL / "postgres"
TEST_CLUSTER_HOME = LOCAL / "test-postgres"
_SERVER = "deploy/serve.py"
_JOBS_EVERY_S = 30


def server_command() -> list[str]:
    """Return the command that serves the app, to be run in `ROOT` with the settings in its environment."""
    return [str(PYTHON), _SERVER]


def jobs_command() -> list[str]:
    """Return the command that paints, measures and keeps beside the app; it ends with whoever started it."""
    return [str(PYTHON), "-m", "webmap.jobs", "--every", str(_JOBS_EVERY_S)]


def running_pid() -> int | None:
    """Process id of this project's server; a pid used again by another program does not count."""
    try:
        pid = int(PID_FILE.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        place = Path(f"/proc/{pid}/cwd").readlink()
    except (OSError, ValueError):
        return None
    return pid if _SERVER.encode() in command and place == ROOT else None


def stop_app(patience_s: float = 35.0) -> bool:
    """Ask the app to finish what it does and end; kill it when it takes too long. False if not running."""
    pid = running_pid()
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while running_pid() == pid:
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        time.sleep(0.1)
    return True


def port_is_free(host: str, port: int) -> bool:
    """Tell whether the app could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether something speaks HTTP on this machine's `port`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
