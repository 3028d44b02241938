"""Rectangles and periods as clients write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from gis.errors import GisError, InvalidInput
from gis.publish.model import BBox, ItemQuery, TimeSpan

GEOD = Geod(ellps="WGS84")


def test_box_of_four_or_six_numbers():
    assert BBox.parse("113.9,22.7,114,22.8") == BBox(113.9, 22.7, 114, 22.8)
    assert BBox.parse("113.9,22.7,-5,114,22.8,99") == BBox(113.9, 22.7, 114, 22.8)


@pytest.mark.parametrize(
    "text",
    [
        "", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "0,0,1e999,1", "2,0,1,1", "0,2,1,1",
        "22.7,113.9,22.8,114", "170,0,-170,1", "1_0,0,11,1", "0,0,1,1;", "0,0,1,1" * 100,
    ],
)  # fmt: skip
def test_bad_box_is_named(text):
    with pytest.raises(InvalidInput) as caught:
        BBox.parse(text)
    assert caught.value.pointer == "bbox"


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(0.1, 20_000), st.floats(0, 360))
def test_widened_box_holds_everything_within_the_distance(lon, lat, metres, direction):
    box = BBox(lon, lat, lon, lat).widened(metres)
    x, y, _ = GEOD.fwd(lon, lat, direction, metres)
    if abs(x - lon) < 90:  # not across the 180th meridian
        assert box.west <= x <= box.east
    assert box.south <= y <= box.north


def test_periods():
    eight = timedelta(hours=8)
    day = TimeSpan.parse("2026-01-02")
    assert day.from_at.astimezone(UTC) == datetime(2026, 1, 2, tzinfo=UTC) - eight
    assert day.before_at - day.from_at == timedelta(days=1)
    january = TimeSpan.parse("2026-01-01/2026-01-31")
    assert january.before_at - january.from_at == timedelta(days=31)
    assert TimeSpan.parse("../2026-01-31").from_at is None
    assert TimeSpan.parse("2026-01-31/..").before_at is None
    moment = TimeSpan.parse("2026-01-01T08:00:00+08:00")
    assert moment.from_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert TimeSpan.parse("2026-01-01T00:00:00Z/2026-01-01T00:00:00Z").before_at > moment.from_at


@pytest.mark.parametrize(
    "text",
    [
        "", "..", "/", "2026", "2026-13-01", "2026-02-30", "yesterday", "2026-01-01/2026-01-02/2026-01-03",
        "2026-01-02/2026-01-01", "2026-01-01T08:00:00", "2026-01-01T08", "20260101", "9999-12-31/0001-01-01",
    ],
)  # fmt: skip
def test_bad_period_is_named(text):
    with pytest.raises(InvalidInput) as caught:
        TimeSpan.parse(text)
    assert caught.value.pointer == "datetime"


@given(st.text(max_size=40))
def test_no_text_makes_more_than_a_clear_refusal(text):
    for parse in (BBox.parse, TimeSpan.parse):
        try:
            parse(text)
        except GisError as error:
            assert isinstance(error, InvalidInput)


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_limit_has_bounds(limit):
    with pytest.raises(InvalidInput):
        ItemQuery(limit=limit)
