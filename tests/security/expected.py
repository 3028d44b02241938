"""The access table, written by hand: who sees, adds, changes and removes which rows of tests/world.py.

docs/security.md explains it in words. Numbers are the ids of rows; the row of cell n has id n.
"""

from __future__ import annotations

from datetime import date

from gis.database.codes import CODES

PAINTED = date(2014, 1, 1)  # the day tests/world.py has painted
ALL = frozenset(range(1, 7))
NONE: frozenset[int] = frozenset()
DENIED = "denied"

ALICE, BOB, PAT, QUINN, REX = "alice", "bob", "pat", "quinn", "rex"
DISTRICT = ("dan", "petra", "audrey", "adam")
SIGNED_IN = (ALICE, BOB, PAT, QUINN, REX, *DISTRICT)
PEOPLE = frozenset(range(1, 10))  # account ids in the order of tests.world.PEOPLE
PUBLISHABLE = frozenset({"building", "rental_unit", "incident", "parcel", "facility", "patrol_point"})
WEST, EAST = frozenset({1, 2, 3}), frozenset({4, 5, 6})


def _same(people, rows):
    return dict.fromkeys(people, rows)


_COMMON = {
    table: _same(SIGNED_IN, frozenset(range(1, count + 1)))
    for table, count in {
        "division_revision": 1,
        "district": 1,
        "subdistrict": 1,
        "community": 2,
        "cell": 6,
    }.items()
}

_OWN_SENT = {name: frozenset({number}) for number, name in enumerate((ALICE, BOB, PAT, QUINN, REX), 1)}

# Rows each person may SELECT; a person not named is denied the table itself.
SELECT: dict[str, dict[str, frozenset[int]]] = {
    **_COMMON,
    "facility": _same(SIGNED_IN, ALL),
    "account": {
        **{name: frozenset({number}) for number, name in enumerate((ALICE, BOB, PAT, QUINN, REX), 1)},
        **_same(DISTRICT, PEOPLE),
    },
    **{
        table: {
            **{
                name: frozenset({number})
                for number, name in enumerate((ALICE, BOB, PAT, QUINN, REX, "dan", "petra"), 1)
            },
            **_same(("audrey", "adam"), PEOPLE),
        }
        for table in ("session", "api_token")
    },
    "public_profile": _same(("audrey", "adam"), PUBLISHABLE),
    "credential": {"adam": PEOPLE},
    "assignment": {
        ALICE: frozenset({1, 2}),
        BOB: frozenset({3}),
        **_same((PAT, QUINN, REX), NONE),
        **_same(DISTRICT, frozenset({1, 2, 3})),
    },
    **{
        table: {
            **_same((ALICE, BOB), NONE),
            PAT: frozenset({1}),
            QUINN: frozenset({2}),
            REX: frozenset({3}),
            **_same(DISTRICT, frozenset({1, 2, 3})),
        }
        for table in ("team", "team_member", "team_area")
    },
    "audit_log": {"audrey": PEOPLE},
    **{
        table: {ALICE: frozenset({1, 2}), BOB: frozenset({4}), **_same(DISTRICT, ALL)}
        for table in ("building", "building_head", "rental_unit")
    },
    **{
        table: {
            ALICE: frozenset({1, 2}),
            BOB: frozenset({4}),
            PAT: frozenset({3}),  # findings in the team's area
            QUINN: frozenset({6}),
            REX: frozenset({6}),
            **_same(DISTRICT, ALL),
        }
        for table in ("incident", "incident_step", "photo_carry")
    },
    "finding_deadline": {
        **_same((ALICE, BOB), NONE),
        PAT: frozenset({3}),
        QUINN: frozenset({6}),
        REX: frozenset({6}),
        **_same(DISTRICT, frozenset({3, 6})),
    },
    **{
        table: {
            ALICE: frozenset({1, 2}),
            BOB: frozenset({4}),
            PAT: WEST,
            QUINN: EAST,
            REX: frozenset({6}),
            **_same(DISTRICT, ALL),
        }
        for table in ("parcel", "check_point", "patrol_point", "photo", "photo_piece")
    },
    **{
        table: {**_same((ALICE, BOB), NONE), PAT: WEST, QUINN: EAST, REX: NONE, **_same(DISTRICT, ALL)}
        for table in ("patrol_plan", "patrol_round", "patrol_round_point")
    },
    **{
        table: {PAT: WEST, QUINN: EAST, REX: NONE, **_same(DISTRICT, ALL)}
        for table in ("patrol_plan_point", "round_event", "round_excuse")
    },
    "job_run": _same(("audrey", "adam"), frozenset({1})),
    "patrol_track": {
        **_same((ALICE, BOB), NONE),
        PAT: WEST,
        QUINN: EAST,
        REX: NONE,
        **_same(("dan", "petra", "audrey"), ALL),
    },
    "field_receipt": _OWN_SENT,
    "patrol_point_revision": {**_OWN_SENT, **_same(DISTRICT, PEOPLE)},
    "quarantine": {**_OWN_SENT, "adam": PEOPLE},
    **{table: {"adam": frozenset({1})} for table in ("rescue_file", "rescue_piece")},
    # Raw fixes are read by app.read_fixes() alone.
    "track_stream": {
        ALICE: frozenset({1}),
        BOB: frozenset({2}),
        PAT: frozenset({3}),
        QUINN: frozenset({4, 6}),
        REX: frozenset({5, 6}),
        "audrey": ALL,
    },
    "patrol_fix": {},
    "import_batch": {**_same(("audrey", "adam"), frozenset({1})), "petra": NONE},
    "import_reject": _same(("audrey", "adam"), frozenset({1})),
    "layer_tally": _same(DISTRICT, frozenset({-1, 0, 15, 17, 19})),
    "coverage_run": _same(SIGNED_IN, frozenset({1})),
    "road_network": _same(SIGNED_IN, frozenset({1})),
    "road_line": _same(SIGNED_IN, ALL),
    **{
        table: _same(("dan", "petra", "audrey"), frozenset({1}))
        for table in ("site_draft", "site_draft_site")
    },
    "workload_weights": _same(DISTRICT, frozenset({1})),
    "coverage_share": {
        ALICE: frozenset({1, 2}),
        BOB: frozenset({4}),
        PAT: WEST,
        QUINN: EAST,
        REX: NONE,
        **_same(DISTRICT, ALL),
    },
    **{
        table: _same(("dan", "petra", "audrey"), frozenset({1}))
        for table in ("analysis_schedule", "analysis_table")
    },
    "analysis_run": _same(("dan", "petra", "audrey"), frozenset({1, 2})),
    "analysis_row": _same(("dan", "petra", "audrey"), ALL),
    # Made from tracks: for those who see all of them. Not the administrator.
    **{
        table: _same(("dan", "petra", "audrey"), frozenset({PAINTED}))
        for table in ("patrol_day", "patrol_day_layer", "patrol_change")
    },
}

