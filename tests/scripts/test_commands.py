"""What `scripts/run` and `scripts/stop` rely on: secrets that stay, and knowing one's own process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.commands import machine, service


def test_secret_is_made_once_for_the_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LOCAL", tmp_path)
    assert machine.read_secret("key") is None
    made = machine.keep_secret("key")
    assert len(made) >= 32
    assert machine.keep_secret("key") == made == machine.read_secret("key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def pid_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(service, "PID_FILE", tmp_path / "app.pid")
    return tmp_path / "app.pid"


@pytest.mark.parametrize("content", ["", "rubbish", "1", "{own}", "999999999"])
def test_pid_file_naming_another_program_means_not_running(pid_file: Path, content: str) -> None:
    pid_file.write_text(content.format(own=os.getpid()))
    assert service.running_pid() is None
    assert service.stop_app() is False


def test_app_that_does_not_listen_to_reason_is_killed(pid_file: Path) -> None:
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    deaf = f"import signal, time; {ignore}; print(flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", deaf, "deploy/serve.py"],
        cwd=machine.ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as app:
        assert app.stdout is not None
        app.stdout.readline()
        pid_file.write_text(f"{app.pid}\n")
        assert service.running_pid() == app.pid
        begun = time.monotonic()
        assert service.stop_app(patience_s=0.3)
        assert time.monotonic() - begun < 3
        assert app.wait(5) == -9


def test_taken_port_is_noticed_before_any_work(pid_file: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = subprocess.run(
            [machine.ROOT / "scripts" / "run", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 1
    assert "error: " in answer.stderr
    assert str(port) in answer.stderr or "already running" in answer.stderr
