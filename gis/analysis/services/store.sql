-- name: state_of_data^
-- Grows with every change of what is measured.
SELECT (SELECT max(revision_id) FROM app.division_revision WHERE valid_to IS NULL) AS revision_id,
       app.layer_version('building', 0::smallint, 0, 1) AS buildings,
       app.layer_version('rental_unit', 0::smallint, 0, 1) AS units,
       app.layer_version('facility', 0::smallint, 0, 1) AS facilities,
       app.layer_version('parcel', 0::smallint, 0, 1) AS parcels,
       (SELECT max(road_network_id) FROM app.road_network) AS road_network_id;

-- name: list_cells
SELECT c.cell_id, c.code, m.code AS community
FROM app.cell AS c JOIN app.community AS m USING (community_id)
WHERE c.valid_to IS NULL
ORDER BY c.code COLLATE "C";

-- name: list_demand
-- Buildings with the units in them and the people registered there; a unit without a building stands for itself.
WITH placed AS (
  SELECT b.code, b.cell_id, c.units, c.residents, b.geom
  FROM (SELECT u.building_id, count(*) AS units, sum(u.tenants) AS residents
        FROM app.rental_unit AS u WHERE u.building_id IS NOT NULL GROUP BY u.building_id) AS c
  JOIN app.building AS b USING (building_id)
  UNION ALL
  SELECT u.code, u.cell_id, 1, u.tenants, u.geom
  FROM app.rental_unit AS u WHERE u.building_id IS NULL
)
SELECT code, cell_id, units, residents, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM placed WHERE cell_id IS NOT NULL
ORDER BY code COLLATE "C";

-- name: list_facilities
SELECT code, kind, name_zh, name_en, cell_id, capacity, opening_hours, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM app.facility
ORDER BY code COLLATE "C";

-- name: list_parcels
SELECT code, name_zh, cell_id, ST_X(inner_point) AS lon, ST_Y(inner_point) AS lat
FROM app.parcel CROSS JOIN LATERAL (SELECT ST_PointOnSurface(geom) AS inner_point) AS p
WHERE cell_id IS NOT NULL
ORDER BY code COLLATE "C";

-- name: list_kinds
SELECT code, name_zh, name_en FROM app.facility_kind ORDER BY code COLLATE "C";
