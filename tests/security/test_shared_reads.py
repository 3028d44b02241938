"""What readers share must not tell them of each other: tiles kept in one cache, tags, counts, extents.

Two applications stand for two worker processes: each has its own caches, both the same database. Reads go
through the fast lane unless a test takes it away.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg2
import pytest

from gis.people.model import Actor, Role
from tests.conftest import make_app, program_of, sign_in_client
from tests.gis.publish import mvt
from tests.world import PASSWORD
from webmap.auth.actors import CACHE_SECONDS

TILE = "/ogc/collections/{layer}/tiles/WebMercatorQuad/{tile}"
CELL_2, CELL_4, DISTRICT = "14/7128/13376", "14/7128/13377", "9/222/418"
NORTH_OF_CELL_4 = "14/7127/13377"
WHOLE = "12/1782/3344"
ITEMS = "/ogc/collections/{layer}/items"
OWN = ("building", "rental_unit", "incident", "patrol_point")


@pytest.fixture(scope="module", autouse=True)
def bob_has_cell_3(world):
    """So that he and Alice, who has cell 2, look at one tile."""
    with database(world) as cursor:
        cursor.execute(
            "INSERT INTO app.assignment (account_id, cell_id, duty, valid_from) VALUES (%s, 3, 'deputy', '2014-01-01')",
            (world.accounts["bob"],),
        )


@pytest.fixture
def apps(world):
    """Two workers."""
    made = [make_app(world.url), make_app(world.url)]
    yield made
    with database(world) as cursor:  # nobody may have more than twenty
        cursor.execute("DELETE FROM app.api_token")
    for app in made:
        app.extensions["gis"].close()


@pytest.fixture
def program(apps, world):
    """A program of somebody at a worker: `program("alice", worker=1)`."""
    kept = {}

    def give(name, worker=0, **asked):
        key = (name, str(asked))
        if key not in kept:
            kept[key] = program_of(apps[worker], world.actor(name), **asked)
        headers = kept[key].headers
        return type(kept[key])(apps[worker].test_client(use_cookies=False), headers)

    return give


@contextmanager
def database(world):
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        yield cursor
    connection.close()


def new_person(world, username, role):
    """One more person, with the password of everybody here."""
    with database(world) as cursor:
        cursor.execute(
            "INSERT INTO app.account (username, full_name, role) VALUES (%s, 'x', %s) RETURNING account_id",
            (username, role.value),
        )
        account = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO app.credential (account_id, password_hash)"
            " SELECT %s, password_hash FROM app.credential LIMIT 1",
            (account,),
        )
    return Actor(account, role)


@contextmanager
def lane_only(app):
    """Count what the lane hands on to Flask."""
    handed_on, real = [], app.wsgi_app.next

    def count(environ, start_response):
        handed_on.append(environ["PATH_INFO"])
        return real(environ, start_response)

    app.wsgi_app.next = count
    yield handed_on
    app.wsgi_app.next = real


def ids(program, layer, tile):
    """Ids of the features in a tile."""
    answer = program.get(TILE.format(layer=layer, tile=tile))
    assert answer.status_code in (200, 204), answer.text
    return {feature["id"] for feature in mvt.read(answer.data).get(layer, [])} if answer.data else set()


def counted(program, layer, tile):
    """How many features the squares of a tile stand for."""
    features = mvt.read(program.get(TILE.format(layer=layer, tile=tile)).data).get(layer, [])
    return sum(feature["properties"]["count"] for feature in features)


# ---------------------------------------------------------------- one cache, many readers


@pytest.mark.parametrize("layer", ["building", "rental_unit", "incident"])
@pytest.mark.parametrize("order", list(itertools.permutations(("alice", "bob", "petra"))))
def test_officers_of_different_cells_never_share_a_tile(apps, program, layer, order):
    near = {"alice": {2}, "bob": {3}, "petra": {2, 3}}
    far = {"alice": set(), "bob": {4}, "petra": {4, 5}}
    with lane_only(apps[0]) as handed_on:
        for name in order * 2:  # the second time from the cache
            assert ids(program(name), layer, CELL_2) == near[name]
            assert ids(program(name), layer, CELL_4) == far[name]
            assert counted(program(name), layer, DISTRICT) == {"alice": 1, "bob": 2, "petra": 5}[name]
    assert handed_on == []


def test_reader_of_the_same_scope_is_served_from_the_cache_under_a_tag_of_his_own(
    apps, world, program, monkeypatch
):
    from gis.publish import store

    path = TILE.format(layer="rental_unit", tile=CELL_2)
    first = program("petra").get(path)
    colleague = program_of(apps[0], new_person(world, "paul", Role.PLANNER))
    monkeypatch.setattr(store, "tile_of_points", lambda *_: pytest.fail("made anew"))
    second = colleague.get(path)
    assert second.data == first.data
    assert second.headers["ETag"] != first.headers["ETag"]
    assert program("petra").get(path, headers={"If-None-Match": second.headers["ETag"]}).status_code == 200
    with pytest.raises(pytest.fail.Exception, match="made anew"):
        program("alice").get(path)


SQUARES_OF_CELLS = "?bbox=113.9,22.752,113.92,22.758&limit=1000"  # 8 by 3 or 4 squares


@pytest.mark.parametrize("layer", ["building", "rental_unit"])
@pytest.mark.parametrize("order", list(itertools.permutations(("alice", "bob", "petra"))))
def test_officers_never_share_features_kept_by_square(apps, world, program, layer, order):
    path = ITEMS.format(layer=layer) + SQUARES_OF_CELLS
    with database(world) as cursor:
        cursor.execute(
            f"SELECT {layer}_id, cell_id FROM app.{layer} WHERE ST_X(geom) BETWEEN 113.9 AND 113.92"
            " AND ST_Y(geom) BETWEEN 22.752 AND 22.758"
        )
        rows = cursor.fetchall()
    cells = {"alice": {1, 2}, "bob": {3, 4}, "petra": {1, 2, 3, 4, 5, 6}}
    with lane_only(apps[0]) as handed_on:
        tags = set()
        for name in order * 2:  # the second time from memory
            answer = program(name).get(path)
            found = {feature["id"] for feature in answer.json["features"]}
            assert found == {row_id for row_id, cell in rows if cell in cells[name]}
            tag = {"If-None-Match": answer.headers["ETag"]}
            assert program(name).get(path, headers=tag).status_code == 304
            tags.add((name, answer.headers["ETag"]))
    assert len(tags) == 3
    assert len(apps[0].extensions["blocks"]._things) > 0
    assert handed_on == []


def test_application_that_keeps_no_features_answers_alike(apps, world, program):
    bare = make_app(world.url, feature_cache_mb=0)
    try:
        assert bare.extensions["blocks"] is None
        path = ITEMS.format(layer="rental_unit") + SQUARES_OF_CELLS
        for name in ("alice", "petra"):
            without = bare.test_client(use_cookies=False).get(path, headers=program(name).headers)
            answers = [answer.json["features"] for answer in (without, program(name).get(path))]
            left, right = (sorted(features, key=lambda feature: feature["id"]) for features in answers)
            assert left == right != []
    finally:
        bare.extensions["gis"].close()


def test_tag_of_another_reader_is_no_key(program):
    for path in (ITEMS.format(layer="facility"), ITEMS.format(layer="facility") + "/1"):
        tags = {name: program(name).get(path).headers["ETag"] for name in ("alice", "bob", "petra")}
        assert len(set(tags.values())) == 3
        for name, other in itertools.permutations(tags, 2):
            headers = {"If-None-Match": tags[other]}
            assert program(name).get(path, headers=headers).status_code == 200


# ---------------------------------------------------------------- foreign rows do not exist

SEEN = [
    *(ITEMS.format(layer=layer) + tail for layer in OWN for tail in
      ("", "?count=true", "?bbox=113.9,22.75,113.96,22.76&count=true", "?limit=1", "?sortby=-code" if layer in
       ("building", "rental_unit") else "?count=1")),
    *(ITEMS.format(layer=layer) + f"/{number}" for layer in OWN for number in (1, 2, 4, 900)),
    *(TILE.format(layer=layer, tile=tile) for layer in OWN for tile in
      (DISTRICT, WHOLE, CELL_2, CELL_4, NORTH_OF_CELL_4, "12/1782/3343", "0/0/0")),
    "/ogc/collections", *(f"/ogc/collections/{layer}" for layer in OWN),
    *(f"/ogc/collections/{layer}/queryables" for layer in OWN),
    *(f"/ogc/collections/{layer}/tiles/WebMercatorQuad/tilejson.json" for layer in OWN),
    *(f"/api/v1/counts/{layer}" for layer in ("incident", "rental_unit", "building")),
    *(f"/api/v1/clusters/{layer}?bbox=113.9,22.75,113.96,22.76&zoom={zoom}" for layer in ("incident", "rental_unit")
      for zoom in (8, 14, 18)),
    "/api/v1/search?q=B900", "/api/v1/search?q=%E6%B5%8B%E8%AF%95%E8%B7%AF", "/api/v1/figures/open_incidents",
]  # fmt: skip
FOREIGN = (
    # Far from where the world's rows lie, so that an extent would tell of them.
    "INSERT INTO app.building (code, name_zh, address, use, floors, cell_id, community_id, geom) VALUES"
    " ('B900', '别栋', '测试路900号', 'residential', 6, 4, 2, ST_SetSRID(ST_MakePoint(113.9388, 22.7588), 4326))",
    "INSERT INTO app.rental_unit (code, building_id, address, grade, filed_on, cell_id, community_id, geom) VALUES"
    " ('U900', 4, '测试路900号', 'watch', '2014-01-01', 4, 2, ST_SetSRID(ST_MakePoint(113.9388, 22.7588), 4326))",
    "INSERT INTO app.incident (client_id, category, description, occurred_at, due_at, cell_id, community_id, geom) VALUES"
    " (gen_random_uuid(), 'SR0102', '别', now(), now(), 4, 2, ST_SetSRID(ST_MakePoint(113.9388, 22.7588), 4326))",
    "INSERT INTO app.patrol_point (client_id, content_sha256, team_id, parcel_id, kind, source, at, device_at, cell_id,"
    " community_id, is_outside, geom) VALUES (gen_random_uuid(), sha256('y'), 2, 4, 'OK', 'demo', now(), now(), 4, 2, false,"
    " ST_SetSRID(ST_MakePoint(113.9388, 22.7588), 4326))",
    "UPDATE app.rental_unit SET grade = 'lenient', geom = ST_Translate(geom, 0.0001, 0) WHERE code IN ('U4', 'U5')",
    "UPDATE app.incident SET description = '改' WHERE incident_id IN (4, 5)",
    "UPDATE app.building SET floors = 9 WHERE building_id = 4",
    "DELETE FROM app.rental_unit WHERE code = 'U6'",
)  # fmt: skip


def snapshot(program):
    """Status, tag and body of everything that is read, without what names the request."""
    made = {}
    for path in SEEN:
        answer = program.get(path)
        assert answer.status_code < 500
        body = answer.json if answer.content_type == "application/problem+json" else answer.data
        if isinstance(body, dict):
            body = {**body, "instance": ""}
        made[path] = (answer.status_code, answer.headers.get("ETag"), body)
    return made


def test_changes_of_foreign_rows_leave_every_answer_as_it_was(world, program):
    before = {name: snapshot(program(name)) for name in ("alice", "pat", "petra")}
    numbers = {path: json.loads(body).get("numberMatched") for path, (status, _, body) in before["alice"].items()
               if status == 200 and path.endswith("count=true")}  # fmt: skip
    assert set(numbers.values()) == {2}
    with database(world) as cursor:
        for statement in FOREIGN:
            cursor.execute(statement)
    for worker in (0, 1):
        after = snapshot(program("alice", worker))
        assert {path for path in SEEN if after[path] != before["alice"][path]} == set()
    after = snapshot(program("pat"))  # patrols another community, and sees no housing at all
    assert {path for path in SEEN if after[path] != before["pat"][path]} == set()
    after = snapshot(program("petra"))
    changed = {path for path in SEEN if after[path] != before["petra"][path]}
    assert {TILE.format(layer=layer, tile=NORTH_OF_CELL_4) for layer in OWN} <= changed
    assert {TILE.format(layer=layer, tile=DISTRICT) for layer in OWN} <= changed
    assert {ITEMS.format(layer=layer) for layer in OWN} <= changed


def test_missing_and_foreign_rows_are_answered_alike(program):
    for layer in ("building", "rental_unit", "incident"):
        answers = [program("alice").get(ITEMS.format(layer=layer) + f"/{number}") for number in (5, 99_999)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert len({str({**answer.json, "instance": ""}) for answer in answers}) == 1


# ---------------------------------------------------------------- who may read


def status_within(read, wanted, seconds):
    """How long until a read is answered with a status; it has to be in time."""
    begun = time.monotonic()
    while (status := read().status_code) != wanted:
        assert time.monotonic() - begun <= seconds, f"still {status}"
        time.sleep(0.05)
    return time.monotonic() - begun


READS = (
    ITEMS.format(layer="incident"),
    ITEMS.format(layer="incident") + "/1",
    TILE.format(layer="incident", tile=CELL_2),
)


def test_token_of_one_collection_opens_no_other(apps, program):
    narrow = program("alice", collections=("incident",))
    with lane_only(apps[0]) as handed_on:
        assert {narrow.get(path).status_code for path in READS} == {200}
    assert handed_on == []
    for layer in ("building", "cell", "facility"):
        for path in (ITEMS, ITEMS + "/1", TILE):
            answer = narrow.get(path.format(layer=layer, tile=CELL_2))
            assert answer.status_code in (403, 404), path
            assert answer.content_type == "application/problem+json"
    assert [entry["id"] for entry in narrow.get("/ogc/collections").json["collections"]] == ["incident"]
    assert narrow.get("/api/v1/counts/incident").status_code == 403


def test_revoked_token_ends_on_every_worker(apps, world, program):
    readers = [program("alice", worker, days=2) for worker in (0, 1)]
    assert {reader.get(path).status_code for reader in readers for path in READS} == {200}
    with database(world) as cursor:
        cursor.execute(
            "UPDATE app.api_token SET revoked_at = now() WHERE expires_at > now() + interval '36 hours'"
        )
    for reader, path in itertools.product(readers, READS):
        status_within(lambda reader=reader, path=path: reader.get(path), 401, CACHE_SECONDS + 0.5)
    answer = readers[0].get(READS[0])
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("change", ["closed", "must change password", "signed out"])
def test_session_that_may_no_longer_read_is_refused_on_the_lane(apps, world, change):
    clients = [sign_in_client(app, "quinn", PASSWORD) for app in apps]
    assert {client.get(READS[0]).status_code for client in clients} == {200}
    statement, undo = {
        "closed": ("UPDATE app.account SET is_active = false WHERE username = 'quinn'",
                   "UPDATE app.account SET is_active = true WHERE username = 'quinn'"),
        "must change password": (
            "UPDATE app.credential SET must_change = true WHERE account_id = (SELECT account_id FROM app.account"
            " WHERE username = 'quinn')",
            "UPDATE app.credential SET must_change = false"),
        "signed out": ("UPDATE app.session SET revoked_at = now() WHERE account_id = (SELECT account_id FROM"
                       " app.account WHERE username = 'quinn')", "SELECT 1"),
    }[change]  # fmt: skip
    with database(world) as cursor:
        cursor.execute(statement)
    try:
        for client in clients:
            for path in READS[::2]:
                status_within(
                    lambda client=client, path=path: client.get(path, headers={"Accept": "application/geo+json"}),
                    401, CACHE_SECONDS + 0.5,
                )  # fmt: skip
    finally:
        with database(world) as cursor:
            cursor.execute(undo)


def test_reset_password_ends_the_tokens_of_the_person(apps, world, program):
    readers = [program("rex", worker) for worker in (0, 1)]
    assert {reader.get(READS[0]).status_code for reader in readers} == {200}
    adam = sign_in_client(apps[0], "adam", PASSWORD)
    assert adam.post(f"/admin/people/{world.accounts['rex']}/password").status_code == 200
    assert readers[0].get(READS[0]).status_code == 401  # at once where it was done
    status_within(lambda: readers[1].get(READS[0]), 401, CACHE_SECONDS + 0.5)


def test_guessing_tokens_is_slowed_down_on_the_lane(world):
    app = make_app(world.url, token_tries="5 per 15 minutes")
    try:
        client = app.test_client(use_cookies=False)
        good = program_of(app, world.actor("alice")).headers
        tries = [
            client.get(READS[0], headers={"Authorization": f"Bearer gg_{number:043d}"}).status_code
            for number in range(8)
        ]
        assert tries == [401] * 5 + [429] * 3
        # Who guesses right after too many tries is not told so.
        assert client.get(READS[0], headers=good).status_code == 429
        elsewhere = {"REMOTE_ADDR": "10.0.0.9"}
        assert client.get(READS[0], headers=good, environ_overrides=elsewhere).status_code == 200
    finally:
        app.extensions["gis"].close()


# ---------------------------------------------------------------- addresses and conditions


@pytest.mark.parametrize("has_lane", [True, False])
@pytest.mark.parametrize(
    ("settings", "headers", "base"),
    [
        ({"proxies": 1}, {"X-Forwarded-Proto": "https", "Host": "gis.example.cn"}, "https://gis.example.cn"),
        ({}, {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Host": "gis.example.cn"},
         "http://gis.example.cn"),
        ({"proxies": 1}, {"X-Forwarded-Host": "evil.example", "Host": "gis.example.cn"}, "http://gis.example.cn"),
        ({"public_url": "https://map.example.cn/gis"}, {"Host": "evil.example"}, "https://map.example.cn/gis"),
    ],
)  # fmt: skip
def test_links_name_the_address_that_the_outside_world_uses(world, settings, headers, base, has_lane):
    app = make_app(world.url, **settings)
    try:
        reader = program_of(app, world.actor("petra"))
        query = "?limit=1" if has_lane else "?limit=1&f=json&lang=en"
        links = reader.get(ITEMS.format(layer="incident") + query, headers=headers).json["links"]
        assert {link["rel"] for link in links} >= {"self", "next", "collection", "alternate"}
        for link in links:
            assert link["href"].startswith(f"{base}/ogc/collections/incident"), link
    finally:
        app.extensions["gis"].close()


def test_head_tells_what_get_would_and_a_tag_saves_the_body(apps, program):
    reader = program("petra")
    for path in (ITEMS.format(layer="incident"), ITEMS.format(layer="cell") + "?limit=2", *READS[1:]):
        got = reader.get(path)
        head = reader.open(path, "HEAD")
        assert (head.status_code, head.data) == (200, b"")
        for name in ("ETag", "Content-Type", "Cache-Control", "Content-Length", "Content-Crs"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)
        with lane_only(apps[0]) as handed_on:
            for tag in (got.headers["ETag"], f'"x", {got.headers["ETag"]}', "*"):
                again = reader.get(path, headers={"If-None-Match": tag})
                assert (again.status_code, again.data) == (304, b"")
                assert again.headers["ETag"] == got.headers["ETag"]
        assert handed_on == []
        assert reader.open(path, "HEAD", headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
        assert reader.get(path, headers={"If-None-Match": '"x"'}).data == got.data


# ---------------------------------------------------------------- what changes is seen at once


def test_reassigned_cell_shows_in_the_next_tile_of_every_worker(apps, world, program):
    adam = sign_in_client(apps[0], "adam", PASSWORD)
    readers = [program("bob", worker) for worker in (0, 1)]
    for reader in readers:
        assert ids(reader, "rental_unit", CELL_4) == {4}
        assert ids(reader, "building", WHOLE) == {3, 4}
    before = counted(readers[0], "building", DISTRICT)
    account = world.accounts["bob"]
    form = {
        "cell_code": "440306007002002",
        "duty": "deputy",
        "valid_from": "2014-01-01",
        "valid_to": "",
        "reason": "x",
    }
    assert adam.post(f"/admin/people/{account}/cells", data=form).status_code == 302
    for reader in readers:
        assert ids(reader, "rental_unit", CELL_4) == {4, 5}
        assert ids(reader, "building", WHOLE) == {3, 4, 5}
        assert counted(reader, "building", DISTRICT) == before + 1
    with database(world) as cursor:
        cursor.execute("SELECT max(assignment_id) FROM app.assignment")
        assignment = cursor.fetchone()[0]
    assert adam.post(f"/admin/people/{account}/cells/{assignment}/end").status_code == 302
    for reader in readers:
        assert ids(reader, "rental_unit", CELL_4) == {4}
        assert counted(reader, "building", DISTRICT) == before


def test_changed_role_is_no_longer_served_from_what_was_kept(apps, world, program):
    """A planner's tile is kept; the same person as an officer without a cell sees nothing of it."""
    actor = new_person(world, "mona", Role.PLANNER)
    reader = program_of(apps[0], actor)
    assert ids(reader, "rental_unit", CELL_2) == {2, 3}
    with database(world) as cursor:
        cursor.execute("UPDATE app.account SET role = 'officer' WHERE account_id = %s", (actor.account_id,))
    time.sleep(CACHE_SECONDS + 0.1)
    assert ids(reader, "rental_unit", CELL_2) == set()


