-- name: kept_payloads
SELECT payload_sha256 FROM app.quarantine
WHERE account_id = app.account_id() AND payload_sha256 = ANY (:digests::bytea[]);

-- name: kept_today$
SELECT count(*) FROM app.quarantine
WHERE account_id = app.account_id() AND received_at >= (app.today()::timestamp AT TIME ZONE 'Asia/Shanghai');

-- name: keep_payloads!
INSERT INTO app.quarantine (account_id, device_id, sent_at, payload, payload_sha256, code, pointer, detail)
SELECT app.account_id(), :device_id::uuid, :sent_at::timestamptz, q.payload, q.payload_sha256, q.code, q.pointer, q.detail
FROM unnest(:payloads::jsonb[], :digests::bytea[], :codes::text[], :pointers::text[], :details::text[])
  AS q (payload, payload_sha256, code, pointer, detail)
ON CONFLICT (account_id, payload_sha256) DO NOTHING;

-- name: list_quarantined
SELECT q.quarantine_id, a.username, q.received_at, q.code, q.pointer, q.payload ->> 'type' AS type
FROM app.quarantine AS q JOIN app.account AS a USING (account_id)
WHERE q.state = :state AND (:before::bigint IS NULL OR q.quarantine_id < :before::bigint)
ORDER BY q.quarantine_id DESC
LIMIT :limit;

-- name: get_quarantined^
SELECT q.quarantine_id, q.account_id, a.username, q.device_id, q.sent_at, q.received_at, q.payload, q.code,
       q.pointer, q.detail, q.state, q.repaired, q.reason, q.settled_at, s.username AS settled_by
FROM app.quarantine AS q
JOIN app.account AS a USING (account_id)
LEFT JOIN app.account AS s ON s.account_id = q.settled_by
WHERE q.quarantine_id = :quarantine_id;

-- name: settle^
UPDATE app.quarantine
SET state = :state, repaired = :repaired::jsonb, reason = :reason, settled_at = now(), settled_by = app.account_id()
WHERE quarantine_id = :quarantine_id AND state = 'open'
RETURNING quarantine_id;
