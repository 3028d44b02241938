"""Serve the application with granian; every number can be changed by the environment.

HTTP is parsed outside Python; how it compares with gunicorn's threads stands in docs/benchmarks/README.md.

granian starts a worker anew that was killed, but ends when the new one is killed within seconds, as happens
where memory is short. Here it then begins anew, if the application has come up before. If it never has, a
setting is wrong, and the process ends.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from granian.server.common import AbstractServer

ROOT = Path(__file__).resolve().parents[1]

_PAUSE_S = 1.0

# malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_memory() -> None:
    """Have glibc keep what answers of megabytes were made in for the next one.

    Given back each time, it would be zeroed anew page by page: half of the time of 10,000 features.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        libc.mallopt(_M_TRIM_THRESHOLD, 128 << 20)


def import_all() -> None:
    """Import the application's modules, for all workers at once.

    Whichever takes the place of a killed one serves after 0.1 s of work instead of 3.5.
    """
    for name in (*import_module("webmap").BLUEPRINTS, "webmap.pages.frame"):
        import_module(name)


def main() -> None:
    """Run until SIGTERM or SIGINT; requests under way are finished."""
    sys.path.insert(0, str(ROOT))
    # Workers are forks of this process.
    keep_memory()
    import_all()
    # Without a lock, which a killed worker might hold for ever.
    has_come_up = multiprocessing.RawValue(ctypes.c_bool, False)
    server = _server()
    while not _run(server, has_come_up):
        time.sleep(_PAUSE_S)
        if server.interrupt_signal:  # its handlers stay until the next one's are set
            break
        server = _server()


def _run(server: AbstractServer[Any], has_come_up: ctypes.c_bool) -> bool:
    """Serve; tell whether that is the end. Raises `SystemExit` where the application never came up."""
    try:
        server.serve(target_loader=partial(_load, has_come_up), wrap_loader=False)
    except SystemExit:
        if not (server.interrupt_signal or has_come_up.value):
            raise
    return server.interrupt_signal


def _load(has_come_up: ctypes.c_bool) -> Callable[..., Any]:
    """Make the application, in a worker."""
    from webmap import create_app

    app = create_app()
    has_come_up.value = True
    return app


def _server() -> AbstractServer[Any]:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    threads = int(os.environ.get("WEB_THREADS", "4"))
    return Granian(
        "webmap:create_app",
        interface=Interfaces.WSGI,
        address=os.environ.get("BIND_HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        workers=int(os.environ.get("WEB_CONCURRENCY", "2")),
        blocking_threads=threads,
        # Of a process. A kept connection counts while it is idle too; more wait in the kernel's queue.
        backpressure=int(os.environ.get("WEB_CONNECTIONS", "512")),
        http=HTTPModes.http1,  # nginx speaks HTTP/2 with the outside
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=int(os.environ.get("WEB_GRACEFUL_TIMEOUT_S", "30")),
        log_level=os.environ.get("WEB_LOG_LEVEL", "info"),  # type: ignore[arg-type]
        log_access=False,  # the application logs each request itself, with its id
    )


if __name__ == "__main__":
    main()
