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


def test_whoever_waits_for_a_long_turn_goes_after_the_longest_time():
    turns = Turns()
    turns.begin()
    started = time.monotonic()
    turns.begin()
    assert LONGEST_S <= time.monotonic() - started < 20


def test_a_long_turn_holds_up_nobody_who_comes_later_and_its_end_lets_nobody_past_another():
    turns = Turns()
    long = turns.begin()
    turns.end(turns.begin())  # waited, and opened another queue
    started = time.monotonic()
    following = turns.begin()
    assert time.monotonic() - started < LONGEST_S
    turns.end(long)
    waited = threading.Thread(target=lambda: turns.end(turns.begin()))
    waited.start()
    waited.join(LONGEST_S / 3)
    assert waited.is_alive()
    turns.end(following)
    waited.join(5)
    assert not waited.is_alive()
