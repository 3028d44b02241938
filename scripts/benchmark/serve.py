"""`scripts/bench serve`: start every server on one database, ask them the same in turn, write the report."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack

from gis.database import cluster
from scripts.benchmark import growth, mixed, ours, peers
from scripts.benchmark.database import CLUSTER_HOME, Base, lay_out_for_peers, open_base
from scripts.benchmark.ours import COLD_PORT, PORT, SIGN_IN
from scripts.benchmark.peers import HOME, PEERS
from scripts.benchmark.process import ServerProcess
from scripts.benchmark.questions import Units, cells_of_officer, read_units
from scripts.benchmark.rounds import Findings, Rounds, Servers
from scripts.benchmark.works import COLD, OURS, Work, all_works
from scripts.commands.machine import MachineError, say

NO_WORKS = ["none"]


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
    if chosen.works and not works and chosen.works != NO_WORKS:
        raise MachineError("no such work; see --help")
    findings.works = works
    with ExitStack() as stack:
        servers = _start(stack, chosen, base)
        if chosen.works != NO_WORKS:
            rounds = Rounds(base, chosen, findings)
            rounds.prepare(servers, works)
            for turn in range(chosen.rounds):
                say(f"round {turn + 1} of {chosen.rounds}")
                rounds.run(turn)
        for seconds in (chosen.mixed, chosen.soak * 60):
            if seconds:
                findings.loads.append(_mixed(servers, units, seconds))


def _is_wanted(work: Work, names: Sequence[str] | None) -> bool:
    return not names or work.name in names


def _start(stack: ExitStack, chosen: argparse.Namespace, base: Base) -> Servers:
    """Start all servers; one of ours keeps neither tiles nor features."""
    running: dict[str, tuple[ServerProcess, int]] = {}

    def keep(label: str, process: ServerProcess, port: int, ready: str) -> None:
        stack.callback(process.stop)
        ours.await_ready(process, port, ready)
        running[label] = process, port

    keep(OURS, ours.start(base, PORT), PORT, "/healthz")
    if chosen.works != NO_WORKS:
        without = {"WEBMAP_TILE_CACHE_MB": "0", "WEBMAP_FEATURE_CACHE_MB": "0"}
        keep(COLD, ours.start(base, COLD_PORT, **without), COLD_PORT, "/healthz")
        for name in chosen.peers:
            keep(name, peers.start(PEERS[name], base), PEERS[name].port, PEERS[name].ready)
    # Both of ours know the same sessions: they are rows of the database.
    people = {person: SIGN_IN[chosen.auth](PORT, person) for person in ("planner", "officer", "dispatcher")}
    told = (f"{label} (process {process.pid})" for label, (process, _) in running.items())
    say(f"running: {', '.join(told)}")
    return Servers(running, people)


def _mixed(servers: Servers, units: Units, seconds: float) -> mixed.Load:
    say(f"mixed load for {seconds:g} s")
    process, port = servers.running[OURS]
    asked = mixed.requests_of(units, dict(servers.people), 2000)
    load = mixed.run(port, process, asked, seconds=seconds, rate=mixed.RATE_PER_S)
    say(f"  {mixed.markdown(load)}")
    return load