# Tables without rows of a place or person: everyone signed in reads them whole.
CODE_TABLES = (
    *("installation", "rental_grade", "incident_category", "violation_kind", "facility_kind"),
    *("patrol_level", "season", "holiday", "finding_rule", "patrol_target"),
)
HOLIDAYS = len((CODES / "holiday.csv").read_text("utf-8").splitlines()) - 1

# The column that tells a row, where it is not <table>_id.
KEY = {
    "division_revision": "revision_id",
    "credential": "account_id",
    "audit_log": "audit_id",
    "import_reject": "import_batch_id",
    "coverage_share": "cell_id",
    "analysis_table": "analysis_run_id",
    "site_draft_site": "site_draft_id",
    "layer_tally": "zoom",
    "photo_piece": "photo_id",
    "rescue_piece": "rescue_file_id",
    "track_stream": "next_sequence",
    "patrol_fix": "sequence",
    "public_profile": "layer",
    "field_receipt": "account_id",
    "patrol_point_revision": "account_id",
    "patrol_plan_point": "patrol_plan_id",
    "patrol_round_point": "patrol_round_id",
    "round_event": "patrol_round_id",
    "patrol_level": "code",
    "patrol_target": "level",
    **dict.fromkeys(("patrol_day", "patrol_day_layer", "patrol_change"), "on_day"),
    "finding_deadline": "incident_id",
    "holiday": "on_date",
}

