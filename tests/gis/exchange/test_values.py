from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gis.errors import InvalidInput
from gis.exchange import values

BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize("written", ["4.40306E+14", "4.40306e14", "4.40306Ｅ＋14", "1E+5"])
def test_scientific_code_is_refused_with_its_field(written: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        values.code(written, "房屋编码")
    assert (fault.value.code, fault.value.pointer) == ("code-as-number", "房屋编码")


@pytest.mark.parametrize("written", [4.40306007001e14, "440306007001.0", "44030600700100100000", True])
def test_code_that_went_through_a_number_is_refused(written: object) -> None:
    with pytest.raises(InvalidInput, match=r"text|digits"):
        values.code(written, "code")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("４４０３０６００７００１", "440306007001"),
        (" 440306 007001\u3000", "440306007001"),
        ('="0012"', "0012"),
        ("'0012", "0012"),
        (440306007001001, "440306007001001"),
        ("ＡＢ－１２", "AB-12"),
        ("4403060070010100101001234", "4403060070010100101001234"),
        ("12E3X", "12E3X"),
        ("\u3000", None),
        (None, None),
    ],
)
def test_code_as_text(written: object, meant: str | None) -> None:
    assert values.code(written, "code") == meant


def test_names_keep_their_punctuation_and_lose_what_cannot_be_seen() -> None:
    assert values.text("合水口（新村）\u200b１２栋\u3000", "name") == "合水口（新村）12栋"


@pytest.mark.parametrize("bad", ["a\x00b", "\ufffd明", "\ud800", "a\x1bb"])
def test_text_that_cannot_be_stored_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        values.text(bad, "name")
    assert fault.value.code == "bad-text"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2014/4/15", datetime(2014, 4, 15, tzinfo=BEIJING)),
        ("2014年4月15日", datetime(2014, 4, 15, tzinfo=BEIJING)),
        ("２０１４年４月１５日９时３０分", datetime(2014, 4, 15, 9, 30, tzinfo=BEIJING)),
        ("2014-04-15", datetime(2014, 4, 15, tzinfo=BEIJING)),
        ("2014-04-15T01:30:00Z", datetime(2014, 4, 15, 1, 30, tzinfo=UTC)),
        ("2014/4/15 9:30:05", datetime(2014, 4, 15, 9, 30, 5, tzinfo=BEIJING)),
        ("20140415", datetime(2014, 4, 15, tzinfo=BEIJING)),
        # Excel: 41744 is 2014-04-15 (serial 1 is 1900-01-01, with its false leap day)
        ("41744", datetime(2014, 4, 15, tzinfo=BEIJING)),
        (41744.5, datetime(2014, 4, 15, 12, tzinfo=BEIJING)),
    ],
)
def test_dates(written: object, meant: datetime) -> None:
    assert values.moment(written, "at") == meant


@pytest.mark.parametrize(
    "written", ["15/4/2014", "4-15-14", "2014-02-30", "soon", "2014年13月1日", "14/4/15"]
)
def test_dates_that_cannot_be_told_are_refused(written: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        values.moment(written, "备案日期")
    assert (fault.value.code, fault.value.pointer) == ("not-a-date", "备案日期")


def test_a_day_is_the_districts_day() -> None:
    assert values.day("2014-04-15T20:00:00Z", "on") == date(2014, 4, 16)


@pytest.mark.parametrize(
    ("written", "m2"),
    [
        ("35㎡", 35.0),
        ("1.5亩", 1000.0),
        ("1,234.5", 1234.5),
        ("２公顷", 20_000.0),
        (28, 28.0),
        ("0.5 km²", 5e5),
    ],
)
def test_areas(written: object, m2: float) -> None:
    assert values.area(written, "面积") == pytest.approx(m2)


@pytest.mark.parametrize("written", ["NaN", "inf", "1e999", "一百", "--5", float("nan"), float("inf"), True])
def test_not_a_number(written: object) -> None:
    with pytest.raises(InvalidInput) as fault:
        values.decimal(written, "面积")
    assert fault.value.code == "not-a-number"


@pytest.mark.parametrize("written", ["113°55'48\"", "东经113°55′48″", "113度55分48秒", "113.93"])
def test_degrees_minutes_seconds(written: str) -> None:
    assert values.degrees(written, "经度") == pytest.approx(113.93)
