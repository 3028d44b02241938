-- name: categories
SELECT code, family, name_zh, name_en, time_limit_hours
FROM app.incident_category
WHERE app.today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
ORDER BY array_position(ARRAY['ZZ', 'JF', 'AQ', 'SR'], family), code;

-- name: insert_incident^
INSERT INTO app.incident (client_id, category, source, people, description, address, occurred_at, due_at,
  reporter_id, cell_id, community_id, geom)
SELECT :client_id, k.code, :source, :people, :description, :address, :occurred_at,
       now() + k.time_limit_hours * interval '1 hour', app.account_id(), c.cell_id, c.community_id, g.geom
FROM app.incident_category AS k
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom) AS g
LEFT JOIN LATERAL app.cell_at(g.geom) AS c ON true
WHERE k.code = :category AND app.today() BETWEEN k.valid_from AND coalesce(k.valid_to, 'infinity')
ON CONFLICT (client_id) DO NOTHING
RETURNING incident_id;

-- name: find_by_client_id^
SELECT incident_id, category, description, reporter_id, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM app.incident WHERE client_id = :client_id;
