-- name: own_zone$
-- What the caller answers for and some metres around it, measured in EPSG:4547; NULL for somebody without an area.
SELECT public.ST_Transform(public.ST_Buffer(public.ST_Union(public.ST_Transform(own.geom, 4547)), :around_m), 4326)
FROM (
  SELECT c.geom FROM app.cell AS c
  WHERE c.valid_to IS NULL
    AND (c.cell_id = ANY ((SELECT app.my_cells())::integer[])
         OR c.community_id = ANY ((SELECT app.my_communities())::integer[]))
  UNION ALL
  SELECT p.geom FROM app.parcel AS p WHERE p.parcel_id = ANY ((SELECT app.my_parcels())::integer[])
) AS own;

-- name: features_in
-- Row policies say which parcels and check points are the caller's to see; the rest is common knowledge.
SELECT json_build_object(
  'type', 'Feature',
  'geometry', public.ST_AsGeoJSON(f.geom, 6)::json,
  'properties', json_build_object('layer', f.layer, 'id', f.id, 'code', f.code, 'name', f.name, 'name_en', f.name_en)
) AS feature
FROM (
  SELECT 1 AS rank, 'community' AS layer, community_id AS id, code, name_zh AS name, name_en, geom
  FROM app.community WHERE valid_to IS NULL
  UNION ALL
  SELECT 2, 'cell', cell_id, code, name_zh, name_en, geom FROM app.cell WHERE valid_to IS NULL
  UNION ALL
  SELECT 3, 'parcel', parcel_id, code, name_zh, '', geom FROM app.parcel
  UNION ALL
  SELECT 4, 'facility', facility_id, code, name_zh, name_en, geom FROM app.facility
  UNION ALL
  SELECT 5, 'check_point', check_point_id, code, name_zh, '', geom FROM app.check_point
) AS f
WHERE public.ST_Intersects(f.geom, :zone ::geometry)
ORDER BY f.rank, f.code COLLATE "C";
