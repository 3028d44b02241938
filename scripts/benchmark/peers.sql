-- What the peers serve: the same rows in plain tables without row-level security, laid out as well as can be:
-- rows in Hilbert order (ORDER BY of a geometry), primary key, spatial index, statistics (by the caller).
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;

CREATE TABLE bench.rental_unit AS
SELECT rental_unit_id, code, building_id, address, room, floor::integer AS floor, area_m2, use,
       tenants::integer AS tenants, grade, to_jsonb(hazards) AS hazards, filed_on, last_visit_at,
       geom::geometry(Point, 4326) AS geom
FROM app.rental_unit ORDER BY geom;
ALTER TABLE bench.rental_unit ADD PRIMARY KEY (rental_unit_id);
CREATE INDEX ON bench.rental_unit USING gist (geom);

-- For tiles with the same content as ours: id and grade.
CREATE TABLE bench.unit_slim AS
SELECT rental_unit_id, grade, geom::geometry(Point, 4326) AS geom FROM app.rental_unit ORDER BY geom;
ALTER TABLE bench.unit_slim ADD PRIMARY KEY (rental_unit_id);
CREATE INDEX ON bench.unit_slim USING gist (geom);

CREATE TABLE bench.cell AS
SELECT cell_id, code, name_zh, name_en, land_use, population, area_m2, geom::geometry(MultiPolygon, 4326) AS geom
FROM app.cell WHERE valid_to IS NULL ORDER BY geom;
ALTER TABLE bench.cell ADD PRIMARY KEY (cell_id);
CREATE UNIQUE INDEX ON bench.cell (code);
CREATE INDEX ON bench.cell USING gist (geom);
