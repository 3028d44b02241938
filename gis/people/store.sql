-- name: find_credential^
SELECT a.account_id, a.username, a.full_name, a.role, a.locale, a.is_active, c.password_hash, c.must_change
FROM app.account AS a
LEFT JOIN app.credential AS c USING (account_id)
WHERE a.username = :username;

-- name: insert_session<!
INSERT INTO app.session (token_sha256, account_id, expires_at, user_agent, address)
VALUES (:token_sha256, :account_id, now() + :lifetime, :user_agent, :address)
RETURNING session_id;

-- name: find_session^
SELECT s.session_id, s.last_seen_at < now() - interval '1 minute' AS is_stale,
       a.account_id, a.username, a.full_name, a.role, a.locale, c.must_change
FROM app.session AS s
JOIN app.account AS a USING (account_id)
JOIN app.credential AS c USING (account_id)
WHERE s.token_sha256 = :token_sha256
  AND s.revoked_at IS NULL
  AND s.expires_at > now()
  AND s.last_seen_at > now() - :idle
  AND a.is_active;

-- name: touch_session!
UPDATE app.session SET last_seen_at = now() WHERE session_id = :session_id;

-- name: revoke_session!
UPDATE app.session SET revoked_at = now() WHERE session_id = :session_id AND revoked_at IS NULL;

-- name: revoke_sessions_of!
UPDATE app.session SET revoked_at = now() WHERE account_id = :account_id AND revoked_at IS NULL;

-- name: revoke_tokens_of!
UPDATE app.api_token SET revoked_at = now()
WHERE account_id = :account_id AND kind = ANY (:kinds) AND revoked_at IS NULL AND expires_at > now();

-- name: sessions_of
SELECT session_id, created_at, last_seen_at, user_agent, host(address) AS address
FROM app.session
WHERE account_id = :account_id AND revoked_at IS NULL AND expires_at > now()
ORDER BY last_seen_at DESC;

-- name: set_locale!
UPDATE app.account SET locale = :locale WHERE account_id = :account_id;

-- name: demo_size$
SELECT demo_size FROM app.installation;

-- name: change_password!
UPDATE app.credential SET password_hash = :password_hash, must_change = :must_change, changed_at = now()
WHERE account_id = :account_id;

-- name: insert_account<!
INSERT INTO app.account (username, full_name, role, phone, locale)
VALUES (:username, :full_name, :role, :phone, 'zh')
RETURNING account_id;

-- name: insert_credential!
INSERT INTO app.credential (account_id, password_hash, must_change) VALUES (:account_id, :password_hash, true);

-- name: update_account!
UPDATE app.account SET full_name = :full_name, role = :role, is_active = :is_active
WHERE account_id = :account_id;

-- name: people
-- Everyone with what they answer for today, one page at a time.
SELECT a.account_id, a.username, a.full_name, a.role, a.phone_masked, a.is_active, a.is_demo,
       coalesce(d.cells, '') AS cells, coalesce(t.teams, '') AS teams
FROM app.account AS a
LEFT JOIN LATERAL (
  SELECT string_agg(c.code || CASE duty WHEN 'deputy' THEN '*' ELSE '' END, ' ' ORDER BY c.code) AS cells
  FROM app.assignment AS s JOIN app.cell AS c USING (cell_id)
  WHERE s.account_id = a.account_id AND app.today() BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')
) AS d ON true
LEFT JOIN LATERAL (
  SELECT string_agg(t.name_zh, ' ' ORDER BY t.code) AS teams
  FROM app.team_member AS m JOIN app.team AS t USING (team_id)
  WHERE m.account_id = a.account_id AND app.today() BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity')
) AS t ON true
WHERE (:q = '' OR position(:q IN a.username) > 0 OR position(:q IN a.full_name) > 0)
  AND (:role = '' OR a.role = :role)
ORDER BY a.role, a.username
LIMIT :page_size OFFSET :skip;

-- name: person^
SELECT account_id, username, full_name, role, phone_masked, is_active, is_demo, created_at
FROM app.account WHERE account_id = :account_id;

-- name: assignments_of
SELECT s.assignment_id, c.code AS cell_code, c.name_zh AS cell_name, s.duty, s.valid_from, s.valid_to, s.reason
FROM app.assignment AS s JOIN app.cell AS c USING (cell_id)
WHERE s.account_id = :account_id
ORDER BY s.valid_to NULLS FIRST, c.code, s.valid_from;

