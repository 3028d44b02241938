"""Set up what is missing and run the tests on a PostGIS cluster of their own.

Arguments go to pytest. Environment: TEST_DATABASE_URL (superuser URL of a server to use instead),
KEEP=1 (leave the cluster running), CHROMIUM (path of the browser).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from gis.database import cluster
from scripts.commands import machine, service

_WORKERS = 3
"""One more than two cores: each waits for a browser, a server or a clock now and then."""


def main(arguments: list[str]) -> int:
    """Run `scripts/test`."""
    without_browser = any("not browser" in argument for argument in arguments)
    try:
        machine.prepare(
            "requirements-dev.txt",
            postgis="TEST_DATABASE_URL" not in os.environ,
            browser=not without_browser,
        )
        with _server() as server_url, machine.compiling_ahead():
            return _pytest(arguments, server_url)
    except machine.MachineError as error:
        print(f"error: {error}", file=sys.stderr)
        print("without a browser: scripts/test -m 'not browser'", file=sys.stderr)
    except (cluster.ClusterError, PermissionError) as error:
        print(f"error: {error}", file=sys.stderr)
    return 1


@contextlib.contextmanager
def _server() -> Iterator[str]:
    """URL of the tests' server; the last of several runs at a time stops it."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with (machine.LOCAL / ".test.lock").open("a") as in_use:
        fcntl.flock(in_use, fcntl.LOCK_SH)
        url = cluster.start(service.TEST_CLUSTER_HOME, durable=False)
        try:
            yield url
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.environ.get("KEEP") != "1":
                    cluster.stop(service.TEST_CLUSTER_HOME)


def _pytest(arguments: list[str], server_url: str) -> int:
    """Run pytest: everything on several workers, chosen files in one process."""
    chosen_files = any(Path(argument.split("::")[0]).exists() for argument in arguments)
    # In the order of tests/conftest.py, not by numbers of tests: files of few tests may take longest.
    spread = ["-n", str(_WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"]
    workers = [] if chosen_files else spread
    environment = os.environ | {"TEST_DATABASE_URL": server_url}
    if browser := machine.chromium():
        environment["CHROMIUM"] = browser
    command = [str(machine.PYTHON), "-m", "pytest", *workers, *arguments]
    return subprocess.run(command, cwd=machine.ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
