"""What a phone keeps of its surroundings: all of the own area and 500 m, nothing that is not one's own to see."""

from __future__ import annotations

import json

import pytest

from gis.errors import Forbidden
from gis.patrol.area import own_area


def found(world, name: str) -> dict[str, set[int]]:
    layers: dict[str, set[int]] = {}
    for feature in json.loads(own_area(world.db, world.actor(name)))["features"]:
        layers.setdefault(feature["properties"]["layer"], set()).add(feature["properties"]["id"])
    return layers


def test_a_team_gets_its_community_and_what_lies_around_it(world):
    # Cells are 0.01 degrees wide, some 1,030 m: 500 m around cells 1 to 3 reach into cell 4.
    area = found(world, "pat")
    assert area["cell"] == {1, 2, 3, 4}
    assert area["community"] == {1, 2}
    assert area["facility"] == {1, 2, 3, 4} - {4}  # its facility lies in the middle of cell 4, 515 m away
    assert area["parcel"] == area["check_point"] == {1, 2, 3}


def test_an_officer_gets_own_cells(world):
    area = found(world, "alice")
    assert area["cell"] == {1, 2, 3}
    assert area["parcel"] == area["check_point"] == {1, 2}


def test_a_team_with_a_single_parcel_gets_its_surroundings(world):
    assert found(world, "rex")["parcel"] == {6}


def test_it_is_geojson_in_degrees_with_names(world):
    features = json.loads(own_area(world.db, world.actor("pat")))["features"]
    point = next(f for f in features if f["properties"]["layer"] == "check_point")
    assert point["geometry"]["type"] == "Point"
    assert 113 < point["geometry"]["coordinates"][0] < 115
    assert set(point["properties"]) == {"layer", "id", "code", "name", "name_en"}


@pytest.mark.parametrize("name", ["dan", "petra", "audrey", "adam"])
def test_others_have_no_area(world, name):
    with pytest.raises(Forbidden):
        own_area(world.db, world.actor(name))
