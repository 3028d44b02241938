-- One feature in full, as the panel shows it: labels of codes in both languages, counts, judgements.
-- Each gives GeoJSON text, or no row where there is none or it is not the reader's.

-- name: record_of_district$
SELECT json_build_object('type', 'Feature', 'id', f.code || CASE WHEN f.valid_to IS NULL THEN '' ELSE '@' || f.valid_from END, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'name_zh', f.name_zh, 'name_en', f.name_en, 'code_scheme', f.code_scheme,
    'valid_from', f.valid_from, 'valid_to', f.valid_to, 'area_m2', round(f.area_m2::numeric),
    'is_schematic', revision.is_schematic, 'division', revision.title))::text
FROM app.district AS f
JOIN app.division_revision AS revision USING (revision_id)
WHERE f.code = :key
  AND CASE WHEN :since::date IS NULL THEN f.valid_to IS NULL
           ELSE f.valid_from = :since::date AND f.valid_to IS NOT NULL END;

-- name: record_of_subdistrict$
SELECT json_build_object('type', 'Feature', 'id', f.code || CASE WHEN f.valid_to IS NULL THEN '' ELSE '@' || f.valid_from END, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'name_zh', f.name_zh, 'name_en', f.name_en, 'code_scheme', f.code_scheme,
    'valid_from', f.valid_from, 'valid_to', f.valid_to, 'area_m2', round(f.area_m2::numeric),
    'communities', (SELECT count(*) FROM app.community AS c WHERE c.subdistrict_id = f.subdistrict_id),
    'is_schematic', revision.is_schematic, 'division', revision.title))::text
FROM app.subdistrict AS f
JOIN app.division_revision AS revision USING (revision_id)
WHERE f.code = :key
  AND CASE WHEN :since::date IS NULL THEN f.valid_to IS NULL
           ELSE f.valid_from = :since::date AND f.valid_to IS NOT NULL END;

-- name: record_of_community$
SELECT json_build_object('type', 'Feature', 'id', f.code || CASE WHEN f.valid_to IS NULL THEN '' ELSE '@' || f.valid_from END, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'name_zh', f.name_zh, 'name_en', f.name_en, 'code_scheme', f.code_scheme,
    'code_is_provisional', f.code_is_provisional, 'valid_from', f.valid_from, 'valid_to', f.valid_to,
    'area_m2', round(f.area_m2::numeric),
    'subdistrict', office.code, 'subdistrict_name_zh', office.name_zh, 'subdistrict_name_en', office.name_en,
    'cells', (SELECT count(*) FROM app.cell AS c WHERE c.community_id = f.community_id AND c.valid_to IS NULL),
    'is_schematic', revision.is_schematic, 'division', revision.title))::text
FROM app.community AS f
JOIN app.division_revision AS revision USING (revision_id)
JOIN app.subdistrict AS office USING (subdistrict_id)
WHERE f.code = :key
  AND CASE WHEN :since::date IS NULL THEN f.valid_to IS NULL
           ELSE f.valid_from = :since::date AND f.valid_to IS NOT NULL END;

-- name: record_of_cell$
SELECT json_build_object('type', 'Feature', 'id', f.code || CASE WHEN f.valid_to IS NULL THEN '' ELSE '@' || f.valid_from END, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'name_zh', f.name_zh, 'name_en', f.name_en, 'code_scheme', f.code_scheme,
    'valid_from', f.valid_from, 'valid_to', f.valid_to, 'area_m2', round(f.area_m2::numeric), 'land_use', f.land_use,
    'population', f.population,
    'community', home.code, 'community_name_zh', home.name_zh, 'community_name_en', home.name_en,
    'is_schematic', revision.is_schematic, 'division', revision.title))::text
FROM app.cell AS f
JOIN app.division_revision AS revision USING (revision_id)
JOIN app.community AS home USING (community_id)
WHERE f.code = :key
  AND CASE WHEN :since::date IS NULL THEN f.valid_to IS NULL
           ELSE f.valid_from = :since::date AND f.valid_to IS NOT NULL END;

