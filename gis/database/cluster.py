"""A PostgreSQL + PostGIS cluster of the project's own, reachable only through a private socket.

Standard library only, here and in `cluster_place` and `cluster_server`: `scripts/run` needs it before the
virtual environment exists. Layout of a cluster's home (mode 0700): `data/`, `run/` (the socket),
`server.log`. The server never runs as root and never listens on the network.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gis.database.cluster_place import (
    EXTENSIONS,
    ClusterError,
    binaries_of,
    clean_environment,
    find_binaries,
    locate,
    make_places,
)
from gis.database.cluster_server import (
    await_ready,
    end_orphans,
    initialise,
    launch,
    postmaster_of,
    remove_misleading_locks,
    server_processes,
    wait_until,
    write_settings,
)

__all__ = [
    "DATABASE",
    "ClusterError",
    "create_database",
    "database_url",
    "find_binaries",
    "start",
    "status",
    "stop",
    "url",
]

DATABASE = "guangming"
DEFAULT_HOME = Path(__file__).resolve().parents[2] / ".local" / "postgres"


def start(home: Path, *, durable: bool = True) -> str:
    """Make the cluster in `home` where there is none, start it where it is not running.

    Harmless when repeated or run at the same time by several processes. Recovers from a killed server,
    a stale or misleading pid file and an interrupted `initdb`.

    Parameters
    ----------
    home
        Directory of the cluster; its parent is made if missing. For root, when the server's account cannot
        enter that place, `home` becomes a link to a directory under /var/lib.
    durable
        False gives up safety against crashes for speed: for tests only.

    Returns
    -------
    str
        libpq URL of the superuser and database `postgres`, with an absolute socket directory.

    Raises
    ------
    ClusterError
        No PostgreSQL with PostGIS here, a directory of someone else, or the server does not come up.
    """
    with _locked(home):
        cluster = locate(home)
        make_places(cluster, home)
        binaries = binaries_of(cluster)
        if not (cluster.data / "PG_VERSION").exists():
            initialise(cluster, binaries, durable=durable)
        if postmaster_of(cluster) is None:
            end_orphans(cluster)
            remove_misleading_locks(cluster)
            write_settings(cluster, durable=durable)
            launch(cluster, binaries)
        await_ready(cluster, binaries)
    return cluster.url


def stop(home: Path) -> bool:
    """Stop the cluster, ending its connections; False if it was not running.

    Raises
    ------
    ClusterError
        The server is still there after 45 s.
    """
    if not home.exists():
        return False
    with _locked(home):
        cluster = locate(home)
        for request, patience_s in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 15.0)):
            postmaster = postmaster_of(cluster)
            if postmaster is None:
                return False
            os.kill(postmaster, request)
            if wait_until(lambda: not server_processes(cluster), patience_s):
                return True
    raise ClusterError(f"PostgreSQL in {cluster.home} did not stop within 45 s")


def status(home: Path) -> int | None:
    """Process id of the cluster's server, None where it is not running."""
    return postmaster_of(locate(home)) if home.exists() else None


def url(home: Path) -> str:
    """Superuser URL of database `postgres` in the cluster, running or not."""
    return locate(home).url


def database_url(
    server_url: str, *, database: str | None = None, user: str | None = None, password: str | None = None
) -> str:
    """Return the URL of another database or login on the same server; what is None stays as it is.

    A new `user` comes with its own `password` or none.
    """
    parts = urlsplit(server_url)
    login, _, address = parts.netloc.rpartition("@")
    replaced = {"dbname"} if database is not None else set()
    if user is not None:
        login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
        replaced |= {"user", "password"}
    path = parts.path if database is None else f"/{quote(database, safe='')}"
    options = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in replaced]
    query = f"?{urlencode(options, quote_via=quote, safe='/')}" if options else ""
    return f"{parts.scheme}://{f'{login}@' if login else ''}{address}{path}{query}"


def create_database(server_url: str, name: str) -> str:
    """Make database `name` with the extensions we need where it is missing; return its URL.

    Raises
    ------
    ClusterError
        The name is not plain lower-case ASCII, or the server refuses.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ClusterError(f"not a usable database name: {name!r}")
    create = (
        "SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') AS missing \\gset\n"
        "\\if :missing\nCREATE DATABASE :\"name\" TEMPLATE template0 ENCODING 'UTF8';\n\\endif\n"
    )
    _psql(server_url, create, {"name": name})
    made = database_url(server_url, database=name)
    _psql(made, "".join(f"CREATE EXTENSION IF NOT EXISTS {extension};\n" for extension in EXTENSIONS))
    return made


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Hold the lock beside `home`: one start or stop at a time."""
    path = home.parent / f".{home.name}.lock"
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a")
    except PermissionError as error:
        raise ClusterError(f"may not write {path}: it was made by another user") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _psql(server_url: str, script: str, variables: Mapping[str, str] | None = None) -> None:
    command = [str(find_binaries() / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", server_url]
    for name, value in (variables or {}).items():
        command += ["-v", f"{name}={value}"]
    answer = subprocess.run(
        command, input=script, env=clean_environment(), capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise ClusterError(answer.stderr.strip())


def main(arguments: list[str] | None = None) -> int:
    """Run `python3 -m gis.database.cluster start|stop|status|url`; 3 for `status` of a stopped cluster."""
    parser = argparse.ArgumentParser(prog="gis.database.cluster", description="The project's own PostGIS.")
    parser.add_argument("command", choices=("start", "stop", "status", "url"))
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME)
    parser.add_argument("--database", default=DATABASE, help="made by start when missing")
    parser.add_argument("--not-durable", action="store_true", help="fast and unsafe, for tests")
    chosen = parser.parse_args(arguments)
    try:
        answer, code = _answer(chosen)
    except ClusterError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"{answer}\n")
    return code


def _answer(chosen: argparse.Namespace) -> tuple[str, int]:
    home: Path = chosen.home
    match chosen.command:
        case "start":
            return create_database(start(home, durable=not chosen.not_durable), chosen.database), 0
        case "stop":
            return ("stopped" if stop(home) else "was not running"), 0
        case "status":
            pid = status(home)
            return (f"running, process {pid}", 0) if pid else ("stopped", 3)
        case _:
            return database_url(url(home), database=chosen.database), 0


if __name__ == "__main__":
    sys.exit(main())
