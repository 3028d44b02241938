"""Six roles and nobody × routes: who may ask, and that no answer holds a row that is not theirs."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import Client, Program, make_app, program_of, sign_in_client
from tests.security import expected
from tests.world import PASSWORD, PEOPLE
from webmap.auth.actors import takes_tokens

EVERYONE = {"officer", "patrol", "dispatcher", "planner", "auditor", "admin"}

# Written by hand: which roles a route answers. Anything else is 404, as if it did not exist.
PUBLIC = {
    "health.healthz",
    "health.readyz",
    "session.show_login",
    "session.login",
    "field.worker",
    "i18n.catalogue",
    "static",
}
RESTRICTED = {
    "audit.index": {"auditor"},
    **{
        endpoint: {"admin"}
        for endpoint in (
            "people.index",
            "people.create",
            "people.show",
            "people.update",
            "people.assign",
            "people.end_assignment",
            "people.reset_password",
            "people.join_team",
            "people.leave_team",
            "people.teams",
            "people.create_team",
            "people.revoke_token",
            "people.team",
            "people.add_member",
            "people.end_member",
            "jobs.index",
            "publication.index",
            "publication.switch",
            "quarantine.index",
            "quarantine.show",
            "quarantine.repair",
            "quarantine.dismiss",
            *("refused_photos.index", "refused_photos.show", "refused_photos.look"),
            *("refused_photos.judge", "refused_photos.delete"),
            *(
                "rescue.index",
                "rescue.upload",
                "rescue.show",
                "rescue.take_in",
                "rescue.discard",
                "rescue.outcome",
            ),
            "calendar.index",
            "calendar.put",
            "calendar.remove",
            "calendar.import_year",
            "deadlines.index",
            "deadlines.put",
        )
    },
    # Switched off, a public profile does not exist for anyone.
    **{endpoint: set() for endpoint in ("ogc_public.collection", "ogc_public.items", "ogc_public.item")},
    **{endpoint: {"officer", "patrol"} for endpoint in ("field.index", "field.session", "field_area.show")},
    "patrol_points.log": {"officer", "patrol"},
    "field_records.log": {"officer", "patrol"},
    "field_records.create_device": {"officer", "patrol"},
    "field_tracks.append": {"officer", "patrol"},
    "trackers.owntracks": {"officer", "patrol"},
    "trackers.traccar": {"officer", "patrol"},
    "trackers.osmand": {"officer", "patrol"},
    "trackers.osmand_form": {"officer", "patrol"},
    "track_files.upload": {"officer", "patrol"},
    "field_tracks.show": {"patrol", "auditor"},  # the walk is pat's
    "field_rounds.show_today": {"officer", "patrol"},
    # An officer walks with no team: every round is another's, tested in tests/webmap/api/test_field_rounds.py.
    "field_rounds.log_events": {"officer", "patrol"},
    "field_rounds.log_visits": {"officer", "patrol"},
    **{endpoint: EVERYONE - {"officer"} for endpoint in ("rounds.index", "rounds.show", "plans.index")},
    **{
        endpoint: EVERYONE - {"officer"}
        for endpoint in (
            *("round_calendar.index", "day_sheets.index", "day_sheets.team", "day_sheets.team_pdf"),
            *("day_sheets.parcel", "day_sheets.parcel_pdf"),
            *("day_sheets.month", "day_sheets.month_pdf", "day_sheets.month_as_csv"),
        )
    },
    **{endpoint: EVERYONE - {"officer"} for endpoint in ("live.index", "live_rounds.show")},
    # Of a patrol only leaders have a record; pat leads no team.
    **dict.fromkeys(
        ("monthly.index", "monthly.as_workbook", "monthly.as_pdf"), EVERYONE - {"officer", "patrol"}
    ),
    "rounds.ask_excuse": {"patrol"},
    "rounds.decide_excuse": {"dispatcher", "planner"},
    **{
        endpoint: {"planner", "admin"}
        for endpoint in (
            *("plans.new", "plans.create", "plans.show", "plans.change", "plans.check_points"),
            *("seasons.index", "seasons.create", "seasons.change", "seasons.change_level"),
            *("codes.index", "codes.print_labels", "codes.replace"),
        )
    },
    "incidents.report": {"officer", "patrol", "dispatcher"},
    "field_photos.announce": {"officer", "patrol", "dispatcher"},
    "field_photos.take": {"officer", "patrol", "dispatcher"},
    "field_photos.progress": {"dispatcher"},  # who sent it
    "photos.original": {"dispatcher", "auditor"},
    "photos.of_incident": EVERYONE - {"patrol"},  # whose team has reported none
    "coverage.compute": {"planner"},
    **{
        endpoint: {"planner", "dispatcher", "auditor"}
        for endpoint in (
            *("planner_workload.index", "planner_workload.place", "planner_weights.index"),
            *("planner_beats.index", "planner_beats.place"),
        )
    },
    **{
        endpoint: {"planner"}
        for endpoint in (
            *("planner_workload.attempt", "planner_weights.keep"),
            *("planner_split.index", "planner_split.place", "planner_split.as_file"),
        )
    },
    "coverage_api.compute": {"planner"},
    **{
        endpoint: {"planner"}
        for endpoint in ("planner_patrol.paint", "planner_patrol.make_round", "planner_patrol_targets.change")
    },
    "planner_roads.upload": {"planner"},
    **{f"planner_sites.{name}": {"planner"} for name in ("keep", "bring", "delete")},
    "buildings.reveal_head": EVERYONE - {"patrol"},
    "incidents.steps": EVERYONE - {"officer"},  # a finding in the team's area, in nobody's own cell
    **dict.fromkeys(("findings.index", "findings.show"), EVERYONE - {"officer", "patrol"}),
    **{key: {"dispatcher"} for key in ("findings.tick", "findings.close_unreached")},
    "findings_api.rechecks": {"officer", "patrol"},
    **{
        endpoint: {"planner", "dispatcher", "auditor"}
        for endpoint in (
            *("coverage.index", "coverage.as_csv", "coverage_api.shares", "coverage_api.gaps"),
            *(
                "planner_patrol.index",
                "planner_patrol.place",
                "planner_patrol.windows",
                "planner_patrol.gaps",
            ),
            *("planner_patrol.parcels", "planner_patrol_targets.index"),
            "planner.index",
            *("planner_hotspots.index", "planner_hotspots.place", "planner_hotspots.weeks"),
            *("planner_services.index", "planner_services.place", "planner_services.catchment"),
            *("planner_roads.index", "planner_sites.index", "planner_sites.place", "planner_sites.draft"),
        )
    },
    **{
        f"planner_runs.{name}": {"planner", "dispatcher", "auditor"}
        for name in (
            "index",
            "states",
            "show",
            "as_pdf",
            "report_file",
            "as_csv",
            "as_workbook",
            "as_geopackage",
        )
    },
    **{f"planner_runs.{name}": {"planner"} for name in ("create", "cancel", "retry", "keep", "ask_report")},
    "planner_schedules.index": {"planner", "dispatcher", "auditor"},
    **{f"planner_schedules.{name}": {"planner"} for name in ("create", "switch", "delete")},
}
VALUES = {
    "account_id": "1",
    "assignment_id": "1",
    "team_member_id": "1",
    "team_id": "1",
    "parcel_id": "1",
    "round_id": "1",
    "excuse_id": "1",
    "plan_id": "1",
    "season_id": "1",
    "check_point_id": "1",
    "building_id": "1",
    "patrol_point_id": "1",
    "photo_id": "00000000-0000-4000-8000-000000000001",
    "client_id": "00000000-0000-4000-8000-000000000001",
    "incident_id": "3",
    "step": "stop_notice",
    "on_date": "2026-01-01",
    "api_token_id": "999999",
    "quarantine_id": "1",
    "refused_id": "7",
    "rescue_file_id": "1",
    "stream_id": "00000000-0000-4000-8000-000000000003",
    "run_id": "1",
    "report_id": "2",
    "number": "1",
    "schedule_id": "1",
    "layer": "facility",
    "name": "days_since_patrol",
    "code": "440306007001",
    "feature_id": "1",
    "facility": "F1",
    "draft_id": "1",
    "z": "14",
    "y": "7118",
    "x": "13375",
    "locale": "zh",
    "place": "cell",
    "level": "hill",
    "grid": "WebMercatorQuad",
    "filename": "css/app.css",
}
HOUSING = ("building", "rental_unit")
LAYERS = (*HOUSING, "incident", "parcel", "check_point", "patrol_point", "patrol_track", "facility")
MISSING = 999_999


@pytest.fixture(scope="module")
def app(world):
    world.ask(
        "INSERT INTO app.photo (client_id, record_id, account_id, taken_at, sha256, bytes, received_bytes, media_type,"
        " state, refusal) VALUES (gen_random_uuid(), gen_random_uuid(), %s, now(), sha256('x'), 1, 1, 'image/png',"
        " 'refused', 'not-a-photo')",
        world.accounts["dan"],
    )
    application = make_app(world.url)
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def people(app) -> dict[str, Client]:
    return {name: sign_in_client(app, name, PASSWORD) for name in PEOPLE}


@pytest.fixture(scope="module", params=["signed in", "by token"])
def clients(request, app, world, people) -> dict[str, Client]:
    """Everyone, signed in with a cookie and then as a program with a token: both see the same."""
    if request.param == "signed in":
        return people
    return {name: program_of(app, world.actor(name)) for name in PEOPLE}


def addresses(app) -> list[tuple[str, str, str]]:
    """Every route as (endpoint, method, address)."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {**VALUES, "code": "440306007001001"} if "/cells/" in rule.rule else VALUES
        if rule.rule.endswith("/photos"):
            values = {**values, "incident_id": "1"}
        address = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda m, v=values: v[m[1]], rule.rule)
        found += [(rule.endpoint, method, address) for method in rule.methods - {"HEAD", "OPTIONS"}]
    return sorted(found)


