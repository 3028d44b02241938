"""What the live map asks every few seconds: today's rounds, who is out, and where everybody was seen last."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from gis.patrol import watching
from gis.patrol.rounds import SHOWN_STATES, State
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.schemas import one_of
from webmap.i18n import is_english

blueprint = Blueprint("live_rounds", __name__, url_prefix="/api/v1/rounds")

_DEGREES = 6  # 0.1 m
_TIME = {"type": "string", "format": "date-time"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_SEEN = {
    "type": "object",
    "description": "The last position; missing where there is none, or none that the reader is shown",
    "required": ["lon", "lat", "at", "by"],
    "properties": {
        "lon": {"type": "number"},
        "lat": {"type": "number"},
        "at": _TIME,
        "accuracy_m": {"type": ["number", "null"]},
        "by": one_of(("fix", "point", "check_point", "by_hand")),
        "grade": _TEXT_OR_NULL,
    },
}
_PERSON = {
    "type": "object",
    "required": ["id", "name", "since"],
    "properties": {"id": {"type": "integer"}, "name": _TEXT_OR_NULL, "since": _TIME, "seen": _SEEN},
}
_FINDING = {
    "type": "object",
    "required": ["kind", "href"],
    "properties": {"kind": {"type": "string"}, "href": {"type": "string"}},
}
_ROUND = {
    "type": "object",
    "required": ["id", "href", "state", "from", "to", "points", "visited", "people", "findings"],
    "properties": {
        "id": {"type": "integer"},
        "href": {"type": "string"},
        "name": _TEXT_OR_NULL,
        "number": {"type": ["integer", "null"], "description": "Of the rounds of its plan on that day"},
        "team": _TEXT_OR_NULL,
        "community": _TEXT_OR_NULL,
        "state": one_of(SHOWN_STATES),
        "from": _TIME,
        "to": _TIME,
        "started_at": {"type": ["string", "null"], "format": "date-time"},
        "paused_at": {"type": ["string", "null"], "format": "date-time"},
        "points": {"type": "integer"},
        "visited": {"type": "integer"},
        "place": {
            "type": "array",
            "items": {"type": "number"},
            "description": "lon, lat of the first check point, of a round that is overdue",
        },
        "people": {"type": "array", "items": _PERSON},
        "findings": {"type": "array", "items": _FINDING},
    },
}
_LIVE = {
    "type": "object",
    "required": ["rounds", "is_cut"],
    "properties": {
        "rounds": {"type": "array", "items": _ROUND},
        "is_cut": {"type": "boolean", "description": "There are more than are told"},
    },
}


class LiveQuery(Parameters):
    """Which rounds; all unless something is said."""

    community: str | None = Field(default=None, max_length=40, description="Code of a community")
    team: str | None = Field(default=None, max_length=40, description="Code of a team")
    state: State | None = Field(default=None, description="Only rounds in this state")


@blueprint.get("/live")
@requires(Permission.SEE_ROUNDS)
@describes(
    Operation(
        query=LiveQuery,
        answers={200: ("Overdue rounds first", "application/json", _LIVE), 304: ("Unchanged", None, {})},
    )
)
def show() -> ResponseReturnValue:
    """Give today's rounds with who is out on them and the last position of each.

    A position is told of rounds under way only, and only the last. Each person shown to somebody else leaves
    an audit row once an hour.
    """
    asked = read_query(LiveQuery)
    found = watching.watch_rounds(
        db(),
        current_actor(),
        watching.WatchQuery(asked.community, asked.team, asked.state),
        request_id=g.request_id,
    )
    answer = private(
        {"rounds": [_round(watched) for watched in found], "is_cut": len(found) == watching.MOST_ROUNDS}
    )
    answer.headers["Cache-Control"] = "no-store"  # the page holds the tag itself
    return answer


def _round(watched: watching.WatchedRound) -> dict[str, Any]:
    row = watched.row
    told = {
        "id": row.patrol_round_id,
        "href": url_for("rounds.show", round_id=row.patrol_round_id),
        "name": row.plan_name or row.parcel_name,
        "number": row.number if row.is_planned else None,
        "team": row.team_name,
        "community": row.community_en if is_english() and row.community_en else row.community_zh,
        "state": row.state,
        "from": row.planned_from,
        "to": row.planned_to,
        "started_at": row.started_at,
        "paused_at": row.paused_at,
        "points": row.points,
        "visited": row.visited,
        "people": [_person(person) for person in watched.people],
        "findings": [_finding(finding) for finding in watched.findings],
    }
    if row.lon is not None:
        told["place"] = [round(row.lon, _DEGREES), round(row.lat, _DEGREES)]
    return told


def _person(row: Any) -> dict[str, Any]:
    told = {"id": row.account_id, "name": row.full_name, "since": row.since}
    if row.at is not None:
        told["seen"] = {
            "lon": round(row.lon, _DEGREES),
            "lat": round(row.lat, _DEGREES),
            "at": row.at.replace(microsecond=0),
            "accuracy_m": None if row.accuracy_m is None else round(row.accuracy_m),
            "by": row.source,
            "grade": row.grade,
        }
    return told


def _finding(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind_en if is_english() else row.kind_zh,
        "href": url_for("findings.show", incident_id=row.incident_id),
    }
