-- Reading -------------------------------------------------------------------

-- name: current_revision^
SELECT revision_id, title, code_scheme, source, is_schematic, valid_from, valid_to
FROM app.division_revision WHERE valid_to IS NULL;

-- name: today$
SELECT app.today();

-- name: locate_point^
-- The cell of a position on a day and the places it lies in; no row if no division was in force that day.
-- From outside, the nearest cell gives the distance: its names are not shown.
SELECT r.is_schematic, found.cell_id IS NOT NULL AS inside, near.cell_id,
       public.ST_Distance(
         public.ST_Transform(public.ST_Boundary(near.geom), 4547), public.ST_Transform(place.geom, 4547)
       ) AS border_distance_m,
       near.code AS cell_code, near.name_zh AS cell_name, near.name_en AS cell_name_en,
       k.code AS community_code, k.name_zh AS community_name, k.name_en AS community_name_en,
       s.code AS subdistrict_code, s.name_zh AS subdistrict_name, s.name_en AS subdistrict_name_en,
       d.code AS district_code, d.name_zh AS district_name, d.name_en AS district_name_en
FROM (SELECT public.ST_SetSRID(public.ST_MakePoint(:lon, :lat), 4326) AS geom) AS place
JOIN app.division_revision AS r
  ON r.valid_from <= :on_date AND (r.valid_to IS NULL OR r.valid_to > :on_date)
LEFT JOIN LATERAL app.cell_at(place.geom, :on_date) AS found ON true
JOIN LATERAL (
  SELECT * FROM app.cell AS c
  WHERE c.cell_id = found.cell_id
     OR found.cell_id IS NULL AND c.revision_id = r.revision_id
  ORDER BY public.ST_Distance(c.geom, place.geom), c.code COLLATE "C"
  LIMIT 1
) AS near ON true
JOIN app.community AS k ON k.community_id = near.community_id
JOIN app.subdistrict AS s USING (subdistrict_id)
JOIN app.district AS d USING (district_id);

-- name: responsible_for
SELECT full_name, duty, phone_masked FROM app.responsible_for(:cell_id, :on_date);

-- name: outlines_of_district$
SELECT coalesce(json_agg(json_build_object(
  'type', 'Feature', 'id', p.code,
  'geometry', public.ST_AsGeoJSON(p.geom, 6)::json,
  'properties', json_build_object('code', p.code, 'name', p.name_zh, 'name_en', p.name_en,
                                  'community_code', NULL, 'mine', true)
) ORDER BY p.code COLLATE "C"), '[]')
FROM app.district AS p WHERE p.valid_to IS NULL;

-- name: outlines_of_subdistrict$
SELECT coalesce(json_agg(json_build_object(
  'type', 'Feature', 'id', p.code,
  'geometry', public.ST_AsGeoJSON(p.geom, 6)::json,
  'properties', json_build_object('code', p.code, 'name', p.name_zh, 'name_en', p.name_en,
                                  'community_code', NULL, 'mine', true)
) ORDER BY p.code COLLATE "C"), '[]')
FROM app.subdistrict AS p WHERE p.valid_to IS NULL;

-- name: outlines_of_community$
SELECT coalesce(json_agg(json_build_object(
  'type', 'Feature', 'id', p.code,
  'geometry', public.ST_AsGeoJSON(p.geom, 6)::json,
  'properties', json_build_object('code', p.code, 'name', p.name_zh, 'name_en', p.name_en,
                                  'community_code', p.code, 'mine', p.community_id = ANY (:my_communities))
) ORDER BY p.code COLLATE "C"), '[]')
FROM app.community AS p
WHERE p.valid_to IS NULL AND (:community_code::text IS NULL OR p.code = :community_code);

