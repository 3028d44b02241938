-- name: list_drafts
SELECT site_draft_id, name, kind, parameters, outcome, data_version, created_at,
       (SELECT count(*) FROM app.site_draft_site AS s WHERE s.site_draft_id = d.site_draft_id) AS sites
FROM app.site_draft AS d
ORDER BY site_draft_id DESC LIMIT :limit;

-- name: sites_of_draft
SELECT s.position, s.name, s.reached, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, c.code AS cell
FROM app.site_draft_site AS s LEFT JOIN app.cell AS c USING (cell_id)
WHERE s.site_draft_id = :site_draft_id
ORDER BY s.position;

-- name: find_draft^
SELECT site_draft_id, name, kind, parameters, outcome, data_version, created_at FROM app.site_draft
WHERE site_draft_id = :site_draft_id;

-- name: insert_draft$
INSERT INTO app.site_draft (name, kind, parameters, outcome, data_version, account_id)
VALUES (:name, :kind, :parameters, :outcome, :data_version, app.account_id())
RETURNING site_draft_id;

-- name: insert_sites!
INSERT INTO app.site_draft_site (site_draft_id, position, name, reached, cell_id, community_id, geom)
SELECT :site_draft_id, s.position, s.name, s.reached, place.cell_id, place.community_id, point.geom
FROM unnest(:names::text[], :reached::float8[], :lons::float8[], :lats::float8[])
  WITH ORDINALITY AS s (name, reached, lon, lat, position)
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326) AS geom) AS point
LEFT JOIN LATERAL app.cell_at(point.geom) AS place ON true;

-- name: delete_draft$
DELETE FROM app.site_draft WHERE site_draft_id = :site_draft_id RETURNING site_draft_id;
