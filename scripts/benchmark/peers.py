"""The peers: each in a virtual environment of its own, configured as its documentation advises for speed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from scripts.benchmark.database import Base
from scripts.benchmark.process import ServerProcess
from scripts.commands import machine
from scripts.commands.machine import MachineError, say

HOME = machine.LOCAL / "bench"
WORKERS = 2
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Peer:
    """A server somebody could install instead; `ready` is a path it answers 200 once it serves."""

    name: str
    port: int
    ready: str


TIPG = Peer("tipg", 8311, "/healthz")
PYGEOAPI = Peer("pygeoapi", 8312, "/collections/unit?f=json")
PEERS = {peer.name: peer for peer in (TIPG, PYGEOAPI)}


def start(peer: Peer, base: Base) -> ServerProcess:
    """Install the peer where it is missing, and start it."""
    binaries = _environment(peer.name) / "bin"
    command, settings = (_tipg if peer is TIPG else _pygeoapi)(peer, base, binaries)
    kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "LC_ALL", "TZ")}
    environment = kept | {"PATH": f"{binaries}:{os.environ['PATH']}"} | settings
    return ServerProcess(command, cwd=HOME, environment=environment, log=HOME / f"{peer.name}.log")


def versions(peer: Peer) -> str:
    """What is pinned for the peer, for the report."""
    lines = _requirements(peer.name).read_text().splitlines()
    return ", ".join(line.replace("==", " ") for line in lines if line and not line.startswith("#"))


def _requirements(name: str) -> Path:
    return _HERE / f"requirements-{name}.txt"


def _environment(name: str) -> Path:
    """The peer's virtual environment, made anew when its requirements change."""
    place, wanted = HOME / name, _requirements(name)
    mark = place / "requirements.sha256"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return place
    say(f"installing {name} into {place.relative_to(machine.ROOT)}")
    base = getattr(sys, "_base_executable", sys.executable)
    pip = [str(place / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", "-r", str(wanted)]
    for command in ([base, "-m", "venv", "--clear", str(place)], pip):
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise MachineError(f"{name} could not be installed:\n{answer.stderr[-2000:]}")
    mark.write_text(digest)
    return place


def _tipg(peer: Peer, base: Base, binaries: Path) -> tuple[list[str], dict[str, str]]:
    """Uvicorn with two workers; a pool that is never shrunk, no refresh of the catalogue meanwhile.

    Its tiles have our buffer and no limit of features, so that both hold the same.
    """
    command = [
        str(binaries / "uvicorn"), "tipg.main:app", "--host", "127.0.0.1", "--port", str(peer.port),
        "--workers", str(WORKERS), "--loop", "uvloop", "--http", "httptools",
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    host = quote(base.socket_dir, safe="")
    settings = {
        "DATABASE_URL": f"postgresql://postgres@{host}:{base.port}/{base.name}",
        "DB_MIN_CONN_SIZE": "4",
        "DB_MAX_CONN_SIZE": "4",
        "DB_MAX_QUERIES": "1000000000",
        "DB_MAX_INACTIVE_CONN_LIFETIME": "0",
        "TIPG_DB_SCHEMAS": '["bench"]',
        "TIPG_DB_EXCLUDE_FUNCTION_SCHEMAS": '["public", "app"]',
        "TIPG_MAX_FEATURES_PER_QUERY": "10000",
        "TIPG_MAX_FEATURES_PER_TILE": "10000000",
        "TIPG_TILE_BUFFER": "64",
        "TIPG_CATALOG_TTL": "1000000",
    }
    return command, settings


def _pygeoapi(peer: Peer, base: Base, binaries: Path) -> tuple[list[str], dict[str, str]]:
    """Gunicorn with two workers of four threads, each with a connection of SQLAlchemy's pool."""
    configuration, openapi = HOME / "pygeoapi.json", HOME / "pygeoapi-openapi.json"
    configuration.write_text(json.dumps(_configuration(peer, base), indent=1), encoding="utf-8")
    settings = {"PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(openapi)}
    made = subprocess.run(
        [binaries / "pygeoapi", "openapi", "generate", configuration, "--format", "json",
         "--output-file", openapi],
        env={"PATH": f"{binaries}:{os.environ['PATH']}"} | settings,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise MachineError(f"pygeoapi openapi generate: {made.stderr[-2000:]}")
    command = [
        str(binaries / "gunicorn"), "pygeoapi.flask_app:APP", "--bind", f"127.0.0.1:{peer.port}",
        "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60",
        "--timeout", "300", "--log-level", "error", "--no-control-socket",
    ]  # fmt: skip
    return command, settings


def _configuration(peer: Peer, base: Base) -> dict[str, object]:
    """pygeoapi's configuration; JSON is YAML."""
    words = {
        "identification": {
            "title": "bench", "description": "bench", "keywords": ["bench"], "keywords_type": "theme",
            "terms_of_service": "none", "url": "http://127.0.0.1",
        },
        "license": {"name": "none", "url": "http://127.0.0.1"},
        "provider": {"name": "bench", "url": "http://127.0.0.1"},
        "contact": {"name": "bench", "email": "bench@example.org"},
    }  # fmt: skip
    url = f"http://127.0.0.1:{peer.port}"
    server = {
        "bind": {"host": "127.0.0.1", "port": peer.port}, "url": url,
        "mimetype": "application/json; charset=UTF-8",
        "encoding": "utf-8", "gzip": False, "languages": ["en-US"], "pretty_print": False,
        "limits": {"default_items": 10, "max_items": 10000, "on_exceed": "throttle"},
        "map": {"url": url, "attribution": "none"},
    }  # fmt: skip
    west, south, east, north = base.rows(
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
        " FROM (SELECT ST_Extent(geom) AS e FROM bench.cell) AS x"
    )[0]
    resources = {}
    for name, table, key, tiles in (
        ("unit", "rental_unit", "rental_unit_id", False),
        ("slim", "unit_slim", "rental_unit_id", True),
        ("cell", "cell", "cell_id", False),
    ):
        source = {
            "data": {"host": base.socket_dir, "port": int(base.port), "dbname": base.name, "user": "postgres",
                     "search_path": ["bench", "public"]},
            "id_field": key, "table": table, "geom_field": "geom",
        }  # fmt: skip
        providers: list[dict[str, object]] = [{"type": "feature", "name": "PostgreSQL", **source}]
        if tiles:
            providers.append({
                "type": "tile", "name": "MVT-postgresql", **source,
                "options": {"zoom": {"min": 0, "max": 22}},
                "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
            })  # fmt: skip
        resources[name] = {
            "type": "collection", "title": name, "description": name, "keywords": ["bench"], "links": [],
            "extents": {"spatial": {"bbox": [west, south, east, north],
                                    "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
            "providers": providers,
        }  # fmt: skip
    return {"server": server, "logging": {"level": "ERROR"}, "metadata": words, "resources": resources}
