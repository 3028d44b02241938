"""Try every parameter of the reads and of the planner's pages with sqlmap.

The server and its database are made for it, and removed after.

Besides what sqlmap finds, nothing may have been answered with 5xx, and PostgreSQL may not have met a
statement that it could not parse: a payload that reaches the parser is an injection, found or not.
Ends with 1 when there is any of these, with 2 when a target could not be tried to the end.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import FrameType

from gis.database.cluster import ClusterError
from scripts.attacker.server import HOME, Server, server
from scripts.attacker.sqlmap import Effort, Finding, attack
from scripts.attacker.targets import MARK, Target, all_targets
from scripts.commands.machine import MachineError, say

_UNPARSED = re.compile(r"ERROR:  (syntax error|unterminated|.*invalid input syntax|.*does not exist).*")


_OPEN = (200, 204, 302)  # a stranger is told 401, not sent to sign in


@dataclass(frozen=True, slots=True)
class Report:
    """What the attack found: by target, in the server's log and in PostgreSQL's."""

    findings: Sequence[Finding]
    faults: Sequence[str]
    unparsed: Sequence[str]

    @property
    def code(self) -> int:
        """Exit code of the command."""
        verdicts = {finding.verdict for finding in self.findings}
        if "INJECTABLE" in verdicts or self.faults or self.unparsed:
            return 1
        return 0 if verdicts == {"nothing"} else 2


def main(arguments: list[str]) -> int:
    """Run the attack; 130 after Ctrl-C."""
    chosen = _arguments(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with server() as attacked:
            report = _attack(attacked, chosen)
    except (MachineError, ClusterError, PermissionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; everything started was stopped", file=sys.stderr)
        return 130
    text = table(report)
    (HOME / "report.md").write_text(text, encoding="utf-8")
    print(text)
    return report.code


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/attack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="level 1, risk 1: minutes instead of an hour")
    parser.add_argument("--level", type=int, default=3, choices=range(1, 6), help="of sqlmap; 3 if not told")
    parser.add_argument("--only", default="", metavar="TEXT", help="targets whose name or address holds it")
    parser.add_argument("--seconds", type=int, default=300, help="longest time for one target")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time")
    return parser.parse_args(arguments)


def _attack(attacked: Server, chosen: argparse.Namespace) -> Report:
    targets = [*all_targets(attacked.document(), attacked.samples), *attacked.planner]
    targets = [target for target in targets if chosen.only in f"{target.operation} {target.name}"]
    _check(attacked, targets)
    level, risk = (1, 1) if chosen.quick else (chosen.level, Effort().risk)
    effort = Effort(level=level, risk=risk, seconds=chosen.seconds)
    done: list[Finding] = []

    def run(target: Target) -> None:
        done.append(attack(attacked.root, target, attacked.token, effort))
        say(f"{len(done)}/{len(targets)} {told(done[-1])}")

    pool = ThreadPoolExecutor(chosen.jobs)
    try:
        list(pool.map(run, targets))
    finally:
        pool.shutdown(cancel_futures=True)
    order = {id(target): number for number, target in enumerate(targets)}
    done.sort(key=lambda finding: order[id(finding.target)])
    return Report(
        done,
        faults_in(attacked.log.read_text(encoding="utf-8", errors="replace").splitlines()),
        unparsed_in(attacked.database_log.read_text(encoding="utf-8", errors="replace").splitlines()),
    )


def told(finding: Finding) -> str:
    """One line about a target."""
    target = finding.target
    return f"{finding.seconds:.0f} s {target.operation} {target.name}: {finding.verdict} {finding.said}"


def _check(attacked: Server, targets: Iterable[Target]) -> None:
    """Every address works before it is attacked, or the attack would only knock at a closed door."""
    closed = []
    for target in targets:
        if target.body is None and target.name != "no such parameter":
            address = target.path.replace(MARK, "")
            status, _ = attacked.get(address, target.headers)
            if status not in _OPEN:
                closed.append(f"{address} answers {status} without any payload")
    if closed:
        raise MachineError("\n".join(closed))


def faults_in(lines: Iterable[str]) -> list[str]:
    """Requests that the server's log says were answered with 5xx."""
    found = []
    for line in lines:
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        if entry.get("status", 0) >= 500:
            found.append(f"{entry['status']} {entry['method']} {entry['path']} ({entry['request_id']})")
    return found


def unparsed_in(lines: Iterable[str]) -> list[str]:
    """Statements that PostgreSQL could not make sense of, by its own log."""
    return [match[0] for line in lines if (match := _UNPARSED.search(line))]


def table(report: Report) -> str:
    """The report as Markdown."""
    rows = ["| read | parameter | place | verdict | s | |", "|---|---|---|---|---|---|"]
    for finding in report.findings:
        target = finding.target
        rows.append(
            f"| {target.operation} | {target.name} | {target.place} | {finding.verdict} |"
            f" {finding.seconds:.0f} | {finding.said.replace('|', '/')} |"
        )
    clean = sum(finding.verdict == "nothing" for finding in report.findings)
    rows += ["", f"{clean} of {len(report.findings)} targets: nothing."]
    for title, lines in (
        ("answers of 5xx", report.faults),
        ("statements PostgreSQL could not parse", report.unparsed),
    ):
        rows += [f"{len(lines)} {title}.", *(f"- {line}" for line in lines[:20])]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
