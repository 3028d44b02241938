-- name: list_photos
-- With the record it is of, if that is here.
SELECT f.photo_id, a.username, f.received_at, f.refused_at, f.refusal, f.received_bytes, f.bytes, f.media_type,
       p.patrol_point_id, i.incident_id
FROM app.photo AS f
JOIN app.account AS a USING (account_id)
LEFT JOIN app.patrol_point AS p ON p.client_id = f.record_id
LEFT JOIN app.incident AS i ON i.client_id = f.record_id
WHERE f.state = :state AND (:before::bigint IS NULL OR f.photo_id < :before::bigint)
ORDER BY f.photo_id DESC
LIMIT :limit;

-- name: get_photo^
SELECT f.photo_id, f.client_id::text AS client_id, f.record_id::text AS record_id, f.account_id, a.username, f.state,
       f.received_at, f.refused_at, f.taken_at, f.refusal, f.received_bytes, f.bytes, f.media_type,
       encode(f.sha256, 'hex') AS sha256, p.patrol_point_id, i.incident_id, c.code AS cell_code,
       f.state = 'refused' OR f.received_at < now() - :patience::interval AS is_deletable
FROM app.photo AS f
JOIN app.account AS a USING (account_id)
LEFT JOIN app.patrol_point AS p ON p.client_id = f.record_id
LEFT JOIN app.incident AS i ON i.client_id = f.record_id
LEFT JOIN app.cell AS c ON c.cell_id = coalesce(p.cell_id, i.cell_id)
WHERE f.photo_id = :photo_id AND f.state <> 'complete';

-- name: lock_refused^
SELECT photo_id, account_id, sha256 FROM app.photo WHERE photo_id = :photo_id AND state = 'refused' FOR UPDATE;

-- name: take!
UPDATE app.photo
SET state = 'complete', completed_at = now(), refusal = NULL, refused_at = NULL, media_type = :media_type,
    width = :width, height = :height, thumbnail = :thumbnail
WHERE photo_id = :photo_id;

-- name: delete_pieces!
DELETE FROM app.photo_piece WHERE photo_id = :photo_id;

-- name: delete_photo^
-- No row where it was completed in this moment, or is still under way.
DELETE FROM app.photo
WHERE photo_id = :photo_id
  AND (state = 'refused' OR (state = 'uploading' AND received_at < now() - :patience::interval))
RETURNING account_id, state, refusal, record_id::text AS record_id, encode(sha256, 'hex') AS sha256;
