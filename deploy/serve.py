"""Serve the application with granian; every number can be changed by the environment.

HTTP is parsed outside Python; how it compares with gunicorn's threads stands in docs/benchmarks/README.md.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

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


def main() -> None:
    """Run until SIGTERM or SIGINT; requests under way are finished."""
    sys.path.insert(0, str(ROOT))
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    keep_memory()  # workers are forks of this process
    threads = int(os.environ.get("WEB_THREADS", "4"))
    Granian(
        "webmap:create_app",
        factory=True,
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
    ).serve()


if __name__ == "__main__":
    main()
