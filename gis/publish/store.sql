-- name: find_cell_id$
SELECT cell_id FROM app.cell WHERE code = :code AND valid_to IS NULL;

-- name: find_community_id$
SELECT community_id FROM app.community WHERE code = :code AND valid_to IS NULL;

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

-- Searching. Ranks: exact code, exact name, beginning of the code, pinyin initials whole and by their
-- beginning, beginning of a name, inside a name, inside an address. `starts` and `contains` are the term as
-- patterns of LIKE, its own wildcards escaped.

-- name: search_places
WITH candidate AS (
  SELECT 'cell' AS kind, 1 AS sort, c.code, c.name_zh AS name, c.name_en, '' AS initials, '' AS address,
         m.name_zh AS detail, c.code AS cell, c.code AS record_id, c.geom::geometry AS geom
  FROM app.cell AS c JOIN app.community AS m USING (community_id)
  WHERE c.valid_to IS NULL
  UNION ALL
  SELECT 'community', 0, m.code, m.name_zh, m.name_en, m.pinyin_initials, '', s.name_zh, NULL, m.code, m.geom
  FROM app.community AS m JOIN app.subdistrict AS s USING (subdistrict_id)
  WHERE m.valid_to IS NULL
  UNION ALL
  SELECT 'facility', 2, f.code, f.name_zh, f.name_en, f.pinyin_initials, f.address, f.address, p.code,
         f.facility_id::text, f.geom
  FROM app.facility AS f LEFT JOIN app.cell AS p USING (cell_id)
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
      WHEN lower(address) LIKE :contains THEN 7
    END AS rank
  FROM candidate
), best AS (
  SELECT * FROM ranked WHERE rank IS NOT NULL
  ORDER BY rank, sort, code COLLATE "C"
  LIMIT :limit
)
SELECT rank, sort, kind, code, name, detail, cell, record_id,
       ST_X(ST_PointOnSurface(geom)) AS lon, ST_Y(ST_PointOnSurface(geom)) AS lat
FROM best;

-- name: search_buildings
-- Apart from the places: some roles may not read buildings at all.
WITH ranked AS (
  SELECT b.*,
    CASE
      WHEN lower(code) = :term THEN 0
      WHEN lower(name_zh) = :term THEN 1
      WHEN lower(code) LIKE :starts THEN 2
      WHEN lower(pinyin_initials) = :term THEN 3
      WHEN lower(pinyin_initials) LIKE :starts THEN 4
      WHEN lower(name_zh) LIKE :starts THEN 5
      WHEN lower(name_zh) LIKE :contains THEN 6
      WHEN lower(address) LIKE :contains THEN 7
    END AS rank
  FROM app.building AS b
), best AS (
  SELECT * FROM ranked WHERE rank IS NOT NULL
  ORDER BY rank, code COLLATE "C"
  LIMIT :limit
)
SELECT rank, 3 AS sort, 'building' AS kind, best.code, best.name_zh AS name, best.address AS detail,
       place.code AS cell, best.building_id::text AS record_id, ST_X(best.geom) AS lon, ST_Y(best.geom) AS lat
FROM best LEFT JOIN app.cell AS place USING (cell_id);
