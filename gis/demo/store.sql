-- name: holds_divisions$
SELECT EXISTS (SELECT FROM app.division_revision);

-- name: demo_size$
SELECT demo_size FROM app.installation;

-- name: communities_in_force
SELECT community_id, code, name_zh, name_en, pinyin_initials
FROM app.community WHERE valid_to IS NULL
ORDER BY code COLLATE "C" LIMIT :limit;

-- name: cells_in_force
SELECT cell_id, community_id, code, land_use, population, area_m2, public.ST_AsBinary(geom) AS wkb
FROM app.cell WHERE valid_to IS NULL
ORDER BY code COLLATE "C";

-- name: time_limits
-- Without those that only findings have.
SELECT code, family, name_zh, time_limit_hours FROM app.incident_category
WHERE left(code, 2) <> 'GT' ORDER BY code COLLATE "C";

-- name: finding_rules
SELECT kind, step, days, in_working_days FROM app.finding_rule WHERE valid_to IS NULL ORDER BY kind, days, step;

-- name: finding_categories
SELECT code, category FROM app.violation_kind WHERE is_violation;

-- name: holidays
SELECT on_date, kind, name_zh FROM app.holiday;

-- name: visit_intervals
SELECT code, visit_interval_days FROM app.rental_grade ORDER BY rank;

-- name: take_ids
SELECT nextval(pg_get_serial_sequence(:table, :column)) AS id FROM generate_series(1, :count);

-- name: set_demo_size!
UPDATE app.installation SET demo_size = :size;

-- name: is_superuser$
SELECT rolsuper FROM pg_roles WHERE rolname = session_user;

-- name: skip_row_triggers!
-- Foreign keys are checked in one go afterwards: per row they cost as much as the rows themselves.
SET LOCAL session_replication_role = replica;

-- name: check_row_triggers!
SET LOCAL session_replication_role = origin;

-- name: wait_for_us!
-- A slow machine may take minutes to think between two statements.
SET LOCAL idle_in_transaction_session_timeout = 0;

-- name: become_owner!
SET LOCAL ROLE gis_owner;

-- name: become_migrator!
SET LOCAL ROLE gis_migrator;

-- name: secondary_indexes
-- An index of a table kept by month is made over all its months again.
SELECT i.indexrelid::regclass::text AS name,
       replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS definition
FROM pg_index AS i
WHERE i.indrelid = ANY (:tables::regclass[]) AND NOT i.indisunique
  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
ORDER BY 1;

-- name: foreign_keys
SELECT k.conname AS name, k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent,
       child.attname AS child_column, parent.attname AS parent_column
FROM pg_constraint AS k
JOIN pg_attribute AS child ON child.attrelid = k.conrelid AND child.attnum = k.conkey[1]
JOIN pg_attribute AS parent ON parent.attrelid = k.confrelid AND parent.attnum = k.confkey[1]
WHERE k.contype = 'f' AND k.conrelid = ANY (:tables::regclass[])
ORDER BY 2, 1;

-- name: make_months!
SELECT app.make_partitions('app.patrol_point', :from_on, :until_on);

-- name: write_receipts!
INSERT INTO app.field_receipt (client_id, content_sha256, received_at, account_id, kind, at)
SELECT client_id, content_sha256, received_at, account_id, 'point', at FROM app.patrol_point ORDER BY client_id;

-- name: make_track_months!
SELECT app.make_partitions('app.patrol_track', :from_on, :until_on);

-- name: recount!
-- Tallies of what was loaded while triggers were off.
SELECT app.recount(('app.' || layer)::regclass, EXISTS (
         SELECT FROM pg_attribute WHERE attrelid = ('app.' || layer)::regclass AND attname = 'quad'))
FROM unnest(:layers::text[]) AS layer;

-- name: insert_plans
INSERT INTO app.patrol_plan (name, team_id, parcel_id, is_ordered, rounds, per, window_starts, window_ends, valid_from)
SELECT p.name, p.team_id, p.parcel_id, p.is_ordered, p.rounds, p.per, p.starts::time[], p.ends::time[], :today
FROM unnest(:names::text[], :teams::integer[], :parcels::integer[], :are_ordered::boolean[], :rounds::smallint[],
            :pers::text[], :starts::text[], :ends::text[])
  WITH ORDINALITY AS p (name, team_id, parcel_id, is_ordered, rounds, per, starts, ends, place)
ORDER BY p.place
RETURNING patrol_plan_id;
