"""Parameters in the address: read, checked, told, and written back the same."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Literal
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, model_validator

from gis.errors import InvalidInput
from webmap.planner.asked import address_of, fields_of, read
from webmap.planner.definitions import Label, Words


class Kind(StrEnum):
    """What one may choose."""

    CLINIC = "clinic"
    SCHOOL = "school"


class Asked(BaseModel):
    """Every kind of parameter a form knows."""

    from_on: date = Field(alias="from")
    to_on: date | None = None
    radius_m: float = Field(default=50, ge=1, le=2000)
    sites: int = Field(default=3, ge=1, le=10)
    kind: Kind = Kind.CLINIC
    minutes: tuple[Literal["5", "10", "15"], ...] = ("5", "10")
    is_exact: bool = True
    note: str = Field(default="", max_length=10)

    @model_validator(mode="after")
    def in_order(self) -> Asked:
        """A rule over two parameters, told as the subjects tell theirs."""
        if self.to_on and self.to_on < self.from_on:
            raise InvalidInput("The period ends before it begins.", pointer="to_on")
        return self


WORDS = Words("Example", {}, parameters={"radius_m": Label("Radius (m)", "1 to 2000"), "kind": Label("Kind")})
DEFAULTS = {"from": date(2026, 11, 1)}


def asked(app, pairs):
    with app.test_request_context(f"/planner/example?{urlencode(pairs)}"):
        found = read(Asked, DEFAULTS)
        return found, {one.name: one for one in fields_of(Asked, found, WORDS)}


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    DAYS,
    st.integers(0, 90),
    st.floats(1, 2000).map(lambda value: float(f"{value:g}")),
    st.sampled_from(Kind),
    st.sets(st.sampled_from(["5", "10", "15"]), min_size=1),
    st.booleans(),
)
def test_an_address_asks_the_same_again(world_app, first, days, radius, kind, minutes, is_exact):
    values = Asked(**{"from": first}, to_on=first + timedelta(days), radius_m=radius, kind=kind,
                   minutes=tuple(sorted(minutes)), is_exact=is_exact)  # fmt: skip
    pairs = [
        (name, one)
        for name, value in address_of(values).items()
        for one in (value if isinstance(value, list) else [value])
    ]
    found, _ = asked(world_app, pairs)
    assert found.values == values and not found.errors


def test_what_is_missing_or_empty_takes_its_default(world_app):
    found, fields = asked(world_app, [("radius_m", ""), ("figure", "share"), ("place", "1"), ("lang", "en")])
    assert found.values == Asked(**{"from": date(2026, 11, 1)})
    assert fields["from"].values == ["2026-11-01"] and fields["radius_m"].values == ["50"]
    assert fields["minutes"].values == ["5", "10"] and fields["is_exact"].values == ["true"]


def test_the_form_follows_the_model(world_app):
    _, fields = asked(world_app, [])
    kinds = {name: one.kind for name, one in fields.items()}
    assert kinds == {
        "from": "date",
        "to_on": "date",
        "radius_m": "number",
        "sites": "number",
        "kind": "choice",
        "minutes": "choices",
        "is_exact": "choice",
        "note": "text",
    }
    assert (fields["radius_m"].title, fields["radius_m"].least, fields["radius_m"].most) == (
        "Radius (m)",
        "1",
        "2000",
    )
    assert fields["sites"].is_whole and not fields["radius_m"].is_whole


@pytest.mark.parametrize(
    ("pairs", "name"),
    [
        ([("radius_m", "0.5")], "radius_m"),
        ([("radius_m", "x")], "radius_m"),
        ([("from", "yesterday")], "from"),
        ([("kind", "palace")], "kind"),
        ([("minutes", "5"), ("minutes", "6")], "minutes"),
        ([("to_on", "2026-10-01")], "to_on"),
        ([("unknown", "1")], "unknown"),
        ([("radius_m", "1"), ("radius_m", "2")], "radius_m"),
        ([("note", "x" * 11)], "note"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_what_was_typed_stays(world_app, pairs, name):
    found, fields = asked(world_app, pairs)
    assert found.values is None and found.fault is not None
    assert list(found.errors) == [name] and found.errors[name]
    if name in fields:
        assert fields[name].error and fields[name].values == [value for key, value in pairs if key == name]


def test_overlong_parameters_are_refused(world_app):
    with pytest.raises(InvalidInput):
        asked(world_app, [("note", "x" * 501)])
    with pytest.raises(InvalidInput):
        asked(world_app, [("minutes", "5")] * 51)
