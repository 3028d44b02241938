"""The server process of a private cluster: made, launched, recognised, recovered after a kill.

Standard library only, see `gis.database.cluster`. Linux only (`/proc`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from gis.database.cluster_place import PORT, SUPERUSER, Cluster, ClusterError, run_as

_SMALL_SHM = 512 * 1024 * 1024

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "max_locks_per_transaction": "128",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    # A failed statement carries names and phone numbers: keep them out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_SETTINGS_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "shared_buffers": "128MB",
}

# A backend keeps the memory of a large answer for its next one (mallopt(3)). Given back each time, it would
# be zeroed anew page by page: a fifth of the database's time for 1,000 features.
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(16 << 20), "MALLOC_TRIM_THRESHOLD_": str(32 << 20)}


def server_processes(cluster: Cluster) -> frozenset[int]:
    """Ids of this cluster's server processes: programs named postgres that work in its data directory.

    A pid alone proves nothing, it may be used again by another program. The question is asked as the
    server's account, because in a container root may not look at the processes of others.
    """
    named = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text() == "postgres\n":
                named.append(process / "cwd")
    if not named:
        return frozenset()
    answer = run_as(cluster.user, "find", *named, "-maxdepth", "0", "-printf", "%p\t%l\\0")
    pairs = (line.split("\t", 1) for line in answer.stdout.split("\0") if line)
    return frozenset(int(link.split("/")[2]) for link, target in pairs if target == str(cluster.data))


def postmaster_of(cluster: Cluster) -> int | None:
    """Process id of the cluster's running server."""
    pid = _pid_in(cluster.data / "postmaster.pid")
    return pid if pid in server_processes(cluster) else None


def _pid_in(lock: Path) -> int | None:
    try:
        return abs(int(lock.read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def wait_until(condition: Callable[[], bool], patience_s: float) -> bool:
    """Poll until the condition holds; False when patience ran out."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end_orphans(cluster: Cluster) -> None:
    """See off backends that outlived a killed postmaster; idle ones leave by themselves, busy ones do not."""
    for request, patience_s in ((None, 3.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        for pid in server_processes(cluster) if request else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, request or 0)
        if wait_until(lambda: not server_processes(cluster), patience_s):
            return
    raise ClusterError(f"processes of a killed server still use {cluster.data}")


def remove_misleading_locks(cluster: Cluster) -> None:
    """Remove lock files PostgreSQL itself would stumble over: unreadable, or naming another live process.

    Call only when no server process is left. A lock of a dead process is PostgreSQL's own business.
    """
    for lock in (cluster.data / "postmaster.pid", cluster.sockets / f".s.PGSQL.{PORT}.lock"):
        if lock.exists():
            pid = _pid_in(lock)
            if pid is None or Path(f"/proc/{pid}").exists():
                lock.unlink()


def initialise(cluster: Cluster, binaries: Path, *, durable: bool) -> None:
    """Run initdb beside the final place and rename, so that `data` is whole or absent."""
    for leftover in cluster.home.glob("data.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    made = cluster.home / f"data.new-{os.getpid()}"
    options = ["-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--auth-local=trust", "--auth-host=reject"]
    options.append("--data-checksums" if durable else "--no-sync")
    answer = run_as(cluster.user, binaries / "initdb", "-D", made.name, *options, cwd=cluster.home)
    if answer.returncode != 0:
        raise ClusterError(f"initdb failed: {answer.stderr.strip()[-1500:]}")
    with (made / "postgresql.conf").open("a") as settings:
        settings.write("\ninclude = 'guangming.conf'\n")
    made.rename(cluster.data)


def write_settings(cluster: Cluster, *, durable: bool) -> None:
    """Write the project's settings, which win over postgresql.conf; ALTER SYSTEM wins over them."""
    settings = _SETTINGS | ({} if durable else _SETTINGS_NOT_DURABLE)
    settings["unix_socket_directories"] = f'"{cluster.sockets}"'
    shm = os.statvfs("/dev/shm") if Path("/dev/shm").exists() else None  # noqa: S108
    if shm is None or shm.f_blocks * shm.f_frsize < _SMALL_SHM:  # containers give 64 MB: too little
        settings["dynamic_shared_memory_type"] = "mmap"
    path = cluster.data / "guangming.conf"
    path.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()), encoding="utf-8")
    path.chmod(0o644)


def launch(cluster: Cluster, binaries: Path) -> None:
    """Start the server in a session of its own, so that no Ctrl-C reaches it."""
    if cluster.log.exists() and cluster.log.stat().st_size > 10_000_000:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    # Relative names: pg_ctl hands the log's name to a shell.
    command = (binaries / "pg_ctl", "-D", "data", "-l", "server.log", "-w", "-t", "120", "-s", "start")
    for _ in range(15):
        seen = cluster.log.stat().st_size if cluster.log.exists() else 0
        answer = run_as(cluster.user, *command, cwd=cluster.home, settings=_MEMORY)
        if answer.returncode == 0:
            return
        said = cluster.log.read_bytes()[seen:].decode(errors="replace") if cluster.log.exists() else ""
        if "still in use" not in said:  # shared memory of a killed server goes a moment later
            break
        time.sleep(1)
    raise ClusterError(f"PostgreSQL did not start: {answer.stderr.strip()}\n{said[-1500:]}")


def await_ready(cluster: Cluster, binaries: Path) -> None:
    """Wait until connections are taken: a server found running may be recovering from a crash."""
    ask = (binaries / "pg_isready", "-q", "-h", cluster.sockets, "-p", str(PORT), "-d", "postgres")
    if not wait_until(lambda: run_as(cluster.user, *ask).returncode == 0, 120):
        raise ClusterError(f"PostgreSQL takes no connections; see {cluster.log}")
