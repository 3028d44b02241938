"""Administration: people, cells, teams; the auditor's log of it."""

from __future__ import annotations

import pytest

from gis.errors import Conflict, InvalidInput, NotFound
from gis.people import admin, teams
from gis.people.admin import Duty, Period
from gis.people.model import Permission
from tests.conftest import sign_in_client
from tests.world import PASSWORD


@pytest.fixture(scope="module")
def adam(world_app):
    return sign_in_client(world_app, "adam", PASSWORD)


def cells_of(world, name):
    with world.db.transaction(world.actor(name).identity) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT app.my_cells()")
        return cursor.fetchone()[0]


def test_assigned_cell_is_seen_at_once_and_its_end_too(world_app, world, adam):
    bob = world.accounts["bob"]
    form = {"cell_code": "440306007002002", "duty": "deputy", "valid_from": "2014-01-01"}
    adam.post(f"/admin/people/{bob}/cells", data=form)
    assert cells_of(world, "bob") == [4, 5]
    person = admin.show_person(world.db, world.actor("adam"), bob)
    made = next(a for a in person.assignments if a.cell_code.endswith("002002"))
    adam.post(f"/admin/people/{bob}/cells/{made.assignment_id}/end")
    assert cells_of(world, "bob") == [4]


def test_second_primary_of_a_cell_is_refused_in_words(world):
    duty = Duty("440306007001001", "primary", Period(world_day("2014-06-01")))
    with pytest.raises(Conflict, match="already has a primary"):
        admin.assign_cell(world.db, world.actor("adam"), world.accounts["bob"], duty)


def world_day(text):
    from datetime import date

    return date.fromisoformat(text)


def test_unknown_cell_and_backward_period_name_their_field(world):
    with pytest.raises(InvalidInput) as unknown:
        admin.assign_cell(
            world.db,
            world.actor("adam"),
            world.accounts["bob"],
            Duty("999", "primary", Period(world_day("2014-01-01"))),
        )
    assert unknown.value.pointer == "cell_code"
    with pytest.raises(InvalidInput) as backward:
        Period(world_day("2014-02-01"), world_day("2014-01-01"))
    assert backward.value.pointer == "valid_to"


def test_team_and_area_open_the_rows_of_the_area(world_app, world, adam):
    adam.post("/admin/teams", data={"code": "T9", "name": "新队"})
    team = next(t for t in teams.list_teams(world.db, world.actor("adam")) if t.code == "T9")
    adam.post(
        "/admin/teams",
        data={"team_id": team.team_id, "place_code": "440306007001", "valid_from": "2014-01-01"},
    )
    adam.post(
        f"/admin/people/{world.accounts['rex']}/teams",
        data={"team_id": team.team_id, "valid_from": "2014-01-01"},
    )
    with world.db.transaction(world.actor("rex").identity) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(parcel_id ORDER BY parcel_id) FROM app.parcel")
        assert cursor.fetchone()[0] == [1, 2, 3, 6]


def test_administrator_keeps_the_own_account_open(world):
    with pytest.raises(InvalidInput):
        admin.update_account(
            world.db,
            world.actor("adam"),
            world.accounts["adam"],
            full_name="x",
            role="officer",
            is_active=True,
        )


def test_missing_person_is_not_found(world, adam):
    with pytest.raises(NotFound):
        admin.show_person(world.db, world.actor("adam"), 99999)
    assert adam.get("/admin/people/99999").status_code == 404


def test_only_the_auditor_reads_the_log_and_reading_leaves_a_row(world_app, world):
    audrey = sign_in_client(world_app, "audrey", PASSWORD)
    assert "test.seed" in audrey.get("/admin/audit").text
    assert "audit.read" in audrey.get("/admin/audit?action=audit").text
    for name in ("alice", "pat", "dan", "petra", "adam"):
        assert sign_in_client(world_app, name, PASSWORD).get("/admin/audit").status_code == 404


@pytest.mark.parametrize("name", ["alice", "pat", "dan", "petra", "audrey", "adam"])
def test_first_page_of_each_role(world_app, name):
    client = sign_in_client(world_app, name, PASSWORD)
    for language in ("zh", "en"):
        page = client.get(f"/?lang={language}")
        assert page.status_code == 200


def test_every_permission_names_its_roles():
    from gis.people.model import PERMISSIONS

    assert set(PERMISSIONS) == set(Permission)
