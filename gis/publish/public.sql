-- name: profiles
SELECT layer, is_on, smallest, changed_at FROM app.public_profile ORDER BY layer;

-- name: set_profile!
UPDATE app.public_profile SET is_on = :is_on, smallest = :smallest, changed_at = now() WHERE layer = :layer;

-- name: public_profiles
SELECT layer, is_schematic FROM app.public_profiles();

-- name: public_features
SELECT c.code,
       json_build_object(
         'type', 'Feature', 'id', c.code, 'geometry', ST_AsGeoJSON(c.geom, 6)::json,
         'properties', json_build_object('code', c.code, 'name_zh', c.name_zh, 'name_en', c.name_en,
                                         'count', c.count, 'as_of', c.as_of))::text AS feature
FROM app.public_counts(:layer) AS c
WHERE (:west::float8 IS NULL
       OR ST_Intersects(c.geom, ST_MakeEnvelope(:west::float8, :south::float8, :east::float8, :north::float8, 4326)))
  AND (:code::text IS NULL OR c.code = :code)
  AND (:after::text IS NULL OR c.code > :after)
ORDER BY c.code
LIMIT :most;
