-- name: kinds
SELECT code, name_zh, name_en, is_violation FROM app.violation_kind ORDER BY is_violation, code;

-- name: find_points
SELECT client_id::text AS client_id, patrol_point_id FROM app.patrol_point WHERE client_id = ANY (:client_ids::uuid[]);

-- name: open_batch^
SELECT now() AS received_at, (app.my_teams())[1] AS team_id, k.kinds, k.violations
FROM (SELECT array_agg(code) AS kinds, array_agg(code) FILTER (WHERE is_violation) AS violations
      FROM app.violation_kind) AS k;

-- name: known_places^
SELECT check_points, rounds FROM app.known_places(:check_points::integer[], :rounds::integer[]);

-- name: insert_points
-- One statement for the batch: what no receipt stands for yet is stored, and place, parcel and check point are
-- resolved as the rows are written. In the order of the ids, so that batches with the same ones do not lock each
-- other out.
WITH given AS (
  SELECT p.*, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) AS geom
  FROM unnest(:client_ids::uuid[], :revisions::integer[], :hashes::bytea[], :lons::float8[], :lats::float8[],
              :kinds::text[], :notes::text[], :ats::timestamptz[], :device_ats::timestamptz[], :offsets::bigint[],
              :sequences::integer[], :methods::text[], :fix_ats::timestamptz[], :accuracies::real[],
              :mocks::boolean[], :grades::text[], :check_points::integer[], :rounds::integer[])
    AS p (client_id, revision, content_sha256, lon, lat, kind, note, at, device_at, clock_offset_s, sequence, method,
          fix_at, accuracy_m, is_mock, grade, check_point_id, patrol_round_id)
), taken_in AS (
  INSERT INTO app.field_receipt (client_id, revision, content_sha256, account_id, kind, at)
  SELECT client_id, revision, content_sha256, app.account_id(), 'point', at FROM given ORDER BY client_id
  ON CONFLICT (client_id) DO NOTHING
  RETURNING client_id
), fresh AS (
  SELECT g.*, row_number() OVER () AS place FROM given AS g JOIN taken_in USING (client_id)
)
INSERT INTO app.patrol_point (client_id, revision, content_sha256, team_id, account_id, device_id, patrol_round_id,
  check_point_id, parcel_id, kind, note, source, at, device_at, clock_offset_s, sequence, method, fix_at, accuracy_m,
  is_mock, grade, cell_id, community_id, is_outside, geom)
SELECT g.client_id, g.revision, g.content_sha256, :team_id, app.account_id(), :device_id::uuid, g.patrol_round_id,
       coalesce(g.check_point_id, l.check_point_id), l.parcel_id, g.kind, g.note, 'phone', g.at, g.device_at,
       g.clock_offset_s, g.sequence, g.method, g.fix_at, g.accuracy_m, g.is_mock, g.grade, c.cell_id, c.community_id,
       c.cell_id IS NULL, g.geom
FROM fresh AS g
JOIN app.land_at((SELECT array_agg(f.geom ORDER BY f.place) FROM fresh AS f)) AS l USING (place)
LEFT JOIN LATERAL app.cell_at(g.geom) AS c ON true
RETURNING client_id::text AS client_id;

-- name: own_points
-- The receipt tells the month a point is kept in.
SELECT r.client_id::text AS client_id, r.revision, r.content_sha256, p.at, p.device_at, p.clock_offset_s, p.grade,
       p.method, p.is_mock
FROM app.field_receipt AS r
JOIN app.patrol_point AS p ON p.client_id = r.client_id AND p.at = r.at
WHERE r.client_id = ANY (:client_ids::uuid[]);

-- name: last_before$
-- One probe of patrol_point_device_idx in each month.
SELECT device_at FROM app.patrol_point
WHERE device_id = :device_id::uuid AND sequence < :sequence AND account_id = app.account_id()
ORDER BY sequence DESC
LIMIT 1;

-- name: seen_points
SELECT client_id::text AS client_id, revision, content_sha256
FROM app.patrol_point WHERE client_id = ANY (:client_ids::uuid[]);

-- name: lock_receipts!
SELECT FROM app.field_receipt WHERE client_id = ANY (:client_ids::uuid[]) ORDER BY client_id FOR UPDATE;

