-- name: find_parcel$
SELECT parcel_id FROM app.parcel WHERE parcel_id = :parcel_id;

-- name: insert_parcel$
INSERT INTO app.parcel (code, name_zh, level, area_m2, cell_id, community_id, geom)
VALUES (:code, :name_zh, :level, :area_m2, :cell_id, :community_id, ST_Multi(:geom ::geometry))
RETURNING parcel_id;

-- name: lock_parcel^
SELECT geom FROM app.parcel WHERE parcel_id = :feature_id FOR UPDATE;

-- name: update_parcel!
UPDATE app.parcel
SET code = :code, name_zh = :name_zh, level = :level, area_m2 = :area_m2, cell_id = :cell_id,
    community_id = :community_id, geom = ST_Multi(:geom ::geometry)
WHERE parcel_id = :feature_id;

-- name: delete_parcel!
DELETE FROM app.parcel WHERE parcel_id = :feature_id;

-- name: insert_check_point$
INSERT INTO app.check_point (code, name_zh, parcel_id, radius_m, dwell_s, cell_id, community_id, geom)
VALUES (:code, :name_zh, :parcel_id, :radius_m, :dwell_s, :cell_id, :community_id, :geom)
RETURNING check_point_id;

-- name: lock_check_point^
SELECT geom FROM app.check_point WHERE check_point_id = :feature_id FOR UPDATE;

-- name: update_check_point!
UPDATE app.check_point
SET code = :code, name_zh = :name_zh, parcel_id = :parcel_id, radius_m = :radius_m, dwell_s = :dwell_s,
    cell_id = :cell_id, community_id = :community_id, geom = :geom
WHERE check_point_id = :feature_id;

-- name: delete_check_point!
DELETE FROM app.check_point WHERE check_point_id = :feature_id;
