"""Search by code, name, address and pinyin initials."""

from __future__ import annotations

import pytest

from gis.errors import InvalidInput
from gis.publish import service


def hits(town, text, role="planner", **options):
    return [(hit.kind, hit.code) for hit in service.search(town.db, town.actors[role], text, **options)]


def test_exact_code_comes_first(town):
    code = town.communities[0]["code"]
    found = hits(town, code, limit=100)
    assert found[0] == ("community", code)
    assert set(found[1:]) == {("cell", cell["code"]) for cell in town.cells[:12]}
    assert hits(town, "b0007") == [("building", "B0007")]


def test_names_addresses_and_initials(town):
    assert hits(town, "凤凰社区")[0] == ("community", town.communities[0]["code"])
    assert hits(town, "fhsq") == [("community", town.communities[0]["code"])]
    assert hits(town, "FHSQ") == hits(town, "ｆｈｓｑ") == hits(town, "fhsq")
    assert hits(town, "j12d") == [("building", "B0012")]
    assert hits(town, "Tangwei") == [("community", town.communities[1]["code"])]
    assert ("building", "B0119") in hits(town, "凤凰路119号")
    assert len(hits(town, "塘")) == 1


@pytest.mark.parametrize("text", ["%%", "__", "%_", "\\\\", "b%7", "' OR 1=1 --"])
def test_wildcards_and_quotes_mean_themselves(town, text):
    assert all(kind == "facility" and text in "100%_\\路" for kind, _ in hits(town, text))


def test_escaped_signs_are_found_where_they_stand(town):
    assert len(hits(town, "100%_\\", limit=100)) == 40


@pytest.mark.parametrize("text", ["", " ", "a", "1", "x" * 51, "\0"])
def test_too_short_or_too_long(town, text):
    with pytest.raises(InvalidInput):
        service.search(town.db, town.actors["planner"], text)


def test_buildings_are_found_by_those_who_may_see_them(town):
    own = {row["code"] for row in town.visible("building", "officer")}
    assert 0 < len(own) < 120
    assert {code for kind, code in hits(town, "凤凰路", "officer", limit=100) if kind == "building"} == own
    assert "building" not in {kind for kind, _ in hits(town, "凤凰", "patrol", limit=100)}
