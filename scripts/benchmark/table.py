"""Medians, ratios and the table of the report. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from scripts.benchmark.measure import Measure
from scripts.benchmark.works import COLD, Work

LIMIT, LIMIT_WITH_POLICIES = "pgbench", "pgbench as the planner"
PEER_LABELS = ("tipg", "pygeoapi")


@dataclass(frozen=True, slots=True)
class Row:
    """A server at a work: medians over the rounds; errors are added up."""

    work: str
    label: str
    per_s: float
    p50_ms: float
    p99_ms: float
    app_ms: float
    db_ms: float
    kb: float
    errors: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How ours stands at a work. A ratio is None where there is nothing sound to compare with."""

    work: Work
    row: Row
    to_peer: float | None
    to_limit: float | None

    @property
    def is_met(self) -> bool | None:
        """Whether the goals are met; None without a goal."""
        wanted = [(self.work.goal, self.to_peer), (self.work.limit_goal, self.to_limit)]
        checked = [reached is not None and reached >= goal for goal, reached in wanted if goal is not None]
        return all(checked) and not self.row.errors if checked else None


def rows(measures: Iterable[Measure]) -> dict[tuple[str, str], Row]:
    """Measures of all rounds, gathered by work and server."""
    gathered: dict[tuple[str, str], list[Measure]] = {}
    for measure in measures:
        gathered.setdefault((measure.work, measure.label), []).append(measure)
    return {key: _row(runs) for key, runs in gathered.items()}


def _row(runs: Sequence[Measure]) -> Row:
    def middle(name: str) -> float:
        return float(median(getattr(run, name) for run in runs))

    first = runs[0]
    return Row(
        first.work, first.label, middle("per_s"), middle("p50_ms"), middle("p99_ms"), middle("app_ms"),
        middle("db_ms"), middle("kb"), sum(run.errors for run in runs),
    )  # fmt: skip


def verdict(work: Work, found: Mapping[tuple[str, str], Row], ours: str) -> Verdict | None:
    """How ours stands at a work; None where it was not measured."""
    row = found.get((work.name, ours))
    if row is None:
        return None
    peers = [found.get((work.beside or work.name, label)) for label in PEER_LABELS]
    speeds = [peer.per_s for peer in peers if peer and peer.per_s and not peer.errors]
    limit = found.get((work.name, LIMIT))
    return Verdict(
        work,
        row,
        ratio(row.per_s, max(speeds)) if speeds else None,
        ratio(row.per_s, limit.per_s) if limit else None,
    )


def ratio(ours: float, theirs: float) -> float | None:
    """How many times theirs ours is; None where theirs is nothing."""
    return ours / theirs if theirs > 0 else None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def markdown(works: Sequence[Work], found: Mapping[tuple[str, str], Row], ours: Mapping[str, str]) -> str:
    """The table: for each work ours with its ratios and goals, ours without caches, the peers and pgbench."""
    lines = [
        "| work | server | requests/s | p50 ms | p99 ms | app CPU ms | database CPU ms | kB |"
        " to the better peer | goal | to pgbench | goal | met |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for work in works:
        made = verdict(work, found, ours[work.name])
        for label in dict.fromkeys((ours[work.name], COLD, *PEER_LABELS, LIMIT, LIMIT_WITH_POLICIES)):
            if row := found.get((work.name, label)):
                lines.append(_line(work, row, made if label == ours[work.name] else None))
    return "\n".join(lines) + "\n"


def _line(work: Work, row: Row, made: Verdict | None) -> str:
    cells = [
        f"**{work.title}**" if made else "",
        f"{row.label} ({work.person})" if made else row.label,
        f"{number(row.per_s)}{f' ({row.errors} errors)' if row.errors else ''}",
        *(number(value) for value in (row.p50_ms, row.p99_ms, row.app_ms, row.db_ms, row.kb)),
    ]
    if made:
        cells += [_times(made.to_peer), _goal(work.goal), _share(made.to_limit), _share(work.limit_goal)]
        cells.append({True: "yes", False: "**no**", None: ""}[made.is_met])
    else:
        cells += [""] * 5
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{number(value)} ×"


def _goal(value: float | None) -> str:
    return "" if value is None else f"≥ {value:g} ×"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
