-- name: categories
SELECT code, family, name_zh, name_en, time_limit_hours
FROM app.incident_category
WHERE app.today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
ORDER BY array_position(ARRAY['ZZ', 'JF', 'AQ', 'SR'], family), code;

-- name: insert_incident^
INSERT INTO app.incident (client_id, report_sha256, category, source, severity, people, description, address, occurred_at, due_at,
  reporter_id, cell_id, community_id, geom)
SELECT :client_id, :report_sha256, k.code, :source, :severity, :people, :description, :address, :occurred_at,
       now() + k.time_limit_hours * interval '1 hour', app.account_id(), c.cell_id, c.community_id, g.geom
FROM app.incident_category AS k
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom) AS g
LEFT JOIN LATERAL app.cell_at(g.geom) AS c ON true
WHERE k.code = :category AND app.today() BETWEEN k.valid_from AND coalesce(k.valid_to, 'infinity')
ON CONFLICT (client_id) DO NOTHING
RETURNING incident_id;

-- name: find_by_client_id^
SELECT incident_id, report_sha256, reporter_id FROM app.incident WHERE client_id = :client_id;

-- name: lock_incident^
-- What the rules need to know, and the row held until the transaction ends.
SELECT f.category, f.state, f.severity, f.people, f.description, f.address, f.occurred_at,
       f.reporter_id IS NOT DISTINCT FROM app.account_id() AS is_mine,
       coalesce(f.cell_id = ANY (app.my_cells()), false) AS is_own_cell,
       ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat, f.violation IS NOT NULL AS is_finding,
       CASE WHEN f.state = 'checking' THEN app.recheck_of(f.incident_id)::text END AS recheck
FROM app.incident AS f
WHERE f.incident_id = :incident_id
FOR UPDATE;

-- name: standing_of^
SELECT f.state, f.reporter_id IS NOT DISTINCT FROM app.account_id() AS is_mine,
       coalesce(f.cell_id = ANY (app.my_cells()), false) AS is_own_cell,
       f.violation IS NOT NULL AND f.state = 'checking' AND app.recheck_of(f.incident_id) IS NULL AS needs_recheck
FROM app.incident AS f
WHERE f.incident_id = :incident_id;

-- name: has_handled$
SELECT EXISTS (SELECT FROM app.incident_step
               WHERE incident_id = :incident_id AND to_state = 'handled' AND account_id = app.account_id());

-- name: update_incident!
-- The deadline follows the category as long as nobody has accepted the report, but a finding's its legal clock;
-- closed_at is when it left the open.
UPDATE app.incident AS f
SET category = :category, severity = :severity, people = :people, description = :description, address = :address,
    occurred_at = :occurred_at, state = :state,
    recheck_client_id = coalesce(:recheck::uuid, f.recheck_client_id),
    due_at = CASE WHEN f.state = 'reported' AND f.category <> :category AND f.violation IS NULL THEN f.reported_at + (
      SELECT k.time_limit_hours * interval '1 hour' FROM app.incident_category AS k WHERE k.code = :category)
      ELSE f.due_at END,
    closed_at = CASE WHEN f.state = :state OR NOT f.is_open THEN f.closed_at
      WHEN :state IN ('closed', 'rejected', 'voided') THEN now() END
WHERE f.incident_id = :incident_id;

-- name: move_incident!
UPDATE app.incident AS f
SET geom = g.geom, cell_id = c.cell_id, community_id = c.community_id,
    parcel_id = CASE WHEN f.violation IS NOT NULL THEN app.parcel_at(g.geom) END
FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom) AS g
LEFT JOIN LATERAL app.cell_at(g.geom) AS c ON true
WHERE f.incident_id = :incident_id;

-- name: insert_step!
INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id, note)
VALUES (:incident_id, :from_state, :to_state, app.account_id(), :note);

-- name: steps_of
-- Names of colleagues only for those who may see accounts.
SELECT s.from_state, s.to_state, s.at, s.note, s.account_id = app.account_id() AS is_mine, p.full_name AS by
FROM app.incident_step AS s
LEFT JOIN app.account AS p USING (account_id)
WHERE s.incident_id = :incident_id
ORDER BY s.incident_step_id;

-- name: close_unreached!
UPDATE app.incident SET state = 'closed', closed_at = now(), recheck_waiver = :reason
WHERE incident_id = :incident_id;
