"""Public counts: off by default, counts only, never a small one, and nothing else opens with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import psycopg2
import pytest

from gis.errors import Forbidden, InvalidInput, NotFound
from gis.publish import public
from gis.publish.public import PUBLISHABLE, KeptCounts
from tests.conftest import make_app, program_of, sign_in_client
from tests.security.test_routes import PUBLIC, addresses
from tests.world import PASSWORD, PEOPLE

BUILDINGS = "/ogc/collections/building_by_community"
WEST, EAST = "440306007001", "440306007002"
# Bounds of the two communities and of the six buildings of the world, never of one of them.
OUTLINE = {113.9, 113.93, 113.96, 22.75, 22.76}


@pytest.fixture(scope="module")
def app(world):
    # Two more buildings in the west: five there, three in the east.
    change(
        world,
        "INSERT INTO app.building (code, name_zh, address, use, floors, cell_id, community_id, geom)"
        " SELECT 'X' || n, 'x', '测试路', 'residential', 6, 1, 1, ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326)"
        " FROM generate_series(1, 2) AS n",
    )
    application = make_app(world.url)
    yield application
    application.extensions["gis"].close()


def change(world, statement: str) -> list[tuple]:
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


@pytest.fixture(autouse=True)
def all_off(world):
    yield
    change(world, "UPDATE app.public_profile SET is_on = false, smallest = 10")


@pytest.fixture
def nobody(app):
    return app.test_client()


def switch(world, layer="building", *, is_on=True, smallest=10):
    public.set_profile(world.db, world.actor("adam"), layer, is_on=is_on, smallest=smallest)


def counts(client, path=f"{BUILDINGS}/items") -> dict[str, int | None]:
    return {f["properties"]["code"]: f["properties"]["count"] for f in client.get(path).json["features"]}


def test_off_by_default_for_everyone(app, world, nobody):
    assert not any(profile.is_on for profile in public.profiles(world.db, world.actor("adam")))
    assert {p.layer: p.smallest for p in public.profiles(world.db, world.actor("adam"))} == dict.fromkeys(
        PUBLISHABLE, 10
    )
    for path in ("/ogc", "/ogc/conformance", "/ogc/collections", BUILDINGS, f"{BUILDINGS}/items"):
        answer = nobody.get(path)
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json"), path
    for name in PEOPLE:
        client = sign_in_client(app, name, PASSWORD)
        missing = client.get("/ogc/collections/nothing_by_community/items")
        for path in (BUILDINGS, f"{BUILDINGS}/items", f"{BUILDINGS}/items/{WEST}"):
            answer = client.get(path)
            assert answer.status_code == 404
            assert {**answer.json, "instance": ""} == {**missing.json, "instance": ""}


def test_everybody_reads_counts_and_nothing_but_counts(app, world, nobody):
    switch(world, smallest=3)
    answer = nobody.get(f"{BUILDINGS}/items")
    assert answer.content_type == "application/geo+json"
    assert [set(f["properties"]) for f in answer.json["features"]] == [
        {"code", "name_zh", "name_en", "count", "as_of"}
    ] * 2
    assert counts(nobody) == {WEST: 5, EAST: 3}
    assert {f["properties"]["as_of"] for f in answer.json["features"]} == {
        str(change(world, "SELECT app.today()")[0][0])
    }
    numbers = {
        float(n) for f in answer.json["features"] for n in re.findall(r"-?\d+\.\d+", str(f["geometry"]))
    }
    assert numbers == OUTLINE
    for name in ("alice", "pat", "petra"):
        assert counts(sign_in_client(app, name, PASSWORD)) == {WEST: 5, EAST: 3}, "the same for everybody"
    one = nobody.get(f"{BUILDINGS}/items/{EAST}")
    assert one.json["properties"]["count"] == 3 and one.json["id"] == EAST
    for missing in ("1", "x", "%00", "440306007001001", "a" * 400):
        assert nobody.get(f"{BUILDINGS}/items/{missing}").status_code == 404, missing


@pytest.mark.parametrize(
    ("smallest", "wanted"),
    [(3, (5, 3)), (4, (5, None)), (5, (5, None)), (6, (None, None)), (10, (None, None))],
)
def test_small_counts_are_not_told(app, world, nobody, smallest, wanted):
    switch(world, smallest=smallest)
    assert counts(nobody) == dict(zip((WEST, EAST), wanted, strict=True))


def test_a_community_without_any_is_told_like_one_with_few(app, world, nobody):
    change(world, "DELETE FROM app.facility WHERE community_id = 2")
    switch(world, "facility", smallest=4)
    assert counts(nobody, "/ogc/collections/facility_by_community/items") == {WEST: None, EAST: None}


def test_only_the_switched_one_opens(app, world, nobody):
    switch(world)
    listed = nobody.get("/ogc/collections").json["collections"]
    assert [collection["id"] for collection in listed] == ["building_by_community"]
    assert nobody.get("/ogc").status_code == nobody.get("/ogc/conformance").status_code == 200
    assert nobody.get(BUILDINGS).json["id"] == "building_by_community"
    for layer in set(PUBLISHABLE) - {"building"}:
        assert nobody.get(f"/ogc/collections/{layer}_by_community/items").status_code == 404
    for layer in ("check_point", "cell", "account", "building_by_community"):
        assert nobody.get(f"/ogc/collections/{layer}_by_community").status_code == 404


def test_nothing_else_opens(app, world):
    for layer in PUBLISHABLE:
        switch(world, layer, smallest=3)
    opened = set()
    for endpoint, method, address in addresses(app):
        if endpoint in PUBLIC:
            continue
        with app.test_client().open(address, method=method) as answer:
            if answer.status_code not in (401, 403) and "/login?next=" not in answer.headers.get(
                "Location", ""
            ):
                opened.add((endpoint, method))
    # addresses() asks for item "1", which no community is: 404, but asked as nobody.
    assert opened == {
        ("ogc.landing", "GET"),
        ("ogc.conformance", "GET"),
        ("ogc.collections", "GET"),
        ("ogc_description.api", "GET"),
        ("ogc_public.collection", "GET"),
        ("ogc_public.items", "GET"),
        ("ogc_public.item", "GET"),
    }


def test_signed_in_people_find_it_in_the_list_and_limited_tokens_do_not(app, world):
    switch(world)
    petra = sign_in_client(app, "petra", PASSWORD)
    assert "building_by_community" in {c["id"] for c in petra.get("/ogc/collections").json["collections"]}
    limited = program_of(app, world.actor("petra"), collections=("building",))
    assert [c["id"] for c in limited.get("/ogc/collections").json["collections"]] == ["building"]
    assert limited.get(f"{BUILDINGS}/items").status_code == 404


def test_a_bad_token_is_refused_where_nobody_is_let_in(app, world, nobody):
    switch(world)
    for path in ("/ogc", f"{BUILDINGS}/items"):
        answer = nobody.get(path, headers={"Authorization": "Bearer gg_x"})
        assert answer.status_code == 401 and "invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_layer_is_counted_once_a_minute_and_anew_when_switched(world, app):
    clock = [100.0]
    asked = []

    def count():
        asked.append(clock[0])
        return ()

    kept = KeptCounts(lambda: clock[0])
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    for at, version in ((100.0, first), (159.9, first), (160.0, first), (161.0, second), (200.0, second)):
        clock[0] = at
        kept.get("building", version, count)
    assert asked == [100.0, 160.0, 161.0]
    kept.get("incident", second, count)
    assert len(asked) == 4


def test_pages_box_and_bad_parameters(app, world, nobody):
    switch(world, smallest=3)
    first = nobody.get(f"{BUILDINGS}/items?limit=1").json
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = nobody.get(following).json
    assert [f["id"] for f in first["features"] + second["features"]] == [WEST, EAST]
    assert "next" not in {link["rel"] for link in second["links"]}
    assert list(counts(nobody, f"{BUILDINGS}/items?bbox=113.94,22.75,113.95,22.755")) == [EAST]
    assert counts(nobody, f"{BUILDINGS}/items?bbox=1,1,2,2") == {}
    assert len(counts(nobody, f"{BUILDINGS}/items?datetime=2014-01-01/..")) == 2
    for bad in ("limit=0", "limit=x", "bbox=1,2,3", "datetime=x", "after=a&after=b", "code=1", "after=%00"):
        answer = nobody.get(f"{BUILDINGS}/items?{bad}")
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), bad


def test_outlines_say_that_they_are_schematic(app, world, nobody):
    switch(world)
    assert nobody.get(f"{BUILDINGS}?lang=en").json["attribution"] == "Schematic, not legal boundaries"
    assert nobody.get("/ogc?lang=en").json["description"] == "Schematic, not legal boundaries"


def test_reader_asks_again_with_an_etag(app, world, nobody):
    switch(world, smallest=3)
    tag = nobody.get(f"{BUILDINGS}/items").headers["ETag"]
    assert nobody.get(f"{BUILDINGS}/items", headers={"If-None-Match": tag}).status_code == 304
    switch(world, smallest=4)
    assert nobody.get(f"{BUILDINGS}/items", headers={"If-None-Match": tag}).status_code == 200
    switch(world, is_on=False)
    assert nobody.get(f"{BUILDINGS}/items", headers={"If-None-Match": tag}).status_code == 401


def test_administrator_switches_on_the_page_and_it_is_audited(app, world, nobody):
    adam = sign_in_client(app, "adam", PASSWORD)
    page = adam.get("/admin/publication?lang=en").text
    assert page.count("switched off") == 6 and 'href="/admin/publication"' in adam.get("/").text
    assert adam.post("/admin/publication/building", data={"is_on": "on", "smallest": "5"}).status_code == 302
    assert counts(nobody) == {WEST: 5, EAST: None}
    assert adam.post("/admin/publication/building", data={"smallest": "5"}).status_code == 302
    assert nobody.get(f"{BUILDINGS}/items").status_code == 401
    trace = change(
        world,
        "SELECT account_id, subject, detail FROM app.audit_log WHERE action = 'public_profile.set'"
        " ORDER BY audit_id DESC LIMIT 2",
    )
    me = world.accounts["adam"]
    assert trace == [
        (me, "building", {"is_on": False, "smallest": 5}),
        (me, "building", {"is_on": True, "smallest": 5}),
    ]


@pytest.mark.parametrize("smallest", ["", "2", "0", "-5", "10001", "x", "1e3", "５"])
def test_bad_smallest_counts_change_nothing(app, world, smallest):
    adam = sign_in_client(app, "adam", PASSWORD)
    adam.post("/admin/publication/building", data={"is_on": "on", "smallest": smallest})
    assert 'class="flash flash-danger"' in adam.get("/admin/publication").text
    assert not public.public_collections(world.db)


def test_nobody_else_may_switch(app, world):
    for name in set(PEOPLE) - {"adam"}:
        with pytest.raises(Forbidden):
            switch_as = world.actor(name)
            public.set_profile(world.db, switch_as, "building", is_on=True, smallest=10)
        with pytest.raises(Forbidden):
            public.profiles(world.db, world.actor(name))
    with pytest.raises(NotFound):
        public.set_profile(world.db, world.actor("adam"), "patrol_track", is_on=True, smallest=10)
    with pytest.raises(InvalidInput) as error:
        public.set_profile(world.db, world.actor("adam"), "building", is_on=True, smallest=1)
    assert error.value.pointer == "smallest"