-- name: record_of_building$
SELECT json_build_object('type', 'Feature', 'id', f.building_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'name_zh', f.name_zh, 'address', f.address, 'use', f.use, 'floors', f.floors,
    'built_year', f.built_year,
    'rental_units', units.number, 'tenants', units.tenants, 'overdue_units', units.overdue,
    'units_by_grade', units.by_grade,
    'heads', (
      SELECT coalesce(json_agg(json_build_object(
        'name_masked', h.name_masked, 'phone_masked', h.phone_masked, 'valid_from', h.valid_from)
        ORDER BY h.building_head_id), '[]')
      FROM app.building_head AS h
      WHERE h.building_id = f.building_id
        AND app.today() BETWEEN h.valid_from AND coalesce(h.valid_to, 'infinity')),
    'cell', place.code, 'community', home.code, 'community_name_zh', home.name_zh,
    'community_name_en', home.name_en))::text
FROM app.building AS f
LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(g.number), 0) AS number, coalesce(sum(g.tenants), 0) AS tenants,
         coalesce(sum(g.overdue), 0) AS overdue,
         coalesce(json_agg(json_build_object('grade', g.code, 'name_zh', g.name_zh, 'name_en', g.name_en,
                                             'count', g.number) ORDER BY g.rank), '[]') AS by_grade
  FROM (
    SELECT r.code, r.rank, r.name_zh, r.name_en, count(*) AS number, sum(u.tenants) AS tenants,
           count(*) FILTER (WHERE u.due_on < app.today()) AS overdue
    FROM app.rental_unit AS u JOIN app.rental_grade AS r ON r.code = u.grade
    WHERE u.building_id = f.building_id
    GROUP BY r.code
  ) AS g
) AS units
WHERE f.building_id = :key;

-- name: record_of_rental_unit$
-- What a list of units tells of it, and no more: every table joined adds a tenth to the time it takes.
SELECT f.feature || CASE WHEN f.due_on < (SELECT app.today()) THEN 'true}}' ELSE 'false}}' END
FROM app.rental_unit AS f
WHERE f.rental_unit_id = :key;

-- name: record_of_incident$
SELECT json_build_object('type', 'Feature', 'id', f.incident_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'category', f.category, 'category_name_zh', c.name_zh, 'category_name_en', c.name_en, 'family', c.family,
    'state', f.state, 'is_open', f.is_open, 'is_overdue', f.is_open AND f.due_at < now(),
    'source', f.source, 'severity', f.severity, 'people', f.people, 'description', f.description,
    'address', f.address, 'occurred_at', f.occurred_at, 'reported_at', f.reported_at, 'due_at', f.due_at,
    'closed_at', f.closed_at, 'violation', f.violation, 'violation_name_zh', k.name_zh,
    'violation_name_en', k.name_en, 'parcel_id', f.parcel_id, 'parcel_code', p.code, 'parcel_name_zh', p.name_zh,
    'is_mine', f.reporter_id IS NOT DISTINCT FROM app.account_id(),
    'cell', place.code, 'community', home.code, 'community_name_zh', home.name_zh,
    'community_name_en', home.name_en))::text
FROM app.incident AS f
JOIN app.incident_category AS c ON c.code = f.category
LEFT JOIN app.violation_kind AS k ON k.code = f.violation
LEFT JOIN app.parcel AS p ON p.parcel_id = f.parcel_id
LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
WHERE f.incident_id = :key;

-- name: record_of_parcel$
SELECT json_build_object('type', 'Feature', 'id', f.parcel_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'name_zh', f.name_zh, 'level', f.level, 'area_m2', round(f.area_m2::numeric),
    'check_points', (SELECT count(*) FROM app.check_point AS p WHERE p.parcel_id = f.parcel_id),
    'last_patrol_at', (SELECT max(p.at) FROM app.patrol_point AS p WHERE p.parcel_id = f.parcel_id),
    'cell', place.code, 'community', home.code, 'community_name_zh', home.name_zh,
    'community_name_en', home.name_en))::text
FROM app.parcel AS f
LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
WHERE f.parcel_id = :key;

