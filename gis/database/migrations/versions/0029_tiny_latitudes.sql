-- As it was, but that a latitude too small to be turned into radians is the equator's and no error.
CREATE OR REPLACE FUNCTION app.quad_of(lon double precision, lat double precision) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  side constant bigint := 16777216;  -- 2^24 squares
  x bigint := floor((lon + 180) / 360 * side);
  north double precision := CASE WHEN abs(lat) < 1e-9 THEN 0 ELSE greatest(-85.0511287, least(85.0511287, lat)) END;
  y bigint := floor((0.5 - asinh(tan(radians(north))) / (2 * pi())) * side);
BEGIN
  x := greatest(0, least(side - 1, x));
  y := greatest(0, least(side - 1, y));
  x := (x | (x << 16)) & 281470681808895;       -- 0x0000FFFF0000FFFF
  x := (x | (x << 8)) & 71777214294589695;      -- 0x00FF00FF00FF00FF
  x := (x | (x << 4)) & 1085102592571150095;    -- 0x0F0F...
  x := (x | (x << 2)) & 3689348814741910323;    -- 0x3333...
  x := (x | (x << 1)) & 6148914691236517205;    -- 0x5555...
  y := (y | (y << 16)) & 281470681808895;
  y := (y | (y << 8)) & 71777214294589695;
  y := (y | (y << 4)) & 1085102592571150095;
  y := (y | (y << 2)) & 3689348814741910323;
  y := (y | (y << 1)) & 6148914691236517205;
  RETURN x | (y << 1);
END
$$;