# Who may add rows at all; under which condition is tested one by one.
INSERT: dict[str, tuple[str, ...]] = {
    "account": ("adam",),
    "credential": ("adam",),
    **dict.fromkeys(("assignment", "team", "team_member", "team_area"), ("adam",)),
    "audit_log": SIGNED_IN,
    **dict.fromkeys(
        ("incident", "incident_step", "photo", "photo_piece", "photo_carry"),
        (ALICE, BOB, PAT, QUINN, REX, "dan"),
    ),
    **dict.fromkeys(("facility", "parcel", "check_point"), ("petra", "adam")),
    **dict.fromkeys(("holiday", "finding_rule"), ("adam",)),
    "finding_deadline": (ALICE, BOB, PAT, QUINN, REX),
    "api_token": SIGNED_IN,
    **dict.fromkeys(
        ("patrol_point", "field_receipt", "patrol_point_revision", "quarantine"),
        (ALICE, BOB, PAT, QUINN, REX),
    ),
    **dict.fromkeys(("patrol_track", "track_stream", "patrol_fix"), (ALICE, BOB, PAT, QUINN, REX)),
    **dict.fromkeys(("rescue_file", "rescue_piece"), ("adam",)),
    "coverage_run": ("petra",),
    "workload_weights": ("petra",),
    "coverage_share": ("petra",),
    **dict.fromkeys(("analysis_schedule", "analysis_run"), ("petra",)),
    "patrol_day_layer": ("petra",),
    **dict.fromkeys(("road_network", "road_line", "site_draft", "site_draft_site"), ("petra",)),
    **dict.fromkeys(("import_batch", "import_reject"), ("petra",)),
    **dict.fromkeys(
        ("season", "patrol_plan", "patrol_plan_point", "patrol_round", "patrol_round_point"),
        ("petra", "adam"),
    ),
    **dict.fromkeys(("round_event", "round_excuse"), (PAT, QUINN, REX)),
}

# How many rows `UPDATE … SET column = column` reaches, by table and column granted.
UPDATE: dict[str, tuple[str, dict[str, int]]] = {
    "account": ("locale", {**_same((ALICE, BOB, PAT, QUINN, REX, "dan", "petra", "audrey"), 1), "adam": 9}),
    "incident": ("people", {ALICE: 2, BOB: 1, **_same((PAT, QUINN, REX), 0), "dan": 6}),
    "photo": ("state", _same((ALICE, BOB, PAT, QUINN, REX, "dan", "adam"), 0)),  # all are complete
    "rescue_file": ("state", {}),  # only with the own name as who settled it
    **{table: ("name_zh", _same(("petra", "adam"), 6)) for table in ("facility", "parcel", "check_point")},
    **{
        table: (
            "revoked_at",
            {**_same((ALICE, BOB, PAT, QUINN, REX, "dan", "petra", "audrey"), 1), "adam": 9},
        )
        for table in ("session", "api_token")
    },
    "patrol_track": ("minutes", _same((ALICE, BOB, PAT, QUINN, REX), 0)),
    "track_stream": ("next_sequence", {**_same((ALICE, BOB, PAT, QUINN), 1), REX: 2}),
    "public_profile": ("is_on", {"adam": 6}),
    "patrol_point": ("note", _same((ALICE, BOB, PAT, QUINN, REX), 0)),
    "field_receipt": ("revision", _same((ALICE, BOB, PAT, QUINN, REX), 1)),
    "quarantine": ("reason", {"adam": 9}),
    "holiday": ("source", {"adam": HOLIDAYS}),
    "finding_rule": ("valid_to", {"adam": 21}),
    "finding_deadline": ("note", {}),  # the dispatcher only in the own name, with the other columns
    "assignment": ("reason", {"adam": 3}),
    "team": ("name_zh", {"adam": 3}),
    "team_member": ("is_leader", {"adam": 3}),
    "team_area": ("valid_from", {"adam": 3}),
    "patrol_level": ("name_zh", _same(("petra", "adam"), 3)),
    "patrol_target": ("days", {"petra": 8}),
    "season": ("name_zh", _same(("petra", "adam"), 2)),
    "patrol_plan": ("name", _same(("petra", "adam"), 6)),
    "patrol_round": ("state", {PAT: 3, QUINN: 3, REX: 0, **_same(("dan", "petra", "adam"), 6)}),
    "patrol_round_point": ("dwell_s_done", {PAT: 3, QUINN: 3, REX: 0}),
    "analysis_schedule": ("is_enabled", {"petra": 1}),
    "analysis_run": ("is_kept", {"petra": 2}),
    # Only who decides may write, and only with the own name.
    "round_excuse": ("decision", {}),
}

# A value in place of the column itself: a statement that reads nothing is judged by the policies of UPDATE
# alone, so that these are seen to hold without those of SELECT.
BLIND_VALUE = {
    "incident": "0",
    "field_receipt": "1",
    "patrol_round": "'planned'",
    "patrol_round_point": "0",
}

