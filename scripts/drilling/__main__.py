"""Kill the app's workers every two seconds and the database twice while phones upload; count what was lost.

Each phone sends its points in shuffled batches, repeats some it was answered for, and does not read the
answer of every third request. At the end every acknowledged point is looked for in the database, which is one
of the drill's own and removed afterwards.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field

import psycopg2

from scripts.commands.machine import MachineError, say
from scripts.drilling.faults import Faults
from scripts.drilling.phone import Phone
from scripts.drilling.server import Server, server

_PHONES = 8


@dataclass(frozen=True, slots=True)
class Result:
    """What the phones were promised, and what stands in the database afterwards."""

    promised: frozenset[str]
    stored: tuple[str, ...]
    waiting: int
    refused: tuple[str, ...] = field(default=())

    @property
    def lost(self) -> int:
        """Points acknowledged that are not there."""
        return len(self.promised.difference(self.stored))

    @property
    def doubled(self) -> int:
        """Rows too many."""
        return len(self.stored) - len(set(self.stored))

    @property
    def is_good(self) -> bool:
        """Nothing lost, doubled, refused or left over."""
        return not (self.lost or self.doubled or self.waiting or self.refused)


def drill(points: int, *, patience_s: float) -> tuple[Result, str]:
    """Let the phones send so many points in all; give the result and a line of figures."""
    with server() as running:
        phones = _phones(running, points)
        faults = Faults(running, lambda: sum(len(phone.promised) for phone in phones) / points)
        begun = time.monotonic()
        faults.start()
        for phone in phones:
            phone.start()
        for phone in phones:
            phone.join(max(0.0, begun + patience_s - time.monotonic()))
        faults.stop()
        took = time.monotonic() - begun
        for phone in phones:
            phone.give_up()
        result = Result(
            promised=frozenset(key for phone in phones for key in phone.promised),
            stored=_stored(running.url),
            waiting=sum(len(phone.waiting) for phone in phones),
            refused=tuple(fault for phone in phones for fault in phone.refused),
        )
    figures = {
        "seconds": round(took),
        "requests": sum(phone.requests for phone in phones),
        "answers not read": sum(phone.unread for phone in phones),
        "requests failed": sum(phone.failed for phone in phones),
        "workers killed": faults.workers_killed,
        "databases killed": faults.databases_killed,
    }
    return result, ", ".join(f"{name} {number}" for name, number in figures.items())


def _phones(running: Server, points: int) -> list[Phone]:
    shares = [points // _PHONES + (number < points % _PHONES) for number in range(_PHONES)]
    return [
        Phone(running.port, running.tokens[number % len(running.tokens)], share, seed=number)
        for number, share in enumerate(shares)
    ]


def _stored(url: str) -> tuple[str, ...]:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT client_id::text FROM app.patrol_point WHERE source = 'phone'")
            return tuple(row[0] for row in cursor.fetchall())
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    """Run `scripts/drill`: 0 when nothing was lost or doubled."""
    parser = argparse.ArgumentParser(
        prog="scripts/drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=2_000, help="in all; 50000 for the full drill")
    parser.add_argument("--patience", type=float, default=1_800, help="seconds after which to give up")
    chosen = parser.parse_args(arguments)
    try:
        result, figures = drill(chosen.points, patience_s=chosen.patience)
    except MachineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    say(figures)
    say(
        f"acknowledged {len(result.promised)}, stored {len(set(result.stored))}, waiting {result.waiting}:"
        f" lost {result.lost}, doubled {result.doubled}"
    )
    for fault in sorted(set(result.refused)):
        say(f"refused: {fault}")
    return 0 if result.is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
