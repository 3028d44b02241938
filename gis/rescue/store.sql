-- name: waiting_file$
-- The same file, uploaded before and not settled yet.
SELECT rescue_file_id FROM app.rescue_file WHERE sha256 = :sha256 AND state IN ('waiting', 'partly');

-- name: insert_file$
INSERT INTO app.rescue_file (account_id, uploaded_by, name, sha256, bytes, exported_at)
VALUES (:account_id, app.account_id(), :name, :sha256, :bytes, :exported_at)
RETURNING rescue_file_id;

-- name: insert_piece!
INSERT INTO app.rescue_piece (rescue_file_id, number, content) VALUES (:rescue_file_id, :number, :content);

-- name: pieces_of
SELECT content FROM app.rescue_piece WHERE rescue_file_id = :rescue_file_id ORDER BY number;

-- name: list_files
SELECT f.rescue_file_id, f.name, f.uploaded_at, u.username AS uploaded_by, f.bytes, f.state, f.exported_at,
       a.username AS sender
FROM app.rescue_file AS f
JOIN app.account AS u ON u.account_id = f.uploaded_by
JOIN app.account AS a ON a.account_id = f.account_id
WHERE :before::integer IS NULL OR f.rescue_file_id < :before::integer
ORDER BY f.rescue_file_id DESC
LIMIT :limit;

-- name: get_file^
SELECT f.rescue_file_id, f.name, f.uploaded_at, u.username AS uploaded_by, f.bytes, f.state, f.exported_at,
       encode(f.sha256, 'hex') AS sha256, f.settled_at, s.username AS settled_by, f.outcome,
       f.account_id, a.username, a.full_name, a.role, f.exported_at > f.uploaded_at + :sane::interval AS is_ahead
FROM app.rescue_file AS f
JOIN app.account AS u ON u.account_id = f.uploaded_by
JOIN app.account AS a ON a.account_id = f.account_id
LEFT JOIN app.account AS s ON s.account_id = f.settled_by
WHERE f.rescue_file_id = :rescue_file_id;

-- name: find_account^
SELECT account_id, username FROM app.account WHERE account_id = :account_id;

-- name: settle^
UPDATE app.rescue_file
SET state = :state, settled_at = now(), settled_by = app.account_id(), outcome = coalesce(:outcome::jsonb, outcome)
WHERE rescue_file_id = :rescue_file_id AND state IN ('waiting', 'partly')
RETURNING rescue_file_id;

-- name: forget!
DELETE FROM app.rescue_piece WHERE rescue_file_id = :rescue_file_id;

-- name: old_files
SELECT rescue_file_id FROM app.rescue_file
WHERE state IN ('waiting', 'partly') AND uploaded_at < now() - :age::interval
FOR UPDATE SKIP LOCKED;

-- name: stored_records
-- What is here of records that are not tracks, and whether it is the person's.
SELECT 'point' AS kind, client_id::text AS id, account_id IS NOT DISTINCT FROM :account_id AS is_theirs
FROM app.patrol_point WHERE client_id = ANY (:points::uuid[])
UNION ALL
SELECT kind, client_id::text, account_id IS NOT DISTINCT FROM :account_id
FROM (SELECT CASE kind WHEN 'visit' THEN 'visit' ELSE 'event' END AS kind, client_id, account_id
      FROM app.round_event WHERE client_id = ANY (:told::uuid[])) AS e
UNION ALL
SELECT 'photo', client_id::text, account_id = :account_id
FROM app.photo WHERE client_id = ANY (:photos::uuid[]) AND state = 'complete';

-- name: stored_walks
-- In the name of the person: nobody else may read these but the team's leader of that time and the auditor.
SELECT stream_id::text AS id, next_sequence AS fixes
FROM app.track_stream WHERE stream_id = ANY (:walks::uuid[]) AND account_id = app.account_id();
