"""An import report as text for a terminal, and its rejects as CSV that no spreadsheet executes."""

from __future__ import annotations

import csv
from pathlib import Path

from gis.exchange.formulas import formula_safe
from gis.exchange.model import ImportReport, Reject

_SHOWN = 20


def as_text(report: ImportReport, *, shown: int = _SHOWN) -> str:
    """The report as lines: counts, what was assumed, the first rejects."""
    verb = "would store" if report.dry_run else "stored"
    encoding = f", {report.encoding}" if report.encoding else ""
    lines = [
        f"{report.file_name} -> {report.layer} ({report.format}{encoding}, coordinates {report.crs})",
        f"read {report.rows_read}, {verb} {report.rows_stored}, unchanged {report.rows_unchanged}, "
        f"rejected {report.rows_rejected}",
    ]
    lines += [f"note: {plain(warning)}" for warning in report.warnings]
    lines += [f"  {_line(item)}" for item in report.rejects[:shown]]
    if report.rows_rejected > shown:
        lines.append(f"  and {report.rows_rejected - shown} more")
    return "\n".join(lines)


def write_rejects(report: ImportReport, path: Path) -> None:
    """Write every reject to a CSV file (UTF-8 with a mark, as Excel needs it)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "field", "code", "reason"))
        for item in report.rejects:
            writer.writerow((item.row, formula_safe(item.field), item.code, formula_safe(item.reason)))


def _line(item: Reject) -> str:
    field = f" {plain(item.field)}:" if item.field else ""
    return f"row {item.row}:{field} {plain(item.reason)} [{item.code}]"


def plain(text: str) -> str:
    """Without control characters: a file's content must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
