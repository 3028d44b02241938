-- name: profiles
SELECT layer, is_on, smallest, changed_at FROM app.public_profile ORDER BY layer;

-- name: set_profile!
UPDATE app.public_profile SET is_on = :is_on, smallest = :smallest, changed_at = now() WHERE layer = :layer;

-- name: public_layers
SELECT layer, changed_at, is_schematic FROM app.public_layers();

-- name: public_features
SELECT c.code, ST_AsBinary(c.geom) AS geom,
       json_build_object(
         'type', 'Feature', 'id', c.code, 'geometry', ST_AsGeoJSON(c.geom, 6)::json,
         'properties', json_build_object('code', c.code, 'name_zh', c.name_zh, 'name_en', c.name_en,
                                         'count', c.count, 'as_of', c.as_of))::text AS feature
FROM app.public_counts(:layer) AS c
ORDER BY c.code COLLATE "C";
