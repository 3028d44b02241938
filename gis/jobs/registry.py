"""The periodic jobs there are."""

from __future__ import annotations

from datetime import timedelta

from gis.database.pool import Connection
from gis.jobs.model import Job
from gis.patrol.generation import plan_rounds, settle_rounds


def _rounds(connection: Connection) -> str:
    settled = settle_rounds(connection)
    return f"{settled} settled, {plan_rounds(connection)} rows written"


JOBS = (Job("plan_rounds", timedelta(minutes=15), _rounds),)
