"""Turns: one at a time while each is short, nobody behind a long one for long."""

from __future__ import annotations

import threading
import time

from gis.database.turns import LONGEST_S, Turns


def test_short_turns_follow_one_another():
    turns, within, most = Turns(), [], []

    def read() -> None:
        for _ in range(50):
            turn = turns.begin()
            within.append(1)
            most.append(len(within))
            within.pop()
            turns.end(turn)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(most) == 200 and max(most) == 1


def test_a_long_turn_is_lost_once_and_holds_up_nobody_after():
    now = [0.0]
    turns = Turns(clock=lambda: now[0])
    long = turns.begin()
    now[0] = LONGEST_S
    short = turns.begin()
    assert short != long
    turns.end(short)
    turns.end(turns.begin())
    following = turns.begin()
    turns.end(long)  # comes late, and must not end another's
    waited = threading.Thread(target=lambda: turns.end(turns.begin()))
    waited.start()
    waited.join(0.1)
    assert waited.is_alive()
    turns.end(following)
    waited.join(5)
    assert not waited.is_alive()


def test_whoever_waits_for_a_long_turn_goes_after_the_longest_time():
    turns = Turns()
    turns.begin()
    started = time.monotonic()
    turns.begin()
    assert LONGEST_S <= time.monotonic() - started < 1
