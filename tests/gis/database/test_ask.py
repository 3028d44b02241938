"""One question, one round trip: in whose name it runs, what bounds it, who waits for whom."""

from __future__ import annotations

import threading
import time

import pytest
from psycopg2.sql import SQL

from gis.database.pool import Database, Identity
from gis.database.question import Question
from gis.errors import Busy, Forbidden
from tests.conftest import as_web

_SETTINGS = ("role", "app.account_id", "transaction_read_only", "statement_timeout")
WHO = Question(
    SQL("SELECT " + ", ".join(f"current_setting('{name}', true) AS s{n}" for n, name in enumerate(_SETTINGS)))
)
SLEEP = Question(SQL("SELECT pg_sleep(%(seconds)s), pg_backend_pid()"))
PLANNER = Identity("gis_planner", 4)


def texts(row) -> tuple[str, ...]:
    return tuple(value.decode() for value in row)


@pytest.mark.parametrize("is_fixed", [True, False])
def test_a_read_runs_in_its_name_only_reads_and_has_a_limit(db, is_fixed):
    question = Question(WHO.statement, is_fixed=is_fixed)
    for _ in range(2):
        assert texts(db.ask(PLANNER, question, {})) == ("gis_planner", "4", "on", "15s")
        assert texts(db.ask(Identity("gis_anon"), question, {})) == ("gis_anon", "", "on", "15s")


def test_a_name_ends_with_its_read(db):
    db.ask(PLANNER, WHO, {})
    with db.transaction(Identity("gis_anon")) as connection, connection.cursor() as cursor:
        cursor.execute(WHO.statement)
        assert cursor.fetchone()[:3] == ("gis_anon", "", "off")


def test_a_per_cent_sign_means_itself(db):
    question = Question(SQL("SELECT 7 %% 4, %(text)s::text"))
    for _ in range(2):
        assert db.ask(PLANNER, question, {"text": "50 %"}) == (3, b"50 %")


def test_a_read_cannot_write(db):
    writes = Question(SQL("UPDATE app.account SET locale = 'en' WHERE account_id = %(id)s RETURNING 1"))
    with pytest.raises(Forbidden):
        db.ask(PLANNER, writes, {"id": 4})


def test_a_read_that_takes_too_long_is_ended(database_url):
    hasty = Database(as_web(database_url), size=1, statement_timeout_ms=50)
    with pytest.raises(Busy):
        hasty.ask(PLANNER, SLEEP, {"seconds": 5})
    assert texts(hasty.ask(PLANNER, WHO, {}))[3] == "50ms"
    hasty.close()


def test_nobody_waits_for_a_long_read_of_somebody_else(db):
    long_read = threading.Thread(target=db.ask, args=(PLANNER, SLEEP, {"seconds": 3}))
    long_read.start()
    time.sleep(0.2)
    started = time.monotonic()
    for _ in range(5):
        db.ask(PLANNER, WHO, {})
    assert time.monotonic() - started < 2
    assert long_read.is_alive()
    long_read.join()


def test_no_more_connections_are_opened_than_there_may_be(database_url):
    small = Database(as_web(database_url), size=2, wait_s=10)
    backends = set()

    def read() -> None:
        for _ in range(4):
            backends.add(small.ask(PLANNER, SLEEP, {"seconds": 0.03})[1])

    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(backends) == 2
    small.close()


def test_whoever_finds_every_connection_taken_is_told_to_come_again(database_url):
    small = Database(as_web(database_url), size=1, wait_s=0.05)
    with small.transaction(PLANNER), pytest.raises(Busy):
        small.ask(PLANNER, WHO, {})
    assert texts(small.ask(PLANNER, WHO, {}))[0] == "gis_planner"
    small.close()
