"""One run of sqlmap against one target, and what it says."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scripts.attacker.targets import MARK, Target

Verdict = Literal["nothing", "INJECTABLE", "unfinished", "not tried"]

_REQUESTS = re.compile(r"(\d+) times")
_TITLE = re.compile(r"Title: (.+)")


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard sqlmap tries, by which of its techniques; one target takes `seconds` at the longest."""

    level: int = 3
    risk: int = 2
    seconds: int = 300
    techniques: str = "BEUSTQ"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a target; `said` tells how many requests were refused, or why it was not tried."""

    target: Target
    verdict: Verdict
    seconds: float
    said: str = ""


def attack(root: str, target: Target, token: str, effort: Effort) -> Finding:
    """Run sqlmap against a target of the server at `root`."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attack-") as place:
        command = command_of(root, target, token, effort, place)
        try:
            output = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=effort.seconds, check=False, text=True, errors="replace",
            ).stdout  # fmt: skip
        except subprocess.TimeoutExpired:
            return Finding(target, "unfinished", time.monotonic() - begun)
    verdict, said = read(output)
    return Finding(target, verdict, time.monotonic() - begun, said)


def command_of(root: str, target: Target, token: str, effort: Effort, place: str) -> list[str]:
    """The command line; a cookie or a bearer token under attack goes without the good token."""
    headers: Mapping[str, str] = target.headers
    if not {"Authorization", "Cookie"} & set(headers):
        headers = {**headers, "Authorization": f"Bearer {token}"}
    command = [
        "sqlmap", "--url", root + target.path, "--batch", "--disable-coloring", "--output-dir", place,
        "--level", str(effort.level), "--risk", str(effort.risk), "--technique", _techniques(target, effort),
        "--dbms", "PostgreSQL", "--time-sec", "2", "--timeout", "20", "--ignore-code", "*",
        "--ignore-redirects", "--skip-waf",
    ]  # fmt: skip
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    if target.body is not None:
        command += ["--data", target.body]
    if MARK not in target.path + (target.body or "") + "".join(target.headers.values()):
        command += ["-p", target.path.partition("?")[2].partition("=")[0]]
    return command


def _techniques(target: Target, effort: Effort) -> str:
    """The techniques asked for; in a filter not the boolean one.

    CQL2 has AND and OR of its own: that `… AND 1=1` and `… AND 1=2` answer differently there is the language,
    not SQL. Errors, unions, stacked, timed and nested queries would be SQL all the same.
    """
    is_filter = target.name.partition(",")[0] == "filter"
    return effort.techniques.replace("B", "") if is_filter else effort.techniques


def read(output: str) -> tuple[Verdict, str]:
    """Verdict of what sqlmap printed; a run that did not end as runs end is no clean bill."""
    if "identified the following injection point" in output:
        return "INJECTABLE", "; ".join(_TITLE.findall(output))
    if "all tested parameters do not appear to be injectable" in output:
        counts = _REQUESTS.findall(output.rpartition("HTTP error codes detected")[2])
        return "nothing", f"{sum(map(int, counts))} refused" if counts else ""
    lines = [line for line in output.splitlines() if "[CRITICAL]" in line or "[ERROR]" in line]
    return "not tried", (lines or output.strip().splitlines() or ["no output"])[-1]
