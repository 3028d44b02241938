"""schemathesis makes requests of every kind from /openapi.json: as a planner with a token, and as nobody.

No 5xx, no status or media type that is not documented, no answer that breaks its schema, nothing bad accepted.
What it is told to expect otherwise, and why: tests/clients/schemathesis.toml.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.clients.conftest import Served

CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED = "20261125"
EXAMPLES = "5"
PHASES = {"planner": "examples,coverage,fuzzing", "nobody": "coverage"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def schema(served: Served, tmp_path_factory) -> Path:
    """The document: nobody may read it without signing in."""
    request = urllib.request.Request(
        f"{served.url}/openapi.json", headers={"Authorization": f"Bearer {served.tokens['planner']}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        document = json.load(answer)
    path = tmp_path_factory.mktemp("schema") / "openapi.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


@pytest.mark.parametrize("who", ["planner", "nobody"])
def test_every_operation_keeps_to_its_description(served: Served, schema: Path, tmp_path: Path, who: str):
    config = CONFIG.read_text("utf-8")
    if who == "nobody":
        config = config[config.index("[checks.positive") :]
    (tmp_path / "schemathesis.toml").write_text(config, "utf-8")
    command = [
        str(Path(sys.executable).with_name("st")), "--no-color", "run", str(schema), "--url", served.url,
        # Allow tells what the asking person may do, the document what anybody may.
        "--checks", "all", "--exclude-checks", "allow_header_conformance", "--phases", PHASES[who],
        "--max-examples", EXAMPLES, "--seed", SEED, "--continue-on-failure", "--workers", "1",
    ]  # fmt: skip
    token = served.tokens["planner"] if who == "planner" else ""
    run = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"SCHEMATHESIS_TOKEN": token},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert "Tested:" in run.stdout, run.stdout + run.stderr
    assert run.returncode == 0, run.stdout[-20_000:]
