"""New sites through the database on the small world: six buildings on a street, answers by hand.

The buildings are 13.7 minutes apart; 10, 20 … 60 people live in them from west to east.
"""

from __future__ import annotations

from itertools import combinations

import pytest

from gis.analysis.result import Result
from gis.analysis.services.drafts import delete_draft, draft_shapes, drafts, keep_draft, keep_list, sites
from gis.analysis.services.sites import SITES
from gis.analysis.services.sites_model import SitesParameters, places_of
from gis.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.world import World

PICKED = "; ".join(f"{113.905 + 0.01 * n:.3f},22.755" for n in range(6))
STEP_MIN = 1027.4 / 75


@pytest.fixture(scope="module")
def town(world):
    world.ask("SET ROLE gis_migrator; UPDATE app.rental_unit SET tenants = 10 * rental_unit_id")
    return world


def ask(world: World, name: str = "petra", **asked) -> Result:
    chosen = {"kind": "hospital", "candidates": "picked", "picked": PICKED, "minutes": 14, **asked}
    return sites(world.db, world.actor(name), SitesParameters(**chosen)).result


def table(result: Result, name: str) -> list[dict]:
    found = next(one for one in result.tables if one.name == name)
    return [dict(zip((figure.name for figure in found.figures), row, strict=True)) for row in found.rows]


def test_one_site_goes_where_it_serves_most(town):
    result = ask(town, k=1)
    (site,) = table(result, "sites")
    # Within 14 minutes of the fifth building live 40 + 50 + 60 people.
    assert (site["site_gain"], site["lon"], site["lat"]) == (150, "113.945000", "22.755000")
    (solution,) = table(result, "solution")
    assert (solution["objective"], solution["bound"], solution["gap"], solution["status"]) == (
        150,
        150,
        0,
        "optimal",
    )


def test_the_curve_grows_ever_more_slowly_to_everybody_and_equals_all_choices(town):
    result = ask(town, k=2)
    curve = [row["served_share"] * 210 for row in table(result, "gain")]
    near = [{n for n in range(6) if abs(n - site) <= 1} for site in range(6)]
    best = [
        max(
            sum(10 * (n + 1) for n in set().union(*(near[s] for s in chosen)))
            for chosen in combinations(range(6), k)
        )
        for k in (1, 2)
    ]
    assert curve == pytest.approx([0, *best, *[210] * 8])
    assert [row["gained"] for row in table(result, "gain")][:4] == [0, 150, 60, 0]
    assert [row["site_gain"] for row in table(result, "sites")] == [150, 60]


def test_a_facility_that_is_there_stays_and_counts(town):
    town.ask(
        "SET ROLE gis_migrator; INSERT INTO app.facility (code, kind, name_zh, cell_id, community_id, geom)"
        " VALUES ('H5', 'hospital', '医院', 5, 2, ST_SetSRID(ST_MakePoint(113.945, 22.755), 4326))"
    )
    result = ask(town, k=1)
    (site,) = table(result, "sites")
    assert (site["lon"], site["site_gain"]) == ("113.915000", 60)
    before, after = table(result, "change")
    assert (before["within"], after["within"]) == (pytest.approx(150 / 210), 1)
    assert [row["gained"] for row in table(result, "communities")] == [60, 0]
    assert table(ask(town, k=1, keep=False), "sites")[0]["lon"] == "113.945000"
    town.ask("SET ROLE gis_migrator; DELETE FROM app.facility WHERE code = 'H5'")


def test_the_fewest_sites_serve_everybody(town):
    result = ask(town, goal="lscp", exact=True)
    (solution,) = table(result, "solution")
    assert solution["sites"] == 2 and solution["out_of_reach"] == 0
    assert table(result, "change")[1]["within"] == 1
    (quick,) = table(ask(town, goal="lscp"), "solution")
    assert (quick["status"], quick["bound"], quick["gap"]) == ("optimal", 2, 0)
    # Two candidates at the west end leave four buildings out of reach.
    left = table(ask(town, goal="lscp", picked="113.905,22.755; 113.915,22.755"), "solution")[0]
    assert left["out_of_reach"] == 40 + 50 + 60


def test_the_p_median_makes_the_ways_shortest(town):
    result = ask(town, goal="pmedian", k=1)
    (site,) = table(result, "sites")
    # Weighted median of 10, 20 … 60: the fifth building (half of 210 is passed there).
    assert site["lon"] == "113.945000"
    (solution,) = table(result, "solution")
    ways = sum(10 * (n + 1) * abs(n - 4) for n in range(6)) * 1027.4
    assert solution["objective"] == pytest.approx(ways, rel=1e-3)
    assert solution["status"] == "optimal" and solution["gap"] == 0
    curve = [row["site_mean_minutes"] for row in table(result, "gain")]
    assert curve[1] == pytest.approx(ways / 210 / 75, rel=1e-3) and curve[6] == pytest.approx(0, abs=0.01)


def test_the_equity_line_falls_as_sites_are_added(town):
    gain = table(ask(town, goal="pmedian", k=2), "gain")
    worst = [row["p95_minutes"] for row in gain]
    assert worst[0] is None
    # 10 of the 210 walk four steps: less than a twentieth.
    assert worst[1] == pytest.approx(3 * STEP_MIN, rel=1e-2)
    assert sorted(worst[1:], reverse=True) == worst[1:]


def test_units_may_be_counted_in_place_of_residents(town):
    gain = table(ask(town, weight="units", k=1), "gain")
    assert gain[1]["served_share"] == pytest.approx(3 / 6)