-- name: keep_present!
INSERT INTO app.patrol_point_revision (client_id, revision, account_id, content_sha256, content)
SELECT p.client_id, p.revision, p.account_id, p.content_sha256, jsonb_strip_nulls(jsonb_build_object(
         'lon', ST_X(p.geom), 'lat', ST_Y(p.geom), 'kind', p.kind, 'note', p.note, 'device_at', p.device_at,
         'accuracy_m', p.accuracy_m, 'sequence', p.sequence, 'method', p.method, 'fix_at', p.fix_at,
         'is_mock', p.is_mock, 'check_point_id', p.check_point_id, 'round_id', p.patrol_round_id, 'at', p.at,
         'received_at', p.received_at, 'grade', p.grade))
FROM unnest(:client_ids::uuid[], :old_ats::timestamptz[]) AS g (client_id, at)
JOIN app.patrol_point AS p USING (client_id, at)
ON CONFLICT (client_id, revision) DO NOTHING;

-- name: keep_late!
INSERT INTO app.patrol_point_revision (client_id, revision, account_id, content_sha256, content)
SELECT g.client_id, g.revision, app.account_id(), g.content_sha256, jsonb_strip_nulls(g.content)
FROM unnest(:client_ids::uuid[], :revisions::integer[], :hashes::bytea[], :contents::jsonb[])
  AS g (client_id, revision, content_sha256, content)
ORDER BY g.client_id
ON CONFLICT (client_id, revision) DO NOTHING;

-- name: kept_revisions
SELECT client_id::text AS client_id, revision, content_sha256
FROM app.patrol_point_revision WHERE client_id = ANY (:client_ids::uuid[]);

-- name: revise_points!
-- A point whose time changes may move to another month.
WITH given AS (
  SELECT p.*, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) AS geom
  FROM unnest(:client_ids::uuid[], :old_ats::timestamptz[], :revisions::integer[], :hashes::bytea[], :lons::float8[],
              :lats::float8[], :kinds::text[], :notes::text[], :ats::timestamptz[], :device_ats::timestamptz[],
              :offsets::bigint[], :sequences::integer[], :methods::text[], :fix_ats::timestamptz[],
              :accuracies::real[], :mocks::boolean[], :grades::text[], :check_points::integer[], :rounds::integer[])
    AS p (client_id, old_at, revision, content_sha256, lon, lat, kind, note, at, device_at, clock_offset_s, sequence,
          method, fix_at, accuracy_m, is_mock, grade, check_point_id, patrol_round_id)
), taken_in AS (
  UPDATE app.field_receipt AS r
  SET revision = g.revision, content_sha256 = g.content_sha256, received_at = now(), at = g.at
  FROM given AS g WHERE r.client_id = g.client_id
)
UPDATE app.patrol_point AS p
SET revision = g.revision, content_sha256 = g.content_sha256, device_id = coalesce(:device_id::uuid, p.device_id),
    patrol_round_id = g.patrol_round_id, check_point_id = g.check_point_id, parcel_id = g.parcel_id, kind = g.kind,
    note = g.note, at = g.at, device_at = g.device_at, received_at = now(), clock_offset_s = g.clock_offset_s,
    sequence = g.sequence, method = g.method, fix_at = g.fix_at, accuracy_m = g.accuracy_m, is_mock = g.is_mock,
    grade = g.grade, cell_id = g.cell_id, community_id = g.community_id, is_outside = g.cell_id IS NULL, geom = g.geom
FROM (
  SELECT n.client_id, n.old_at, n.revision, n.content_sha256, n.kind, n.note, n.at, n.device_at, n.clock_offset_s,
         n.sequence, n.method, n.fix_at, n.accuracy_m, n.is_mock, n.grade, n.patrol_round_id, n.geom,
         coalesce(n.check_point_id, app.check_point_at(n.geom)) AS check_point_id, app.parcel_at(n.geom) AS parcel_id,
         c.cell_id, c.community_id
  FROM given AS n LEFT JOIN LATERAL app.cell_at(n.geom) AS c ON true
) AS g
WHERE p.client_id = g.client_id AND p.at = g.old_at;
