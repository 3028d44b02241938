-- What hangs on a division moves to the next one. Runs as gis_migrator inside the publication.

-- name: prepare_new_places!
-- The new places with statistics of their own: the planner knows nothing yet of rows just inserted.
DROP TABLE IF EXISTS pg_temp.new_cell, pg_temp.cell_heir, pg_temp.community_heir, pg_temp.community_successor;
CREATE TEMP TABLE new_cell ON COMMIT DROP AS
SELECT cell_id, community_id, row_number() OVER (ORDER BY code COLLATE "C") AS place_in_order, geom
FROM app.cell WHERE revision_id = :new_revision;
CREATE UNIQUE INDEX ON pg_temp.new_cell (cell_id);
CREATE INDEX ON pg_temp.new_cell USING gist (geom);
ANALYZE pg_temp.new_cell;

-- name: prepare_heirs!
-- Each new place inherits from the old one it shares most area with; less than about a square metre
-- (1e-10 square degrees) is rounding, not sharing. Areas in square degrees only rank neighbours here.
CREATE TEMP TABLE cell_heir ON COMMIT DROP AS
SELECT DISTINCT ON (n.cell_id) n.cell_id AS new_id, o.cell_id AS old_id
FROM pg_temp.new_cell AS n
JOIN app.cell AS o ON o.revision_id = :old_revision AND o.geom && n.geom,
LATERAL (SELECT ST_Area(ST_Intersection(o.geom, n.geom)) AS shared) AS s
WHERE s.shared > 1e-10
ORDER BY n.cell_id, s.shared DESC, o.code COLLATE "C";

CREATE TEMP TABLE community_overlap ON COMMIT DROP AS
SELECT n.community_id AS new_id, n.code AS new_code, o.community_id AS old_id, o.code AS old_code, s.shared
FROM app.community AS n
JOIN app.community AS o ON o.revision_id = :old_revision AND o.geom && n.geom,
LATERAL (SELECT ST_Area(ST_Intersection(o.geom, n.geom)) AS shared) AS s
WHERE n.revision_id = :new_revision AND s.shared > 1e-10;
CREATE TEMP TABLE community_heir ON COMMIT DROP AS
SELECT DISTINCT ON (new_id) new_id, old_id
FROM pg_temp.community_overlap ORDER BY new_id, shared DESC, old_code COLLATE "C";
CREATE TEMP TABLE community_successor ON COMMIT DROP AS
SELECT DISTINCT ON (old_id) old_id, new_id
FROM pg_temp.community_overlap ORDER BY old_id, shared DESC, new_code COLLATE "C";
DROP TABLE pg_temp.community_overlap;

-- name: carry_assignments^
-- The old duty ends the day before; one that was to begin later, or began the same day, goes altogether.
WITH old_duty AS (
  SELECT a.*, EXISTS (SELECT FROM pg_temp.cell_heir AS h WHERE h.old_id = a.cell_id) AS has_heir
  FROM app.assignment AS a JOIN app.cell AS c USING (cell_id)
  WHERE c.revision_id = :old_revision AND coalesce(a.valid_to, 'infinity') >= :day
), shortened AS (
  UPDATE app.assignment AS a SET valid_to = :day - 1
  FROM old_duty AS o WHERE o.assignment_id = a.assignment_id AND o.valid_from < :day
), withdrawn AS (
  DELETE FROM app.assignment AS a
  USING old_duty AS o WHERE o.assignment_id = a.assignment_id AND o.valid_from >= :day
), inherited AS (
  INSERT INTO app.assignment (account_id, cell_id, duty, valid_from, valid_to, reason)
  SELECT o.account_id, h.new_id, o.duty, greatest(o.valid_from, :day), o.valid_to, o.reason
  FROM old_duty AS o JOIN pg_temp.cell_heir AS h ON h.old_id = o.cell_id
)
SELECT count(*) FILTER (WHERE has_heir) AS carried, count(*) FILTER (WHERE NOT has_heir) AS ended FROM old_duty;

-- name: carry_team_areas^
WITH old_area AS (
  SELECT a.*, EXISTS (SELECT FROM pg_temp.community_heir AS h WHERE h.old_id = a.community_id) AS has_heir
  FROM app.team_area AS a JOIN app.community AS c USING (community_id)
  WHERE c.revision_id = :old_revision AND coalesce(a.valid_to, 'infinity') >= :day
), shortened AS (
  UPDATE app.team_area AS a SET valid_to = :day - 1
  FROM old_area AS o WHERE o.team_area_id = a.team_area_id AND o.valid_from < :day
), withdrawn AS (
  DELETE FROM app.team_area AS a
  USING old_area AS o WHERE o.team_area_id = a.team_area_id AND o.valid_from >= :day
), inherited AS (
  INSERT INTO app.team_area (team_id, community_id, valid_from, valid_to)
  SELECT o.team_id, h.new_id, greatest(o.valid_from, :day), o.valid_to
  FROM old_area AS o JOIN pg_temp.community_heir AS h ON h.old_id = o.community_id
)
SELECT count(*) FILTER (WHERE has_heir) AS carried, count(*) FILTER (WHERE NOT has_heir) AS ended FROM old_area;

