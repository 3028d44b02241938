-- A tile of zoom 14 shows thousands of units. Read from the index alone, a row costs two thirds of what fetching it from
-- the table does (0.66 against 1.01 us). cell_id is for the row policy of officers.
DROP INDEX app.rental_unit_quad_idx;
CREATE INDEX rental_unit_quad_idx ON app.rental_unit (quad) INCLUDE (rental_unit_id, grade, cell_id, geom);
