"""Opening hours: what OpenStreetMap's wiki gives as examples of the same forms, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.exchange.values import opening_hours
from gis.facility.hours import OpeningHours


@pytest.mark.parametrize(
    ("text", "weekday", "hour", "is_open"),
    [
        ("24/7", 6, 3, True),
        ("Mo-Fr 08:30-12:00,14:00-18:00; Sa 09:00-12:00", 0, 8.5, True),
        ("Mo-Fr 08:30-12:00,14:00-18:00; Sa 09:00-12:00", 0, 12, False),
        ("Mo-Fr 08:30-12:00,14:00-18:00; Sa 09:00-12:00", 4, 17.9, True),
        ("Mo-Fr 08:30-12:00,14:00-18:00; Sa 09:00-12:00", 5, 14, False),
        ("Mo-Fr 08:30-12:00,14:00-18:00; Sa 09:00-12:00", 6, 10, False),
        ("08:00-22:00; We off", 2, 10, False),
        ("08:00-22:00; We off", 3, 10, True),
        ("Fr 22:00-04:00", 4, 23, True),
        ("Fr 22:00-04:00", 5, 3.9, True),
        ("Fr 22:00-04:00", 5, 4, False),
        ("Su 20:00-02:00", 0, 1, True),  # from Sunday into Monday
        ("Sa-Mo 10:00-12:00", 6, 11, True),  # a span of days over the week's end
        ("Sa-Mo 10:00-12:00", 1, 11, False),
        ("Mo,We-Th 9:00-24:00", 3, 23.9, True),
    ],
)
def test_open_or_not(text, weekday, hour, is_open):
    assert OpeningHours.read(text).is_open(weekday, hour) is is_open


@pytest.mark.parametrize(
    "text", ["", "daily", "Mo 25:00-26:00", "Mo 8-12", "Mo 10:00-10:00", "Mo 24:00-25:00", "Xx 08:00-09:00", "Mo 08:60-09:00", "x" * 201]
)  # fmt: skip
def test_what_is_not_understood_is_refused(text):
    with pytest.raises(InvalidInput) as fault:
        OpeningHours.read(text)
    assert fault.value.code == "bad-hours"


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        assert len(OpeningHours.read(text).week) == 7
    except InvalidInput as fault:
        assert fault.code == "bad-hours"


def test_a_file_may_write_full_width_signs():
    assert opening_hours("Mo-Fr　０８：００-１２：００", "hours") == "Mo-Fr 08:00-12:00"
    with pytest.raises(InvalidInput) as fault:
        opening_hours("上午", "开放时间")
    assert (fault.value.pointer, fault.value.code) == ("开放时间", "bad-hours")
