"""The report: table, charts and notes under docs/benchmarks, all numbers as JSON under .local/bench."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from gis.database import cluster
from gis.zone import ZONE
from scripts.benchmark import chart, growth, mixed
from scripts.benchmark.measure import CONNECTIONS
from scripts.benchmark.peers import HOME, PEERS, versions
from scripts.benchmark.rounds import Findings
from scripts.benchmark.table import markdown, rows, verdict
from scripts.benchmark.works import COLD, OURS, Work
from scripts.commands import machine

DOCS = machine.ROOT / "docs" / "benchmarks"


def write(findings: Findings, *, rounds: int, seconds: float, place: Path = DOCS) -> Path:
    """Write the report into `place`; return the path of its text."""
    place.mkdir(parents=True, exist_ok=True)
    now = datetime.now(ZONE)
    _keep_raw(findings, now)
    parts = [
        "# Serving, measured", "",
        f"Made by `scripts/bench serve` on {now:%Y-%m-%d}; nothing here was edited by hand.", "",
        f"- Machine: {machine_line()}; database, servers and clients share it. Trust ratios more than times.",
        f"- Database: {_postgres()}, 300,000 rental units, on a cluster of its own.",
        "- Ours: row-level security on, every request signed in. The peers: plain tables, no policies. "
        "pgbench: the product's tables without policies, or in the planner's name where the line says so.",
        "- Ours keeps tiles and the features of wide boxes in memory, and for each request asks the database "
        f"whether they still hold and are the reader's. The server called \u201c{COLD}\u201d keeps neither.",
        *(f"- {peer.name}: {versions(peer)}." for peer in PEERS.values()),
        f"- {CONNECTIONS} kept connections (wrk), {rounds} rounds of {seconds:g} s or more in alternation, "
        "medians. CPU time is per request: of the app's processes, and of PostgreSQL's. `pgbench` runs the "
        "same SQL on the socket, prepared; for a tile of points ST_AsMVT, which the product does without.",
        f"- Compared before timing: {findings.compared} answers of ours with the peers', "
        f"{len(findings.differing)} of them differing{': see the notes' if findings.differing else ''}.", "",
    ]  # fmt: skip
    parts += _works(findings, place) + _growth(findings, place) + _loads(findings) + _notes(findings)
    path = place / "serve.md"
    path.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")
    return path


def ours_of(works: Sequence[Work]) -> dict[str, str]:
    """Which of our servers stands for ours at a work: the one with its caches, where it is asked at all."""
    return {work.name: OURS if OURS in work.paths else COLD for work in works}


def _works(findings: Findings, place: Path) -> list[str]:
    if not findings.measures:
        return []
    found, labels = rows(findings.measures), ours_of(findings.works)
    made = [verdict(work, found, labels[work.name]) for work in findings.works]
    bars = [
        chart.Bar(
            f"{v.work.title}{'' if v.work.person == 'planner' else ', officer'}", v.to_peer, v.work.goal
        )
        for v in made
        if v and v.to_peer is not None
    ]
    parts = []
    if bars:
        picture = chart.bars(
            "Requests per second as a multiple of the better peer's; strokes are goals", bars
        )
        (place / "serve.svg").write_text(picture, encoding="utf-8")
        parts = ["![Requests per second as a multiple of the better peer's](serve.svg)", ""]
    return [*parts, markdown(findings.works, found, labels)]


def _growth(findings: Findings, place: Path) -> list[str]:
    if not findings.growth:
        return []
    picture = chart.lines(
        "Time of a question as the number of units grows",
        growth.series(findings.growth),
        "rental units",
        "ms",
    )
    (place / "growth.svg").write_text(picture, encoding="utf-8")
    return [
        "## Growth", "",
        "Median time of the service function in one process; the same statements without row-level security; "
        "and over HTTP, one request at a time.", "",
        "![Time of a question as the number of units grows](growth.svg)", "",
        growth.markdown(findings.growth),
    ]  # fmt: skip


def _loads(findings: Findings) -> list[str]:
    if not findings.loads:
        return []
    return ["## Mixed load", "", *(mixed.markdown(load) for load in findings.loads)]


def _notes(findings: Findings) -> list[str]:
    notes = [*findings.differing, *findings.notes]
    return ["## Notes", "", *(f"- {note}" for note in notes)] if notes else []


def _keep_raw(findings: Findings, now: datetime) -> None:
    raw = {
        "made_at": now.isoformat(),
        "machine": machine_line(),
        "measures": [asdict(measure) for measure in findings.measures],
        "growth": [asdict(one) for one in findings.growth],
        "loads": [asdict(load) for load in findings.loads],
        "notes": findings.notes,
        "differing": findings.differing,
    }
    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / f"serve-{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(raw, ensure_ascii=False, indent=1), encoding="utf-8")


def machine_line() -> str:
    """Cores, memory and system of this machine, for reports."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    gb = int(memory[1]) / 1024 / 1024 if memory else 0
    return (
        f"{os.cpu_count()} cores ({cpu[1].strip() if cpu else platform.machine()}), {gb:.0f} GB of memory, "
        f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    )


def _postgres() -> str:
    program = cluster.find_binaries() / "postgres"
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"([\d.]+)", text)
    return f"PostgreSQL {found[1] if found else '?'} with PostGIS"
