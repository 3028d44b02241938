-- name: list_kinds
SELECT code FROM app.facility_kind;

-- name: find_place^
-- The cell of a point; the distance to the district only for one in none.
SELECT c.cell_id, c.community_id,
       CASE WHEN c.cell_id IS NULL THEN ST_Distance(d.geom::geography, g.geom::geography) END AS distance_m
FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom) AS g
LEFT JOIN LATERAL app.cell_at(g.geom) AS c ON true
LEFT JOIN app.district AS d ON d.valid_to IS NULL;

-- name: insert_facility$
INSERT INTO app.facility (code, kind, name_zh, name_en, pinyin_initials, address, capacity, cell_id, community_id,
  geom)
VALUES (:code, :kind, :name_zh, :name_en, :pinyin_initials, :address, :capacity, :cell_id, :community_id,
  ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
RETURNING facility_id;

-- name: lock_facility^
SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM app.facility WHERE facility_id = :facility_id FOR UPDATE;

-- name: update_facility!
UPDATE app.facility
SET code = :code, kind = :kind, name_zh = :name_zh, name_en = :name_en, pinyin_initials = :pinyin_initials,
    address = :address, capacity = :capacity, cell_id = :cell_id, community_id = :community_id,
    geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)
WHERE facility_id = :facility_id;

-- name: delete_facility!
DELETE FROM app.facility WHERE facility_id = :facility_id;
