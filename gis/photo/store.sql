-- name: announced^
-- Whoever's it is: an id that is taken by a photo the actor may not see gives no row.
SELECT photo_id, account_id = app.account_id() AS is_mine, record_id, sha256, bytes, media_type
FROM app.photo WHERE client_id = :client_id;

-- name: count_of_record$
SELECT count(*) FROM app.photo WHERE record_id = :record_id;

-- name: insert_photo$
INSERT INTO app.photo (client_id, record_id, account_id, taken_at, sha256, bytes, media_type, lon, lat)
VALUES (:client_id, :record_id, app.account_id(), :taken_at, :sha256, :bytes, :media_type, :lon, :lat)
ON CONFLICT (client_id) DO NOTHING
RETURNING photo_id;

-- name: lock_upload^
-- The row is held until the transaction ends, so two pieces never go to the same place. No row once it is whole.
SELECT photo_id, bytes, received_bytes, sha256, media_type
FROM app.photo
WHERE client_id = :client_id AND account_id = app.account_id() AND state = 'uploading'
FOR UPDATE;

-- name: progress_of^
SELECT client_id::text AS client_id, state, received_bytes, bytes, encode(sha256, 'hex') AS sha256, refusal
FROM app.photo
WHERE client_id = :client_id AND account_id = app.account_id();

-- name: insert_piece!
INSERT INTO app.photo_piece (photo_id, first_byte, content) VALUES (:photo_id, :first_byte, :content);

-- name: move_on!
UPDATE app.photo SET received_bytes = :received_bytes WHERE photo_id = :photo_id;

-- name: whole$
SELECT string_agg(content, ''::bytea ORDER BY first_byte) FROM app.photo_piece WHERE photo_id = :photo_id;

-- name: complete!
UPDATE app.photo
SET received_bytes = bytes, state = 'complete', completed_at = now(), width = :width, height = :height,
    thumbnail = :thumbnail
WHERE photo_id = :photo_id;

-- name: refuse!
UPDATE app.photo SET received_bytes = bytes, state = 'refused', refusal = :refusal, refused_at = now()
WHERE photo_id = :photo_id;

-- name: find_photo^
SELECT photo_id, client_id::text AS client_id, encode(sha256, 'hex') AS sha256, media_type,
       account_id = app.account_id() AS is_mine
FROM app.photo
WHERE client_id = :client_id AND state = 'complete';

-- name: thumbnail_of$
SELECT thumbnail FROM app.photo WHERE photo_id = :photo_id;

-- name: without_thumbnail
SELECT photo_id FROM app.photo WHERE state = 'complete' AND thumbnail IS NULL ORDER BY photo_id DESC LIMIT :most;

-- name: keep_thumbnail!
UPDATE app.photo SET thumbnail = :thumbnail WHERE photo_id = :photo_id;

-- name: record_of_patrol_point$
SELECT client_id FROM app.patrol_point WHERE patrol_point_id = :feature_id;

-- name: record_of_incident$
SELECT client_id FROM app.incident WHERE incident_id = :feature_id;

-- name: photos_of
-- Its own, and those of the patrol points it came from.
SELECT f.client_id::text AS client_id, f.state = 'complete' AS is_complete, f.taken_at, f.width, f.height,
       f.account_id = app.account_id() AS is_mine
FROM app.photo AS f
WHERE f.record_id = ANY (ARRAY[:record_id ::uuid] || ARRAY(
        SELECT c.from_record FROM app.photo_carry AS c WHERE c.to_record = :record_id))
  AND f.state <> 'refused'
ORDER BY f.taken_at, f.photo_id;

-- name: counts_of_patrol_points
SELECT p.patrol_point_id AS feature_id, count(*) AS number
FROM app.patrol_point AS p
JOIN app.photo AS f ON f.record_id = p.client_id AND f.state = 'complete'
WHERE p.patrol_point_id = ANY (:feature_ids)
GROUP BY p.patrol_point_id;

-- name: counts_of_incidents
SELECT i.incident_id AS feature_id, n.number
FROM app.incident AS i
CROSS JOIN LATERAL (
  SELECT count(*) AS number
  FROM (SELECT i.client_id AS record_id
        UNION ALL SELECT c.from_record FROM app.photo_carry AS c WHERE c.to_record = i.client_id) AS r
  JOIN app.photo AS f ON f.record_id = r.record_id AND f.state = 'complete'
) AS n
WHERE i.incident_id = ANY (:feature_ids) AND n.number > 0;

-- name: carry!
INSERT INTO app.photo_carry (from_record, to_record)
SELECT from_record, to_record FROM unnest(:from_records::uuid[], :to_records::uuid[]) AS r (from_record, to_record)
ON CONFLICT (to_record, from_record) DO NOTHING;