-- name: outlines_of_cell$
SELECT coalesce(json_agg(json_build_object(
  'type', 'Feature', 'id', p.code,
  'geometry', public.ST_AsGeoJSON(p.geom, 6)::json,
  'properties', json_build_object('code', p.code, 'name', p.name_zh, 'name_en', p.name_en,
                                  'community_code', k.code,
                                  'mine', p.cell_id = ANY (:my_cells) OR k.community_id = ANY (:patrolled))
) ORDER BY p.code COLLATE "C"), '[]')
FROM app.cell AS p
JOIN app.community AS k USING (community_id)
WHERE p.valid_to IS NULL AND (:community_code::text IS NULL OR k.code = :community_code);

-- name: names_of_community
SELECT code, name_zh, name_en FROM app.community WHERE valid_to IS NULL ORDER BY code COLLATE "C";

-- name: names_of_cell
-- A cell's English name is a number only ("Cell 003"): its community's goes before it, as in the Chinese one.
SELECT p.code, p.name_zh, k.name_en || ' ' || nullif(p.name_en, '') AS name_en
FROM app.cell AS p JOIN app.community AS k USING (community_id)
WHERE p.valid_to IS NULL ORDER BY p.code COLLATE "C";

-- name: own_places^
-- What a transaction's account answers for today: cells, communities these lie in, communities patrolled
-- whole or for a single parcel.
SELECT app.my_cells() AS cells,
       ARRAY (SELECT DISTINCT c.community_id FROM app.cell AS c WHERE c.cell_id = ANY (app.my_cells()))
         AS cell_communities,
       app.my_communities()
         || ARRAY (SELECT p.community_id FROM app.parcel AS p
                   WHERE p.parcel_id = ANY (app.my_parcels()) AND p.community_id IS NOT NULL)
         AS patrolled;

-- name: find_district^
SELECT p.district_id AS place_id, p.code, p.name_zh, p.name_en, p.code_scheme, p.area_m2, NULL AS land_use,
       (SELECT count(*) FROM app.subdistrict AS q WHERE q.district_id = p.district_id) AS parts,
       (SELECT coalesce(sum(c.population), 0) FROM app.cell AS c WHERE c.revision_id = p.revision_id) AS population,
       NULL::integer AS community_id,
       ARRAY[public.ST_XMin(p.geom), public.ST_YMin(p.geom), public.ST_XMax(p.geom), public.ST_YMax(p.geom)] AS bounds,
       public.ST_X(i.inner_point) AS lon, public.ST_Y(i.inner_point) AS lat,
       '[]'::json AS within
FROM app.district AS p, LATERAL (SELECT public.ST_PointOnSurface(p.geom) AS inner_point) AS i
WHERE p.code = :code AND p.valid_to IS NULL;

-- name: find_subdistrict^
SELECT p.subdistrict_id AS place_id, p.code, p.name_zh, p.name_en, p.code_scheme, p.area_m2, NULL AS land_use,
       (SELECT count(*) FROM app.community AS q WHERE q.subdistrict_id = p.subdistrict_id) AS parts,
       (SELECT coalesce(sum(c.population), 0) FROM app.cell AS c JOIN app.community AS k USING (community_id)
        WHERE k.subdistrict_id = p.subdistrict_id) AS population,
       NULL::integer AS community_id,
       ARRAY[public.ST_XMin(p.geom), public.ST_YMin(p.geom), public.ST_XMax(p.geom), public.ST_YMax(p.geom)] AS bounds,
       public.ST_X(i.inner_point) AS lon, public.ST_Y(i.inner_point) AS lat,
       json_build_array(json_build_array(d.code, d.name_zh, d.name_en)) AS within
FROM app.subdistrict AS p
JOIN app.district AS d USING (district_id), LATERAL (SELECT public.ST_PointOnSurface(p.geom) AS inner_point) AS i
WHERE p.code = :code AND p.valid_to IS NULL;

