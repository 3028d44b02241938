"""Codes and names of communities and cells as files really spell them.

A code belongs to a scheme: three generations of statistical codes and two standards coexist. Codes are
text; a spreadsheet that turned one into a number has lost it, and is told so.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pypinyin

from gis.errors import InvalidInput

_DATA_DIR = Path(__file__).resolve().parents[2] / "data"

_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]*")
_OFFICE_ENDINGS = ("街道办事处", "办事处", "街道办", "街道")
_COMMUNITY_ENDINGS = (
    "社区居民委员会",
    "社区居委会",
    "社区工作站",
    "社区村委会",
    "居民委员会",
    "村民委员会",
    "居委会",
    "村委会",
    "工作站",
    "社区",
)
# Local readings and characters that the general dictionary does not know.
_LOCAL_INITIALS = {"蓢": "l", "圳": "z", "埔": "p", "长圳": "cz"}


@dataclass(frozen=True)
class CodeScheme:
    """How the codes of one generation or standard are built.

    `cell` has the named groups ``community`` (the code of the community, or the part that repeats it)
    and ``sequence``; a group ``head`` may stand before the community.
    """

    name: str
    title: str
    community: str
    cell: str
    first_sequence: int = 1


@dataclass(frozen=True)
class CellCode:
    """A cell code taken apart."""

    text: str
    community_code: str
    sequence: int


_COMMUNITY = r"[1-9][0-9]{11}"
_CELL = r"(?P<community>[1-9][0-9]{11})(?P<sequence>[0-9]{3})"

SCHEMES: Mapping[str, CodeScheme] = {
    scheme.name: scheme
    for scheme in (
        CodeScheme("nbs-2014", "12-digit statistical code of 2014 and a 3-digit sequence", _COMMUNITY, _CELL),
        CodeScheme("nbs-2017", "12-digit statistical code of 2017 and a 3-digit sequence", _COMMUNITY, _CELL),
        CodeScheme(
            "nbs-2018", "12-digit statistical code of 2018 on and a 3-digit sequence", _COMMUNITY, _CELL
        ),
        CodeScheme(
            "cjt213-2005",
            "CJ/T 213-2005: 12-digit community code and a 2-digit sequence",
            community=_COMMUNITY,
            cell=r"(?P<community>[1-9][0-9]{11})(?P<sequence>[0-9]{2})",
        ),
        CodeScheme(
            "cjt349-2010",
            "CJ/T 349-2010: 6-digit object code, 12-digit community code, 2-digit sequence (00 = undivided)",
            community=_COMMUNITY,
            cell=r"(?P<head>[0-9]{6})(?P<community>[1-9][0-9]{11})(?P<sequence>[0-9]{2})",
            first_sequence=0,
        ),
    )
}


def make_scheme(name: str, title: str, *, community: str, cell: str, first_sequence: int = 1) -> CodeScheme:
    """A scheme from configuration, with its patterns checked.

    Raises
    ------
    InvalidInput
        A pattern does not compile or lacks a group.
    """
    for field, pattern, groups in (
        ("community", community, set()),
        ("cell", cell, {"community", "sequence"}),
    ):
        try:
            missing = groups - set(re.compile(pattern).groupindex)
        except re.error as error:
            raise InvalidInput(f"scheme {name}: {field} pattern: {error}", pointer=field) from error
        if missing:
            listed = ", ".join(sorted(missing))
            raise InvalidInput(f"scheme {name}: the {field} pattern lacks the group {listed}", pointer=field)
    return CodeScheme(name, title, community, cell, first_sequence)


def find_scheme(name: str) -> CodeScheme:
    """A known scheme by name.

    Raises
    ------
    InvalidInput
        ``unknown-scheme``; the message lists the known ones.
    """
    if name not in SCHEMES:
        raise InvalidInput(
            f"unknown code scheme {name[:40]!r}; known are {', '.join(SCHEMES)}",
            pointer="code_scheme",
            code="unknown-scheme",
        )
    return SCHEMES[name]


def clean_code(value: object, *, pointer: str | None = "code") -> str:
    """A code as plain text: full-width digits and spaces made plain, whole numbers written out.

    Raises
    ------
    InvalidInput
        ``scientific-notation`` or ``code-is-number`` if a spreadsheet made a number of it, ``empty``.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        kind = "empty" if value is None else "code-is-number"
        raise InvalidInput(
            f"a code must be text, not {type(value).__name__}: keep the column as text",
            pointer=pointer,
            code=kind,
        )
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if not text:
        raise InvalidInput("the code is empty", pointer=pointer, code="empty")
    if _SCIENTIFIC.fullmatch(text):
        raise InvalidInput(
            f"the code {text[:40]} is in scientific notation, its last digits are lost: "
            "format the column as text in the spreadsheet and export again",
            pointer=pointer,
            code="scientific-notation",
        )
    if _DECIMAL.fullmatch(text):
        raise InvalidInput(
            f"the code {text[:40]} was saved as a decimal number: keep the column as text",
            pointer=pointer,
            code="code-is-number",
        )
    return text