def test_candidates_of_every_sort(town):
    town.ask(
        "SET ROLE gis_migrator; INSERT INTO app.facility (code, kind, name_zh, cell_id, community_id, geom)"
        " VALUES ('C2', 'service_centre', '服务中心', 2, 1, ST_SetSRID(ST_MakePoint(113.915, 22.755), 4326))"
    )
    assert table(ask(town, candidates="centres"), "sites")[0]["site_name"] == "服务中心"
    # Parcels lie over the buildings.
    assert table(ask(town, candidates="parcels", k=1), "sites")[0]["site_name"] == "地块5"
    corners = ask(town, candidates="streets", k=1)
    assert table(corners, "solution")[0]["candidates_asked"] > 3
    straight = ask(town, candidates="streets", way="straight", k=1)
    assert table(straight, "sites")[0]["site_gain"] >= 60
    town.ask("SET ROLE gis_migrator; DELETE FROM app.facility WHERE code = 'C2'")
    none = ask(town, candidates="centres")
    assert [finding.key for finding in none.findings] == ["no_candidates"] and table(none, "sites") == []


def test_the_same_question_has_the_same_answer_in_a_job(town):
    asked = SitesParameters(kind="hospital", candidates="picked", picked=PICKED, minutes=14, k=2, exact=True)
    with town.db.transaction(town.actor("petra").identity, read_only=True) as connection:
        given = SITES.load(connection, asked)
    steps = []
    results = [SITES.measure(given, asked, lambda done, of: steps.append(done / of)) for _ in range(2)]
    assert results[0] == results[1]
    assert steps[0] == 0 and max(steps) == 1


def test_a_draft_is_kept_shown_and_deleted(town):
    asked = SitesParameters(kind="hospital", candidates="picked", picked=PICKED, minutes=14, k=2)
    number = keep_draft(town.db, town.actor("petra"), "  两处 医院 ", asked)
    kept = drafts(town.db, town.actor("audrey"))[0]
    assert (kept.site_draft_id, kept.name, kept.kind, kept.sites) == (number, "两处 医院", "hospital", 2)
    assert kept.outcome["status"] == "optimal" and kept.parameters["k"] == 2 and not kept.is_list
    shapes = draft_shapes(town.db, town.actor("dan"), number)["features"]
    assert [one["geometry"]["coordinates"] for one in shapes] == [(113.945, 22.755), (113.915, 22.755)]
    assert [one["properties"]["cell"] for one in shapes] == ["440306007002002", "440306007001002"]
    assert [one["properties"]["reached"] for one in shapes] == [150, 60]
    delete_draft(town.db, town.actor("petra"), number)
    assert number not in {one.site_draft_id for one in drafts(town.db, town.actor("petra"))}
    with pytest.raises(NotFound):
        delete_draft(town.db, town.actor("petra"), number)
    assert town.ask("SELECT count(*) FROM app.site_draft_site WHERE site_draft_id = %s", number) == [(0,)]


def test_a_list_of_places_becomes_candidates(town):
    data = "名称,经度,纬度\n甲,113.905,22.755\n乙,113.945,22.755\n".encode()
    number = keep_list(town.db, town.actor("petra"), "备选.csv", data, kind="hospital")
    result = ask(town, candidates="list", list_id=number, k=1)
    assert table(result, "sites")[0]["site_name"] == "乙"
    assert next(one for one in drafts(town.db, town.actor("dan")) if one.site_draft_id == number).is_list
    with pytest.raises(InvalidInput) as fault:
        ask(town, candidates="list", list_id=number + 1)
    assert fault.value.pointer == "list_id"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"name,lon,lat\nA,113.9,22.7\nB,22.7,113.9\n", "row 3"),
        (b"name,lon,lat\nA,113.9,\n", "row 2"),
        (b"name,lon,lat\n", "no row"),
        (b"\xff\xfe\x00", ""),
    ],
)
def test_a_bad_list_keeps_nothing(town, data, told):
    before = len(drafts(town.db, town.actor("petra")))
    with pytest.raises(InvalidInput) as fault:
        keep_list(town.db, town.actor("petra"), "list.csv", data, kind="park")
    assert told in fault.value.message
    assert len(drafts(town.db, town.actor("petra"))) == before


def test_who_only_looks_keeps_and_deletes_nothing(town):
    for name in ("dan", "audrey"):
        for act in (
            lambda actor: keep_draft(town.db, actor, "x", SitesParameters()),
            lambda actor: keep_list(town.db, actor, "x.csv", b"", kind="park"),
            lambda actor: delete_draft(town.db, actor, 1),
        ):
            with pytest.raises(Forbidden):
                act(town.actor(name))
    with pytest.raises(Forbidden):
        sites(town.db, town.actor("alice"), SitesParameters())


def test_a_draft_needs_a_name_and_a_site(town):
    with pytest.raises(InvalidInput) as fault:
        keep_draft(town.db, town.actor("petra"), "  ", SitesParameters())
    assert fault.value.pointer == "name"
    with pytest.raises(Conflict):
        keep_draft(town.db, town.actor("petra"), "x", SitesParameters(kind="hospital", candidates="picked"))


def test_picked_places_are_read_and_refused():
    assert places_of(" 113.9,22.7; 114,22.75 ;") == [(113.9, 22.7), (114.0, 22.75)]
    for text in ("113.9", "a,b", "113.9,22.7,3", "200,22", "nan,1"):
        with pytest.raises(ValueError, match="Write places as"):
            SitesParameters(picked=text)
