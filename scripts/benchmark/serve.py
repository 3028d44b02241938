"""`scripts/bench serve`: start every server on one database, ask them the same in turn, write the report."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from gis.database import cluster
from scripts.benchmark import growth, mixed, ours, peers
from scripts.benchmark.agree import compare
from scripts.benchmark.database import CLUSTER_HOME, Base, lay_out_for_peers, open_base
from scripts.benchmark.limit import run_pgbench
from scripts.benchmark.measure import Measure, Target, run_wrk, warm_up
from scripts.benchmark.ours import COLD_PORT, PORT, SIGN_IN, Headers
from scripts.benchmark.peers import HOME, PEERS
from scripts.benchmark.process import ServerProcess
from scripts.benchmark.questions import Units, cells_of_officer, read_units
from scripts.benchmark.statements import statements
from scripts.benchmark.works import COLD, OURS, Work, all_works
from scripts.commands.machine import MachineError, say

_LEAST_SECONDS = {"bbox-10000": 10.0, "tile-11": 4.0}
"""Works whose answers take the peers seconds: a short run would see none."""
_WARM_UP = 24


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


def serve(chosen: argparse.Namespace) -> Findings:
    """Measure what was chosen. Whatever was started is stopped at the end, also after Ctrl-C."""
    findings = Findings()
    HOME.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if cluster.status(CLUSTER_HOME) is None:
            stack.callback(cluster.stop, CLUSTER_HOME)
        base = open_base()
        lay_out_for_peers(base)
        units = read_units(base)
        _measure_servers(chosen, base, units, findings)
        if chosen.scale:
            findings.growth = growth.measure_growth(
                up_to=chosen.scale, repeats=1 if chosen.quick else 5, sign_in=SIGN_IN[chosen.auth]
            )
    return findings


def _measure_servers(chosen: argparse.Namespace, base: Base, units: Units, findings: Findings) -> None:
    works = [work for work in all_works(units, cells_of_officer(base)) if _is_wanted(work, chosen.works)]
    if chosen.works and not works:
        raise MachineError("no such work; see --help")
    findings.works = works
    with ExitStack() as stack:
        servers = _start(stack, chosen, base)
        if chosen.works != ["none"]:
            jobs = _prepare(servers, works, findings)
            limits = _limits(chosen, base, works)
            for turn in range(chosen.rounds):
                say(f"round {turn + 1} of {chosen.rounds}")
                _round(jobs, limits, chosen, turn, findings)
        for seconds in (chosen.mixed, chosen.soak * 60):
            if seconds:
                findings.loads.append(_mixed(servers, units, seconds))


def _is_wanted(work: Work, names: Sequence[str] | None) -> bool:
    return not names or work.name in names


def _start(stack: ExitStack, chosen: argparse.Namespace, base: Base) -> Servers:
    """Start all servers; the tile cache of one of ours is off."""
    running: dict[str, tuple[ServerProcess, int]] = {}

    def keep(label: str, process: ServerProcess, port: int, ready: str) -> None:
        stack.callback(process.stop)
        ours.await_ready(process, port, ready)
        running[label] = process, port

    keep(OURS, ours.start(base, PORT), PORT, "/healthz")
    keep(COLD, ours.start(base, COLD_PORT, WEBMAP_TILE_CACHE_MB="0"), COLD_PORT, "/healthz")
    for name in chosen.peers:
        keep(name, peers.start(PEERS[name], base), PEERS[name].port, PEERS[name].ready)
    # Both of ours know the same sessions: they are rows of the database.
    people = {person: SIGN_IN[chosen.auth](PORT, person) for person in ("planner", "officer", "dispatcher")}
    say(
        f"running: {', '.join(f'{label} (process {process.pid})' for label, (process, _) in running.items())}"
    )
    return Servers(running, people)


Job = tuple[Work, Target, list[str]]


def _prepare(servers: Servers, works: Sequence[Work], findings: Findings) -> list[list[Job]]:
    """Compare answers, warm up, and leave out who cannot do a work at all: jobs by work."""
    jobs = []
    for work in works:
        targets = [target for label in work.paths if (target := servers.target(label, work.person))]
        ready: list[Job] = []
        for target in targets:
            count = len(work.paths[target.label]) if work.revalidates else _WARM_UP
            try:
                lines, bad = warm_up(target, work.paths[target.label][:count], revalidates=work.revalidates)
            except OSError as error:
                findings.notes.append(f"{work.name}: {target.label} gave no answer ({error})")
                continue
            if bad:
                findings.notes.append(
                    f"{work.name}: {target.label} gave {bad} bad answers of {len(lines)}; left out"
                )
                continue
            ready.append((work, target, lines if work.revalidates else list(work.paths[target.label])))
        if len(ready) > 1:
            compared, differing = compare(work, [target for _, target, _ in ready])
            findings.compared += compared
            findings.differing += [f"{work.name}: answers differ: {line}" for line in differing]
            for line in differing:
                say(f"  {work.name}: answers differ: {line}")
        jobs.append(ready)
    return jobs


Limit = tuple[str, Callable[[float], Measure]]


def _limits(chosen: argparse.Namespace, base: Base, works: Sequence[Work]) -> list[Limit]:
    """Runs of pgbench by work: without policies, and in the planner's name."""
    if chosen.skip_pgbench:
        return []
    account = base.rows("SELECT account_id FROM app.account WHERE username = %s", (ours.PEOPLE["planner"],))[
        0
    ][0]
    made: list[Limit] = []
    for statement in statements(base, works):
        for who in (None, account):
            made.append((statement.work, lambda s, st=statement, w=who: run_pgbench(base, st, s, account=w)))
    return made


def _round(
    jobs: Sequence[Sequence[Job]],
    limits: Sequence[Limit],
    chosen: argparse.Namespace,
    turn: int,
    found: Findings,
) -> None:
    """Every work once at every server, in an order that changes from round to round."""
    for candidates in jobs:
        for work, target, lines in random.Random(turn).sample(candidates, len(candidates)):
            seconds = max(chosen.seconds, _LEAST_SECONDS.get(work.name, 0) if not chosen.quick else 0)
            measure = run_wrk(work.name, target, lines, seconds)
            _tell(measure)
            found.measures.append(measure)
        names = {work.name for work, _, _ in candidates}
        for name, run in limits:
            if name in names:
                measure = run(chosen.seconds)
                _tell(measure)
                found.measures.append(measure)


def _tell(measure: Measure) -> None:
    trouble = f"  {measure.errors} ERRORS" if measure.errors else ""
    say(
        f"  {measure.work:18} {measure.label:22} {measure.per_s:9.1f}/s  p50 {measure.p50_ms:8.1f} ms  "
        f"p99 {measure.p99_ms:8.1f}  app {measure.app_ms:8.2f} ms  db {measure.db_ms:8.2f} ms  "
        f"{measure.kb:8.1f} kB{trouble}"
    )


def _mixed(servers: Servers, units: Units, seconds: float) -> mixed.Load:
    say(f"mixed load for {seconds:g} s")
    process, port = servers.running[OURS]
    asked = mixed.requests_of(units, dict(servers.people), 2000)
    load = mixed.run(port, process, asked, seconds=seconds, rate=mixed.RATE_PER_S)
    say(f"  {mixed.markdown(load)}")
    return load
