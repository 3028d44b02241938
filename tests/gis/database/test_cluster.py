"""The private cluster on real servers: made, repeated, killed, misled, in awkward places."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from gis.database import cluster

ROOT = Path(__file__).resolve().parents[3]


def ask(url: str, sql: str) -> object:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def wait_gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while cluster_process_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def cluster_process_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A place the server's account may enter, unlike pytest's own tmp_path under root."""
    made = Path(tempfile.mkdtemp(prefix="cluster-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def shared_home(ground: Path) -> Iterator[Path]:
    home = ground / "shared"
    yield home
    cluster.stop(home)


@pytest.fixture
def home_to_stop(ground: Path) -> Iterator[list[Path]]:
    homes: list[Path] = []
    yield homes
    for home in homes:
        cluster.stop(home)


def test_fresh_start_gives_a_private_server(shared_home: Path) -> None:
    url = cluster.start(shared_home, durable=False)
    assert ask(url, "SHOW listen_addresses") == ""
    assert ask(url, "SHOW max_connections") == "200"
    assert ask(url, "SHOW server_encoding") == "UTF8"
    pid = cluster.status(shared_home)
    assert pid is not None
    assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert shared_home.stat().st_mode & 0o777 == 0o700


def test_started_again_it_is_the_same_server(shared_home: Path) -> None:
    url = cluster.start(shared_home, durable=False)
    pid = cluster.status(shared_home)
    assert cluster.start(shared_home, durable=False) == url == cluster.url(shared_home)
    assert cluster.status(shared_home) == pid


def test_database_with_extensions_is_made_once(shared_home: Path) -> None:
    url = cluster.start(shared_home, durable=False)
    made = cluster.create_database(url, "guangming")
    assert cluster.create_database(url, "guangming") == made
    count = ask(
        made, "SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'btree_gist', 'pg_trgm')"
    )
    assert count == 3
    with pytest.raises(cluster.ClusterError, match="usable"):
        cluster.create_database(url, 'x"; DROP DATABASE postgres; --')


def test_killed_server_with_a_busy_backend_comes_back_with_its_data(shared_home: Path) -> None:
    url = cluster.start(shared_home, durable=False)
    ask(url, "SET synchronous_commit TO on; CREATE TABLE kept AS SELECT 42 AS answer")
    busy = psycopg2.connect(url, async_=True)
    while busy.poll() != psycopg2.extensions.POLL_OK:
        time.sleep(0.01)
    busy.cursor().execute("SELECT count(*) FROM generate_series(1, 10000000000)")
    time.sleep(0.2)
    killed = cluster.status(shared_home)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_gone(killed)
    assert cluster.status(shared_home) is None
    assert cluster.start(shared_home, durable=False) == url
    assert ask(url, "SELECT answer FROM kept") == 42
    busy.close()


@pytest.mark.parametrize("content", ["{other}", "1", "", "rubbish"])
def test_pid_file_that_misleads_does_not_hinder(shared_home: Path, content: str) -> None:
    url = cluster.start(shared_home, durable=False)
    assert cluster.stop(shared_home)
    assert not cluster.stop(shared_home)
    pid_file = shared_home / "data" / "postmaster.pid"
    other = subprocess.Popen(["/bin/sleep", "30"])
    pid_file.write_text(
        f"{content.format(other=other.pid)}\n{shared_home}/data\n1\n5432\n{shared_home}/run\n\n"
    )
    if os.geteuid() == 0:
        shutil.chown(pid_file, shared_home.stat().st_uid)
    try:
        assert cluster.status(shared_home) is None
        assert not cluster.stop(shared_home)
        assert cluster.start(shared_home, durable=False) == url
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
    assert ask(url, "SELECT 1") == 1


@pytest.mark.parametrize(
    "name", ['光明 网格\'s "$HOME" `x`, %41', "long-" + "路" * 40], ids=["awkward-name", "long-name"]
)
def test_awkward_path(ground: Path, home_to_stop: list[Path], name: str) -> None:
    home = ground / name / "postgres"
    home_to_stop.append(home)
    (ground / name).mkdir()
    (ground / name / "ignored").touch()
    url = cluster.start(home, durable=False)
    assert ask(url, "SELECT 1") == 1
    sockets = cluster.locate(home).sockets
    assert sockets.stat().st_mode & 0o777 == 0o700
    cluster.stop(home)
    if sockets.parent != home:
        shutil.rmtree(sockets)


def test_interrupted_initdb_and_starts_at_the_same_time(ground: Path, home_to_stop: list[Path]) -> None:
    home = ground / "race"
    home_to_stop.append(home)
    first = subprocess.Popen(
        [sys.executable, "-m", "gis.database.cluster", "start", "--home", str(home), "--not-durable"],
        cwd=ROOT,
        start_new_session=True,
    )
    while not list(home.glob("data.new-*")):
        assert first.poll() is None
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not (home / "data").exists()
    with ThreadPoolExecutor(2) as pool:
        urls = set(pool.map(lambda _: cluster.start(home, durable=False), range(2)))
    assert len(urls) == 1
    assert ask(urls.pop(), "SELECT 1") == 1
    assert not list(home.glob("data.new-*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")
def test_project_the_server_cannot_enter(ground: Path, home_to_stop: list[Path]) -> None:
    closed = ground / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "postgres"
    home_to_stop.append(home)
    url = cluster.start(home, durable=False)
    assert ask(url, "SELECT 1") == 1
    assert home.is_symlink()
    assert cluster.start(home, durable=False) == url
    elsewhere = home.resolve()
    cluster.stop(home)
    home_to_stop.clear()
    shutil.rmtree(elsewhere)


@pytest.mark.parametrize(
    ("given", "changes", "expected"),
    [
        (
            "postgresql://postgres@/postgres?host=/a%20b&port=5432",
            {"database": "guangming", "user": "gis_web"},
            "postgresql://gis_web@/guangming?host=/a%20b&port=5432",
        ),
        (
            "postgresql://owner:s%40@db.example:5433/grid?sslmode=require",
            {"user": "gis_web", "password": "p/w:@"},
            "postgresql://gis_web:p%2Fw%3A%40@db.example:5433/grid?sslmode=require",
        ),
        ("postgresql:///grid?user=owner&password=x", {"user": "gis_web"}, "postgresql://gis_web@/grid"),
        ("postgresql://h1:1,h2:2/grid", {"database": "other"}, "postgresql://h1:1,h2:2/other"),
    ],
)
def test_url_of_another_database_or_login(given: str, changes: dict[str, str], expected: str) -> None:
    assert cluster.database_url(given, **changes) == expected
    psycopg2.extensions.parse_dsn(expected)
