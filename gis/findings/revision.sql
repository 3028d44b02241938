-- name: kinds
SELECT code, name_zh, name_en, is_violation FROM app.violation_kind;

-- name: lock_incidents
-- Incidents of some points of the caller, each held until the transaction ends.
SELECT i.incident_id, i.patrol_point_client_id::text AS point, i.violation, i.state, i.finder_kind, i.description,
       i.state = 'reported' AND NOT EXISTS (
         SELECT FROM app.finding_deadline AS d
         WHERE d.incident_id = i.incident_id AND d.done_at IS NOT NULL) AS is_untouched,
       i.state = 'voided' AND i.finder_kind IS NOT NULL AND coalesce((
         SELECT s.account_id = i.reporter_id FROM app.incident_step AS s
         WHERE s.incident_id = i.incident_id ORDER BY s.incident_step_id DESC LIMIT 1), false) AS is_withdrawn,
       (SELECT v.content ->> 'note' FROM app.patrol_point_revision AS v
        WHERE v.client_id = i.patrol_point_client_id ORDER BY v.revision DESC LIMIT 1) AS note_before
FROM app.incident AS i
WHERE i.patrol_point_client_id = ANY (:points::uuid[]) AND i.reporter_id = app.account_id()
ORDER BY i.incident_id
FOR UPDATE OF i;

-- name: flag!
UPDATE app.incident SET finder_kind = :kind, finder_revised_at = now() WHERE incident_id = :incident_id;

-- name: unflag!
UPDATE app.incident SET finder_kind = NULL, finder_revised_at = NULL WHERE incident_id = :incident_id;

-- name: change_kind!
-- The clocks follow by the trigger on `violation`. A category somebody chose stays.
UPDATE app.incident AS i
SET violation = k.code, description = :description,
    category = CASE WHEN i.category = b.category THEN k.category ELSE i.category END,
    finder_kind = NULL, finder_revised_at = NULL,
    due_at = coalesce((
      SELECT max(app.deadline_of(i.occurred_at, r.days, r.in_working_days)) FROM app.finding_rule AS r
      WHERE r.kind = k.code AND (i.occurred_at AT TIME ZONE 'Asia/Shanghai')::date
                                BETWEEN r.valid_from AND coalesce(r.valid_to, 'infinity')),
      i.reported_at + c.time_limit_hours * interval '1 hour')
FROM app.violation_kind AS k
JOIN app.incident_category AS c ON c.code = k.category
CROSS JOIN app.violation_kind AS b
WHERE i.incident_id = :incident_id AND k.code = :kind AND b.code = i.violation;

-- name: void!
UPDATE app.incident SET state = 'voided', closed_at = now(), finder_kind = :kind, finder_revised_at = now()
WHERE incident_id = :incident_id;

-- name: restore!
UPDATE app.incident SET state = 'reported', closed_at = NULL WHERE incident_id = :incident_id;

-- name: insert_step!
INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id, note)
VALUES (:incident_id, :from_state, :to_state, app.account_id(), :note);