def test_nobody_signed_in_gets_only_public_routes(app):
    for endpoint, method, address in addresses(app):
        with app.test_client().open(address, method=method) as answer:
            if endpoint in PUBLIC:
                assert answer.status_code in (200, 302, 400, 403), address
            elif method != "GET":
                assert answer.status_code in (401, 403), address
            elif address.startswith(("/api/v1", "/ogc", "/openapi")):
                assert answer.status_code == 401, address
                assert answer.content_type == "application/problem+json"
            else:
                assert answer.headers["Location"].startswith("/login?next="), address


def test_each_role_gets_its_routes_and_no_other(app, clients):
    for endpoint, method, address in addresses(app):
        if endpoint in PUBLIC or endpoint in ("session.logout", "account.sign_out_everywhere"):
            continue
        for name, role in {"alice": "officer", "pat": "patrol", "dan": "dispatcher", "petra": "planner",
                           "audrey": "auditor", "adam": "admin"}.items():  # fmt: skip
            client = clients[name]
            if isinstance(client, Program) and not takes_tokens(address):
                answer = client.get(address) if method == "GET" else client.open(address, method)
                assert answer.status_code == 401, address
                continue
            if method != "GET" and role in RESTRICTED.get(endpoint, EVERYONE):
                continue  # what a permitted write does is tested where it belongs
            answer = client.get(address) if method == "GET" else client.open(address, method)
            if role in RESTRICTED.get(endpoint, EVERYONE):
                assert answer.status_code in (200, 204, 301, 302, 304, 400), (
                    name,
                    address,
                    answer.text[:200],
                )
            else:
                assert answer.status_code == 404, (name, address)