# How many rows a DELETE without condition reaches.
DELETE: dict[str, dict[str, int]] = {
    "holiday": {"adam": HOLIDAYS},
    "finding_rule": {"adam": 21},
    "assignment": {"adam": 3},
    "team_member": {"adam": 3},
    "team_area": {"adam": 3},
    "coverage_run": {"petra": 1},
    "analysis_schedule": {"petra": 1},
    "patrol_day_layer": {"petra": 1},
    **{table: {"petra": 1} for table in ("road_network", "site_draft")},
    **{
        table: _same(("petra", "adam"), 6)
        for table in ("facility", "patrol_plan_point", "patrol_round_point")
    },
    "season": _same(("petra", "adam"), 2),
    **{table: {"adam": 0} for table in ("photo", "photo_piece")},  # all are complete
    "rescue_piece": {"adam": 1},
}

# Whose DELETE the foreign keys refuse, not the privilege: teams have members, parcels and check points have rounds.
REFERRED_TO: dict[str, tuple[str, ...]] = {
    "team": ("adam",),
    **dict.fromkeys(("parcel", "check_point"), ("petra", "adam")),
}

# Columns nobody signed in may read.
SECRET_COLUMNS = (
    ("account", "phone"),
    ("credential", "password_hash"),
    ("session", "token_sha256"),
    ("api_token", "token_sha256"),
    ("patrol_day", "times"),
    ("building_head", "full_name"),
    ("building_head", "phone"),
)

