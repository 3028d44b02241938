-- name: present_network^
SELECT road_network_id, title, source, licence, dated_on, is_synthetic, edges, length_m, walkable_m, components,
       apart_m, imported_at
FROM app.road_network ORDER BY road_network_id DESC LIMIT 1;

-- name: drop_networks!
DELETE FROM app.road_network WHERE road_network_id < :road_network_id;

-- name: insert_network$
INSERT INTO app.road_network (title, source, licence, dated_on, is_synthetic, edges, length_m, walkable_m, components,
  apart_m, account_id)
VALUES (:title, :source, :licence, :dated_on, :is_synthetic, :edges, :length_m, :walkable_m, :components, :apart_m,
  app.account_id())
RETURNING road_network_id;

-- name: insert_lines!
INSERT INTO app.road_line (road_network_id, class, name, is_walkable, geom)
SELECT :road_network_id, e.class, e.name, e.is_walkable, ST_SetSRID(ST_GeomFromWKB(e.wkb), 4326)
FROM unnest(:classes::text[], :names::text[], :walkable::boolean[], :shapes::bytea[])
  AS e (class, name, is_walkable, wkb);

-- name: lock_networks!
-- One import at a time.
SELECT pg_advisory_xact_lock(20140404);

-- name: walkable_lines
SELECT ST_AsBinary(e.geom) AS wkb FROM app.road_line AS e
WHERE e.road_network_id = :road_network_id AND e.is_walkable
ORDER BY e.road_line_id;
