"""A tiny district with rows that would leak: two communities of three square cells, one row of each kind
in every cell, and people of every role.

The cells lie in a row, west to east, 0.01 degrees wide from 113.90 E, 22.75 N:

    community 1: cells 1 2 3    community 2: cells 4 5 6

alice is the officer of cells 1 and 2, bob of cell 4; pat patrols community 1 with team 1, quinn leads team 2 in
community 2, rex only the parcel in cell 6 with team 3. Of the streams of fixes 1 is alice's, 2 bob's, 3 pat's,
4 quinn's while he walked with team 1, 5 and 6 rex's, the last while he walked with team 2. The incidents of cells
3 and 6 are findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import psycopg2

from gis.analysis.patrol.effort import DayEffort, Visits
from gis.analysis.patrol.legs import day_legs
from gis.database.pool import Database
from gis.people.model import Actor, Role
from gis.people.passwords import hash_password
from tests.asking import rows
from tests.pictures import jpeg

PASSWORD = "world-password-1"
PEOPLE = {
    "alice": "officer",
    "bob": "officer",
    "pat": "patrol",
    "quinn": "patrol",
    "rex": "patrol",
    "dan": "dispatcher",
    "petra": "planner",
    "audrey": "auditor",
    "adam": "admin",
}

_SQL = """
SET ROLE gis_migrator;
INSERT INTO app.division_revision (title, code_scheme, source, is_schematic, valid_from)
VALUES ('test', 'test', 'test', true, '2014-01-01');
INSERT INTO app.district (revision_id, code, name_zh, code_scheme, valid_from, area_m2, geom)
VALUES (1, '440306', '光明新区', 'test', '2014-01-01', 1,
        ST_Multi(ST_MakeEnvelope(113.90, 22.75, 113.96, 22.76, 4326)));
INSERT INTO app.subdistrict (district_id, revision_id, code, name_zh, code_scheme, valid_from, area_m2, geom)
VALUES (1, 1, '440306007', '公明办事处', 'test', '2014-01-01', 1,
        ST_Multi(ST_MakeEnvelope(113.90, 22.75, 113.96, 22.76, 4326)));
INSERT INTO app.community (subdistrict_id, revision_id, code, name_zh, code_scheme, valid_from, area_m2, geom)
SELECT 1, 1, '44030600700' || n, '社区' || n, 'test', '2014-01-01', 1,
       ST_Multi(ST_MakeEnvelope(113.90 + 0.03 * (n - 1), 22.75, 113.93 + 0.03 * (n - 1), 22.76, 4326))
FROM generate_series(1, 2) AS n ORDER BY n;
INSERT INTO app.cell (community_id, revision_id, code, name_zh, code_scheme, valid_from, area_m2, geom)
SELECT (n - 1) / 3 + 1, 1, '44030600700' || (n - 1) / 3 + 1 || '00' || (n - 1) % 3 + 1, '网格' || n, 'test',
       '2014-01-01', 1,
       ST_Multi(ST_MakeEnvelope(113.90 + 0.01 * (n - 1), 22.75, 113.90 + 0.01 * n, 22.76, 4326))
FROM generate_series(1, 6) AS n ORDER BY n;

INSERT INTO app.assignment (account_id, cell_id, duty, valid_from)
SELECT account_id, cell, 'primary', '2014-01-01'
FROM (VALUES ('alice', 1), ('alice', 2), ('bob', 4)) AS v (username, cell) JOIN app.account USING (username);
INSERT INTO app.team (code, name_zh)
SELECT 'T' || n, '巡查' || n || '队' FROM generate_series(1, 3) AS n ORDER BY n;
INSERT INTO app.team_member (team_id, account_id, is_leader, valid_from)
SELECT team, account_id, username = 'quinn', '2014-01-01'
FROM (VALUES ('pat', 1), ('quinn', 2), ('rex', 3)) AS v (username, team) JOIN app.account USING (username);

