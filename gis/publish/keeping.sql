-- name: find_place^
-- The cell of a point; the distance to the district only for one in none.
SELECT c.cell_id, c.community_id,
       CASE WHEN c.cell_id IS NULL THEN ST_Distance(d.geom::geography, g.geom::geography) END AS distance_m
FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom) AS g
LEFT JOIN LATERAL app.cell_at(g.geom) AS c ON true
LEFT JOIN app.district AS d ON d.valid_to IS NULL;
