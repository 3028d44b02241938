"""Values as people write them: full-width digits, codes that went through Excel, dates in five ways.

Every function takes what a reader gives (text from CSV; any JSON value from GeoJSON; numbers and dates
from GeoPackage) and the name of the field for the message. A blank is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from gis.errors import InvalidInput
from gis.facility.hours import MAX_LENGTH, OpeningHours
from gis.geometry.validate import number
from gis.zone import ZONE

Parser = Callable[[object, str], object]

_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
# In names only digits, letters and spaces become half-width: 合水口（新村） keeps its brackets.
_FULL_WIDTH_NAMES = {
    wide: narrow for wide, narrow in _FULL_WIDTH.items() if chr(narrow).isalnum() or narrow == 0x20
}
# Zero-width characters, byte-order marks and direction overrides: invisible, and never meant.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x2060, 0xFEFF, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_SPACES = re.compile(r"[ \t\u00a0]+")
_DAMAGED = re.compile("[\ufffd\ud800-\udfff]")
# Most text has none of these and is done with at once.
_NEEDS_CARE = re.compile("[\x00-\x1f\x7f\u00a0\u2000-\u206f\u3000\ud800-\udfff\ufeff-\uffff]|  ")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

_SCIENTIFIC = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")
_DECIMAL_CODE = re.compile(r"\d+\.\d+")
_EXCEL_DIGITS = 15
_LOST_DIGITS_FROM = 18

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})?)?(?:\.\d+)?\s*秒?")
_COMPACT_DATE = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=ZONE)
_EXCEL_SERIALS = (20_000, 80_000)  # 1954 to 2119

_DMS = re.compile(r"""(\d{1,3})°(\d{1,2})['′](\d{1,2}(?:\.\d+)?)(?:["″]|'')?""")
_HEMISPHERE = re.compile(r"^(东经|北纬|东|北|[EN])|[EN]$", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_AREA = re.compile(r"([\d.,eE+-]+)\s*(亩|公顷|ha|km2|km²|平方公里|m2|m²|㎡|平方米|平米|平方)?")
_AREA_UNITS = {"亩": 10_000 / 15, "公顷": 1e4, "ha": 1e4, "km2": 1e6, "km²": 1e6, "平方公里": 1e6}


def text(value: object, field: str, *, longest: int = 500) -> str | None:
    """Clean text: trimmed, full-width digits and letters narrowed, no invisible characters.

    Raises
    ------
    InvalidInput
        ``bad-text``: control characters, U+FFFD, lone surrogates, too long, or not text at all.
    """
    raw = _as_text(value, field)
    if _NEEDS_CARE.search(raw) is None:
        return _fitting(raw.strip(), field, longest)
    if _DAMAGED.search(raw):
        raise _fault(
            field, "holds a replacement character: the file was read or saved in a wrong encoding", "bad-text"
        )
    if _CONTROL.search(raw.replace("\r\n", "\n")):
        raise _fault(field, "holds a control character", "bad-text")
    cleaned = raw.replace("\r\n", "\n").translate(_FULL_WIDTH_NAMES).translate(_INVISIBLE)
    return _fitting(_SPACES.sub(" ", cleaned).strip(), field, longest)


def _fitting(cleaned: str, field: str, longest: int) -> str | None:
    if len(cleaned) > longest:
        raise _fault(field, f"{len(cleaned):,} characters; {longest} at most", "too-long")
    return cleaned or None


def code(value: object, field: str) -> str | None:
    """A code, kept as text; refused if a spreadsheet has turned it into a number.

    Raises
    ------
    InvalidInput
        ``code-as-number``: 4.40306E+14, a decimal, or 18 and more digits ending in the zeros Excel puts
        after the fifteenth.
    """
    if isinstance(value, (float, bool)):
        raise _fault(field, f"{value!r} is a number, codes are text: digits may be lost", "code-as-number")
    cleaned = text(value, field, longest=100)
    if cleaned is None:
        return None
    cleaned = "".join(cleaned.translate(_FULL_WIDTH).split())
    # ="0123" and '0123 are how people keep Excel from counting
    cleaned = cleaned.removeprefix("=").strip('"').lstrip("'")
    if _SCIENTIFIC.fullmatch(cleaned):
        raise _fault(
            field,
            f"{cleaned} is in scientific notation, digits are lost: format the column as text",
            "code-as-number",
        )
    if _DECIMAL_CODE.fullmatch(cleaned):
        raise _fault(field, f"{cleaned} is a decimal number, codes are text", "code-as-number")
    if cleaned.isdigit() and len(cleaned) >= _LOST_DIGITS_FROM and not cleaned[_EXCEL_DIGITS:].strip("0"):
        raise _fault(
            field,
            f"{cleaned}: Excel keeps 15 digits only, the rest are zeros; export as text",
            "code-as-number",
        )
    return cleaned or None


def decimal(value: object, field: str) -> float | None:
    """A finite number; thousands separators are accepted."""
    if isinstance(value, bool):
        raise _fault(field, "true or false is not a number", "not-a-number")
    if isinstance(value, int | float):
        return number(repr(float(value)), pointer=field, name=field)
    cleaned = text(value, field)
    if cleaned is None:
        return None
    cleaned = cleaned.translate(_FULL_WIDTH)
    if _THOUSANDS.fullmatch(cleaned):
        cleaned = cleaned.replace(",", "")
    return number(cleaned, pointer=field, name=field)


def whole(value: object, field: str) -> int | None:
    """A whole number that a 32-bit column holds."""
    found = decimal(value, field)
    if found is None:
        return None
    if found != int(found) or abs(found) >= 2**31:
        raise _fault(field, f"{value} is not a whole number", "not-a-number")
    return int(found)


def area(value: object, field: str) -> float | None:
    """An area in m²; 亩, 公顷 and km² are converted."""
    if not isinstance(value, str):
        return decimal(value, field)
    cleaned = text(value, field)
    if cleaned is None:
        return None
    match = _AREA.fullmatch(cleaned.translate(_FULL_WIDTH))
    if not match:
        raise _fault(field, f"{cleaned[:40]!r} is not an area", "not-a-number")
    figure = decimal(match[1], field)
    return None if figure is None else figure * _AREA_UNITS.get(match[2] or "", 1.0)


def degrees(value: object, field: str) -> float | None:
    """A coordinate: a decimal number (degrees or metres), or degrees, minutes and seconds."""
    if not isinstance(value, str):
        return decimal(value, field)
    cleaned = (text(value, field) or "").translate(_FULL_WIDTH)
    match = _DMS.fullmatch(
        _HEMISPHERE.sub("", cleaned.replace(" ", "").replace("度", "°").replace("分", "'").replace("秒", '"'))
    )
    if match:
        return int(match[1]) + int(match[2]) / 60 + float(match[3]) / 3600
    return decimal(cleaned, field)


def day(value: object, field: str) -> date | None:
    """A calendar day of the district."""
    found = moment(value, field)
    return found.astimezone(ZONE).date() if found else None


def moment(value: object, field: str) -> datetime | None:
    """A point in time, aware; without a zone it is the district's (UTC+8).

    Takes ISO 8601, ``2014/4/15 9:30``, ``2014年4月15日9时30分``, ``20140415`` and Excel's serial numbers.

    Raises
    ------
    InvalidInput
        ``not-a-date``: also day-first and month-first dates, which cannot be told apart.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZONE)
    cleaned = text(value, field)
    if cleaned is None:
        return None
    cleaned = cleaned.translate(_FULL_WIDTH)
    try:
        found = _iso(cleaned) or _chinese(cleaned) or _excel(cleaned)
    except ValueError:
        found = None
    if found is None:
        raise _fault(
            field,
            f"{cleaned[:40]!r} is not a date; write 2014-04-15, 2014/4/15 or 2014年4月15日",
            "not-a-date",
        )
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def opening_hours(value: object, field: str) -> str | None:
    """Opening hours as `gis.facility.hours` reads them, unchanged.

    Raises
    ------
    InvalidInput
        ``bad-hours``.
    """
    cleaned = text(value, field, longest=MAX_LENGTH)
    if cleaned is None:
        return None
    cleaned = cleaned.translate(_FULL_WIDTH)
    try:
        OpeningHours.read(cleaned)
    except InvalidInput as fault:
        raise _fault(field, fault.message, fault.code) from fault
    return cleaned


def identifier(value: object, field: str) -> str | None:
    """A UUID, in its usual spelling."""
    cleaned = code(value, field)
    if cleaned is None:
        return None
    try:
        return str(UUID(cleaned))
    except ValueError:
        raise _fault(field, f"{cleaned[:40]!r} is not a UUID", "not-a-uuid") from None


def choice(words: Mapping[str, str]) -> Parser:
    """A parser for one of a few words: maps what people write (lower case) to what is stored."""

    def parse(value: object, field: str) -> str | None:
        cleaned = text(value, field)
        if cleaned is None:
            return None
        found = words.get(cleaned.lower())
        if found is None:
            known = ", ".join(dict.fromkeys(words))
            raise _fault(field, f"unknown {field} {cleaned[:40]!r}; known are {known}", f"unknown-{field}")
        return found

    return parse


def choices(words: Mapping[str, str]) -> Parser:
    """A parser for a list of such words, separated by commas, semicolons, slashes or 、."""
    one = choice(words)

    def parse(value: object, field: str) -> list[str]:
        parts = value if isinstance(value, list) else re.split(r"[,;/、，；|]", _as_text(value, field))
        found = [one(part, field) for part in parts]
        return sorted({str(word) for word in found if word})

    return parse


def within(parse: Parser, low: float, high: float) -> Parser:
    """A parser for numbers that must lie between two bounds, inclusive."""

    def check(value: object, field: str) -> object:
        found = parse(value, field)
        if isinstance(found, int | float) and not low <= found <= high:
            raise _fault(field, f"{found:g} is not between {low:g} and {high:g}", "out-of-range")
        return found

    return check


def _as_text(value: object, field: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    raise _fault(field, f"text is expected, not {type(value).__name__}", "bad-text")


def _iso(cleaned: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}", cleaned):
        return None
    return datetime.fromisoformat(cleaned.replace("/", "-"))


def _chinese(cleaned: str) -> datetime | None:
    match = _DATE.match(cleaned)
    if not match:
        return None
    on = date(int(match[1]), int(match[2]), int(match[3]))
    rest = cleaned[match.end() :].strip(" T")
    if not rest:
        return datetime.combine(on, time())
    clock = _TIME.fullmatch(rest)
    if not clock:
        return None
    return datetime.combine(on, time(int(clock[1]), int(clock[2]), int(clock[3] or 0)))


def _excel(cleaned: str) -> datetime | None:
    if match := _COMPACT_DATE.fullmatch(cleaned):
        return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=ZONE)
    match = _SERIAL.fullmatch(cleaned)
    if match is None or not _EXCEL_SERIALS[0] <= int(match[1]) <= _EXCEL_SERIALS[1]:
        return None
    # Shanghai's clock was not +8 in 1899: count in wall-clock time, then say the zone
    seconds = round(float(f"0{match[2] or '.0'}") * 86_400)
    wall = _EXCEL_EPOCH.replace(tzinfo=None) + timedelta(days=int(match[1]), seconds=seconds)
    return wall.replace(tzinfo=ZONE)


def _fault(field: str, reason: str, fault_code: str) -> InvalidInput:
    return InvalidInput(reason, pointer=field, code=fault_code)
