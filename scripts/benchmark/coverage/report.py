"""The report of the analyses: docs/benchmarks/coverage.md with its charts, and all numbers as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from gis.zone import ZONE
from scripts.benchmark import chart
from scripts.benchmark.coverage.data import Data
from scripts.benchmark.coverage.harness import Found
from scripts.benchmark.coverage.row import Row, Timing
from scripts.benchmark.peers import HOME
from scripts.benchmark.report import DOCS, machine_line
from scripts.benchmark.table import number

_HEAD = (
    "| work | ours | peer | its time | times as fast | goal | met | memory, ours | its |",
    "|---|---:|---|---:|---:|---:|---|---:|---:|",
)


def write(found: Sequence[Found], *, rounds: int, place: Path = DOCS) -> Path:
    """Write the report into `place`; return the path of its text."""
    place.mkdir(parents=True, exist_ok=True)
    now = datetime.now(ZONE)
    _keep_raw(found, rounds, now)
    data = Data()
    parts = [
        "# Analyses, measured", "",
        f"Made by `scripts/bench coverage` on {now:%Y-%m-%d}; nothing here was edited by hand.", "",
        f"- Machine: {machine_line()}. Ours and the peers share it, in one process group. Trust ratios "
        "more than times.",
        f"- Data: seeded; {len(data.cells)} cells, {len(data.communities)} communities, "
        f"{len(data.parcels):,} parcels, {len(data.units):,} units; 200 walkers with 500 fixes a day each.",
        f"- {rounds} rounds in alternation, medians; peers that take minutes in fewer. Memory is the most "
        "beyond what was held before, in MB.", "",
        *_ratios(found, place),
    ]  # fmt: skip
    for one in found:
        parts += [f"## {one.work.title}", "", one.work.about, ""]
        parts += [*_HEAD, *map(_line, one.rows), ""] if one.rows else []
        parts += [f"- {row.name}: {row.note}" for row in one.rows if row.note]
        parts += [f"- {one.trouble}", ""] if one.trouble else [""]
    parts += _growth(found, place)
    path = place / "coverage.md"
    path.write_text("\n".join(parts).rstrip().replace("\n\n\n", "\n\n") + "\n", encoding="utf-8")
    return path


def _ratios(found: Sequence[Found], place: Path) -> list[str]:
    bars = [
        chart.Bar(f"{row.name}, {row.peer}", row.ratio, row.at_least)
        for one in found
        for row in one.rows
        if row.ratio is not None and row.at_least is not None
    ]
    if not bars:
        return []
    title = "How many times as fast as its peer each work is; strokes are goals"
    (place / "coverage.svg").write_text(chart.bars(title, bars), encoding="utf-8")
    return [f"![{title}](coverage.svg)", ""]


def _growth(found: Sequence[Found], place: Path) -> list[str]:
    series: dict[str, list[tuple[float, float]]] = {}
    for row in (row for one in found for row in one.rows if row.fixes):
        for label, timing in (("ours", row.ours), (row.peer, row.theirs)):
            if timing is not None:
                line = series.setdefault(label if label != "ours" else f"ours{_kind(row)}", [])
                if (point := (float(row.fixes or 0), timing.seconds)) not in line:
                    line.append(point)
    series = {name: sorted(dict(points).items()) for name, points in series.items() if len(points) > 1}
    if not series:
        return []
    title = "Time as the number of fixes grows"
    picture = chart.lines(title, series, "fixes", "s")
    (place / "coverage-growth.svg").write_text(picture, encoding="utf-8")
    return ["## Growth", "", f"![{title}](coverage-growth.svg)", ""]


def _kind(row: Row) -> str:
    return f"{chart.VARIANT}{row.name.partition(', ')[2]}" if ", " in row.name else ""


def _line(row: Row) -> str:
    wanted = [f"≥ {row.at_least:g} ×"] if row.at_least is not None else []
    wanted += [f"≤ {_value(row.at_most, row.unit)}"] if row.at_most is not None else []
    cells = [
        row.name, _seconds(row.ours) if row.value is None else _value(row.value, row.unit),
        row.peer, _seconds(row.theirs),
        "" if row.ratio is None else f"{number(row.ratio)} ×", ", ".join(wanted),
        {True: "yes", False: "**no**", None: ""}[row.is_met], _memory(row.ours), _memory(row.theirs),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _seconds(timing: Timing | None) -> str:
    return "" if timing is None else _value(timing.seconds, "s")


def _value(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        return f"{number(value * 1000)} ms"
    return f"{value:.2g} {unit}" if abs(value) < 0.01 else f"{number(value)} {unit}"


def _memory(timing: Timing | None) -> str:
    return "" if timing is None or timing.memory_mb is None else f"{timing.memory_mb:,.0f}"


def _keep_raw(found: Sequence[Found], rounds: int, now: datetime) -> None:
    raw = {
        "made_at": now.isoformat(),
        "machine": machine_line(),
        "rounds": rounds,
        "works": {one.work.name: [asdict(row) for row in one.rows] for one in found},
        "left_out": {one.work.name: one.trouble for one in found if one.trouble},
    }
    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / f"coverage-{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(raw, ensure_ascii=False, indent=1), encoding="utf-8")