-- name: find_community^
SELECT p.community_id AS place_id, p.code, p.name_zh, p.name_en, p.code_scheme, p.area_m2, NULL AS land_use,
       (SELECT count(*) FROM app.cell AS c WHERE c.community_id = p.community_id) AS parts,
       (SELECT coalesce(sum(c.population), 0) FROM app.cell AS c WHERE c.community_id = p.community_id) AS population,
       p.community_id,
       ARRAY[public.ST_XMin(p.geom), public.ST_YMin(p.geom), public.ST_XMax(p.geom), public.ST_YMax(p.geom)] AS bounds,
       public.ST_X(i.inner_point) AS lon, public.ST_Y(i.inner_point) AS lat,
       json_build_array(json_build_array(d.code, d.name_zh, d.name_en),
                        json_build_array(s.code, s.name_zh, s.name_en)) AS within
FROM app.community AS p
JOIN app.subdistrict AS s USING (subdistrict_id)
JOIN app.district AS d USING (district_id), LATERAL (SELECT public.ST_PointOnSurface(p.geom) AS inner_point) AS i
WHERE p.code = :code AND p.valid_to IS NULL;

-- name: find_cell^
SELECT p.cell_id AS place_id, p.code, p.name_zh, p.name_en, p.code_scheme, p.area_m2, p.land_use,
       0 AS parts, p.population, p.community_id,
       ARRAY[public.ST_XMin(p.geom), public.ST_YMin(p.geom), public.ST_XMax(p.geom), public.ST_YMax(p.geom)] AS bounds,
       public.ST_X(i.inner_point) AS lon, public.ST_Y(i.inner_point) AS lat,
       json_build_array(json_build_array(d.code, d.name_zh, d.name_en),
                        json_build_array(s.code, s.name_zh, s.name_en),
                        json_build_array(k.code, k.name_zh, k.name_en)) AS within
FROM app.cell AS p
JOIN app.community AS k USING (community_id)
JOIN app.subdistrict AS s USING (subdistrict_id)
JOIN app.district AS d USING (district_id), LATERAL (SELECT public.ST_PointOnSurface(p.geom) AS inner_point) AS i
WHERE p.code = :code AND p.valid_to IS NULL;

-- Publishing ----------------------------------------------------------------

-- name: lock_for_publishing!
-- One publication at a time, and no row written between its being placed and the end of the publication:
-- a writer that places a row in the statement that inserts it waits here and then sees the new division.
LOCK TABLE app.division_revision, app.assignment, app.team_area, app.building, app.building_head,
  app.rental_unit, app.incident, app.parcel, app.check_point, app.patrol_round, app.patrol_track,
  app.patrol_point, app.facility IN SHARE ROW EXCLUSIVE MODE;

-- name: rows_of_district
SELECT code, name_zh, name_en, public.ST_AsBinary(geom) AS wkb
FROM app.district WHERE revision_id = :revision_id;

-- name: rows_of_subdistrict
SELECT p.code, p.name_zh, p.name_en, u.code AS parent_code, public.ST_AsBinary(p.geom) AS wkb
FROM app.subdistrict AS p JOIN app.district AS u USING (district_id) WHERE p.revision_id = :revision_id;

-- name: rows_of_community
SELECT p.code, p.name_zh, p.name_en, u.code AS parent_code, p.pinyin_initials, p.code_is_provisional,
       public.ST_AsBinary(p.geom) AS wkb
FROM app.community AS p JOIN app.subdistrict AS u USING (subdistrict_id) WHERE p.revision_id = :revision_id;

-- name: rows_of_cell
SELECT p.code, p.name_zh, p.name_en, u.code AS parent_code, p.land_use, p.population,
       public.ST_AsBinary(p.geom) AS wkb
FROM app.cell AS p JOIN app.community AS u USING (community_id) WHERE p.revision_id = :revision_id;

-- name: close_revision!
-- Half-open: the old division holds up to the day before; replaced on its first day it never held.
WITH revision AS (UPDATE app.division_revision SET valid_to = :day WHERE revision_id = :revision_id),
  district AS (UPDATE app.district SET valid_to = :day WHERE revision_id = :revision_id),
  subdistrict AS (UPDATE app.subdistrict SET valid_to = :day WHERE revision_id = :revision_id),
  community AS (UPDATE app.community SET valid_to = :day WHERE revision_id = :revision_id)