# Rows in somebody else's name or place; every person is refused every one of them.
FOREIGN_INSERTS: dict[str, str] = {
    "incident": "INSERT INTO app.incident (client_id, category, description, occurred_at, due_at, reporter_id, geom)"
    " VALUES (gen_random_uuid(), 'SR0102', 'x', now(), now(), %(other)s,"
    " ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))",
    "incident_step": "INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id)"
    " VALUES (1, 'reported', 'accepted', %(other)s)",
    "finding_deadline": "INSERT INTO app.finding_deadline (incident_id, step, found_at, days, in_working_days, due_at)"
    " VALUES (3, 'correction', now(), 3, false, now()), (6, 'correction', now(), 3, false, now())",
    "patrol_point": "INSERT INTO app.patrol_point (client_id, content_sha256, account_id, kind, source, at,"
    " device_at, is_outside, geom) VALUES (gen_random_uuid(), sha256('x'), %(other)s, 'OK', 'phone', now(), now(), false,"
    " ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))",
    "field_receipt": "INSERT INTO app.field_receipt (client_id, content_sha256, account_id, kind)"
    " VALUES (gen_random_uuid(), sha256('x'), %(other)s, 'point')",
    "patrol_point_revision": "INSERT INTO app.patrol_point_revision (client_id, revision, account_id, content_sha256,"
    " content) VALUES (gen_random_uuid(), 1, %(other)s, sha256('x'), '{}')",
    "quarantine": "INSERT INTO app.quarantine (account_id, payload, payload_sha256, code)"
    " VALUES (%(other)s, '{}', sha256('y'), 'unknown-type')",
    "patrol_track": "INSERT INTO app.patrol_track (client_id, account_id, source, length_m, fixes, is_outside, geom)"
    " VALUES (gen_random_uuid(), %(other)s, 'phone', 1, 2, false,"
    " ST_SetSRID(ST_GeomFromText('MULTILINESTRING((113.901 22.755,113.902 22.755))'), 4326))",
    "track_stream": "INSERT INTO app.track_stream (stream_id, account_id, device_id, source)"
    " VALUES (gen_random_uuid(), %(other)s, 'x', 'phone')",
    # The stream of the same number is the other's.
    "patrol_fix": "INSERT INTO app.patrol_fix (stream_id, sequence, at, device_at, lon, lat)"
    " VALUES (('00000000-0000-4000-8000-' || lpad('%(other)s', 12, '0'))::uuid, 99, now(), now(), 113.9, 22.7)",
    "api_token": "INSERT INTO app.api_token (token_sha256, prefix, account_id, name, expires_at)"
    " VALUES (sha256('forged'), 'gg_forged', %(other)s, 'forged', now() + interval '1 hour')",
    "photo": "INSERT INTO app.photo (client_id, record_id, account_id, taken_at, sha256, bytes, media_type)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), %(other)s, now(), sha256('x'), 1, 'image/jpeg')",
    "photo_piece": "INSERT INTO app.photo_piece VALUES (1, 100, 'x')",  # of a complete photo
    "rescue_file": "INSERT INTO app.rescue_file (account_id, uploaded_by, name, sha256, bytes, exported_at)"
    " VALUES (%(self)s, %(other)s, 'x', sha256('y'), 1, now())",
    "photo_carry": "INSERT INTO app.photo_carry (from_record, to_record)"
    " VALUES (gen_random_uuid(), gen_random_uuid())",
    "audit_log": "INSERT INTO app.audit_log (account_id, action) VALUES (%(other)s, 'forged.row')",
    "patrol_plan": "INSERT INTO app.patrol_plan (name, team_id, rounds, per, window_starts, window_ends, valid_from,"
    " created_by) VALUES ('x', 1, 1, 'day', '{08:00}', '{10:00}', '2014-01-01', %(other)s)",
    "round_event": "INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, kind,"
    " device_at, at, sequence) VALUES (gen_random_uuid(), sha256('x'), 1, %(other)s, 'start', now(), now(), 1)",
    "round_excuse": "INSERT INTO app.round_excuse (patrol_round_id, reason, asked_by) VALUES (1, 'x', %(other)s)",
    "coverage_run": "INSERT INTO app.coverage_run (from_on, to_on, radius_m, revision_id, fixes, legs, account_id)"
    " VALUES ('2014-01-01', '2014-01-01', 1, 1, 1, 1, %(other)s)",
    "analysis_run": "INSERT INTO app.analysis_run (analysis, parameters, parameters_sha256, account_id)"
    " VALUES ('patrol', '{}', sha256('y'), %(other)s)",
    "analysis_schedule": "INSERT INTO app.analysis_schedule (analysis, parameters, weekday, hour, next_at, account_id)"
    " VALUES ('patrol', '{}', 1, 1, now(), %(other)s)",
    "road_network": "INSERT INTO app.road_network (title, edges, length_m, walkable_m, components, apart_m, account_id)"
    " VALUES ('x', 1, 1, 1, 1, 0, %(other)s)",
    "import_batch": "INSERT INTO app.import_batch (layer, file_name, file_sha256, format, source_crs, rows_read,"
    " rows_stored, rows_unchanged, rows_rejected, account_id)"
    " VALUES ('road', 'x', sha256('x'), 'geojson', 'wgs84', 0, 0, 0, 0, %(other)s)",
    # Import, network and draft 1 are nobody's.
    "import_reject": "INSERT INTO app.import_reject VALUES (1, 2, 'x', 'x', 'x')",
    "road_line": "INSERT INTO app.road_line (road_network_id, class, is_walkable, geom) VALUES (1, 'x', true,"
    " ST_SetSRID(ST_MakeLine(ST_MakePoint(113.9, 22.7), ST_MakePoint(113.91, 22.7)), 4326))",
    "site_draft": "INSERT INTO app.site_draft (name, kind, parameters, outcome, data_version, account_id)"
    " VALUES ('x', 'park', '{}', '{}', 'x', %(other)s)",
    "site_draft_site": "INSERT INTO app.site_draft_site (site_draft_id, position, reached, geom)"
    " VALUES (1, 2, 1, ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))",
    "workload_weights": "INSERT INTO app.workload_weights (weights, reason, account_id)"
    " VALUES ('{}', 'x', %(other)s)",
}
FOREIGN_STEP_INSERT = (
    "INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id)"
    " VALUES (6, 'reported', 'accepted', %(self)s)"
)
FOREIGN_ROUND_INSERTS = {
    "round_event": "INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, kind,"
    " device_at, at, sequence) VALUES (gen_random_uuid(), sha256('x'), %(round)s, %(self)s, 'start', now(), now(), 1)",
    "round_excuse": "INSERT INTO app.round_excuse (patrol_round_id, reason, asked_by) VALUES (%(round)s, 'x', %(self)s)",
}
FOREIGN_TEAM_INSERT = (
    "INSERT INTO app.patrol_point (client_id, content_sha256, account_id, team_id, kind, source, at,"
    " device_at, is_outside, geom) VALUES (gen_random_uuid(), sha256('x'), %(self)s, %(team)s, 'OK', 'phone', now(), now(), false,"
    " ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))"
)