-- name: cells_without_officer$
SELECT count(*) FROM pg_temp.new_cell AS n
WHERE NOT EXISTS (SELECT FROM app.assignment AS a
                  WHERE a.cell_id = n.cell_id AND coalesce(a.valid_to, 'infinity') >= app.today());

-- name: place_rows!
-- {layer} and {key} are filled in from the fixed list in carry.py. Cell by cell, so that each cell's shape
-- is prepared once and its points come from the layer's own index.
UPDATE app.{layer} AS l SET cell_id = found.cell_id, community_id = found.community_id
FROM (
  SELECT DISTINCT ON (p.{key}) p.{key} AS key, c.cell_id, c.community_id
  FROM pg_temp.new_cell AS c
  JOIN app.{layer} AS p ON p.geom && c.geom AND ST_Covers(c.geom, p.geom)
  ORDER BY p.{key}, c.place_in_order
) AS found
WHERE l.{key} = found.key AND (l.cell_id, l.community_id) IS DISTINCT FROM (found.cell_id, found.community_id);

-- name: unplace_rows!
-- What still points at an old cell lies in no new one.
UPDATE app.{layer} AS l SET cell_id = NULL, community_id = NULL
WHERE l.cell_id IS NOT NULL AND NOT EXISTS (SELECT FROM pg_temp.new_cell AS c WHERE c.cell_id = l.cell_id);

-- name: count_outside$
SELECT count(*) FROM app.{layer} WHERE community_id IS NULL;

-- name: flag_outside_points!
UPDATE app.patrol_point SET is_outside = (cell_id IS NULL) WHERE is_outside <> (cell_id IS NULL);

-- name: place_parcels!
WITH placed AS (
  SELECT p.parcel_id, found.cell_id, found.community_id
  FROM app.parcel AS p
  LEFT JOIN LATERAL (
    SELECT c.cell_id, c.community_id
    FROM pg_temp.new_cell AS c, LATERAL (SELECT ST_PointOnSurface(p.geom) AS geom) AS inner_point
    WHERE c.geom && inner_point.geom AND ST_Covers(c.geom, inner_point.geom)
    ORDER BY c.place_in_order LIMIT 1
  ) AS found ON true
)
UPDATE app.parcel AS l SET cell_id = placed.cell_id, community_id = placed.community_id
FROM placed
WHERE l.parcel_id = placed.parcel_id
  AND (l.cell_id, l.community_id) IS DISTINCT FROM (placed.cell_id, placed.community_id);

-- name: place_building_heads!
UPDATE app.building_head AS l SET cell_id = b.cell_id, community_id = b.community_id
FROM app.building AS b
WHERE b.building_id = l.building_id
  AND (l.cell_id, l.community_id) IS DISTINCT FROM (b.cell_id, b.community_id);

-- name: place_tracks!
-- A track belongs to the community it starts in; one that comes from outside, to the one it runs through most.
WITH placed AS (
  SELECT t.patrol_track_id, coalesce(found.community_id, entered.community_id) AS community_id
  FROM app.patrol_track AS t
  LEFT JOIN LATERAL (
    SELECT c.community_id
    FROM pg_temp.new_cell AS c, LATERAL (SELECT ST_StartPoint(ST_GeometryN(t.geom, 1)) AS geom) AS start
    WHERE c.geom && start.geom AND ST_Covers(c.geom, start.geom)
    ORDER BY c.place_in_order LIMIT 1
  ) AS found ON true
  LEFT JOIN LATERAL (
    SELECT k.community_id
    FROM app.community AS k
    WHERE found.community_id IS NULL AND k.valid_to IS NULL AND ST_Intersects(k.geom, t.geom)
    ORDER BY ST_Length(ST_Intersection(k.geom, t.geom)) DESC, k.code COLLATE "C" LIMIT 1
  ) AS entered ON true
)
UPDATE app.patrol_track AS l SET community_id = placed.community_id, is_outside = (placed.community_id IS NULL)
FROM placed
WHERE l.patrol_track_id = placed.patrol_track_id
  AND (l.community_id, l.is_outside) IS DISTINCT FROM (placed.community_id, placed.community_id IS NULL);

-- name: place_rounds!
-- A round goes with its parcel, else with the new community that holds most of the old one.
WITH placed AS (
  SELECT r.patrol_round_id, CASE WHEN r.parcel_id IS NULL THEN s.new_id ELSE p.community_id END AS community_id
  FROM app.patrol_round AS r
  LEFT JOIN app.parcel AS p USING (parcel_id)
  LEFT JOIN pg_temp.community_successor AS s ON s.old_id = r.community_id
  WHERE r.community_id IS NOT NULL
)
UPDATE app.patrol_round AS l SET community_id = placed.community_id
FROM placed
WHERE l.patrol_round_id = placed.patrol_round_id AND l.community_id IS DISTINCT FROM placed.community_id;