UPDATE app.cell SET valid_to = :day WHERE revision_id = :revision_id;

-- name: insert_revision<!
INSERT INTO app.division_revision (title, code_scheme, source, is_schematic, valid_from)
VALUES (:title, :code_scheme, :source, :is_schematic, :valid_from)
RETURNING revision_id;

-- name: retitle_revision!
UPDATE app.division_revision SET title = :title, source = :source
WHERE revision_id = :revision_id AND (title, source) IS DISTINCT FROM (:title, :source);

-- name: insert_district!
INSERT INTO app.district (revision_id, code, name_zh, name_en, code_scheme, valid_from, area_m2, geom)
SELECT r.revision_id, p.code, p.name_zh, p.name_en, r.code_scheme, r.valid_from, p.area_m2,
       public.ST_GeomFromWKB(p.wkb, 4326)
FROM unnest(:code::text[], :name_zh::text[], :name_en::text[], :area_m2::double precision[], :wkb::bytea[])
       AS p (code, name_zh, name_en, area_m2, wkb)
JOIN app.division_revision AS r ON r.revision_id = :revision_id;

-- name: insert_subdistrict!
INSERT INTO app.subdistrict (district_id, revision_id, code, name_zh, name_en, code_scheme, valid_from, area_m2, geom)
SELECT u.district_id, r.revision_id, p.code, p.name_zh, p.name_en, r.code_scheme, r.valid_from, p.area_m2,
       public.ST_GeomFromWKB(p.wkb, 4326)
FROM unnest(:code::text[], :name_zh::text[], :name_en::text[], :parent_code::text[], :area_m2::double precision[],
            :wkb::bytea[]) AS p (code, name_zh, name_en, parent_code, area_m2, wkb)
JOIN app.division_revision AS r ON r.revision_id = :revision_id
JOIN app.district AS u ON u.revision_id = r.revision_id AND u.code = p.parent_code
ORDER BY p.code COLLATE "C";

-- name: insert_community!
INSERT INTO app.community (subdistrict_id, revision_id, code, name_zh, name_en, pinyin_initials,
  code_is_provisional, code_scheme, valid_from, area_m2, geom)
SELECT u.subdistrict_id, r.revision_id, p.code, p.name_zh, p.name_en, p.pinyin_initials,
       p.code_is_provisional, r.code_scheme, r.valid_from, p.area_m2, public.ST_GeomFromWKB(p.wkb, 4326)
FROM unnest(:code::text[], :name_zh::text[], :name_en::text[], :parent_code::text[], :pinyin_initials::text[],
            :code_is_provisional::boolean[], :area_m2::double precision[], :wkb::bytea[])
       AS p (code, name_zh, name_en, parent_code, pinyin_initials, code_is_provisional, area_m2, wkb)
JOIN app.division_revision AS r ON r.revision_id = :revision_id
JOIN app.subdistrict AS u ON u.revision_id = r.revision_id AND u.code = p.parent_code
ORDER BY p.code COLLATE "C";

-- name: insert_cell!
INSERT INTO app.cell (community_id, revision_id, code, name_zh, name_en, land_use, population, code_scheme,
  valid_from, area_m2, geom)
SELECT u.community_id, r.revision_id, p.code, p.name_zh, p.name_en, p.land_use, p.population, r.code_scheme,
       r.valid_from, p.area_m2, public.ST_GeomFromWKB(p.wkb, 4326)
FROM unnest(:code::text[], :name_zh::text[], :name_en::text[], :parent_code::text[], :land_use::text[],
            :population::integer[], :area_m2::double precision[], :wkb::bytea[])
       AS p (code, name_zh, name_en, parent_code, land_use, population, area_m2, wkb)
JOIN app.division_revision AS r ON r.revision_id = :revision_id
JOIN app.community AS u ON u.revision_id = r.revision_id AND u.code = p.parent_code
ORDER BY p.code COLLATE "C";

-- name: insert_audit!
INSERT INTO app.audit_log (action, subject, detail) VALUES ('division.publish', :subject, :detail);
