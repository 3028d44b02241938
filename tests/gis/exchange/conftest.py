from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from gis.exchange.model import ImportReport, LoadOptions
from gis.exchange.service import load_file

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "data" / "samples"
SHARED = ROOT.parent / "shared" / "data"

Load = Callable[..., ImportReport]


@pytest.fixture(scope="module")
def url(database_url: str) -> str:
    """A database with a division of ten communities over the district's outline, and nothing else."""
    options = LoadOptions(code_scheme="demo-2018", schematic=True)
    load_file(database_url, "division", SAMPLES / "other-division.gpkg", options)
    return database_url


@pytest.fixture
def load(url: str, tmp_path: Path) -> Load:
    """Write content under a name and load it."""

    def run(layer: str, name: str, content: str | bytes, **options: object) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_file(url, layer, path, LoadOptions(**options))

    return run


@pytest.fixture
def query(url: str) -> Iterator[Callable[..., list[tuple[object, ...]]]]:
    """Rows of a statement, as superuser."""
    connection = psycopg2.connect(url, options="-c search_path=app,public -c timezone=Asia/Shanghai")

    def run(statement: str, *values: object) -> list[tuple[object, ...]]:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall()

    yield run
    connection.close()


def shared(name: str) -> Path:
    """A real input; skips where they are not at hand."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"real input {name} is not here")
    return path


def codes(report: ImportReport) -> list[str]:
    return [item.code for item in report.rejects]
