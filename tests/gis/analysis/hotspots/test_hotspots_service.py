"""Hot spots read from the demo district as an `Analysis`: versions, effort, who may ask."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from gis.analysis.hotspots import service
from gis.analysis.hotspots.model import HotspotQuestion, last_weeks
from gis.analysis.hotspots.service import HOTSPOTS
from gis.errors import Forbidden, InvalidInput
from gis.people.model import Actor, Role
from gis.zone import local_today
from tests.asking import rows

FROM_ON, TO_ON = last_weeks(local_today() - timedelta(days=1))
ASKED = HotspotQuestion(from_on=FROM_ON, to_on=TO_ON)


@pytest.fixture(scope="module")
def actor_of(demo_url):
    """A demo account as an actor."""
    accounts = dict(rows(demo_url, "SELECT username, account_id FROM app.account"))
    return lambda role: Actor(accounts[f"{role.value}1"], role, role.value, f"{role.value}1")


@pytest.fixture(scope="module")
def read(demo_db, actor_of):
    """Version and material of a question, in the planner's name."""

    def load(question=ASKED):
        with demo_db.transaction(actor_of(Role.PLANNER).identity, read_only=True) as connection:
            return HOTSPOTS.version(connection, question), HOTSPOTS.load(connection, question)

    return load


def _measured(material):
    return HOTSPOTS.measure(material, ASKED, lambda done, total: None)


def test_an_equal_version_means_an_equal_result(read, demo_url, actor_of, demo_db):
    before, material = read()
    again, same = read()
    assert before == again
    assert _measured(material) == _measured(same)
    assert service.hotspots(demo_db, actor_of(Role.AUDITOR), ASKED).result == _measured(material)
    rows(
        demo_url,
        "UPDATE app.incident SET state = 'voided' WHERE occurred_at > now() - interval '9 days' RETURNING 1",
    )
    after, other = read()
    assert after != before
    assert _measured(other) != _measured(material)


def test_effort_is_that_of_patrol_coverage(read, demo_url):
    _, material = read()
    walked = material.cells.effort_m
    [(metres, points)] = rows(
        demo_url,
        """SELECT (SELECT sum(length_m) FROM app.patrol_track AS t
                   JOIN app.patrol_day AS d ON d.on_day = (t.at AT TIME ZONE 'Asia/Shanghai')::date
                   WHERE d.on_day BETWEEN %s AND %s),
                  (SELECT count(*) FROM app.patrol_day WHERE on_day BETWEEN %s AND %s)""",
        (FROM_ON, TO_ON, FROM_ON, TO_ON),
    )
    assert points > 20
    assert 0.7 * metres < walked.sum() <= 1.05 * metres
    assert 0 < np.count_nonzero(walked) <= len(material.cells.codes)


def test_days_not_counted_yet_are_told(read, demo_url):
    _, material = read()
    [(day,)] = rows(demo_url, "SELECT max(on_day) FROM app.patrol_day WHERE on_day <= %s", (TO_ON,))
    version, _ = read()
    rows(demo_url, "INSERT INTO app.patrol_change (on_day) VALUES (%s) RETURNING 1", (day,))
    after, other = read()
    assert other.uncounted_days == material.uncounted_days + 1
    assert after != version
    told = {finding.key: finding.values for finding in _measured(other).findings}
    assert told["hotspots_uncounted_days"] == {"days": other.uncounted_days}


def test_who_may_ask(demo_db, actor_of):
    for role in (Role.OFFICER, Role.PATROL, Role.ADMIN):
        for ask in (
            service.hotspots,
            lambda db, actor, asked: service.incidents_behind(db, actor, asked, "x"),
        ):
            with pytest.raises(Forbidden):
                ask(demo_db, actor_of(role), ASKED)


def test_an_unknown_kind_is_named(demo_db, actor_of):
    with pytest.raises(InvalidInput) as caught:
        service.hotspots(demo_db, actor_of(Role.PLANNER), ASKED.model_copy(update={"kind": "XX99"}))
    assert caught.value.pointer == "kind"
