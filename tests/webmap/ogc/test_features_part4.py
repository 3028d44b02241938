"""OGC API Features Part 4 (draft 20-002r1): create, replace, update and delete, by the names of its requirements."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gis.geometry.crs import wgs84_to
from tests.asking import rows
from tests.conftest import sign_in_client
from tests.world import PASSWORD, PEOPLE

GEOJSON = "application/geo+json"
PATCH = "application/merge-patch+json"
ITEMS = "/ogc/collections/{}/items"
INSIDE = (113.905, 22.755)  # cell 1, alice's
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture(scope="module")
def clients(app):
    return {name: sign_in_client(app, name, PASSWORD) for name in PEOPLE}


def feature(properties, place=INSIDE, **members):
    geometry = {"type": "Point", "coordinates": list(place)} if place else None
    return {"type": "Feature", "geometry": geometry, "properties": properties, **members}


def facility(**members):
    return {"code": f"N{uuid4().hex[:8]}", "kind": "park", "name_zh": "新公园", **members}


def incident(**members):
    return {
        "client_id": str(uuid4()),
        "category": "SR0102",
        "description": "垃圾成堆",
        "occurred_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        **members,
    }


def send(client, method, path, body=None, tag=None, media=None, **headers):
    media = media or (PATCH if method == "PATCH" else GEOJSON)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if tag is not None:
        headers["If-Match"] = tag
    data = body if isinstance(body, str | bytes | None) else json.dumps(body)
    return client.open(
        path, method, data=data, content_type=media if body is not None else None, headers=headers
    )


def post(client, layer, body, **options):
    return send(client, "POST", ITEMS.format(layer), body, **options)


def path_of(answer):
    assert answer.status_code in (200, 201), answer.text
    location = answer.headers["Location"]
    assert location.startswith("http://localhost/ogc/collections/")
    return location.removeprefix("http://localhost")


@pytest.fixture
def park(clients):
    """Address of a facility of its own."""
    return path_of(post(clients["petra"], "facility", feature(facility(name_en="Old", capacity=10))))


def state_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json, answer.headers["ETag"]


def pointer_of(answer, status=400):
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    return answer.json["errors"][0]["pointer"]


# Core and options ---------------------------------------------------------------------------------


def test_conformance_names_the_classes(clients):
    classes = clients["petra"].get("/ogc/conformance").json["conformsTo"]
    part4 = {name.removeprefix("http://www.opengis.net/spec/ogcapi-features-4/1.0/") for name in classes}
    assert {
        "conf/create-replace-delete",
        "conf/update",
        "conf/features",
        "req/optimistic-locking-etags",
    } <= part4


ALLOWED = {
    "facility": {"petra": "POST PUT PATCH DELETE", "adam": "POST PUT PATCH DELETE"},
    "incident": dict.fromkeys(("alice", "pat", "dan"), "POST PUT PATCH DELETE"),
    "patrol_point": dict.fromkeys(("alice", "pat"), "POST"),
    "parcel": {"petra": "POST PUT PATCH DELETE", "adam": "POST PUT PATCH DELETE"},
    "check_point": {"petra": "POST PUT PATCH DELETE", "adam": "POST PUT PATCH DELETE"},
    "cell": {},
}


@pytest.mark.parametrize("layer", ALLOWED)
def test_create_replace_delete_req_options_response_is_of_the_asking_person(clients, layer):
    for name in ("alice", "pat", "dan", "petra", "audrey", "adam"):
        writes = set(ALLOWED[layer].get(name, "").split())
        for path, those in (
            (ITEMS.format(layer), {"POST"}),
            (ITEMS.format(layer) + "/1", {"PUT", "PATCH", "DELETE"}),
        ):
            answer = clients[name].open(path, "OPTIONS")
            assert answer.status_code == 200
            assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"} | (writes & those)
            for method in those - writes:
                refused = send(clients[name], method, path, {}, tag="*")
                assert (refused.status_code, refused.content_type) == (405, "application/problem+json")
                assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"} | (
                    writes & those
                )


def test_update_req_methods_declares_patch_and_what_it_takes(clients):
    answer = clients["petra"].open(ITEMS.format("facility") + "/1", "OPTIONS")
    assert "PATCH" in answer.headers["Allow"]
    assert answer.headers["Accept-Patch"] == PATCH


def test_writes_need_the_token_of_the_page(app, clients):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        path = ITEMS.format("facility") + ("" if method == "POST" else "/1")
        answer = clients["petra"].flask.open(path, method=method, data="{}", content_type=GEOJSON)
        assert answer.status_code == 403
        assert app.test_client().open(path, method=method).status_code in (401, 403)


def test_layers_a_role_may_not_ask_for_do_not_exist(clients):
    for method in ("POST", "OPTIONS"):
        for layer in ("rental_unit", "nothing"):
            assert send(clients["pat"], method, ITEMS.format(layer), {}).status_code == 404


# Create -------------------------------------------------------------------------------------------


def test_create_replace_delete_req_post_op_stores_a_facility_in_its_cell(clients, world):
    answer = post(
        clients["petra"], "facility", feature(facility(name_zh="光明公园", capacity=30), (113.915, 22.755))
    )
    assert answer.status_code == 201
    stored, tag = state_of(clients["petra"], path_of(answer))
    assert (answer.json, answer.headers["ETag"]) == (stored, tag)
    assert stored["properties"]["cell"] == "440306007001002"
    assert stored["properties"]["community"] == "440306007001"
    assert stored["properties"]["capacity"] == 30
    initials = rows(
        world.url, "SELECT pinyin_initials FROM app.facility WHERE facility_id = %s", (stored["id"],)
    )
    assert initials == [("gmgy",)]
    trail = rows(world.url, "SELECT account_id FROM app.audit_log WHERE action = 'facility.create' AND subject = %s",
                (str(stored["id"]),))  # fmt: skip
    assert trail == [(world.accounts["petra"],)]


def test_create_replace_delete_req_post_response_rid_is_new_and_the_senders_id_is_not_taken(clients):
    answers = [post(clients["petra"], "facility", feature(facility(), id=1)) for _ in range(2)]
    ids = [answer.json["id"] for answer in answers]
    assert len({1, *ids}) == 3


def test_create_replace_delete_req_post_content_type(clients):
    for media in ("application/json", "text/plain", PATCH):
        answer = post(clients["petra"], "facility", feature(facility()), media=media)
        assert answer.status_code == 415
    with_charset = post(clients["petra"], "facility", feature(facility()), media=f"{GEOJSON}; charset=utf-8")
    assert with_charset.status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ("{", "/"),
        ("[]", "/"),
        ('{"type": "Feature", "x": NaN}', "/"),
        ("[" * 20_000, "/"),
        ({"type": "Point"}, "/type"),
        ({"type": "FeatureCollection", "features": []}, "/type"),
        ({"type": "FeatureCollection", "features": {}}, "/features"),
        (feature(facility(), None), "/geometry"),
        (feature([1]), "/properties"),
        ({**feature(facility()), "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}, "/geometry"),
        (feature(facility(), (22.755, 113.905)), "/geometry/coordinates"),
        (feature(facility(), (113.905, "22")), "/geometry/coordinates/1"),
        (feature(facility(), (114.5, 22.755)), "/geometry"),
        (feature(facility(kind="castle")), "/properties/kind"),
        (feature(facility(code=" ")), "/properties/code"),
        (feature(facility(name_zh=None)), "/properties/name_zh"),
        (feature(facility(name_zh=5)), "/properties/name_zh"),
        (feature(facility(name_en="\x07")), "/properties/name_en"),
        (feature(facility(capacity=-1)), "/properties/capacity"),
        (feature(facility(capacity=True)), "/properties/capacity"),
        (feature(facility(capacity=1.5)), "/properties/capacity"),
        (feature(facility(cell="440306007001001")), "/properties/cell"),
        (feature(facility(surplus=1)), "/properties/surplus"),
        (feature(facility(**{"a/b~c": 1})), "/properties/a~1b~0c"),
        (feature(facility(**{"\ud800": 1})), "/properties/?"),
        (feature(facility(name_zh="\ud800")), "/properties/name_zh"),
        (feature(facility(kind="\ud800")), "/properties/kind"),
    ],
)  # fmt: skip
def test_create_replace_delete_req_post_body_faults_are_named(clients, body, pointer):
    assert pointer_of(post(clients["petra"], "facility", body)) == pointer


def test_body_beyond_the_limit_is_refused(clients):
    answer = post(clients["petra"], "facility", " " * (4 * 1024 * 1024 + 1))
    assert answer.status_code == 413


def test_taken_code_is_a_conflict(clients):
    assert post(clients["petra"], "facility", feature(facility(code="F1"))).status_code == 409


def test_same_client_id_again_is_the_same_incident(clients):
    body = feature(incident(severity=3, people=2))
    first = post(clients["alice"], "incident", body)
    again = post(clients["alice"], "incident", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert path_of(first) == path_of(again)
    assert (first.json["properties"]["severity"], first.json["properties"]["people"]) == (3, 2)
    other = {**body, "properties": {**body["properties"], "description": "另一件"}}
    assert post(clients["alice"], "incident", other).status_code == 409
    assert post(clients["bob"], "incident", body).status_code == 409
    # also after somebody has changed it: a late retry of a phone is a retry
    changed = send(clients["dan"], "PATCH", path_of(first), {"properties": {"description": "改"}}, tag="*")
    assert changed.status_code == 200
    late = post(clients["alice"], "incident", body)
    assert (late.status_code, late.json["properties"]["description"]) == (200, "改")


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"category": "XX99"}, "/properties/category"),
        ({"category": None}, "/properties/category"),
        ({"client_id": "7"}, "/properties/client_id"),
        ({"description": ""}, "/properties/description"),
        ({"severity": 5}, "/properties/severity"),
        ({"occurred_at": "yesterday"}, "/properties/occurred_at"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "/properties/occurred_at"),
        ({"occurred_at": "2199-01-01T00:00:00Z"}, "/properties/occurred_at"),
        ({"state": "closed"}, "/properties/state"),
        ({"reporter_id": 1}, "/properties/reporter_id"),
    ],
)
def test_faults_of_an_incident_are_named(clients, members, pointer):
    assert pointer_of(post(clients["alice"], "incident", feature(incident(**members)))) == pointer


def point(**members):
    return {"client_id": str(uuid4()), "device_at": "2026-01-02T03:04:05+08:00", "kind": "OK", **members}


def test_patrol_point_is_logged_once(clients):
    body = feature(point(accuracy_m=4.5))
    first, again = (post(clients["pat"], "patrol_point", body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert path_of(first) == path_of(again)
    assert first.json["properties"]["accuracy_m"] == 4.5
    assert first.json["geometry"]["coordinates"] == list(INSIDE)
    other = {**body, "properties": {**body["properties"], "kind": "L1"}}
    assert post(clients["pat"], "patrol_point", other).status_code == 409
    assert post(clients["quinn"], "patrol_point", other).status_code == 409


@pytest.mark.parametrize("name", ["kind", "client_id", "device_at"])
def test_fault_of_a_patrol_point_is_named(clients, name):
    answer = post(clients["pat"], "patrol_point", feature(point(**{name: "x"})))
    assert pointer_of(answer) == f"/properties/{name}"


def test_coordinates_beside_the_geometry_are_no_members_of_a_patrol_point(clients):
    for name in ("lon", "crs"):
        answer = post(clients["pat"], "patrol_point", feature(point(**{name: "bd09"})))
        assert pointer_of(answer) == f"/properties/{name}"


def test_collection_of_patrol_points_is_answered_one_by_one(clients):
    bodies = [feature(point()), feature(point(kind="none")), feature(point(), (113.945, 22.755))]
    answer = post(clients["pat"], "patrol_point", {"type": "FeatureCollection", "features": bodies})
    assert answer.status_code == 200
    outcomes = [result["outcome"] for result in answer.json["results"]]
    assert outcomes == ["created", "rejected", "created"]
    for result in (answer.json["results"][0], answer.json["results"][2]):
        assert clients["pat"].get(result["location"].removeprefix("http://localhost")).status_code == 200
    good = {"type": "FeatureCollection", "features": [feature(point())]}
    assert post(clients["pat"], "patrol_point", good).status_code == 201
    none = {"type": "FeatureCollection", "features": []}
    assert (post(clients["pat"], "patrol_point", none).status_code) == 200
    odd = {"type": "FeatureCollection", "features": [feature(point(client_id="\ud800"))]}
    assert post(clients["pat"], "patrol_point", odd).json["results"][0]["outcome"] == "rejected"
    many = {"type": "FeatureCollection", "features": [feature(point())] * 501}
    assert post(clients["pat"], "patrol_point", many).status_code == 413
    bad = {"type": "FeatureCollection", "features": [feature(point()), feature(point(), None)]}
    assert pointer_of(post(clients["pat"], "patrol_point", bad)) == "/features/1/geometry"


# Coordinate systems -------------------------------------------------------------------------------


def in_system(epsg):
    if epsg in ("4326", "4490"):
        return INSIDE[::-1]
    x, y = (float(values[0]) for values in wgs84_to([INSIDE[0]], [INSIDE[1]], epsg))
    return (y, x) if epsg == "4547" else (x, y)


@pytest.mark.parametrize("epsg", ["4326", "4490", "3857", "4547"])
@pytest.mark.parametrize("form", ["<{}>", "{}"])
def test_features_req_content_crs_header_with_the_axes_of_the_system(clients, epsg, form):
    body = feature(facility(), in_system(epsg))
    answer = post(clients["petra"], "facility", body, Content_Crs=form.format(EPSG + epsg))
    assert answer.status_code == 201, answer.text
    assert answer.json["geometry"]["coordinates"] == pytest.approx(INSIDE, abs=1e-6)
    assert answer.json["properties"]["cell"] == "440306007001001"
    assert answer.headers["Content-Crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


def test_features_req_default_crs_is_crs84(clients):
    named = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    for headers in ({}, {"Content_Crs": named}):
        answer = post(clients["petra"], "facility", feature(facility()), **headers)
        assert answer.json["geometry"]["coordinates"] == list(INSIDE)


def test_features_req_crs_other_crs_unsupported_is_an_error(clients):
    for name in (EPSG + "2383", "EPSG:4326", EPSG + "99999999"):
        answer = post(clients["petra"], "facility", feature(facility()), Content_Crs=name)
        assert pointer_of(answer) == "Content-Crs"


@pytest.mark.parametrize(
    "coordinates", [[1e13, 1e300], ["a", 1], [], [[[[[[[1, 2]]]]]]], None, [1e11, 1e11], 5]
)
def test_features_coordinates_that_are_none_are_refused_in_every_system(clients, coordinates):
    for epsg in ("3857", "4547", "4326"):
        body = {**feature(facility()), "geometry": {"type": "Point", "coordinates": coordinates}}
        answer = post(clients["petra"], "facility", body, Content_Crs=EPSG + epsg)
        assert pointer_of(answer).startswith("/geometry")


# Replace ------------------------------------------------------------------------------------------


def test_create_replace_delete_req_put_op_replaces_the_whole(clients, park):
    before, tag = state_of(clients["petra"], park)
    body = feature(
        {"code": before["properties"]["code"], "kind": "school", "name_zh": "学校"}, (113.925, 22.755)
    )
    answer = send(clients["adam"], "PUT", park, body, tag=state_of(clients["adam"], park)[1])
    assert answer.status_code == 200
    after = answer.json["properties"]
    assert (after["kind"], after["name_en"], after["capacity"]) == ("school", "", None)
    assert after["cell"] == "440306007001003"
    assert clients["petra"].get(park).headers["ETag"] != tag


def test_create_replace_delete_req_put_body_may_be_what_get_gave_changed_in_one_place(clients, park):
    body, tag = state_of(clients["petra"], park)
    body["properties"]["name_en"] = "New"
    answer = send(clients["petra"], "PUT", park, body, tag=tag)
    assert answer.status_code == 200, answer.text
    assert answer.json["properties"] == body["properties"]
    body["properties"]["community"] = "440306007002"
    refused = send(clients["petra"], "PUT", park, body, tag=answer.headers["ETag"])
    assert pointer_of(refused) == "/properties/community"


def test_create_replace_delete_req_put_rid_in_the_body_is_ignored(clients, park):
    body, tag = state_of(clients["petra"], park)
    answer = send(clients["petra"], "PUT", park, {**body, "id": 1}, tag=tag)
    assert answer.json["id"] == body["id"]


def test_create_replace_delete_req_put_content_type(clients, park):
    body, tag = state_of(clients["petra"], park)
    assert send(clients["petra"], "PUT", park, body, tag=tag, media="application/json").status_code == 415


def test_create_replace_delete_req_put_rid_exception(clients):
    missing = ITEMS.format("facility") + "/99999"
    assert send(clients["petra"], "PUT", missing, feature(facility())).status_code == 404
    for tag in ("*", '"abc"'):
        assert send(clients["petra"], "PUT", missing, feature(facility()), tag=tag).status_code == 412


# Update -------------------------------------------------------------------------------------------


def test_update_req_update_patch_op_changes_only_what_it_names(clients, park):
    before, tag = state_of(clients["petra"], park)
    patch = {"id": 1, "type": "Feature", "properties": {"name_zh": "中心公园", "capacity": None}}
    answer = send(clients["petra"], "PATCH", park, patch, tag=tag)
    assert answer.status_code == 200
    assert answer.json["id"] == before["id"]  # req/update/rid
    expected = {**before["properties"], "name_zh": "中心公园", "capacity": None}
    assert answer.json["properties"] == expected
    assert answer.json["geometry"] == before["geometry"]
    moved = send(clients["petra"], "PATCH", park, {"geometry": {"type": "Point", "coordinates": [113.915, 22.755]}},
                 tag=answer.headers["ETag"])  # fmt: skip
    assert moved.json["properties"]["cell"] == "440306007001002"


def test_features_req_update_json_merge_patch_faults(clients, park):
    tag = state_of(clients["petra"], park)[1]
    for patch, pointer in (
        ({"properties": {"name_zh": None}}, "/properties/name_zh"),  # unset, but required
        ({"properties": {"cell": "1"}}, "/properties/cell"),
        ({"properties": {"nothing": None}}, "/properties/nothing"),
        ({"properties": None}, "/properties"),
        ({"geometry": None}, "/geometry"),
    ):
        assert pointer_of(send(clients["petra"], "PATCH", park, patch, tag=tag)) == pointer
    wrong = send(clients["petra"], "PATCH", park, {}, tag=tag, media=GEOJSON)
    assert wrong.status_code == 415
    assert state_of(clients["petra"], park)[1] == tag


# Delete -------------------------------------------------------------------------------------------


def test_create_replace_delete_req_delete_op(clients, park):
    stale = state_of(clients["petra"], park)[1]
    send(clients["petra"], "PATCH", park, {"properties": {"name_en": "Changed"}}, tag=stale)
    assert send(clients["petra"], "DELETE", park, tag=stale).status_code == 412
    answer = send(clients["petra"], "DELETE", park, tag=state_of(clients["petra"], park)[1])
    assert (answer.status_code, answer.data) == (204, b"")
    assert clients["petra"].get(park).status_code == 404
    assert send(clients["petra"], "DELETE", park, tag="*").status_code == 404  # rec/delete/no-feature


def test_lists_and_counts_follow_at_once(clients):
    def count(name):
        counts = clients[name].get("/api/v1/counts/facility?by=cell").json["items"]
        return next(item["count"] for item in counts if item["code"] == "440306007002003")

    before = {name: count(name) for name in ("petra", "alice")}
    members = facility()
    path = path_of(post(clients["petra"], "facility", feature(members, (113.955, 22.755))))
    listed = ITEMS.format("facility") + f"?code={members['code']}"
    assert {name: count(name) for name in before} == {name: number + 1 for name, number in before.items()}
    send(clients["petra"], "PATCH", path, {"properties": {"name_en": "Seen"}}, tag="*")
    assert clients["alice"].get(listed).json["features"][0]["properties"]["name_en"] == "Seen"
    assert send(clients["petra"], "DELETE", path, tag="*").status_code == 204
    assert clients["alice"].get(listed).json["features"] == []
    assert {name: count(name) for name in before} == before


# Optimistic locking -------------------------------------------------------------------------------


def test_optimistic_locking_etags_req_get_etag_response_is_strong_and_of_these_bytes(clients):
    long = path_of(post(clients["petra"], "facility", feature(facility(name_zh="长" * 400))))
    answer = clients["petra"].get(long, headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) > 1024
    assert "Content-Encoding" not in answer.headers, "other bytes under the same strong tag"
    tag = answer.headers["ETag"]
    assert tag.startswith('"')
    assert clients["petra"].get(long, headers={"If-None-Match": tag}).status_code == 304
    assert clients["adam"].get(long).headers["ETag"] != tag, "two readers share a tag"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_optimistic_locking_etags_req_put_and_patch_etag_response(clients, park, method):
    body, tag = state_of(clients["petra"], park)
    body = body if method == "PUT" else {"properties": {}}
    for _ in range(2):
        answer = send(clients["petra"], method, park, body, tag=tag)
        assert answer.status_code == 200
        tag = answer.headers["ETag"]
        assert tag == clients["petra"].get(park).headers["ETag"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_optimistic_locking_etags_req_ifmatch_op_missing_is_428(clients, park, method):
    body = None if method == "DELETE" else feature(facility())
    answer = send(clients["petra"], method, park, body)
    assert (answer.status_code, answer.content_type) == (428, "application/problem+json")
    since = send(clients["petra"], method, park, body, If_Unmodified_Since="Wed, 21 Oct 2099 07:28:00 GMT")
    assert since.status_code == 428


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_optimistic_locking_etags_req_ifmatch_eval(clients, park, method):
    body, tag = state_of(clients["petra"], park)
    body = None if method == "DELETE" else body
    for wrong in ('"0"', f"W/{tag}", '""', tag.strip('"')[:-1]):
        answer = send(clients["petra"], method, park, body, tag=wrong)
        assert (answer.status_code, answer.content_type) == (412, "application/problem+json"), wrong
    assert state_of(clients["petra"], park)[1] == tag
    assert send(clients["petra"], method, park, body, tag=f'"0", {tag}').status_code in (200, 204)


def test_tag_of_another_form_of_the_same_state_serves_as_well(clients, park):
    tag = state_of(clients["petra"], park)[1].strip('"')
    answer = send(clients["petra"], "PATCH", park, {"properties": {}}, tag=f'"{tag}.4547"')
    assert answer.status_code == 200


def test_optimistic_locking_etags_per_ifmatch_star(clients, park):
    assert (
        send(clients["petra"], "PATCH", park, {"properties": {"name_en": "Any"}}, tag="*").status_code == 200
    )


def test_no_update_is_lost_between_two_clients(app, clients, park):
    """Many at once with the same tag: one gets through, the others are told."""
    tag = state_of(clients["petra"], park)[1]
    answers = []
    barrier = threading.Barrier(4)

    def race(number):
        barrier.wait()
        with app.test_client() as browser:
            browser.set_cookie(
                "guangming_session", clients["petra"].flask.get_cookie("guangming_session").value
            )
            browser.set_cookie("guangming_csrf", clients["petra"].flask.get_cookie("guangming_csrf").value)
            headers = {**clients["petra"].headers, "If-Match": tag}
            body = json.dumps({"properties": {"name_en": f"Racer {number}"}})
            answers.append(browser.patch(park, data=body, content_type=PATCH, headers=headers))

    racers = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    won = next(answer for answer in answers if answer.status_code == 200)
    assert clients["petra"].get(park).json == won.json


# Incidents ----------------------------------------------------------------------------------------


@pytest.fixture
def case(clients):
    """Address of an incident that alice has reported in her cell."""
    return path_of(post(clients["alice"], "incident", feature(incident())))


def step(client, path, state, note=None):
    properties = {"state": state} | ({"note": note} if note else {})
    return send(
        client, "PATCH", path, {"properties": properties}, tag=client.get(path).headers.get("ETag", "*")
    )


def bring_to(clients, path, *states):
    for state in states:
        answer = step(clients["dan"], path, state)
        assert answer.status_code == 200, (state, answer.text)


def course_of(client, path):
    return client.get(f"/api/v1/incidents/{path.rpartition('/')[2]}/steps")


TO_HANDLING = ("accepted", "filed", "dispatched", "handling")


def test_incident_from_report_to_close_by_two_people(clients, case, world):
    bring_to(clients, case, *TO_HANDLING)
    assert course_of(clients["alice"], case).json["next_states"] == ["handled"]
    assert step(clients["alice"], case, "handled", "已清运").status_code == 200
    bring_to(clients, case, "checking")
    assert step(clients["alice"], case, "closed").status_code == 409
    closed = step(clients["dan"], case, "closed")
    assert closed.json["properties"]["state"] == "closed"
    assert closed.json["properties"]["closed_at"]
    assert closed.json["properties"]["is_open"] is False
    course = course_of(clients["dan"], case).json
    assert [s["to_state"] for s in course["steps"]] == [*TO_HANDLING, "handled", "checking", "closed"]
    assert [s["is_mine"] for s in course["steps"]] == [True] * 4 + [False, True, True]
    assert course["steps"][4]["note"] == "已清运"
    assert course["steps"][4]["by"] == "演示alice"
    assert course["next_states"] == ["archived"]
    hidden = course_of(clients["alice"], case).json["steps"]
    assert [s["by"] for s in hidden if not s["is_mine"]] == [None] * 6, "an officer reads no names"


def test_whoever_handled_it_cannot_close_it(clients, case):
    bring_to(clients, case, *TO_HANDLING, "handled", "checking")
    refused = step(clients["dan"], case, "closed")
    assert (refused.status_code, refused.json["type"]) == (409, "urn:guangming:problem:own-work")
    assert course_of(clients["dan"], case).json["next_states"] == ["rework", "voided"]


def test_step_that_does_not_exist_is_a_conflict_and_leaves_no_trace(clients, case):
    refused = step(clients["dan"], case, "closed")
    assert (refused.status_code, refused.json["type"]) == (409, "urn:guangming:problem:no-such-step")
    assert step(clients["alice"], case, "accepted").json["type"] == "urn:guangming:problem:not-your-step"
    assert course_of(clients["dan"], case).json["steps"] == []
    assert pointer_of(step(clients["dan"], case, "finished")) == "/properties/state"
    alone = send(clients["dan"], "PATCH", case, {"properties": {"note": "x"}}, tag="*")
    assert pointer_of(alone) == "/properties/note"


def test_reporter_corrects_a_report_until_it_is_accepted(clients, case):
    before, tag = state_of(clients["alice"], case)
    patch = {
        "properties": {"category": "ZZ01", "description": "隐患", "people": 40},
        "geometry": {"type": "Point", "coordinates": [113.915, 22.755]},
    }
    after = send(clients["alice"], "PATCH", case, patch, tag=tag)
    assert after.status_code == 200, after.text
    assert after.json["properties"]["cell"] == "440306007001002"
    due, reported = (
        datetime.fromisoformat(after.json["properties"][name]) for name in ("due_at", "reported_at")
    )
    assert due - reported == timedelta(hours=72)
    assert due > datetime.fromisoformat(before["properties"]["due_at"])
    bring_to(clients, case, "accepted")
    late = send(clients["alice"], "PATCH", case, {"properties": {"people": 1}}, tag="*")
    assert (late.status_code, late.json["type"]) == (409, "urn:guangming:problem:not-editable")
    moved = send(
        clients["dan"],
        "PATCH",
        case,
        {"geometry": patch["geometry"] | {"coordinates": [113.905, 22.755]}},
        tag="*",
    )
    assert moved.status_code == 409
    sorted_anew = send(clients["dan"], "PATCH", case, {"properties": {"category": "SR0102"}}, tag="*")
    assert sorted_anew.json["properties"]["due_at"] == after.json["properties"]["due_at"], "the clock runs"
    assert sorted_anew.json["properties"]["reported_at"] == before["properties"]["reported_at"]


def test_incident_read_and_sent_back_is_unchanged(clients, case):
    body, tag = state_of(clients["alice"], case)
    answer = send(clients["alice"], "PUT", case, body, tag=tag)
    assert (answer.status_code, answer.json) == (200, body)
    bring_to(clients, case, "accepted")
    body, tag = state_of(clients["alice"], case)
    assert send(clients["alice"], "PUT", case, body, tag=tag).status_code == 200, "nothing is changed"
    body["properties"]["is_open"] = False
    assert pointer_of(send(clients["alice"], "PUT", case, body, tag=tag)) == "/properties/is_open"


def test_delete_voids_an_incident_and_keeps_it(clients, case, world):
    tag = state_of(clients["alice"], case)[1]
    assert send(clients["alice"], "DELETE", case, tag=tag).status_code == 204
    kept = clients["alice"].get(case).json["properties"]
    assert (kept["state"], kept["is_open"]) == ("voided", False)
    assert kept["closed_at"]
    number = int(case.rpartition("/")[2])
    voided = clients["alice"].get(ITEMS.format("incident") + "?state=voided&limit=1000").json["features"]
    assert number in [item["id"] for item in voided]
    assert send(clients["alice"], "DELETE", case, tag="*").status_code == 204, "harmless when repeated"
    assert len(course_of(clients["alice"], case).json["steps"]) == 1
    second = path_of(post(clients["alice"], "incident", feature(incident())))
    bring_to(clients, second, "accepted")
    assert send(clients["alice"], "DELETE", second, tag="*").status_code == 409, "no longer the reporter's"
    assert send(clients["dan"], "DELETE", second, tag="*").status_code == 204


@pytest.mark.parametrize("name", ["bob", "pat", "quinn"])
def test_foreign_incidents_are_missing_ones(clients, case, name):
    """Nothing tells an incident of foreign cells from one that is not there, with a precondition or without."""
    client = clients[name]
    missing = ITEMS.format("incident") + "/99999"
    body = feature(incident())
    for method, content in (("PUT", body), ("PATCH", {"properties": {"state": "voided"}}), ("DELETE", None)):
        for tag in (None, "*", '"0"', clients["alice"].get(case).headers["ETag"]):
            foreign = send(client, method, case, content, tag=tag)
            absent = send(client, method, missing, content, tag=tag)
            assert foreign.status_code == (412 if method == "PUT" and tag else 404)
            assert {**foreign.json, "instance": ""} == {**absent.json, "instance": ""}
    assert course_of(client, case).status_code == 404
    assert clients["alice"].get(case).json["properties"]["state"] == "reported"


def test_reporter_of_another_cell_may_correct_but_not_handle(clients):
    path = path_of(post(clients["alice"], "incident", feature(incident(), (113.955, 22.755))))
    assert send(clients["alice"], "PATCH", path, {"properties": {"people": 3}}, tag="*").status_code == 200
    bring_to(clients, path, *TO_HANDLING)
    assert step(clients["alice"], path, "handled").json["type"] == "urn:guangming:problem:not-your-step"


def test_patrol_corrects_own_report(clients):
    path = path_of(post(clients["pat"], "incident", feature(incident())))
    assert send(clients["pat"], "PATCH", path, {"properties": {"people": 3}}, tag="*").status_code == 200
    assert send(clients["pat"], "DELETE", path, tag="*").status_code == 204


def test_openapi_describes_every_write(clients):
    document = clients["petra"].get("/openapi.json").json
    path = document["paths"]["/ogc/collections/{layer}/items/{feature_id}"]
    assert set(path) == {"get", "put", "patch", "delete"}
    assert set(path["put"]["requestBody"]["content"]) == {GEOJSON}
    assert set(path["patch"]["requestBody"]["content"]) == {PATCH}
    assert "requestBody" not in path["delete"]
    for method in ("put", "patch", "delete"):
        required = {p["name"] for p in path[method]["parameters"] if p["in"] == "header" and p["required"]}
        assert "If-Match" in required
    items = document["paths"]["/ogc/collections/{layer}/items"]
    assert set(items["post"]["requestBody"]["content"]) == {GEOJSON}


# State land ---------------------------------------------------------------------------------------


def area(west, south, size=0.002):
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def parcel(**members):
    return {"code": f"N{uuid4().hex[:8]}", "name_zh": "新地块", "level": "key", **members}


def test_parcel_is_measured_and_placed_by_the_server(clients):
    body = {**feature(parcel()), "geometry": area(113.911, 22.751)}
    answer = post(clients["petra"], "parcel", body)
    assert answer.status_code == 201, answer.text
    stored = answer.json
    assert stored["geometry"]["type"] == "MultiPolygon"
    assert stored["properties"]["cell"] == "440306007001002"
    assert stored["properties"]["area_m2"] == pytest.approx(205.4 * 221.5, rel=0.01)
    larger = {"geometry": area(113.911, 22.751, 0.004), "properties": {"level": "remote"}}
    changed = send(clients["adam"], "PATCH", path_of(answer), larger, tag="*")
    assert changed.json["properties"]["area_m2"] == pytest.approx(
        4 * stored["properties"]["area_m2"], rel=0.01
    )
    assert changed.json["properties"]["level"] == "remote"
    renamed = send(clients["adam"], "PATCH", path_of(answer), {"properties": {"name_zh": "旧地块"}}, tag="*")
    assert renamed.json["geometry"] == changed.json["geometry"], "a patch leaves the shape"
    assert send(clients["petra"], "DELETE", path_of(answer), tag="*").status_code == 204


def test_parcel_in_metres_of_the_district(clients):
    ring = [(113.911, 22.751), (113.913, 22.751), (113.913, 22.753), (113.911, 22.751)]
    eastings, northings = wgs84_to([lon for lon, _ in ring], [lat for _, lat in ring], "4547")
    metric = [[float(n), float(e)] for e, n in zip(eastings, northings, strict=True)]
    body = {**feature(parcel()), "geometry": {"type": "Polygon", "coordinates": [metric]}}
    answer = post(clients["petra"], "parcel", body, Content_Crs=EPSG + "4547")
    assert answer.status_code == 201, answer.text
    stored = answer.json["geometry"]["coordinates"][0][0]
    assert {tuple(round(c, 6) for c in position) for position in stored} == set(ring)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Point", "coordinates": list(INSIDE)}, "unknown-type"),
        (area(114.5, 22.75), "outside"),
        ({"type": "Polygon", "coordinates": [[[113.911, 22.751], [113.913, 22.753], [113.913, 22.751],
                                              [113.911, 22.753], [113.911, 22.751]]]}, "self-intersection"),
    ],
)  # fmt: skip
def test_parcel_needs_a_sound_shape_inside(clients, geometry, code):
    answer = post(clients["petra"], "parcel", {**feature(parcel()), "geometry": geometry})
    assert pointer_of(answer).startswith("/geometry")
    assert answer.json["errors"][0]["code"] == code


def test_what_others_refer_to_is_not_deleted(clients):
    answer = send(clients["petra"], "DELETE", ITEMS.format("parcel") + "/1", tag="*")
    assert answer.status_code == 409
    assert clients["petra"].get(ITEMS.format("parcel") + "/1").status_code == 200


def test_check_point_of_a_parcel(clients):
    members = {"code": f"N{uuid4().hex[:8]}", "name_zh": "新点", "parcel_id": 2}
    answer = post(clients["petra"], "check_point", feature(members))
    assert answer.status_code == 201, answer.text
    assert (answer.json["properties"]["radius_m"], answer.json["properties"]["parcel_code"]) == (40, "P2")
    path = path_of(answer)
    for properties, name in (
        ({"radius_m": 4}, "radius_m"),
        ({"parcel_id": 999}, "parcel_id"),
        ({"parcel_id": "2"}, "parcel_id"),
    ):
        refused = send(clients["petra"], "PATCH", path, {"properties": properties}, tag="*")
        assert pointer_of(refused) == f"/properties/{name}"
    loose = send(
        clients["petra"], "PATCH", path, {"properties": {"parcel_id": None, "radius_m": 12.5}}, tag="*"
    )
    assert (loose.json["properties"]["parcel_id"], loose.json["properties"]["radius_m"]) == (None, 12.5)
    assert send(clients["alice"], "PATCH", path, {"properties": {"radius_m": 10}}, tag="*").status_code == 405
    assert send(clients["petra"], "DELETE", path, tag="*").status_code == 204