INSERT INTO app.building (code, name_zh, address, use, floors, cell_id, community_id, geom)
SELECT 'B' || n, n || '栋', '测试路' || n || '号', 'residential', 6, n, (n - 1) / 3 + 1,
       ST_SetSRID(ST_MakePoint(113.895 + 0.01 * n, 22.755), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.building_head (building_id, full_name, phone, cell_id, community_id, valid_from)
SELECT n, '演示' || n, '1380000000' || n, n, (n - 1) / 3 + 1, '2014-01-01'
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.rental_unit (code, building_id, address, grade, filed_on, cell_id, community_id, geom)
SELECT 'U' || n, n, '测试路' || n || '号', 'watch', '2014-01-01', n, (n - 1) / 3 + 1,
       ST_SetSRID(ST_MakePoint(113.895 + 0.01 * n, 22.755), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.incident (client_id, category, description, occurred_at, due_at, cell_id, community_id, geom)
SELECT gen_random_uuid(), 'SR0102', '垃圾' || n, now(), now(), n, (n - 1) / 3 + 1,
       ST_SetSRID(ST_MakePoint(113.895 + 0.01 * n, 22.755), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id)
SELECT n, 'reported', 'accepted', (SELECT account_id FROM app.account WHERE username = 'dan')
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.parcel (code, name_zh, level, area_m2, cell_id, community_id, geom)
SELECT 'P' || n, '地块' || n, 'key', 1, n, (n - 1) / 3 + 1,
       ST_Multi(ST_MakeEnvelope(113.893 + 0.01 * n, 22.753, 113.897 + 0.01 * n, 22.757, 4326))
FROM generate_series(1, 6) AS n ORDER BY n;
UPDATE app.incident SET violation = 'L2', parcel_id = incident_id, patrol_point_client_id = gen_random_uuid()
WHERE incident_id IN (3, 6);
INSERT INTO app.finding_deadline (incident_id, step, found_at, days, in_working_days, due_at)
SELECT n, 'stop_notice', now(), 3, true, now() FROM unnest(ARRAY[3, 6]) AS n;
INSERT INTO app.team_area (team_id, community_id, parcel_id, valid_from)
VALUES (1, 1, NULL, '2014-01-01'), (2, 2, NULL, '2014-01-01'), (3, NULL, 6, '2014-01-01');
INSERT INTO app.check_point (code, name_zh, parcel_id, cell_id, community_id, geom)
SELECT 'C' || n, '点' || n, n, n, (n - 1) / 3 + 1, ST_SetSRID(ST_MakePoint(113.895 + 0.01 * n, 22.755), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.patrol_round (team_id, parcel_id, community_id, planned_from, planned_to, state)
SELECT (n - 1) / 3 + 1, n, (n - 1) / 3 + 1, now(), now() + interval '1 hour', 'planned'
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.patrol_plan (name, team_id, parcel_id, rounds, per, window_starts, window_ends, valid_from)
SELECT '计划' || n, (n - 1) / 3 + 1, n, 1, 'day', '{08:00}', '{10:00}', '2014-01-01'
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.patrol_plan_point SELECT n, 1, n FROM generate_series(1, 6) AS n;
INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s)
SELECT n, 1, n, 40, 60 FROM generate_series(1, 6) AS n;
INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, kind, device_at, at, sequence)
SELECT gen_random_uuid(), sha256('x'), n, account_id, 'pause', now(), now(), 1
FROM generate_series(1, 6) AS n JOIN app.account ON username = CASE WHEN n <= 3 THEN 'pat' ELSE 'quinn' END;
INSERT INTO app.round_excuse (patrol_round_id, reason, asked_by)
SELECT n, '台风', account_id
FROM generate_series(1, 6) AS n JOIN app.account ON username = CASE WHEN n <= 3 THEN 'pat' ELSE 'quinn' END
ORDER BY n;
INSERT INTO app.job_run (name) VALUES ('test');
INSERT INTO app.patrol_track (client_id, team_id, account_id, source, started_at, ended_at, length_m, fixes,
  is_outside, community_id, geom)
SELECT gen_random_uuid(), (n - 1) / 3 + 1, NULL, 'demo', now(), now(), 1, 2, false, (n - 1) / 3 + 1,
       ST_SetSRID(ST_GeomFromText('MULTILINESTRING((113.901 22.755,113.902 22.755))'), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.patrol_point (client_id, content_sha256, team_id, parcel_id, kind, source, at, device_at, cell_id,
  community_id, is_outside, geom)
SELECT gen_random_uuid(), sha256('x'), (n - 1) / 3 + 1, n, 'OK', 'demo', now(), now(), n, (n - 1) / 3 + 1, false,
       ST_SetSRID(ST_MakePoint(113.895 + 0.01 * n, 22.755), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.field_receipt (client_id, content_sha256, account_id, kind)
SELECT gen_random_uuid(), sha256('x'), account_id, 'point' FROM app.account;
INSERT INTO app.patrol_point_revision (client_id, revision, account_id, content_sha256, content)
SELECT gen_random_uuid(), 1, account_id, sha256('x'), '{}' FROM app.account;
INSERT INTO app.quarantine (account_id, payload, payload_sha256, code)
SELECT account_id, '{}', sha256('x'), 'unknown-type' FROM app.account ORDER BY account_id;
INSERT INTO app.rescue_file (account_id, uploaded_by, name, sha256, bytes, exported_at)
SELECT p.account_id, a.account_id, 'x.json', sha256('x'), 1, now()
FROM app.account AS p, app.account AS a WHERE p.username = 'pat' AND a.username = 'adam';
INSERT INTO app.rescue_piece VALUES (1, 0, 'x');
INSERT INTO app.track_stream (stream_id, account_id, team_id, device_id, source, next_sequence, started_at, last_at,
  tracked_at)
SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, account_id, team, 'seed', 'phone', n, now(), now(),
  now()
FROM (VALUES (1, 'alice', NULL), (2, 'bob', NULL), (3, 'pat', 1), (4, 'quinn', 1), (5, 'rex', 3), (6, 'rex', 2))
  AS v (n, username, team) JOIN app.account USING (username) ORDER BY n;
INSERT INTO app.patrol_fix (stream_id, sequence, at, device_at, lon, lat)
SELECT stream_id, s, now(), now(), 113.905, 22.755
FROM app.track_stream CROSS JOIN LATERAL generate_series(0, next_sequence - 1) AS s;
INSERT INTO app.facility (code, kind, name_zh, cell_id, community_id, geom)
SELECT 'F' || n, 'park', '公园' || n, n, (n - 1) / 3 + 1,
       ST_SetSRID(ST_MakePoint(113.895 + 0.01 * n, 22.755), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.road_network (title, edges, length_m, walkable_m, components, apart_m)
VALUES ('测试路网', 6, 6000, 6000, 1, 0);
INSERT INTO app.road_line (road_network_id, class, name, is_walkable, geom)
SELECT 1, 'residential', '测试路', true,
       ST_SetSRID(ST_MakeLine(ST_MakePoint(113.89 + 0.01 * n, 22.755), ST_MakePoint(113.90 + 0.01 * n, 22.755)), 4326)
FROM generate_series(1, 6) AS n ORDER BY n;
INSERT INTO app.site_draft (name, kind, parameters, outcome, data_version) VALUES ('草案', 'park', '{}', '{}', 'x');
INSERT INTO app.site_draft_site (site_draft_id, position, reached, geom)
VALUES (1, 1, 1, ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326));
INSERT INTO app.coverage_run (from_on, to_on, radius_m, revision_id, fixes, legs)
VALUES ('2014-01-01', '2014-01-07', 50, 1, 1, 1);
INSERT INTO app.coverage_share SELECT 1, n, (n - 1) / 3 + 1, 100, 10 * n FROM generate_series(1, 6) AS n;
INSERT INTO app.analysis_schedule (analysis, parameters, last_days, weekday, hour, next_at, account_id)
SELECT 'patrol', '{}', 7, 1, 6, now() + interval '1 day', account_id FROM app.account WHERE username = 'petra';
INSERT INTO app.analysis_run (analysis, parameters, parameters_sha256, data_version, state, tries, account_id, ended_at,
  result_sha256)
SELECT 'patrol', '{}', sha256('x'), '1', 'done', 1, account_id, now(), sha256('x')
FROM app.account WHERE username = 'petra';
INSERT INTO app.analysis_run (analysis, parameters, parameters_sha256, state, tries, account_id, ended_at, report_of,
  report, file)
SELECT 'patrol', '{}', sha256('x'), 'done', 1, account_id, now(), 1, '{"paper": "A4", "locale": "zh"}', '%PDF-'
FROM app.account WHERE username = 'petra';
INSERT INTO app.analysis_table VALUES (1, 1, 'cells', 'cell', '[["code", "code"], ["share", "share"]]');
INSERT INTO app.analysis_row (analysis_run_id, table_number, number, code, figures, cell_id, community_id, has_area)
SELECT 1, 1, n, c.code, json_build_array(c.code, n / 10.0), n, c.community_id, true
FROM generate_series(1, 6) AS n JOIN app.cell AS c ON c.cell_id = n ORDER BY n;
INSERT INTO app.import_batch (layer, file_name, file_sha256, format, source_crs, rows_read, rows_stored,
  rows_unchanged, rows_rejected) VALUES ('facility', 'x.csv', sha256('x'), 'csv', 'wgs84', 1, 0, 0, 1);
INSERT INTO app.import_reject VALUES (1, 2, 'lon', 'not-finite', '经度不是数');
INSERT INTO app.audit_log (account_id, action, subject) SELECT account_id, 'test.seed', '' FROM app.account;
INSERT INTO app.session (token_sha256, account_id, expires_at)
SELECT sha256(username::bytea), account_id, now() + interval '1 hour' FROM app.account ORDER BY account_id;
INSERT INTO app.api_token (token_sha256, prefix, account_id, name, expires_at)
SELECT sha256(username::bytea), 'gg_seed', account_id, 'seed', now() + interval '1 hour'
FROM app.account ORDER BY account_id;
"""

# A day that was painted, and one that waits for it.
_PAINTED = """
INSERT INTO app.patrol_day (on_day, fixes, points, legs, vehicle_legs, packed, times, version, shape_version, effort)
VALUES ('2014-01-01', 0, 1, 0, 0, %(packed)s, %(times)s, %(version)s, %(version)s, %(effort)s);
INSERT INTO app.patrol_day_layer (on_day, radius_m, version, res_m, x_m, y_m, columns, rows, bits, needed)
VALUES ('2014-01-01', 50, %(version)s, 2, 0, 0, 64, 1, 'x', 'x');
DELETE FROM app.patrol_change;
INSERT INTO app.patrol_change (on_day) VALUES ('2014-01-01');
"""

# A photo of each patrol point, sent by the dispatcher; incident n came from point n.
_PHOTOS = """
INSERT INTO app.photo (client_id, record_id, account_id, taken_at, completed_at, sha256, bytes, received_bytes,
  media_type, width, height, state)
SELECT ('00000000-0000-4000-8000-00000000000' || p.patrol_point_id)::uuid, p.client_id, a.account_id, now(), now(),
       sha256(%(content)s), length(%(content)s), length(%(content)s), 'image/jpeg', 64, 48, 'complete'
FROM app.patrol_point AS p JOIN app.account AS a ON a.username = 'dan' ORDER BY p.patrol_point_id;
INSERT INTO app.photo_piece SELECT photo_id, 0, %(content)s FROM app.photo;
INSERT INTO app.photo_carry (from_record, to_record)
SELECT p.client_id, i.client_id FROM app.patrol_point AS p
JOIN app.incident AS i ON i.incident_id = p.patrol_point_id ORDER BY p.patrol_point_id;
"""


@dataclass(frozen=True)
class World:
    """The seeded database and its people."""

    db: Database
    url: str
    accounts: dict[str, int]

    def actor(self, name: str) -> Actor:
        """A person of the world as an actor."""
        return Actor(self.accounts[name], Role(PEOPLE[name]), name, name)

    def ask(self, statement: str, *values: object) -> list[tuple]:
        """Rows of a statement past the application, as superuser."""
        return rows(self.url, statement, values)


def build(url: str, db: Database) -> World:
    """Fill an empty migrated database (superuser url)."""
    hashed = hash_password(PASSWORD)
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        for name, role in PEOPLE.items():
            cursor.execute(
                "INSERT INTO app.account (username, full_name, role, phone)"
                " VALUES (%s, %s, %s, '13800001234') RETURNING account_id",
                (name, f"演示{name}", role),
            )
            cursor.execute("INSERT INTO app.credential VALUES (%s, %s)", (cursor.fetchone()[0], hashed))
        cursor.execute(_SQL)
        cursor.execute(_PHOTOS, {"content": jpeg()})
        cursor.execute(_PAINTED, _painted())
        cursor.execute("SELECT username, account_id FROM app.account")
        accounts = dict(cursor.fetchall())
    connection.close()
    return World(db, url, accounts)


def _painted() -> dict[str, object]:
    """A day without anything, as it is stored."""
    none = np.empty(0, dtype=np.int64)
    legs = day_legs(date(2014, 1, 1), [])
    effort = DayEffort(none, none, none, Visits(none, none, none), none, none)
    return {
        "packed": legs.packed(),
        "times": legs.packed_times(),
        "effort": effort.packed(),
        "version": legs.version,
    }
