-- name: lock_account$
-- One token at a time is made for an account, so that the number of tokens can be counted.
SELECT account_id FROM app.account WHERE account_id = :account_id FOR NO KEY UPDATE;

-- name: live_tokens$
SELECT count(*) FROM app.api_token
WHERE account_id = :account_id AND revoked_at IS NULL AND expires_at > now();

-- name: insert_token^
INSERT INTO app.api_token (token_sha256, prefix, account_id, name, kind, may_write, collections, expires_at)
VALUES (:token_sha256, :prefix, :account_id, :name, :kind, :may_write, :collections, now() + :lifetime)
RETURNING api_token_id, expires_at;

-- name: tokens_of
-- Live tokens, and for a month those that have ended.
SELECT api_token_id, prefix, name, kind, may_write, collections, created_at, expires_at, last_used_at, revoked_at,
       revoked_at IS NULL AND expires_at > now() AS is_live
FROM app.api_token
WHERE account_id = :account_id AND coalesce(revoked_at, expires_at) > now() - interval '30 days'
ORDER BY is_live DESC, created_at DESC, api_token_id DESC
LIMIT 100;

-- name: revoke_token^
UPDATE app.api_token SET revoked_at = now()
WHERE api_token_id = :api_token_id AND account_id = :account_id AND revoked_at IS NULL
RETURNING api_token_id;

-- name: find_token^
SELECT t.api_token_id, t.kind, t.may_write, t.collections,
       coalesce(t.last_used_at < now() - interval '1 minute', true) AS is_stale,
       a.account_id, a.username, a.full_name, a.role, a.locale
FROM app.api_token AS t
JOIN app.account AS a USING (account_id)
WHERE t.token_sha256 = :token_sha256
  AND t.revoked_at IS NULL
  AND t.expires_at > now()
  AND a.is_active;

-- name: touch_token!
UPDATE app.api_token SET last_used_at = now() WHERE api_token_id = :api_token_id;
