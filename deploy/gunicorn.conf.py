"""Gunicorn settings; every number can be changed by the environment, without editing this file."""

import os
from pathlib import Path

bind = f"{os.environ.get('BIND_HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# Each worker makes its own app and database pool after the fork: connections cannot be shared.
preload_app = False

timeout = int(os.environ.get("WEB_TIMEOUT_S", "60"))
graceful_timeout = int(os.environ.get("WEB_GRACEFUL_TIMEOUT_S", "30"))
keepalive = 5
# Heartbeat files on a disk can block a worker; a container's /dev/shm is always memory.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

accesslog = None  # the app logs each request itself, with its request id
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "info")
control_socket_disable = True
proc_name = "guangming-grid"
