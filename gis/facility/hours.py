"""When a facility is open: the part of OpenStreetMap's `opening_hours` that service places need. Rules only.

    24/7
    Mo-Fr 08:30-12:00,14:00-18:00; Sa 09:00-12:00
    08:00-22:00; We off

Rules are separated by semicolons; a later one replaces an earlier one on its days; without days it speaks
of all seven. A span that ends before it begins runs past midnight. Holidays are not told apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gis.errors import InvalidInput

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MAX_LENGTH = 200
_DAY = 24 * 60
_NAME = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_RULE = re.compile(rf"(?:(?P<days>{_NAME}(?:-{_NAME})?(?:,{_NAME}(?:-{_NAME})?)*)\s+)?(?P<rest>\S+)")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Spans of minutes after midnight on each day of the week, Monday first; an end may exceed 1440."""

    week: tuple[tuple[Span, ...], ...]

    @classmethod
    def read(cls, text: str) -> OpeningHours:
        """Read what is written as in the module's examples.

        Raises
        ------
        InvalidInput
            ``bad-hours``: a word, a day or a time that is not understood; too long.
        """
        if len(text) > MAX_LENGTH:
            raise _fault(text, f"longer than {MAX_LENGTH} characters")
        if text.strip() == "24/7":
            return cls((((0, _DAY),),) * 7)
        week: list[tuple[Span, ...]] = [()] * 7
        for rule in text.split(";"):
            match = _RULE.fullmatch(rule.strip())
            if match is None:
                raise _fault(text, "write rules as in 'Mo-Fr 08:30-12:00,14:00-18:00; Sa off'")
            spans = (
                ()
                if match["rest"] == "off"
                else tuple(_span(text, part) for part in match["rest"].split(","))
            )
            for day in _days(match["days"]):
                week[day] = spans
        return cls(tuple(week))

    def is_open(self, weekday: int, hour: float) -> bool:
        """Whether it is open at a weekday (0 is Monday) and hour (8.5 is half past eight)."""
        minute = hour * 60
        today, before = self.week[weekday], self.week[weekday - 1]
        return any(start <= minute < end for start, end in today) or any(
            start <= minute + _DAY < end for start, end in before
        )


def _days(text: str | None) -> list[int]:
    if text is None:
        return list(range(7))
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = WEEKDAYS.index(first)
        length = (WEEKDAYS.index(last or first) - start) % 7
        found += [(start + step) % 7 for step in range(length + 1)]
    return found


def _span(text: str, part: str) -> Span:
    match = _SPAN.fullmatch(part)
    if match is None:
        raise _fault(text, f"{part[:40]!r} is no span of time such as 08:30-12:00")
    hours, minutes = (int(match[1]), int(match[3])), (int(match[2]), int(match[4]))
    if max(hours) > 24 or max(minutes) > 59:
        raise _fault(text, f"{part!r} is beyond a day's end")
    start, end = (60 * hour + minute for hour, minute in zip(hours, minutes, strict=True))
    if start >= _DAY or start == end or end > _DAY:
        raise _fault(text, f"{part!r} is no span of a day")
    return start, end if end > start else end + _DAY


def _fault(text: str, reason: str) -> InvalidInput:
    return InvalidInput(f"opening hours {text[:60]!r}: {reason}", pointer="opening_hours", code="bad-hours")
