"""Incidents follow what their finders say: a newer revision of a patrol point, in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.findings.model import Follow, LoggedPoint, Standing, describe, follow, revision_note
from gis.people.model import Actor
from gis.people.service import record_audit

_queries = load_queries(__file__)


def follow_revisions(connection: Connection, actor: Actor, points: Sequence[LoggedPoint]) -> None:
    """Bring the incidents of the actor's own points, just revised, to what the points say now.

    Parameters
    ----------
    points : as their newest revisions say; those without an incident are left alone.
    """
    incidents = list(_queries.lock_incidents(connection, points=[str(point.client_id) for point in points]))
    if not incidents:
        return
    kinds = {row.code: row for row in _queries.kinds(connection)}
    by_id = {str(point.client_id): point for point in points}
    for incident in incidents:
        point, kind = by_id[incident.point], kinds[by_id[incident.point].kind]
        standing = Standing(
            incident.violation, incident.finder_kind, incident.is_untouched, incident.is_withdrawn
        )
        outcome = follow(standing, kind.code, is_violation=kind.is_violation)
        if outcome is Follow.STAYS:
            continue
        _write(connection, actor, outcome, incident, _says(point, incident, kinds, actor.locale))
        record_audit(
            connection,
            actor.account_id,
            "finding.revise",
            str(incident.incident_id),
            outcome=outcome,
            kind=kind.code,
        )


def _says(point: LoggedPoint, incident: Any, kinds: dict[str, Any], locale: str) -> dict[str, str]:
    """Kind and description the incident would have; the words are the finder's until somebody edits them."""
    before, now = kinds[incident.violation], kinds[point.kind]
    plain = {describe("", before.name_zh, before.name_en, language) for language in ("zh", "en")}
    description = incident.description
    if description in {*plain, incident.note_before}:
        description = describe(point.note, now.name_zh, now.name_en, locale)
    return {"kind": point.kind, "description": description}


def _write(
    connection: Connection, actor: Actor, outcome: Follow, incident: Any, says: dict[str, str]
) -> None:
    incident_id = incident.incident_id
    if outcome is Follow.FLAGGED:
        _queries.flag(connection, incident_id=incident_id, kind=says["kind"])
    elif outcome is Follow.AGREES:
        _queries.unflag(connection, incident_id=incident_id)
    elif outcome is Follow.KIND:
        _queries.change_kind(connection, incident_id=incident_id, **says)
    else:
        to_state = "voided" if outcome is Follow.VOIDED else "reported"
        _queries.insert_step(
            connection,
            incident_id=incident_id,
            from_state=incident.state,
            to_state=to_state,
            note=revision_note(outcome, actor.locale),
        )
        if outcome is Follow.VOIDED:
            _queries.void(connection, incident_id=incident_id, kind=says["kind"])
        else:
            _queries.restore(connection, incident_id=incident_id)
            _queries.change_kind(connection, incident_id=incident_id, **says)