-- name: team_duties_of
SELECT m.team_member_id, t.team_id, t.code AS team_code, t.name_zh AS team_name, m.is_leader,
       m.is_stand_in, m.valid_from, m.valid_to, coalesce(m.valid_to < app.today(), false) AS is_over
FROM app.team_member AS m JOIN app.team AS t USING (team_id)
WHERE m.account_id = :account_id
ORDER BY m.valid_to NULLS FIRST, t.code;

-- name: teams
SELECT t.team_id, t.code, t.name_zh,
       (SELECT count(*) FROM app.team_member AS m WHERE m.team_id = t.team_id
          AND app.today() BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity')) AS members,
       (SELECT coalesce(string_agg(coalesce(c.name_zh, p.name_zh), '、' ORDER BY c.code, p.code), '')
        FROM app.team_area AS r
        LEFT JOIN app.community AS c USING (community_id)
        LEFT JOIN app.parcel AS p USING (parcel_id)
        WHERE r.team_id = t.team_id
          AND app.today() BETWEEN r.valid_from AND coalesce(r.valid_to, 'infinity')) AS areas
FROM app.team AS t ORDER BY t.code;

-- name: team^
SELECT team_id, code, name_zh FROM app.team WHERE team_id = :team_id;

-- name: members_of
SELECT m.team_member_id, m.account_id, a.username, a.full_name, a.is_active, m.is_leader, m.is_stand_in, m.valid_from,
       m.valid_to, app.today() BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity') AS is_today,
       coalesce(m.valid_to < app.today(), false) AS is_over
FROM app.team_member AS m JOIN app.account AS a USING (account_id)
WHERE m.team_id = :team_id
ORDER BY is_today DESC, m.is_leader DESC, m.is_stand_in, a.full_name, m.valid_from;

-- name: patrol_account_id$
SELECT account_id FROM app.account WHERE username = :username AND role = 'patrol' AND is_active;

-- name: current_cell_id$
SELECT cell_id FROM app.cell WHERE code = :code AND valid_to IS NULL;

-- name: current_community_id$
SELECT community_id FROM app.community WHERE code = :code AND valid_to IS NULL;

-- name: parcel_id_of$
SELECT parcel_id FROM app.parcel WHERE code = :code;

-- name: insert_assignment<!
INSERT INTO app.assignment (account_id, cell_id, duty, valid_from, valid_to, reason)
VALUES (:account_id, :cell_id, :duty, :valid_from, :valid_to, :reason)
RETURNING assignment_id;

-- name: end_assignment!
UPDATE app.assignment SET valid_to = :last_day
WHERE assignment_id = :assignment_id AND valid_from <= :last_day AND (valid_to IS NULL OR valid_to > :last_day);

-- name: take_back_assignment!
DELETE FROM app.assignment WHERE assignment_id = :assignment_id AND valid_from > :last_day;

-- name: insert_team<!
INSERT INTO app.team (code, name_zh) VALUES (:code, :name_zh) RETURNING team_id;

-- name: insert_team_member<!
INSERT INTO app.team_member (team_id, account_id, is_leader, is_stand_in, valid_from, valid_to)
VALUES (:team_id, :account_id, :is_leader, :is_stand_in, :valid_from, :valid_to)
RETURNING team_member_id;

-- name: end_team_member!
UPDATE app.team_member SET valid_to = :last_day
WHERE team_member_id = :team_member_id AND valid_from <= :last_day AND (valid_to IS NULL OR valid_to > :last_day);

-- name: take_back_team_member!
DELETE FROM app.team_member WHERE team_member_id = :team_member_id AND valid_from > :last_day;

-- name: insert_team_area<!
INSERT INTO app.team_area (team_id, community_id, parcel_id, valid_from)
VALUES (:team_id, :community_id, :parcel_id, :valid_from)
RETURNING team_area_id;

-- name: today$
SELECT app.today();

-- name: insert_audit!
INSERT INTO app.audit_log (account_id, action, subject, detail)
VALUES (:account_id, :action, :subject, :detail);

-- name: audit_rows
SELECT l.audit_id, l.at, l.account_id, a.username, l.db_role, l.action, l.subject, l.request_id, l.detail
FROM app.audit_log AS l
LEFT JOIN app.account AS a USING (account_id)
WHERE (:before::bigint IS NULL OR l.audit_id < :before)
  AND (:action = '' OR l.action LIKE :action || '%%')
  AND (:username = '' OR a.username = :username)
ORDER BY l.audit_id DESC
LIMIT :page_size;
