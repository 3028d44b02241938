"""Whether a completed draft may be published: every fault in words, the grave ones apart.

`gis.division.check` reads a cell's community from its code. A division of any code scheme must pass here,
so places are numbered for it and the findings told in their own codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import geopandas

from gis.division.check import Area, Finding, Severity, check_division
from gis.division.codes import SCHEMES, CodeScheme, make_scheme, parse_cell_code, parse_community_code
from gis.division.draft import Division
from gis.division.model import Level
from gis.errors import InvalidInput

_LISTED = 20
_AREA_KINDS = frozenset({"overlap", "gap", "outside", "crossing", "area-mismatch", "sliver"})
_NUMBERED = make_scheme(
    "numbered", "places by number", community="[0-9]{6}", cell="(?P<community>[0-9]{6})(?P<sequence>[0-9]{6})"
)


@dataclass(frozen=True)
class Verdict:
    """What is wrong: `broken` keeps a division out, `errors` unless forced, `warnings` never."""

    broken: tuple[str, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def judge(division: Division) -> Verdict:
    """Check codes, parents, and that every level tiles the one above."""
    broken = tuple(fault for level in Level for fault in _broken(division, level))
    if broken:
        return Verdict(broken, (), ())
    found: dict[str, Severity] = {}
    for upper, lower in pairwise(Level):
        found |= dict(_tiling(division.frames[upper], division.frames[lower]))
    errors = tuple(text for text, severity in found.items() if severity is Severity.ERROR)
    warnings = [text for text, severity in found.items() if severity is Severity.WARNING]
    return Verdict((), errors, (*warnings, *_misspelt(division)))


def refuse_unsound(verdict: Verdict, *, force: bool) -> tuple[str, ...]:
    """Findings to report, unless they keep the division out.

    Raises
    ------
    InvalidInput
        ``unsound-division``; the message lists the faults.
    """
    faults = verdict.broken or (() if force else verdict.errors)
    if faults:
        more = f"; and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
        raise InvalidInput(
            f"the division is not sound: {'; '.join(faults[:_LISTED])}{more}", code="unsound-division"
        )
    return (*verdict.errors, *verdict.warnings)


def _broken(division: Division, level: Level) -> Iterator[str]:
    frame = division.frames[level]
    for code, times in Counter(frame["code"]).items():
        if times > 1:
            yield f"{level} code {code} occurs {times} times"
    if level is Level.DISTRICT:
        return
    above = list(Level)[list(Level).index(level) - 1]
    known = set(division.frames[above]["code"])
    for code, parent in zip(frame["code"], frame["parent_code"], strict=True):
        if parent not in known:
            yield f"{level} {code} has no {above}" + (f": {parent} is not there" if parent else "")


def _tiling(upper: geopandas.GeoDataFrame, lower: geopandas.GeoDataFrame) -> Iterator[tuple[str, Severity]]:
    numbers = {code: f"{number:06d}" for number, code in enumerate(upper["code"], start=1)}
    wholes = [Area(numbers[code], shape) for code, shape in zip(upper["code"], upper.geometry, strict=True)]
    parts = [
        Area(f"{numbers[parent]}{sequence:06d}", shape)
        for sequence, (parent, shape) in enumerate(zip(lower["parent_code"], lower.geometry, strict=True), 1)
    ]
    names = {number: code for code, number in numbers.items()}
    names |= {part.code: code for part, code in zip(parts, lower["code"], strict=True)}
    for finding in check_division(wholes, parts, scheme=_NUMBERED):
        yield _in_words(finding, names), finding.severity


def _in_words(finding: Finding, names: dict[str, str]) -> str:
    codes = [names.get(code, code) for code in (finding.code, finding.other_code) if code]
    if finding.kind in _AREA_KINDS:
        size = f" {finding.measure:,.3f} m²"
    else:
        size = f" {finding.measure:,.2f} m" if finding.kind == "unmatched-edge" else ""
    return f"{finding.kind} {' and '.join(codes)}{size}"


def _misspelt(division: Division) -> Iterator[str]:
    """Codes that are not of the scheme the draft says they are of; schemes not known here are not judged."""
    scheme = SCHEMES.get(division.draft.code_scheme)
    if scheme is None:
        return
    for level in (Level.COMMUNITY, Level.CELL):
        frame = division.frames[level]
        for code, parent in zip(frame["code"], frame["parent_code"], strict=True):
            if not _is_spelt(code, parent, level, scheme):
                yield f"code-pattern {code}"


def _is_spelt(code: str, parent: str, level: Level, scheme: CodeScheme) -> bool:
    try:
        if level is Level.COMMUNITY:
            parse_community_code(code, scheme)
            return True
        return parse_cell_code(code, scheme).community_code == parent
    except InvalidInput:
        return False
