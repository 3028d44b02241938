"""Rounds under way for the tests, as they are stored: with events, fixes, points and visits of some age."""

from __future__ import annotations

from uuid import uuid4

from tests.asking import rows


def forget_streams(url: str) -> None:
    """What was tracked so far is of yesterday."""
    rows(url, "UPDATE app.track_stream SET last_received_at = now() - interval '1 day'")


def begin(url: str, team_id: int, *people: int, state: str = "started", minutes: float = 30) -> int:
    """A round of a team in a window of three hours that people began some minutes ago."""
    [(round_id,)] = rows(
        url,
        "INSERT INTO app.patrol_round (team_id, community_id, planned_from, planned_to, state, started_at)"
        " SELECT %s, (SELECT min(community_id) FROM app.community), now() - %s * interval '1 minute',"
        " now() + interval '2 hours', %s, now() - %s * interval '1 minute' RETURNING patrol_round_id",
        (team_id, minutes, state, minutes),
    )
    for account_id in people:
        tell(url, round_id, account_id, "start", minutes=minutes)
    return round_id


def tell(url: str, round_id: int, account_id: int, kind: str, *, minutes: float = 0) -> None:
    """An event some minutes ago, as it is stored; the round's own row is left alone."""
    rows(
        url,
        "INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, kind, device_at, at,"
        " sequence) VALUES (%s, sha256('x'), %s, %s, %s, now(), now() - %s * interval '1 minute', 1)",
        (str(uuid4()), round_id, account_id, kind, minutes),
    )


def visit(url: str, round_id: int, account_id: int, check_point_id: int, *, minutes: float, by: str = "pass"):
    """A visit of a check point some minutes ago."""
    rows(
        url,
        "INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, kind, device_at, at,"
        " sequence, check_point_id, visited_by, grade)"
        " VALUES (%s, sha256('x'), %s, %s, 'visit', now(), now() - %s * interval '1 minute', 2, %s, %s, 'B')",
        (str(uuid4()), round_id, account_id, minutes, check_point_id, by),
    )


def point(url: str, round_id: int, account_id: int, lon: float, *, minutes: float, kind: str = "OK") -> str:
    """A logged point some minutes ago; its client_id."""
    client_id = str(uuid4())
    rows(
        url,
        "INSERT INTO app.patrol_point (client_id, content_sha256, account_id, patrol_round_id, kind, source, at,"
        " device_at, accuracy_m, grade, is_outside, geom)"
        " SELECT %s, sha256('x'), %s, %s, %s, 'phone', m.at, m.at, 12, 'B', false,"
        " ST_SetSRID(ST_MakePoint(%s, 22.755), 4326) FROM (SELECT now() - %s * interval '1 minute' AS at) AS m",
        (client_id, account_id, round_id, kind, lon, minutes),
    )
    return client_id


def stream(
    url: str, account_id: int, round_id: int | None, *fixes: tuple[float, float], source: str = "phone"
) -> str:
    """A stream of fixes, each (minutes ago, longitude) at 22.755 N, in the order they were taken; its id."""
    stream_id = str(uuid4())
    rows(
        url,
        "INSERT INTO app.track_stream (stream_id, account_id, patrol_round_id, device_id, source, next_sequence)"
        " VALUES (%s, %s, %s, 'test', %s, 0)",
        (stream_id, account_id, round_id, source),
    )
    for minutes, lon in fixes:
        walk_on(url, stream_id, lon, minutes=minutes)
    return stream_id


def walk_on(url: str, stream_id: str, lon: float, *, minutes: float = 0, lat: float = 22.755) -> None:
    """One more fix of a stream."""
    rows(
        url,
        "WITH next AS (UPDATE app.track_stream SET next_sequence = next_sequence + 1,"
        " started_at = least(started_at, now() - %(m)s * interval '1 minute'),"
        " last_at = greatest(last_at, now() - %(m)s * interval '1 minute')"
        " WHERE stream_id = %(id)s RETURNING stream_id, next_sequence - 1 AS sequence)"
        " INSERT INTO app.patrol_fix (stream_id, sequence, at, device_at, lon, lat, accuracy_m)"
        " SELECT stream_id, sequence, now() - %(m)s * interval '1 minute', now(), %(lon)s, %(lat)s, 7 FROM next",
        {"id": stream_id, "m": minutes, "lon": lon, "lat": lat},
    )
