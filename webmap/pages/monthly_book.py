"""The monthly record as a workbook: a cover, and a sheet for each of the five parts."""

from __future__ import annotations

from typing import IO, Any, Self

from flask_babel import gettext

from gis.calendar.model import Month
from gis.exchange.workbook import Book, Column, Sheet, local
from gis.monthly.model import Names, Part, RoundRecord
from gis.monthly.service import Summary
from webmap.i18n import is_english
from webmap.pages.monthly_rows import Rows
from webmap.pages.monthly_words import FIELDS, SHEETS, word

_COVER = (Column("", 26), Column("", 34), Column("", 90))


class MonthBook:
    """Takes rounds as they come; the cover stands first and is written last.

    The file holds it all once the `with` block has ended.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._book = Book(file)
        self._cover = self._book.sheet(gettext("Cover"), _COVER, has_head=False)
        self._sheets: dict[Part, Sheet] = {
            part: self._book.sheet(
                str(title), [Column(str(field.label), field.width) for field in FIELDS[part]]
            )
            for part, title in SHEETS.items()
        }
        self._rows = Rows()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._book.__exit__(*exception)

    def take(self, record: RoundRecord, names: Names) -> None:
        """Write the rows of a round."""
        for part, row in self._rows.of(record, names):
            self._sheets[part].row(row)

    def cover(self, month: Month, summary: Summary, made_by: str) -> None:
        """Write the cover."""
        self._cover.head([gettext("Monthly record of rounds"), str(month)])
        for label, value in cover_lines(month, summary, made_by):
            self._cover.row([label, value])
        self._cover.row([])
        self._cover.head([gettext("Sheet"), gettext("Column"), gettext("Meaning")])
        for part, fields in FIELDS.items():
            for field in fields:
                self._cover.row([str(SHEETS[part]), str(field.label), str(field.meaning)])


def cover_lines(month: Month, summary: Summary, made_by: str) -> list[tuple[str, Any]]:
    """What the cover says of the whole: place, month, who made it when, counts, hash."""
    heading, rows = summary.heading, summary.rows
    district = heading.district
    team = heading.team
    name = district.name_en if is_english() and district.name_en else district.name_zh
    month_text = str(month) if heading.is_over else gettext("%(month)s, not over yet", month=month)
    return [
        (gettext("District name"), f"{district.code} {name}"),
        (gettext("Month"), month_text),
        (gettext("Team"), f"{team.code} {team.name_zh}" if team else gettext("all teams")),
        (gettext("Made at"), local(heading.made_at)),
        (gettext("Made by"), made_by),
        (gettext("Rounds"), summary.rounds),
        *((word(state), number) for state, number in sorted(summary.states.items())),
        *((str(title), rows[part]) for part, title in SHEETS.items()),
        ("SHA-256", summary.sha256),
        (
            "",
            gettext("Of the content without words and names: the same data gives the same value."),
        ),
    ]
