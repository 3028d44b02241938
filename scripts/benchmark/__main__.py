"""`scripts/bench`: measure our server and our analyses beside what others would use."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from gis.database import cluster
from gis.database.cluster import ClusterError
from scripts.benchmark import report
from scripts.benchmark.database import CLUSTER_HOME
from scripts.benchmark.ours import SIGN_IN
from scripts.benchmark.peers import HOME, PEERS
from scripts.benchmark.serve import serve
from scripts.commands.machine import MachineError, say

_WORKS = (
    "bbox-100, bbox-1000, bbox-10000, feature, cell, cell-locate, tile-14, tile-16, tile-11, tile-11-cut, "
    "tile-hit, tile-304, cql2, bbox-100-officer, feature-officer, cell-officer"
)


def main(arguments: list[str]) -> int:
    """Run the benchmark; 1 when it could not be run or an answer was wrong, 130 after Ctrl-C."""
    chosen = _arguments(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        path, is_right = _serve(chosen) if chosen.command == "serve" else _coverage(chosen)
    except (MachineError, ClusterError, PermissionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; everything started was stopped", file=sys.stderr)
        return 130
    say(f"written: {path}")
    return 0 if is_right else 1


def _serve(chosen: argparse.Namespace) -> tuple[Path, bool]:
    path = report.write(serve(chosen), rounds=chosen.rounds, seconds=chosen.seconds, place=_place(chosen))
    return path, True


def _coverage(chosen: argparse.Namespace) -> tuple[Path, bool]:
    """The report, and whether all answers were right."""
    # Here, because it imports what computes.
    from scripts.benchmark.coverage import harness
    from scripts.benchmark.coverage import report as coverage_report

    found = []
    try:
        for one in harness.run(chosen.works, chosen.rounds):
            found.append(one)
            # After each, so that a run cut short leaves what it measured.
            path = coverage_report.write(found, rounds=chosen.rounds, place=_place(chosen))
    finally:
        if cluster.status(CLUSTER_HOME):
            cluster.stop(CLUSTER_HOME)
    return path, not any(one.is_wrong for one in found)


def _place(chosen: argparse.Namespace) -> Path:
    return HOME / "trial" if chosen.trial else report.DOCS


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _arguments_of_serve(
        commands.add_parser("serve", help="beside tipg and pygeoapi, on 300,000 rental units")
    )
    two = commands.add_parser("coverage", help="the planner's analyses beside their peers")
    two.add_argument("--rounds", type=int, default=3)
    two.add_argument(
        "--works", type=_list, default=None, help="some modules of scripts/benchmark/coverage/works"
    )
    two.add_argument("--trial", action="store_true", help="write beside the raw numbers, not into docs/")
    chosen = parser.parse_args(arguments)
    if chosen.command == "serve" and chosen.quick:
        chosen.rounds, chosen.seconds, chosen.trial = 1, 2.0, True
    if chosen.command == "serve" and chosen.skip_peers:
        chosen.peers = []
    if chosen.rounds < 1 or (chosen.command == "serve" and chosen.seconds <= 0):
        parser.error("--rounds and --seconds are more than nothing")
    return chosen


def _arguments_of_serve(one: argparse.ArgumentParser) -> None:
    one.add_argument("--rounds", type=int, default=5)
    one.add_argument("--seconds", type=float, default=6.0, help="of each run")
    one.add_argument("--works", type=_list, default=None, help=f"some of: {_WORKS}; or none")
    one.add_argument("--peers", type=_peers, default=list(PEERS), help=f"some of: {', '.join(PEERS)}")
    one.add_argument("--skip-peers", action="store_true", help="ours and pgbench only")
    one.add_argument("--skip-pgbench", action="store_true")
    one.add_argument("--scale", type=int, default=0, metavar="UNITS",
                     help="also how time grows, up to so many units: 300000 or 3000000")  # fmt: skip
    one.add_argument("--mixed", type=float, default=0.0, metavar="SECONDS", help="also the mixed load")
    one.add_argument("--soak", type=float, default=0.0, metavar="MINUTES", help="also the mixed load so long")
    one.add_argument("--auth", choices=tuple(SIGN_IN), default="cookie", help="how ours is asked")
    one.add_argument("--quick", action="store_true", help="one round of 2 s: shows that it works, no more")
    one.add_argument("--trial", action="store_true", help="write beside the raw numbers, not into docs/")


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _peers(text: str) -> list[str]:
    names = _list(text)
    if unknown := sorted(set(names) - set(PEERS)):
        raise argparse.ArgumentTypeError(f"no such peer: {', '.join(unknown)}")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