def parse_cell_code(value: object, scheme: CodeScheme, *, pointer: str | None = "code") -> CellCode:
    """Take a cell code apart.

    Raises
    ------
    InvalidInput
        ``code-pattern``: not of this scheme; also the faults of `clean_code`.
    """
    text = clean_code(value, pointer=pointer)
    match = re.fullmatch(scheme.cell, text)
    if match is None or int(match["sequence"]) < scheme.first_sequence:
        raise InvalidInput(
            f"cell code {text[:40]!r} does not follow scheme {scheme.name}: {scheme.title}",
            pointer=pointer,
            code="code-pattern",
        )
    return CellCode(text, match["community"], int(match["sequence"]))


def parse_community_code(value: object, scheme: CodeScheme, *, pointer: str | None = "code") -> str:
    """A community code, checked; faults as in `parse_cell_code`."""
    text = clean_code(value, pointer=pointer)
    if re.fullmatch(scheme.community, text) is None:
        raise InvalidInput(
            f"community code {text[:40]!r} does not follow scheme {scheme.name}: {scheme.title}",
            pointer=pointer,
            code="code-pattern",
        )
    return text


def normalise_community_name(name: str) -> str:
    """The one spelling of a community's name, ending in 社区.

    Knows the variants of ``data/spelling_variants.csv`` and any of the usual endings (社区, 居委会,
    工作站, 村, …). An unknown name keeps its characters and its 村.
    """
    base = _plain(name)
    for ending in _COMMUNITY_ENDINGS:
        if base.endswith(ending) and len(base) > len(ending):
            base = base.removesuffix(ending)
            break
    variants, known = _community_spellings()
    base = variants.get(base, base)
    shorter = base.removesuffix("村")
    shorter = variants.get(shorter, shorter)
    if base not in known and shorter in known:
        base = shorter
    return f"{base}社区" if base else ""


def normalise_subdistrict_name(name: str) -> str:
    """The one spelling of a subdistrict office's name, ending in 办事处.

    公明, 公明街道, 公明街道办 and 公明街道办事处 are all 公明办事处.
    """
    base = _plain(name)
    for ending in _OFFICE_ENDINGS:
        if base.endswith(ending) and len(base) > len(ending):
            base = base.removesuffix(ending)
            break
    return f"{base}办事处" if base else ""


def pinyin_initials(text: str) -> str:
    """Lower-case first letters of the pinyin of a text, for search: 李松蓢 gives ``lsl``.

    Letters and digits stay, anything else is left out.
    """
    for written, initials in sorted(_LOCAL_INITIALS.items(), key=lambda item: -len(item[0])):
        text = text.replace(written, initials)
    letters = pypinyin.lazy_pinyin(_plain(text), style=pypinyin.Style.FIRST_LETTER)
    return "".join(letter for letter in "".join(letters).lower() if letter.isascii() and letter.isalnum())


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


@cache
def _community_spellings() -> tuple[dict[str, str], frozenset[str]]:
    with (_DATA_DIR / "spelling_variants.csv").open(encoding="utf-8", newline="") as file:
        variants = {row["variant"]: row["canonical"] for row in csv.DictReader(file)}
    with (_DATA_DIR / "communities.csv").open(encoding="utf-8", newline="") as file:
        known = frozenset(row["name_zh"].removesuffix("社区") for row in csv.DictReader(file))
    return variants, known