# ---------------------------------------------------------------- an upload storm


def incident_at(lon, lat):
    return {
        "client_id": str(uuid.uuid4()),
        "category": "SR0102",
        "description": "storm",
        "lon": lon,
        "lat": lat,
    }


def point_at(lon, lat):
    return {
        "client_id": str(uuid.uuid4()),
        "lon": lon,
        "lat": lat,
        "device_at": "2026-01-01T09:00:00+08:00",
        "kind": "OK",
    }


def test_who_writes_sees_it_in_the_next_tile_of_any_worker_while_others_write_and_read(world, program):
    """Alice reports in cell 2, Bob in cell 4, Pat logs points; each reads on either worker, at once."""
    rng, lock = random.Random(4), threading.Lock()
    seen = {"alice": set(), "bob": set()}

    def place(west):
        with lock:
            return round(west + rng.uniform(0.001, 0.009), 6), round(22.75 + rng.uniform(0.001, 0.005), 6)

    def report(name, west, tile, rounds):
        for _ in range(rounds):
            with lock:
                writer, first, second = (rng.randrange(2) for _ in range(3))
            path = TILE.format(layer="incident", tile=tile)
            tag = program(name, first).get(path).headers.get("ETag")
            answer = program(name, writer).post("/api/v1/incidents", json=incident_at(*place(west)))
            assert answer.status_code == 201, answer.text
            for worker in (first, second):
                tiled = program(name, worker).get(path)
                assert tiled.headers["ETag"] != tag, "the tile did not move"
                found = {feature["id"] for feature in mvt.read(tiled.data)["incident"]}
                assert answer.json["id"] in found, "the own report is missing"
                assert counted(program(name, worker), "incident", DISTRICT) >= 1
            seen[name].add(answer.json["id"])

    def log(rounds):
        for _ in range(rounds):
            with lock:
                writer, reader = rng.randrange(2), rng.randrange(2)
            path = TILE.format(layer="patrol_point", tile=CELL_2)
            before = counted(program("pat", reader), "patrol_point", CELL_2)
            tag = program("pat", reader).get(path).headers.get("ETag")
            batch = {"points": [point_at(*place(113.9105)) for _ in range(5)]}
            answer = program("pat", writer).post("/api/v1/patrol-points", json=batch)
            assert [item["outcome"] for item in answer.json["results"]] == ["created"] * 5, answer.text
            assert program("pat", reader).get(path).headers["ETag"] != tag
            assert counted(program("pat", reader), "patrol_point", CELL_2) >= before + 5

    for name in ("alice", "bob", "pat", "petra"):
        program(name)  # tokens are made before the storm
    with ThreadPoolExecutor(6) as pool:
        jobs = [
            pool.submit(report, "alice", 113.9105, CELL_2, 15),
            pool.submit(report, "bob", 113.931, CELL_4, 15),
            pool.submit(log, 12),
            pool.submit(report, "alice", 113.9105, CELL_2, 15),
        ]
        for job in jobs:
            job.result()
    assert len(seen["alice"]) == 30 and len(seen["bob"]) == 15
    for worker in (0, 1):
        assert not ids(program("bob", worker), "incident", CELL_2) & seen["alice"]
        assert not ids(program("alice", worker), "incident", CELL_4)
        assert seen["alice"] <= ids(program("petra", worker), "incident", CELL_2)
        assert seen["bob"] <= ids(program("petra", worker), "incident", CELL_4)