def wanted(layer: str, name: str) -> frozenset[int] | None:
    return expected.SELECT[layer].get(name)


@pytest.mark.parametrize("layer", LAYERS)
def test_items_hold_own_rows_and_no_other(clients, layer):
    for name, client in clients.items():
        answer = client.get(f"/ogc/collections/{layer}/items?limit=100")
        rows = wanted(layer, name)
        if rows is None:
            assert answer.status_code == 404
            continue
        assert {int(f["id"]) for f in answer.json["features"]} == rows, name


@pytest.mark.parametrize("layer", LAYERS)
def test_foreign_item_is_answered_like_a_missing_one(clients, layer):
    for name, client in clients.items():
        rows = wanted(layer, name) or frozenset()
        missing = client.get(f"/ogc/collections/{layer}/items/{MISSING}")
        assert missing.status_code == 404
        for number in expected.ALL:
            answer = client.get(f"/ogc/collections/{layer}/items/{number}")
            if number in rows:
                assert answer.status_code == 200 and int(answer.json["id"]) == number
            else:
                assert answer.status_code == 404
                assert {**answer.json, "instance": ""} == {**missing.json, "instance": ""}


@pytest.mark.parametrize("layer", [name for name in LAYERS if name not in ("parcel", "patrol_track")])
def test_counts_and_clusters_count_own_rows(clients, layer):
    for name, client in clients.items():
        rows = wanted(layer, name)
        counts = client.get(f"/api/v1/counts/{layer}?by=cell")
        clusters = client.get(f"/api/v1/clusters/{layer}?bbox=113.8,22.7,114.0,22.8&zoom=14")
        if rows is None:
            assert (counts.status_code, clusters.status_code) == (404, 404)
            continue
        assert sum(item["count"] for item in counts.json["items"]) == len(rows), name
        assert sum(f["properties"]["count"] for f in clusters.json["features"]) == len(rows), name