-- name: record_of_check_point$
SELECT json_build_object('type', 'Feature', 'id', f.check_point_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'name_zh', f.name_zh, 'radius_m', f.radius_m, 'dwell_s', f.dwell_s, 'parcel_id', f.parcel_id,
    'parcel_code', p.code, 'parcel_name_zh', p.name_zh,
    'cell', place.code, 'community', home.code, 'community_name_zh', home.name_zh,
    'community_name_en', home.name_en))::text
FROM app.check_point AS f
LEFT JOIN app.parcel AS p ON p.parcel_id = f.parcel_id
LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
WHERE f.check_point_id = :key;

-- name: record_of_patrol_point$
SELECT json_build_object('type', 'Feature', 'id', f.patrol_point_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'kind', f.kind, 'kind_name_zh', k.name_zh, 'kind_name_en', k.name_en, 'is_violation', k.is_violation,
    'note', f.note, 'source', f.source, 'at', f.at, 'device_at', f.device_at, 'received_at', f.received_at,
    'clock_offset_s', f.clock_offset_s, 'method', f.method, 'accuracy_m', f.accuracy_m, 'grade', f.grade,
    'revision', f.revision, 'is_outside', f.is_outside,
    'team_code', t.code, 'team_name_zh', t.name_zh,
    'parcel_id', f.parcel_id, 'parcel_code', p.code, 'parcel_name_zh', p.name_zh,
    'check_point_id', f.check_point_id, 'check_point_code', q.code,
    'is_mine', f.account_id IS NOT DISTINCT FROM app.account_id(),
    'cell', place.code, 'community', home.code, 'community_name_zh', home.name_zh,
    'community_name_en', home.name_en))::text
FROM app.patrol_point AS f
JOIN app.violation_kind AS k ON k.code = f.kind
LEFT JOIN app.team AS t ON t.team_id = f.team_id
LEFT JOIN app.parcel AS p ON p.parcel_id = f.parcel_id
LEFT JOIN app.check_point AS q ON q.check_point_id = f.check_point_id
LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
WHERE f.patrol_point_id = :key;

-- name: record_of_patrol_track$
SELECT json_build_object('type', 'Feature', 'id', f.patrol_track_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'name', f.name, 'source', f.source, 'started_at', f.started_at, 'ended_at', f.ended_at,
    'length_m', round(f.length_m::numeric, 1), 'fixes', f.fixes, 'is_outside', f.is_outside,
    'team_code', t.code, 'team_name_zh', t.name_zh,
    'community', home.code, 'community_name_zh', home.name_zh, 'community_name_en', home.name_en))::text
FROM app.patrol_track AS f
LEFT JOIN app.team AS t ON t.team_id = f.team_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
WHERE f.patrol_track_id = :key;

-- name: record_of_facility$
SELECT json_build_object('type', 'Feature', 'id', f.facility_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'code', f.code, 'kind', f.kind, 'kind_name_zh', k.name_zh, 'kind_name_en', k.name_en,
    'name_zh', f.name_zh, 'name_en', f.name_en, 'address', f.address, 'capacity', f.capacity,
    'cell', place.code, 'community', home.code, 'community_name_zh', home.name_zh,
    'community_name_en', home.name_en))::text
FROM app.facility AS f
JOIN app.facility_kind AS k ON k.code = f.kind
LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
WHERE f.facility_id = :key;

-- name: record_of_coverage$
SELECT json_build_object('type', 'Feature', 'id', f.coverage_id, 'geometry', ST_AsGeoJSON(f.geom, 7)::json,
  'properties', json_build_object(
    'run', f.run, 'from_on', f.from_on, 'to_on', f.to_on, 'radius_m', f.radius_m, 'computed_at', f.computed_at,
    'area_m2', round(f.area_m2::numeric), 'covered_m2', round(f.covered_m2::numeric), 'share', f.share,
    'cell', place.code, 'community', home.code, 'community_name_zh', home.name_zh,
    'community_name_en', home.name_en))::text
FROM app.coverage AS f
LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id
LEFT JOIN app.community AS home ON home.community_id = f.community_id
WHERE f.coverage_id = :key;
