-- What the district map is coloured by. Every statement gives one row per cell that has something;
-- `cells` narrows it to some cells, NULL means all; `day` asks how it stood at the end of a day, NULL for now.
-- Row policies decide what is counted.

-- name: list_places
-- Cells of the present division, with their communities.
SELECT c.cell_id, c.code, c.name_zh, c.name_en, m.community_id, m.code AS community_code,
       m.name_zh AS community_name_zh, m.name_en AS community_name_en
FROM app.cell AS c
JOIN app.community AS m USING (community_id)
WHERE c.valid_to IS NULL AND (:community::text IS NULL OR m.code = :community)
ORDER BY c.code COLLATE "C";

-- name: list_own_cells
-- Cells a place-limited reader answers for: the officer's own, the team's communities and parcels.
SELECT unnest(app.my_cells()) AS cell_id
UNION
SELECT cell_id FROM app.cell
WHERE community_id = ANY ((SELECT app.my_communities())::integer[]) AND valid_to IS NULL
UNION
SELECT cell_id FROM app.parcel WHERE parcel_id = ANY ((SELECT app.my_parcels())::integer[]);

-- name: count_open_incidents
SELECT cell_id, count(*) AS number
FROM app.incident
WHERE is_open AND cell_id IS NOT NULL AND (:cells::integer[] IS NULL OR cell_id = ANY (:cells::integer[]))
GROUP BY cell_id;

-- name: count_open_incidents_on
-- Reported by the end of that day and not yet closed then.
SELECT cell_id, count(*) AS number
FROM app.incident
WHERE cell_id IS NOT NULL AND (:cells::integer[] IS NULL OR cell_id = ANY (:cells::integer[]))
  AND reported_at < (:day::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND (is_open OR closed_at >= (:day::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
GROUP BY cell_id;

-- name: count_rental_units
SELECT cell_id, count(*) AS number
FROM app.rental_unit
WHERE cell_id IS NOT NULL AND (:cells::integer[] IS NULL OR cell_id = ANY (:cells::integer[]))
GROUP BY cell_id;

-- name: count_overdue_units
SELECT cell_id, count(*) AS number
FROM app.rental_unit
WHERE cell_id IS NOT NULL AND (:cells::integer[] IS NULL OR cell_id = ANY (:cells::integer[]))
  AND due_on < app.today()
GROUP BY cell_id;

-- name: find_latest_coverage_run^
SELECT run.coverage_run_id, run.from_on, run.to_on, run.radius_m, run.computed_at
FROM app.coverage_run AS run
JOIN app.division_revision AS revision USING (revision_id)
WHERE revision.valid_to IS NULL AND (:day::date IS NULL OR run.to_on <= :day::date)
ORDER BY run.computed_at DESC, run.coverage_run_id DESC
LIMIT 1;

-- name: list_coverage_shares
SELECT cell_id, covered_m2, area_m2
FROM app.coverage_share
WHERE coverage_run_id = :coverage_run_id
  AND (:cells::integer[] IS NULL OR cell_id = ANY (:cells::integer[]));

-- name: list_days_since_patrol
-- One look at the end of the index (cell_id, at) per cell and month. A phone's clock may run ahead.
SELECT c.cell_id,
       greatest(0, coalesce(:day::date, app.today()) - (latest.at AT TIME ZONE 'Asia/Shanghai')::date) AS days
FROM app.cell AS c
CROSS JOIN LATERAL (
  SELECT p.at FROM app.patrol_point AS p
  WHERE p.cell_id = c.cell_id
    AND p.at < (coalesce(:day::date, 'infinity') + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
  ORDER BY p.at DESC
  LIMIT 1
) AS latest
WHERE c.valid_to IS NULL AND (:cells::integer[] IS NULL OR c.cell_id = ANY (:cells::integer[]));