@pytest.mark.parametrize("layer", LAYERS)
def test_area_query_finds_own_rows(clients, layer):
    square = {
        "type": "Polygon",
        "coordinates": [[[113.8, 22.7], [114.0, 22.7], [114.0, 22.8], [113.8, 22.8], [113.8, 22.7]]],
    }
    for name, client in clients.items():
        answer = client.post("/api/v1/query", json={"layer": layer, "geometry": square, "limit": 100})
        rows = wanted(layer, name)
        if rows is None:
            assert answer.status_code == 404
        else:
            assert {int(f["id"]) for f in answer.json["features"]} == rows, name


def test_nearest_units_are_own_units(clients):
    for name, client in clients.items():
        answer = client.get("/api/v1/nearest/rental_unit?lon=113.955&lat=22.755&k=10")
        rows = wanted("rental_unit", name)
        if rows is None:
            assert answer.status_code == 404
        else:
            assert {int(f["id"]) for f in answer.json["features"]} == rows


def test_figures_are_of_own_cells(clients):
    for name, client in clients.items():
        answer = client.get("/api/v1/figures/rental_units?level=cell")
        rows = wanted("rental_unit", name)
        counted = sum(item["value"] or 0 for item in answer.json["items"]) if answer.status_code == 200 else 0
        assert counted == len(rows or ()), name


@pytest.mark.parametrize("layer", ["rental_unit", "incident", "patrol_point"])
def test_tiles_differ_by_what_one_may_see(clients, layer):
    # z14: the tile over cells 1 to 3.
    path = f"/ogc/collections/{layer}/tiles/WebMercatorQuad/14/{VALUES['y']}/{VALUES['x']}"
    answers = {name: client.get(path) for name, client in clients.items()}
    tags = {name: answer.headers.get("ETag") for name, answer in answers.items() if answer.status_code == 200}
    assert len(set(tags.values())) == len(tags), "an ETag shared by two people"
    stolen = clients["bob"].get(path, headers={"If-None-Match": tags.get("petra", "")})
    assert stolen.status_code != 304


def test_officer_opens_own_cells_and_no_other(people):
    cells = [f"44030600700{c}00{n}" for c in (1, 2) for n in (1, 2, 3)]
    opened = [people["alice"].get(f"/map/cells/{code}").status_code for code in cells]
    assert opened == [200, 200, 404, 404, 404, 404]
    opened = [people["petra"].get(f"/map/cells/{code}").status_code for code in cells]
    assert opened == [200] * 6


def test_search_finds_own_buildings(clients):
    for name, client in clients.items():
        answer = client.get("/api/v1/search?q=测试路&limit=50")
        found = [item for item in answer.json["items"] if item["kind"] == "building"]
        assert len(found) == len(wanted("building", name) or ()), name


PERSONAL = ("13800000001", "13800001234", "演示1", "password_hash", "full_name")


def test_no_answer_of_the_read_api_holds_personal_values(app, clients):
    for layer in LAYERS:
        for name, client in clients.items():
            for path in (f"/ogc/collections/{layer}/items", f"/ogc/collections/{layer}/items/1"):
                text = client.get(path).text
                assert not [value for value in PERSONAL if value in text], (name, path)


def test_openapi_names_every_route_of_the_api(app, clients):
    document = json.loads(clients["petra"].get("/openapi.json").text)
    assert document["openapi"].startswith("3.1")
    routes = {
        re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/v1", "/ogc"))
    }
    assert set(document["paths"]) - {"/openapi.json"} == routes
