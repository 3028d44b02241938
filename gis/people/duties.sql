-- name: my_cells
-- What an officer needs to see first: what is due, overdue and open in each own cell.
SELECT c.code, c.name_zh, k.name_zh AS community_name, s.duty,
       u.units, u.overdue_units, u.due_this_week, i.open_incidents, i.overdue_incidents
FROM app.assignment AS s
JOIN app.cell AS c USING (cell_id)
JOIN app.community AS k USING (community_id)
CROSS JOIN LATERAL (
  SELECT count(*) AS units,
         count(*) FILTER (WHERE d.due_on < app.today()) AS overdue_units,
         count(*) FILTER (WHERE d.due_on BETWEEN app.today() AND app.today() + 6) AS due_this_week
  FROM app.rental_unit AS r
  JOIN app.rental_grade AS g ON g.code = r.grade
  CROSS JOIN LATERAL (SELECT app.unit_due_on(r.filed_on, r.last_visit_at, g.visit_interval_days) AS due_on) AS d
  WHERE r.cell_id = c.cell_id
) AS u
CROSS JOIN LATERAL (
  SELECT count(*) AS open_incidents, count(*) FILTER (WHERE n.due_at < now()) AS overdue_incidents
  FROM app.incident AS n
  WHERE n.cell_id = c.cell_id AND n.is_open
) AS i
WHERE s.account_id = app.account_id()
  AND app.today() BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')
ORDER BY s.duty DESC, c.code;

-- name: overdue_units
-- Units due or overdue in own cells, the longest overdue first.
SELECT r.rental_unit_id, r.code, r.address, r.room, g.name_zh AS grade_zh, g.name_en AS grade_en, g.code AS grade,
       c.code AS cell_code, d.due_on, app.today() - d.due_on AS days_over, r.last_visit_at
FROM app.rental_unit AS r
JOIN app.rental_grade AS g ON g.code = r.grade
JOIN app.cell AS c USING (cell_id)
CROSS JOIN LATERAL (SELECT app.unit_due_on(r.filed_on, r.last_visit_at, g.visit_interval_days) AS due_on) AS d
WHERE r.cell_id = ANY ((SELECT app.my_cells())::integer[]) AND d.due_on <= app.today()
ORDER BY d.due_on, r.code
LIMIT :page_size;

-- name: open_incidents
-- Open incidents the actor may see, the longest overdue first.
SELECT i.incident_id, k.family, k.name_zh AS category_zh, k.name_en AS category_en, i.state, i.description, i.address,
       i.reported_at, i.due_at, i.due_at < now() AS is_overdue, c.code AS cell_code, m.name_zh AS community_name
FROM app.incident AS i
JOIN app.incident_category AS k ON k.code = i.category
LEFT JOIN app.cell AS c USING (cell_id)
LEFT JOIN app.community AS m ON m.community_id = i.community_id
WHERE i.is_open
ORDER BY i.due_at
LIMIT :page_size;

-- name: incident_families
SELECT k.family, count(*) AS open, count(*) FILTER (WHERE i.due_at < now()) AS overdue
FROM app.incident AS i JOIN app.incident_category AS k ON k.code = i.category
WHERE i.is_open
GROUP BY k.family ORDER BY k.family;

-- name: my_teams
SELECT t.code, t.name_zh, m.is_leader
FROM app.team_member AS m JOIN app.team AS t USING (team_id)
WHERE m.account_id = app.account_id()
  AND app.today() BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity')
ORDER BY t.code;

-- name: my_areas
SELECT DISTINCT coalesce(c.code, p.code) AS code, coalesce(c.name_zh, p.name_zh) AS name_zh,
       c.community_id IS NOT NULL AS is_community
FROM app.team_area AS a
LEFT JOIN app.community AS c USING (community_id)
LEFT JOIN app.parcel AS p USING (parcel_id)
WHERE a.team_id = ANY ((SELECT app.my_teams())::integer[])
  AND app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')
ORDER BY code;

-- name: rounds_today
SELECT r.patrol_round_id, p.name_zh AS parcel_name, r.planned_from, r.planned_to, r.started_at, r.ended_at,
       app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state
FROM app.patrol_round AS r LEFT JOIN app.parcel AS p USING (parcel_id)
WHERE r.on_date = app.today() AND r.state <> 'withdrawn'
ORDER BY r.planned_from
LIMIT 50;

-- name: my_points_today$
SELECT count(*) FROM app.patrol_point
WHERE account_id = app.account_id() AND received_at >= (app.today()::timestamp AT TIME ZONE 'Asia/Shanghai');

-- name: district_totals^
SELECT (SELECT count(*) FROM app.community WHERE valid_to IS NULL) AS communities,
       (SELECT count(*) FROM app.cell WHERE valid_to IS NULL) AS cells,
       (SELECT count(*) FROM app.rental_unit) AS units,
       (SELECT count(*) FROM app.incident WHERE is_open) AS open_incidents,
       (SELECT count(*) FROM app.incident WHERE is_open AND due_at < now()) AS overdue_incidents,
       (SELECT count(*) FROM app.facility) AS facilities;

-- name: staffing^
SELECT (SELECT count(*) FROM app.account WHERE is_active) AS accounts,
       (SELECT count(*) FROM app.cell AS c WHERE c.valid_to IS NULL AND NOT EXISTS (
          SELECT FROM app.assignment AS s WHERE s.cell_id = c.cell_id AND s.duty = 'primary'
            AND app.today() BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity'))) AS cells_without_primary,
       (SELECT count(*) FROM app.team) AS teams,
       (SELECT count(*) FROM app.session WHERE revoked_at IS NULL AND expires_at > now()) AS open_sessions;

-- name: recent_imports
SELECT import_batch_id, layer, file_name, rows_read, rows_stored, rows_unchanged, rows_rejected, imported_at
FROM app.import_batch ORDER BY imported_at DESC LIMIT 10;
