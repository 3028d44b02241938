-- Officers read boxes within their own cells. Below the row policy PostgreSQL joined what an index on cells and
-- one on place codes each gave, thousands of rows for a hundred; one index on both gives just those.

CREATE INDEX building_cell_quad_idx ON app.building (cell_id, quad);
CREATE INDEX rental_unit_cell_quad_idx ON app.rental_unit (cell_id, quad);
DROP INDEX app.building_cell_idx, app.rental_unit_cell_idx;
