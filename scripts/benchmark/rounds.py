"""Rounds of measurements: who can do a work at all, and every work once a round at every server."""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scripts.benchmark import growth, mixed
from scripts.benchmark.agree import compare
from scripts.benchmark.database import Base
from scripts.benchmark.limit import run_pgbench
from scripts.benchmark.measure import Measure, Target, run_wrk, settle, warm_up
from scripts.benchmark.ours import PEOPLE, Headers
from scripts.benchmark.peers import PEERS
from scripts.benchmark.process import ServerProcess
from scripts.benchmark.statements import statements
from scripts.benchmark.works import COLD, OURS, Work
from scripts.commands.machine import say

_LEAST_SECONDS = {"bbox-10000": 60.0, "tile-11": 20.0}
"""For the peers, at works whose answers take them seconds: eight at a time, a short run would see none."""
_WARM_UP, _WARM_UP_S = 24, 8.0

Job = tuple[Work, Target, list[str]]
Limit = tuple[str, Callable[[float], Measure]]


@dataclass
class Findings:
    """Everything measured, for the report."""

    works: list[Work] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    compared: int = 0
    differing: list[str] = field(default_factory=list)
    growth: list[growth.Growth] = field(default_factory=list)
    loads: list[mixed.Load] = field(default_factory=list)


@dataclass(frozen=True)
class Servers:
    """What runs: processes and ports by label, and the headers of each person at ours."""

    running: Mapping[str, tuple[ServerProcess, int]]
    people: Mapping[str, Headers]

    def target(self, label: str, person: str) -> Target | None:
        """The server as a work asks it; None if it does not run."""
        if label not in self.running:
            return None
        process, port = self.running[label]
        return Target(label, process, port, self.people[person] if label in (OURS, COLD) else {})


class Rounds:
    """The jobs that can be done, and the rounds over them."""

    def __init__(self, base: Base, chosen: argparse.Namespace, findings: Findings) -> None:
        self._base, self._chosen, self._findings = base, chosen, findings
        self._jobs: list[list[Job]] = []
        self._limits: list[Limit] = []

    def prepare(self, servers: Servers, works: Sequence[Work]) -> None:
        """Warm up, leave out who cannot do a work at all, and compare the answers of those who can."""
        for work in works:
            targets = [target for label in work.paths if (target := servers.target(label, work.person))]
            ready = [job for target in targets if (job := self._job(work, target))]
            if len(ready) > 1:
                compared, differing = compare(work, [target for _, target, _ in ready])
                self._findings.compared += compared
                for line in differing:
                    self._findings.differing.append(f"{work.name}: answers differ: {line}")
                    say(f"  {self._findings.differing[-1]}")
            self._jobs.append(ready)
        if not self._chosen.skip_pgbench:
            self._limits = self._runs_of_pgbench(works)

    def run(self, turn: int) -> None:
        """Every work once at every server, in an order that changes from round to round."""
        for candidates in self._jobs:
            for work, target, lines in random.Random(turn).sample(candidates, len(candidates)):
                self._keep(run_wrk(work.name, target, lines, self._seconds(work, target)))
                settle(self._base, [target])
            names = {work.name for work, _, _ in candidates}
            for name, run in self._limits:
                if name in names:
                    self._keep(run(self._chosen.seconds))

    def _job(self, work: Work, target: Target) -> Job | None:
        """The work as this server does it; None, with a note, if it cannot."""
        paths = list(work.paths[target.label])
        try:
            lines, bad = warm_up(
                target,
                paths if work.revalidates else paths[:_WARM_UP],
                revalidates=work.revalidates,
                patience_s=math.inf if work.revalidates else _WARM_UP_S,
            )
        except OSError as error:
            reason = f"no answer to one request ({error})"
        else:
            if not bad:
                return work, target, lines if work.revalidates else paths
            reason = f"{bad} bad answers of {len(lines)}"
        self._findings.notes.append(f"{work.name}: {target.label} left out: {reason}")
        say(f"  {self._findings.notes[-1]}")
        settle(self._base, [target])
        return None

    def _runs_of_pgbench(self, works: Sequence[Work]) -> list[Limit]:
        """By work: without policies, and in the planner's name."""
        account = self._base.rows(
            "SELECT account_id FROM app.account WHERE username = %s", (PEOPLE["planner"],)
        )[0][0]
        return [
            (one.work, lambda seconds, one=one, who=who: run_pgbench(self._base, one, seconds, account=who))
            for one in statements(self._base, works)
            for who in (None, account)
        ]

    def _seconds(self, work: Work, target: Target) -> float:
        least = _LEAST_SECONDS.get(work.name, 0.0)
        is_long = target.label in PEERS and not self._chosen.quick
        return max(self._chosen.seconds, least) if is_long else float(self._chosen.seconds)

    def _keep(self, measure: Measure) -> None:
        self._findings.measures.append(measure)
        trouble = f"  {measure.errors} ERRORS" if measure.errors else ""
        say(
            f"  {measure.work:18} {measure.label:22} {measure.per_s:9.1f}/s  p50 {measure.p50_ms:8.1f} ms  "
            f"p99 {measure.p99_ms:8.1f}  app {measure.app_ms:8.2f} ms  db {measure.db_ms:8.2f} ms  "
            f"{measure.kb:8.1f} kB{trouble}"
        )
