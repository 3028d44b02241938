"""The pages of plans, rounds, seasons, jobs and teams, as forms and tables."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from gis.patrol import planning, round_desk
from gis.zone import local_today
from tests.conftest import sign_in_client
from tests.world import PASSWORD

EVIL = "<b>${alert(1)}</b>"


@pytest.fixture(scope="module")
def clients(world_app):
    return {
        name: sign_in_client(world_app, name, PASSWORD) for name in ("petra", "pat", "dan", "adam", "audrey")
    }


def form(**more) -> dict:
    return {
        "name": "北坡巡查",
        "team_id": "1",
        "points": "2,1",
        "rounds": "2",
        "per": "day",
        "weekdays": ["1", "2", "3", "4", "5", "6", "7"],
        "window_from": ["07:30", "14:00", ""],
        "window_to": ["10:30", "17:00", ""],
        "valid_from": (local_today() + dt.timedelta(days=1)).isoformat(),
        "is_active": "on",
        "overdue_after_min": "30",
        "action": "save",
        **more,
    }


def test_a_preview_shows_the_rounds_and_saves_nothing(clients, world):
    before = len(planning.list_plans(world.db, world.actor("petra")))
    page = clients["petra"].post("/plans/new", data=form(action="preview")).text
    assert page.count("14:00–17:00") == 6
    assert 'value="2,1"' in page and 'value="北坡巡查"' in page
    assert len(planning.list_plans(world.db, world.actor("petra"))) == before


def test_a_plan_is_saved_and_comes_back_as_it_was(clients, world):
    answer = clients["petra"].post("/plans/new", data=form(name=EVIL, is_ordered="on"))
    plan_id = int(re.search(r"/plans/(\d+)$", answer.headers["Location"])[1])
    plan = planning.show_plan(world.db, world.actor("petra"), plan_id)
    assert (plan.check_points, plan.row.is_ordered, plan.row.rounds) == ((2, 1), True, 2)
    page = clients["petra"].get(f"/plans/{plan_id}").text
    assert EVIL not in page and "&lt;b&gt;" in page
    assert 'value="2,1"' in page and "07:30" in page
    assert clients["pat"].get("/plans").text.count("&lt;b&gt;${alert(1)}") == 1
    same = clients["petra"].post(f"/plans/{plan_id}", data=form(name="改名"))
    assert same.status_code == 302
    assert planning.show_plan(world.db, world.actor("petra"), plan_id).row.name == "改名"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"points": ""}, "points"),
        ({"points": "1,4"}, "points"),
        ({"points": "1,x"}, "points"),
        ({"rounds": "0"}, "rounds"),
        ({"per": "year"}, "per"),
        ({"weekdays": []}, "weekdays"),
        ({"window_from": ["", "", ""], "window_to": ["", "", ""]}, "windows"),
        ({"window_from": ["07:30"], "window_to": ["noon"]}, "windows"),
        ({"valid_to": "2000-01-01"}, "valid_to"),
        ({"season_id": "999"}, "season_id"),
    ],
)
def test_a_faulty_plan_is_shown_again_with_the_reason_and_what_was_typed(clients, world, wrong, field):
    before = len(planning.list_plans(world.db, world.actor("petra")))
    answer = clients["petra"].post("/plans/new", data=form(valid_from=local_today().isoformat(), **wrong))
    assert answer.status_code == 200
    assert 'id="fault"' in answer.text, field
    assert f'value="{wrong.get("points", "2,1")}"' in answer.text
    assert len(planning.list_plans(world.db, world.actor("petra"))) == before


def test_a_new_plan_for_a_parcel_begins_with_its_level_and_check_points(clients):
    page = clients["petra"].get("/plans/new?team=1&parcel=2").text
    assert re.search(r'name="rounds"[^>]*value="2"', page)
    assert re.search(r'id="points" value="2"', page)


def test_the_day_lists_rounds_with_their_states_for_all_who_may_look(clients):
    for name, number in {"petra": 6, "dan": 6, "audrey": 6, "adam": 6, "pat": 3}.items():
        page = clients[name].get("/rounds?lang=zh").text
        assert len(set(re.findall(r'href="/rounds/(\d+)"', page)) & set("123456")) == number
        assert "可以出发" in page or "待开始" in page
    assert clients["petra"].get("/rounds?day=none").status_code == 400
    assert clients["pat"].get("/rounds/4").status_code == 404


def test_an_excuse_goes_from_the_team_to_the_dispatcher(clients, world):
    page = clients["dan"].get("/rounds/2").text
    excuse = re.search(r"/rounds/2/excuses/(\d+)", page)[1]
    assert "/excuses/" not in re.sub(r"<form[^>]*excuses\"", "", clients["pat"].get("/rounds/2").text)
    clients["dan"].post(f"/rounds/2/excuses/{excuse}", data={"decision": "refused"})
    asked = clients["pat"].post("/rounds/2/excuses", data={"reason": EVIL})
    assert asked.status_code == 302
    page = clients["dan"].get("/rounds/2").text
    assert EVIL not in page and "&lt;b&gt;" in page
    excuse = re.findall(r"/rounds/2/excuses/(\d+)", page)[-1]
    clients["dan"].post(f"/rounds/2/excuses/{excuse}", data={"decision": "granted"})
    assert round_desk.show_round(world.db, world.actor("pat"), 2).row.state == "excused"


def test_seasons_and_levels_are_kept_on_their_page(clients, world):
    petra = clients["petra"]
    values = {
        "code": "festival",
        "name_zh": "节日",
        "name_en": "festival",
        "first_day": "09-28",
        "last_day": "10-08",
    }
    numbers = {"least_m": "1000", "least_minutes": "30", "least_days": "3"}
    petra.post("/plans/seasons", data=values | numbers)
    season = next(
        row for row in planning.choices(world.db, world.actor("petra"), 1).seasons if row.code == "festival"
    )
    bad = petra.post(f"/plans/seasons/{season.season_id}", data=values | numbers | {"first_day": "02-30"})
    assert "02-30" not in petra.get(bad.headers["Location"]).text
    petra.post(f"/plans/seasons/{season.season_id}", data={"action": "delete"})
    codes = [row.code for row in planning.choices(world.db, world.actor("petra"), 1).seasons]
    assert codes == ["rain", "fire"]
    petra.post(
        "/plans/levels/remote",
        data={
            "name_zh": "偏远",
            "name_en": "remote",
            "rounds_wanted": "3",
            "per": "week",
            "visits_a_month": "4",
        },
    )
    levels = {
        row.code: (row.rounds_wanted, row.visits_a_month)
        for row in planning.choices(world.db, world.actor("petra"), 1).levels
    }
    assert levels == {"key": (2, 3), "ordinary": (1, 2), "remote": (3, 4)}


def test_a_stand_in_sees_the_team_on_the_own_days_only(clients, world):
    adam = clients["adam"]

    def teams_of(name: str) -> list[int]:
        with world.db.transaction(world.actor(name).identity) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT app.my_teams()")
            return cursor.fetchone()[0]

    first = {"username": "rex", "is_stand_in": "on", "valid_from": local_today().isoformat()}
    adam.post("/admin/teams/1/members", data=first)
    assert teams_of("rex") == [3]  # without a last day it is refused
    adam.post("/admin/teams/1/members", data=first | {"valid_to": local_today().isoformat()})
    assert teams_of("rex") == [1, 3]
    later = local_today() + dt.timedelta(days=2)
    adam.post(
        "/admin/teams/1/members",
        data={
            "username": "quinn",
            "is_stand_in": "on",
            "valid_from": later.isoformat(),
            "valid_to": later.isoformat(),
        },
    )
    assert teams_of("quinn") == [2]
    page = adam.get("/admin/teams/1").text
    assert "rex" in page and "quinn" in page
    for member in re.findall(r"/admin/teams/1/members/(\d+)/end", page):
        adam.post(f"/admin/teams/1/members/{member}/end")
    assert teams_of("rex") == [3]
    assert adam.get("/admin/teams/999").status_code == 404


def test_the_administrator_sees_the_runs_of_jobs(clients):
    page = clients["adam"].get("/admin/jobs").text
    assert "test" in page
    assert clients["petra"].get("/admin/jobs").status_code == 404
