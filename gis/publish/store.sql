-- name: find_cell_id$
SELECT cell_id FROM app.cell WHERE code = :code AND valid_to IS NULL;

-- name: find_community_id$
SELECT community_id FROM app.community WHERE code = :code AND valid_to IS NULL;

-- name: list_cells_near
-- Cells, of any revision, whose rectangle touches a rectangle; one more than `limit` tells there are more.
SELECT cell_id FROM app.cell
WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
LIMIT :limit;

-- name: list_place_names
-- Codes and names of cells and communities by id, of any revision.
SELECT 'cell' AS level, cell_id AS place_id, code, name_zh FROM app.cell
WHERE cell_id = ANY (:cells::integer[])
UNION ALL
SELECT 'community', community_id, code, name_zh FROM app.community
WHERE community_id = ANY (:communities::integer[])
ORDER BY 1, 3;

-- name: find_current_head^
SELECT h.building_head_id
FROM app.building_head AS h
WHERE h.building_id = :building_id
  AND app.today() BETWEEN h.valid_from AND coalesce(h.valid_to, 'infinity')
ORDER BY h.valid_from DESC, h.building_head_id
LIMIT 1;

-- name: reveal_building_head^
SELECT full_name, phone FROM app.reveal_building_head(:building_head_id, :purpose);

-- name: search_places
-- Exact code first, then code by its beginning, pinyin initials, beginning of a name, inside a name or address.
WITH candidate AS (
  SELECT 'cell' AS kind, c.code, c.name_zh AS name, m.name_zh AS detail, c.name_en, '' AS initials, c.code AS cell,
         c.code AS record_id, 1 AS sort, c.geom::geometry AS geom
  FROM app.cell AS c JOIN app.community AS m USING (community_id)
  WHERE c.valid_to IS NULL
  UNION ALL
  SELECT 'community', m.code, m.name_zh, s.name_zh, m.name_en, m.pinyin_initials, NULL, m.code, 0, m.geom
  FROM app.community AS m JOIN app.subdistrict AS s USING (subdistrict_id)
  WHERE m.valid_to IS NULL
  UNION ALL
  SELECT 'facility', f.code, f.name_zh, f.address, f.name_en, f.pinyin_initials, p.code, f.facility_id::text, 2,
         f.geom
  FROM app.facility AS f LEFT JOIN app.cell AS p USING (cell_id)
  UNION ALL
  SELECT 'building', b.code, b.name_zh, b.address, '', b.pinyin_initials, p.code, b.building_id::text, 3, b.geom
  FROM app.building AS b LEFT JOIN app.cell AS p USING (cell_id)
  WHERE :with_housing
), ranked AS (
  SELECT candidate.*,
    CASE
      WHEN lower(code) = :term THEN 0
      WHEN lower(name) = :term OR lower(name_en) = :term THEN 1
      WHEN lower(code) LIKE :starts THEN 2
      WHEN lower(initials) = :term THEN 3
      WHEN lower(initials) LIKE :starts THEN 4
      WHEN lower(name) LIKE :starts OR lower(name_en) LIKE :starts THEN 5
      WHEN lower(name) LIKE :contains OR lower(name_en) LIKE :contains THEN 6
      WHEN kind IN ('building', 'facility') AND lower(detail) LIKE :contains THEN 7
    END AS rank
  FROM candidate
), best AS (
  SELECT * FROM ranked WHERE rank IS NOT NULL
  ORDER BY rank, sort, code COLLATE "C"
  LIMIT :limit
)
SELECT kind, code, name, detail, cell, record_id,
       ST_X(ST_PointOnSurface(geom)) AS lon, ST_Y(ST_PointOnSurface(geom)) AS lat
FROM best
ORDER BY rank, sort, code COLLATE "C";
