-- name: places_key^
-- Changes with every statement that wrote places: tells whether what was read of them is still good.
SELECT current_database() AS database, revision_id, is_schematic,
       app.layer_version('cell', 0::smallint, 0, 1) AS cells, app.layer_version('parcel', 0::smallint, 0, 1) AS parcels,
       app.layer_version('check_point', 0::smallint, 0, 1) AS check_points
FROM app.division_revision WHERE valid_to IS NULL;

-- name: cells
SELECT c.cell_id, c.code, c.name_zh, c.land_use, m.code AS community, ST_AsBinary(c.geom) AS wkb
FROM app.cell AS c JOIN app.community AS m USING (community_id)
WHERE c.valid_to IS NULL ORDER BY c.code COLLATE "C";

-- name: communities
SELECT m.code, m.name_zh, m.name_en FROM app.community AS m WHERE m.valid_to IS NULL ORDER BY m.code COLLATE "C";

-- name: parcels
SELECT p.parcel_id, p.code, p.name_zh, p.level, coalesce(m.code, '') AS community, ST_AsBinary(p.geom) AS wkb
FROM app.parcel AS p LEFT JOIN app.community AS m USING (community_id)
ORDER BY p.code COLLATE "C";

-- name: check_points
SELECT check_point_id, coalesce(cell_id, -1) AS cell_id, coalesce(parcel_id, -1) AS parcel_id
FROM app.check_point ORDER BY check_point_id;
