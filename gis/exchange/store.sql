-- name: enter!
SELECT set_config('role', 'gis_migrator', true),
       set_config('statement_timeout', '600000', true),
       pg_advisory_xact_lock(20140403);

-- name: get_outline^
SELECT ST_AsBinary(d.geom) AS outline, r.is_schematic
FROM app.district AS d
JOIN app.division_revision AS r USING (revision_id)
WHERE r.valid_to IS NULL;

-- name: list_codes
-- Codes and names of one of the code tables, of teams and parcels.
SELECT 'rental_grade' AS lookup, code AS key, code, name_zh, name_en, 0 AS hours FROM app.rental_grade
UNION ALL SELECT 'incident_category', code, code, name_zh, name_en, time_limit_hours FROM app.incident_category
UNION ALL SELECT 'facility_kind', code, code, name_zh, name_en, 0 FROM app.facility_kind
UNION ALL SELECT 'violation_kind', code, code, name_zh, name_en, 0 FROM app.violation_kind
UNION ALL SELECT 'team', team_id::text, code, name_zh, '', 0 FROM app.team
UNION ALL SELECT 'parcel', parcel_id::text, code, '', '', 0 FROM app.parcel;

-- name: list_buildings
SELECT building_id, code, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM app.building;

-- name: list_cells
-- The cells of the present division.
SELECT cell_id, community_id, code, ST_AsBinary(geom) AS wkb FROM app.cell WHERE valid_to IS NULL;

-- name: measure_to_district
-- How far points lie from the district, in metres, in order.
SELECT ST_Distance(district.geom::geography, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography) AS distance_m
FROM unnest(:lons ::float8[], :lats ::float8[]) WITH ORDINALITY AS given (lon, lat, place)
CROSS JOIN (SELECT d.geom FROM app.district AS d WHERE d.valid_to IS NULL) AS district
ORDER BY given.place;

-- name: find_communities
-- The community a line runs through longest, in order of the lines; none outside the district.
SELECT best.community_id
FROM unnest(:lines ::geometry[]) WITH ORDINALITY AS given (geom, place)
LEFT JOIN LATERAL (
  SELECT c.community_id
  FROM app.community AS c
  WHERE c.valid_to IS NULL AND ST_Intersects(c.geom, given.geom)
  ORDER BY ST_Length(ST_Intersection(c.geom, given.geom)) DESC, c.code COLLATE "C"
  LIMIT 1
) AS best ON true
ORDER BY given.place;

-- name: upsert_rows
INSERT INTO app.{table} AS stored ({columns})
SELECT {columns}
FROM jsonb_populate_recordset(NULL::app.{table}, :rows)
ORDER BY {key}
ON CONFLICT ({key}) {action};

-- name: insert_points
-- Only what no receipt stands for yet.
WITH given AS (
  SELECT * FROM jsonb_populate_recordset(NULL::app.patrol_point, :rows)
), taken_in AS (
  INSERT INTO app.field_receipt (client_id, content_sha256, account_id, kind, at)
  SELECT client_id, content_sha256, account_id, 'point', at FROM given ORDER BY client_id
  ON CONFLICT (client_id) DO NOTHING
  RETURNING client_id
)
INSERT INTO app.patrol_point ({columns})
SELECT {columns} FROM given JOIN taken_in USING (client_id) ORDER BY client_id;

-- name: move_tracks
-- When each track is kept. One that began otherwise is moved, and differs then from what the file makes of it.
WITH given AS (
  SELECT DISTINCT ON (g.client_id) g.client_id, g.started_at
  FROM unnest(:client_ids ::uuid[], :starts ::timestamptz[]) AS g (client_id, started_at)
), moved AS (
  UPDATE app.patrol_track AS t
  SET at = g.started_at, started_at = g.started_at, ended_at = NULL, is_outside = NOT t.is_outside
  FROM given AS g
  WHERE t.client_id = g.client_id AND t.at <> g.started_at
)
SELECT g.client_id::text AS client_id, coalesce(g.started_at, t.at, now()) AS at
FROM given AS g LEFT JOIN app.patrol_track AS t USING (client_id);

-- name: list_conflicts
SELECT stored.client_id::text AS key
FROM jsonb_populate_recordset(NULL::app.patrol_point, :rows) AS given
JOIN app.field_receipt AS stored USING (client_id)
WHERE stored.content_sha256 <> given.content_sha256;

-- name: list_division_names
SELECT s.code, s.name_zh FROM app.subdistrict AS s WHERE s.valid_to IS NULL AND :level = 'subdistrict'
UNION ALL
SELECT c.code, c.name_zh FROM app.community AS c WHERE c.valid_to IS NULL AND :level = 'community';

-- name: insert_batch<!
INSERT INTO app.import_batch (layer, file_name, file_sha256, format, encoding, source_crs,
  rows_read, rows_stored, rows_unchanged, rows_rejected, account_id)
VALUES (:layer, :file_name, :file_sha256, :format, :encoding, :crs,
  :rows_read, :rows_stored, :rows_unchanged, :rows_rejected, :account_id)
RETURNING import_batch_id;

-- name: insert_rejects!
INSERT INTO app.import_reject (import_batch_id, row_number, field, code, reason)
SELECT :import_batch_id, row_number, field, code, reason
FROM jsonb_to_recordset(:rejects) AS r (row_number integer, field text, code text, reason text);

-- name: insert_audit!
INSERT INTO app.audit_log (account_id, action, subject, detail)
VALUES (:account_id, 'import.load', :subject, :detail);
