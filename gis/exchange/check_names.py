"""Tables of subdistricts or communities without outlines: compared with the division, never stored."""

from __future__ import annotations

from gis.database.pool import Connection
from gis.division.codes import normalise_community_name, normalise_subdistrict_name
from gis.errors import InvalidInput
from gis.exchange import columns, store
from gis.exchange.checking import parse_fields, rejected
from gis.exchange.layers import DIVISION_LEVELS
from gis.exchange.model import ImportReport, RawRow, Reject, Table

_NORMALISE = {"subdistrict": normalise_subdistrict_name, "community": normalise_community_name}


def compare_names(connection: Connection, level: str, table: Table) -> ImportReport:
    """Say of every row how its code and name agree with the division in force.

    Every row is a reject, ``no-outline``: a place enters the database with its outline only, as part of a
    division. The reason carries the comparison.
    """
    fields = DIVISION_LEVELS[level][:2]
    matched = columns.match_columns(level, table.columns, [field.name for field in fields])
    normalise = _NORMALISE[level]
    names = {code: normalise(name) for code, name in store.division_names(connection, level).items()}
    codes = {name: code for code, name in names.items()}
    agreeing, rejects = 0, []
    for raw in table.rows:
        try:
            code, name = _read(raw, level, matched)
        except InvalidInput as fault:
            rejects.append(rejected(raw.number, fault))
            continue
        finding = _compare(code, normalise(name), names, codes)
        agreeing += finding == _AGREES
        reason = f"no outline, so nothing to store; {code} {name}: {finding}"
        rejects.append(Reject(raw.number, "geometry", "no-outline", reason))
    advice = (
        f"a {level} enters with its outline only: load communities and cells as `division`; "
        f"code and name of {agreeing} rows agree with the {len(names)} of the division in force"
    )
    return ImportReport(
        layer=level,
        file_name="",
        format=table.format,
        encoding=table.encoding,
        crs="none",
        rows_read=len(table.rows),
        rows_stored=0,
        rows_unchanged=0,
        rejects=tuple(rejects),
        warnings=(*table.warnings, advice),
    )


_AGREES = "code and name agree with the division in force"


def _read(raw: RawRow, level: str, matched: dict[str, str]) -> tuple[str, str]:
    if raw.fault is not None:
        raise raw.fault
    found = parse_fields(raw, DIVISION_LEVELS[level][:2], matched, {})
    return found["code"], found["name_zh"] or ""


def _compare(code: str, name: str, names: dict[str, str], codes: dict[str, str]) -> str:
    if names.get(code) == name:
        return _AGREES
    if code in names:
        return f"the division has this code for {names[code]}"
    if name in codes:
        return f"the division has {codes[name]} for this name"
    return "neither code nor name is in the division in force"
