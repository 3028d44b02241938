"""Findings as tests make them: logged, and brought along the course by the people of tests/world.py."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from gis.incident.service import change_incident
from gis.patrol.service import log_points
from gis.publish.draft import Draft

PARCEL_1 = (113.905, 22.755)
NO_PARCEL = (113.9005, 22.7505)
TO_HANDLING = ("accepted", "filed", "dispatched", "handling")
METRE = 1 / 102_660
"""Degrees of longitude a metre takes at 22.75 N on the sphere of ST_DistanceSphere."""


def point(place=PARCEL_1, kind="L2", **changes):
    return {
        "client_id": str(uuid.uuid4()),
        "lon": place[0],
        "lat": place[1],
        "device_at": datetime.now(UTC).isoformat(),
        "kind": kind,
        "note": "",
        **changes,
    }


def log(world, name="pat", **what):
    """Log a point; its client_id."""
    sent = point(**what)
    [receipt] = log_points(world.db, world.actor(name), [sent])
    assert receipt.outcome == "created", receipt
    return sent["client_id"]


def incident_of(world, client_id):
    [(incident_id,)] = world.ask(
        "SELECT incident_id FROM app.incident WHERE patrol_point_client_id = %s", client_id
    )
    return incident_id


def finding(world, name="pat", **what):
    """A violation as it is logged; the incident's id."""
    return incident_of(world, log(world, name, **what))


def take(world, incident_id, *states, name="dan"):
    for state in states:
        draft = Draft({"state": state}, is_whole=False)
        change_incident(world.db, world.actor(name), incident_id, draft, expected=None)


def handled(world, name="alice", **what):
    """A finding in cell 1 that its officer has handled."""
    incident_id = finding(world, **what)
    take(world, incident_id, *TO_HANDLING)
    take(world, incident_id, "handled", name=name)
    return incident_id
