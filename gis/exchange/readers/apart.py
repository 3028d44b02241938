"""GDAL in a child process that can do no harm.

GDAL's drivers sniff content and some follow what they find to other files and addresses. The content has
already been checked against the file's name; beyond that the child has a copy under a name of our own, no
driver that reaches out, no network, and limits on memory, time and files.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from gis.errors import InvalidInput
from gis.exchange.model import MAX_ROWS

_MEMORY_BYTES = 4 * 1024**3
_CPU_S = 120
_WALL_S = 180
_FILE_BYTES = 1024**3  # of what GDAL writes beside the file, and of the answer
_ROOT = Path(__file__).resolve().parents[3]
_SKIPPED = "WFS,OAPIF,OGR_VRT,VRT,CSW,AmigoCloud,Carto,NGW,PLSCENES,HTTP,ESRIJSON,GML,GMLAS,EEDA,ODS,XLSX"


def ask(path: Path, *arguments: str, what: str = "GeoPackage") -> list[Any]:
    """What the child says of a file, line by line: see `gis.exchange.readers.gdal_child`.

    Parameters
    ----------
    path : a copy in a folder of its own, in which GDAL may write.
    what : the kind of file, for the message.

    Raises
    ------
    InvalidInput
        ``unreadable``: not such a file, or it took too long or too much memory.
    """
    command = [*_without_network(), sys.executable, "-m", "gis.exchange.readers.gdal_child"]
    told = path.parent / "answer"
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
        with told.open("wb") as output:
            answer = subprocess.run(
                [*command, str(path), str(MAX_ROWS), *arguments],
                cwd=_ROOT,
                env=environment,
                stdout=output,  # a file, for the limit holds for files only
                stderr=subprocess.PIPE,
                timeout=_WALL_S,
                check=False,
                preexec_fn=_limit,
            )
    except subprocess.TimeoutExpired as error:
        raise InvalidInput(f"reading took longer than {_WALL_S} s", code="unreadable") from error
    if answer.returncode != 0:
        said = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1] if said else f"the reader ended with {answer.returncode}"
        reason = reason.replace(str(path), "the file")
        raise InvalidInput(f"not a readable {what}: {reason[:200]}", code="unreadable")
    with told.open("rb") as lines:
        return [json.loads(line) for line in lines]


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
