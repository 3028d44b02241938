-- name: list_kinds
SELECT code FROM app.facility_kind;

-- name: insert_facility$
INSERT INTO app.facility (code, kind, name_zh, name_en, pinyin_initials, address, capacity, opening_hours,
  cell_id, community_id, geom)
VALUES (:code, :kind, :name_zh, :name_en, :pinyin_initials, :address, :capacity, :opening_hours, :cell_id,
  :community_id, :geom)
RETURNING facility_id;

-- name: lock_facility^
SELECT geom FROM app.facility WHERE facility_id = :feature_id FOR UPDATE;

-- name: update_facility!
UPDATE app.facility
SET code = :code, kind = :kind, name_zh = :name_zh, name_en = :name_en, pinyin_initials = :pinyin_initials,
    address = :address, capacity = :capacity, opening_hours = :opening_hours, cell_id = :cell_id, community_id = :community_id, geom = :geom
WHERE facility_id = :feature_id;

-- name: delete_facility!
DELETE FROM app.facility WHERE facility_id = :feature_id;
