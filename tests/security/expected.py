"""The access table, written by hand: who sees, adds, changes and removes which rows of tests/world.py.

docs/security.md explains it in words. Numbers are the ids of rows; the row of cell n has id n.
"""

from __future__ import annotations

from gis.database.codes import CODES

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
        for table in ("incident", "incident_step")
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
        for table in ("parcel", "check_point", "patrol_point")
    },
    "patrol_round": {PAT: WEST, QUINN: EAST, REX: NONE, **_same(DISTRICT, ALL)},
    "patrol_track": {
        **_same((ALICE, BOB), NONE),
        PAT: WEST,
        QUINN: EAST,
        REX: NONE,
        **_same(("dan", "petra", "audrey"), ALL),
    },
    "import_batch": _same(("audrey", "adam"), frozenset({1})),
    "import_reject": _same(("audrey", "adam"), frozenset({1})),
    "layer_tally": _same(DISTRICT, frozenset({-1, 0, 15, 17, 19})),
    "coverage_run": _same(SIGNED_IN, frozenset({1})),
    "coverage_share": {
        ALICE: frozenset({1, 2}),
        BOB: frozenset({4}),
        PAT: WEST,
        QUINN: EAST,
        REX: NONE,
        **_same(DISTRICT, ALL),
    },
}

# Tables without rows of a place or person: everyone signed in reads them whole.
CODE_TABLES = (
    "installation",
    "rental_grade",
    "incident_category",
    "violation_kind",
    "facility_kind",
    "holiday",
    "finding_rule",
)
HOLIDAYS = len((CODES / "holiday.csv").read_text("utf-8").splitlines()) - 1

# The column that tells a row, where it is not <table>_id.
KEY = {
    "division_revision": "revision_id",
    "credential": "account_id",
    "audit_log": "audit_id",
    "import_reject": "import_batch_id",
    "coverage_share": "cell_id",
    "layer_tally": "zoom",
    "public_profile": "layer",
    "finding_deadline": "incident_id",
    "holiday": "on_date",
}

# Who may add rows at all; under which condition is tested one by one.
INSERT: dict[str, tuple[str, ...]] = {
    "account": ("adam",),
    "credential": ("adam",),
    **dict.fromkeys(("assignment", "team", "team_member", "team_area"), ("adam",)),
    "audit_log": SIGNED_IN,
    **dict.fromkeys(("incident", "incident_step"), (ALICE, BOB, PAT, QUINN, REX, "dan")),
    **dict.fromkeys(("facility", "parcel", "check_point"), ("petra", "adam")),
    **dict.fromkeys(("holiday", "finding_rule"), ("adam",)),
    "finding_deadline": (ALICE, BOB, PAT, QUINN, REX),
    "api_token": SIGNED_IN,
    "patrol_point": (ALICE, BOB, PAT, QUINN, REX),
    "coverage_run": ("petra",),
    "coverage_share": ("petra",),
}

# How many rows `UPDATE … SET column = column` reaches, by table and column granted.
UPDATE: dict[str, tuple[str, dict[str, int]]] = {
    "account": ("locale", {**_same((ALICE, BOB, PAT, QUINN, REX, "dan", "petra", "audrey"), 1), "adam": 9}),
    "incident": ("people", {ALICE: 2, BOB: 1, **_same((PAT, QUINN, REX), 0), "dan": 6}),
    **{table: ("name_zh", _same(("petra", "adam"), 6)) for table in ("facility", "parcel", "check_point")},
    **{
        table: (
            "revoked_at",
            {**_same((ALICE, BOB, PAT, QUINN, REX, "dan", "petra", "audrey"), 1), "adam": 9},
        )
        for table in ("session", "api_token")
    },
    "public_profile": ("is_on", {"adam": 6}),
    "holiday": ("source", {"adam": HOLIDAYS}),
    "finding_rule": ("valid_to", {"adam": 21}),
    "finding_deadline": ("note", {}),  # the dispatcher only in the own name, with the other columns
    "assignment": ("reason", {"adam": 3}),
    "team": ("name_zh", {"adam": 3}),
    "team_member": ("is_leader", {"adam": 3}),
    "team_area": ("valid_from", {"adam": 3}),
}

# A value in place of the column itself: a statement that reads nothing is judged by the policies of UPDATE
# alone, so that these are seen to hold without those of SELECT.
BLIND_VALUE = {"incident": "0"}

# How many rows a DELETE without condition reaches.
DELETE: dict[str, dict[str, int]] = {
    "holiday": {"adam": HOLIDAYS},
    "finding_rule": {"adam": 21},
    "assignment": {"adam": 3},
    "team_member": {"adam": 3},
    "team_area": {"adam": 3},
    "coverage_run": {"petra": 1},
    **{table: _same(("petra", "adam"), 6) for table in ("facility", "check_point")},
}

# Whose DELETE the foreign keys refuse, not the privilege: teams have members, parcels have points.
REFERRED_TO: dict[str, tuple[str, ...]] = {"team": ("adam",), "parcel": ("petra", "adam")}

# Columns nobody signed in may read.
SECRET_COLUMNS = (
    ("account", "phone"),
    ("credential", "password_hash"),
    ("session", "token_sha256"),
    ("api_token", "token_sha256"),
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
    "patrol_point": "INSERT INTO app.patrol_point (client_id, content_sha256, account_id, kind, source, device_at,"
    " is_outside, geom) VALUES (gen_random_uuid(), sha256('x'), %(other)s, 'OK', 'phone', now(), false,"
    " ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))",
    "api_token": "INSERT INTO app.api_token (token_sha256, prefix, account_id, name, expires_at)"
    " VALUES (sha256('forged'), 'gg_forged', %(other)s, 'forged', now() + interval '1 hour')",
    "audit_log": "INSERT INTO app.audit_log (account_id, action) VALUES (%(other)s, 'forged.row')",
    "coverage_run": "INSERT INTO app.coverage_run (from_on, to_on, radius_m, revision_id, fixes, legs, account_id)"
    " VALUES ('2014-01-01', '2014-01-01', 1, 1, 1, 1, %(other)s)",
}
FOREIGN_STEP_INSERT = (
    "INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id)"
    " VALUES (6, 'reported', 'accepted', %(self)s)"
)
FOREIGN_TEAM_INSERT = (
    "INSERT INTO app.patrol_point (client_id, content_sha256, account_id, team_id, kind, source, device_at,"
    " is_outside, geom) VALUES (gen_random_uuid(), sha256('x'), %(self)s, %(team)s, 'OK', 'phone', now(), false,"
    " ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))"
)
