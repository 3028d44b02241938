-- name: kinds
SELECT code, name_zh, name_en, is_violation FROM app.violation_kind ORDER BY is_violation, code;

-- name: my_team$
SELECT (app.my_teams())[1];

-- name: existing
SELECT client_id::text AS client_id, content_sha256 FROM app.patrol_point WHERE client_id = ANY (:client_ids::uuid[]);

-- name: find_points
SELECT client_id::text AS client_id, patrol_point_id FROM app.patrol_point WHERE client_id = ANY (:client_ids::uuid[]);

-- name: insert_points
-- One statement for the batch: place, parcel and check point are resolved as the rows are written.
INSERT INTO app.patrol_point (client_id, content_sha256, team_id, account_id, parcel_id, check_point_id, kind, note,
  source, device_at, accuracy_m, sequence, cell_id, community_id, is_outside, geom)
SELECT p.client_id, p.content_sha256, :team_id, app.account_id(), app.parcel_at(g.geom), app.check_point_at(g.geom),
       p.kind, p.note, 'phone', p.device_at, p.accuracy_m, p.sequence, c.cell_id, c.community_id,
       c.cell_id IS NULL, g.geom
FROM unnest(:client_ids::uuid[], :hashes::bytea[], :lons::float8[], :lats::float8[], :kinds::text[],
            :notes::text[], :device_ats::timestamptz[], :accuracies::real[], :sequences::integer[])
  AS p (client_id, content_sha256, lon, lat, kind, note, device_at, accuracy_m, sequence)
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) AS geom) AS g
LEFT JOIN LATERAL app.cell_at(g.geom) AS c ON true
ON CONFLICT (client_id) DO NOTHING
RETURNING client_id::text AS client_id;
