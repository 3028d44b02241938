"""`scripts/load`: what it prints and how it ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .conftest import ROOT, SAMPLES


def run(url: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts" / "load"), *map(str, arguments)]
    environment = os.environ | {"GIS_DATABASE_URL": url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_endings(url: str, tmp_path: Path) -> None:
    done = run(url, "facility", SAMPLES / "facilities.geojson")
    assert (done.returncode, done.stderr) == (0, "")
    assert "read 3, stored 3, unchanged 0, rejected 0" in done.stdout
    assert "unchanged 3" in run(url, "facility", SAMPLES / "facilities.geojson").stdout

    path, rejects = tmp_path / "海.csv", tmp_path / "rejects.csv"
    lines = "".join(f"X{i},park,海{i},114.3,22.5\n" for i in range(25))
    path.write_text("code,kind,name,lon,lat\n" + lines, encoding="utf-8")
    done = run(url, "facility", path, "--rejects", rejects)
    assert done.returncode == 1
    assert "row 2: position: 114.30000, 22.50000 lies" in done.stdout and "and 5 more" in done.stdout
    assert len(rejects.read_text(encoding="utf-8-sig").splitlines()) == 26

    empty = tmp_path / "empty.csv"
    empty.touch()
    done = run(url, "facility", empty)
    assert (done.returncode, done.stdout) == (2, "")
    assert "empty.csv: the file is empty [empty]" in done.stderr
    assert "Traceback" not in run("postgresql://x@127.0.0.1:1/x", "facility", path).stderr
