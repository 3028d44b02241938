-- name: check_points
SELECT c.check_point_id, c.code, c.name_zh, p.code AS parcel_code, p.name_zh AS parcel_name, m.name_zh AS community_zh,
       m.name_en AS community_en, c.qr_replaced_at
FROM app.check_point AS c
LEFT JOIN app.parcel AS p USING (parcel_id)
LEFT JOIN app.community AS m ON m.community_id = c.community_id
WHERE (:community::text IS NULL OR m.code = :community::text)
  AND (:parcel_id::integer IS NULL OR c.parcel_id = :parcel_id::integer)
  AND (:plan_id::integer IS NULL OR EXISTS (
    SELECT FROM app.patrol_plan_point AS q
    WHERE q.patrol_plan_id = :plan_id::integer AND q.check_point_id = c.check_point_id))
ORDER BY c.code, c.check_point_id
LIMIT :most;

-- name: communities
SELECT code, name_zh, name_en FROM app.community WHERE valid_to IS NULL ORDER BY code;

-- name: parcels
-- Those with check points.
SELECT p.parcel_id, p.code, p.name_zh FROM app.parcel AS p
WHERE EXISTS (SELECT FROM app.check_point AS c WHERE c.parcel_id = p.parcel_id)
ORDER BY p.code;

-- name: plans
SELECT p.patrol_plan_id, p.name, t.name_zh AS team_name
FROM app.patrol_plan AS p JOIN app.team AS t USING (team_id)
WHERE p.is_active
ORDER BY t.code, p.name, p.patrol_plan_id;

-- name: labels
SELECT c.check_point_id, c.code, c.name_zh, c.qr_token AS token, p.name_zh AS parcel_name, m.name_zh AS community_zh
FROM app.check_point AS c
LEFT JOIN app.parcel AS p USING (parcel_id)
LEFT JOIN app.community AS m ON m.community_id = c.community_id
WHERE c.check_point_id = ANY (:check_points::integer[])
ORDER BY c.code, c.check_point_id;

-- name: replace_code$
UPDATE app.check_point
SET qr_sha256_before = qr_sha256, qr_replaced_at = now(), qr_token = 'gg' || replace(gen_random_uuid()::text, '-', '')
WHERE check_point_id = :check_point_id
RETURNING code;
