"""GeoPackage, read by GDAL in a child process that can do no harm.

GDAL's drivers sniff content and some follow what they find to other files and addresses. The content has
already been checked to be SQLite (`sniff`); beyond that the child has a copy under a name of our own, no
driver that reaches out, no network, and limits on memory, time and files.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import GEOSException

from gis.errors import InvalidInput
from gis.exchange.model import MAX_ROWS, RawRow, Table
from gis.exchange.readers.sniff import find_format, read_bytes
from gis.geometry.crs import find_crs

_MEMORY_BYTES = 4 * 1024**3
_CPU_S = 120
_WALL_S = 180
_FILE_BYTES = 256 * 1024**2
_ROOT = Path(__file__).resolve().parents[3]
_SKIPPED = "WFS,OAPIF,OGR_VRT,VRT,CSW,AmigoCloud,Carto,NGW,PLSCENES,HTTP,ESRIJSON,GML,GMLAS,EEDA,ODS,XLSX"


def read_geopackage(path: Path, *, sheet: str | None, prefer: tuple[str, ...]) -> Table:
    """Read one layer as rows numbered from 1; geometries are shapely's, in the file's own system.

    Parameters
    ----------
    sheet : layer name; None for the only one, or the one named like one of `prefer`.

    Raises
    ------
    InvalidInput
        ``unreadable``, ``no-such-sheet`` or ``choose-sheet``.
    """
    with _copied(path) as copy:
        head, *features = _ask(copy, "find", *prefer) if sheet is None else _ask(copy, "read", sheet)
    if "layers" in head:
        raise _no_layer(head["layers"], sheet)
    if not features:
        raise InvalidInput("the layer holds no feature", code="empty")
    if len(features) > MAX_ROWS:
        raise InvalidInput(
            f"{len(features):,} features; {MAX_ROWS:,} at most: split the file", code="too-many"
        )
    rows = [_row(number, feature) for number, feature in enumerate(features, start=1)]
    crs = find_crs(head["crs"]).name if head["crs"] else None
    return Table("geopackage", rows, tuple(head["columns"]), "utf-8", crs)


def list_sheets(path: Path) -> list[str]:
    """Names of the layers of a GeoPackage; faults as in `read_geopackage`, and ``content-mismatch``."""
    find_format(path.name, read_bytes(path))
    with _copied(path) as copy:
        (answer,) = _ask(copy, "list")
    return list(answer["layers"])


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="guangming-import-") as folder:
        copy = Path(folder) / "input.gpkg"
        shutil.copyfile(path, copy)
        yield copy


def _no_layer(layers: list[str], sheet: str | None) -> InvalidInput:
    listed = ", ".join(layers)[:300] or "none"
    if sheet is None:
        return InvalidInput(f"which layer? the file has {listed}", code="choose-sheet")
    return InvalidInput(f"there is no layer {sheet[:80]!r}; the file has {listed}", code="no-such-sheet")


def _row(number: int, feature: dict[str, Any]) -> RawRow:
    values, wkb = feature["values"], feature["wkb"]
    if wkb is None:
        return RawRow(number, values)
    try:
        return RawRow(number, values, shapely.from_wkb(bytes.fromhex(wkb)))
    except GEOSException as error:
        text = str(error)
        code = "unclosed-ring" if "closed linestring" in text else "invalid-geometry"
        return RawRow(number, values, fault=InvalidInput(text, pointer="geometry", code=code))


def _ask(path: Path, *arguments: str) -> list[Any]:
    command = [*_without_network(), sys.executable, "-m", "gis.exchange.readers.geopackage_child"]
    # Nothing of the parent's environment but where its libraries are: no passwords, no proxies.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
        "PYTHONUTF8": "1",
        "OGR_SKIP": _SKIPPED,
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "OPENBLAS_NUM_THREADS": "1",
        "TMPDIR": str(path.parent),
    }
    try:
        answer = subprocess.run(
            [*command, str(path), *arguments],
            cwd=_ROOT,
            env=environment,
            capture_output=True,
            timeout=_WALL_S,
            check=False,
            preexec_fn=_limit,
        )
    except subprocess.TimeoutExpired as error:
        raise InvalidInput(f"reading took longer than {_WALL_S} s", code="unreadable") from error
    if answer.returncode != 0:
        lines = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1] if lines else f"the reader ended with {answer.returncode}"
        reason = reason.replace(str(path), "the file")
        raise InvalidInput(f"not a readable GeoPackage: {reason[:200]}", code="unreadable")
    return [json.loads(line) for line in answer.stdout.splitlines()]


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@functools.cache
def _without_network() -> tuple[str, ...]:
    """What to put before the command so that it has no network, where the system allows it."""
    for command in (("unshare", "-n"), ("unshare", "-rn")):
        try:
            if (
                subprocess.run([*command, "true"], capture_output=True, check=False, timeout=10).returncode
                == 0
            ):
                return command
        except (OSError, subprocess.TimeoutExpired):
            continue
    return ()
