-- name: risks
-- What speaks for a cell: incidents and violations of the last 90 days before a moment, and its rental units.
SELECT c.cell_id, coalesce(i.incidents, 0) AS incidents, coalesce(i.violations, 0) AS violations,
       coalesce(u.units, 0)::bigint AS units
FROM app.cell AS c
LEFT JOIN (
  SELECT cell_id, count(*) FILTER (WHERE violation IS NULL) AS incidents,
         count(*) FILTER (WHERE violation IS NOT NULL) AS violations
  FROM app.incident
  WHERE occurred_at >= :until::timestamptz - interval '90 days' AND occurred_at < :until
  GROUP BY cell_id) AS i USING (cell_id)
LEFT JOIN (
  SELECT place AS cell_id, sum(objects) AS units FROM app.layer_tally
  WHERE layer = 'rental_unit' AND zoom = -1 GROUP BY place) AS u USING (cell_id)
WHERE c.valid_to IS NULL;
