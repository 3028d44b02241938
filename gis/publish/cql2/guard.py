"""What is let through to the parser, and the parser.

The parser (package cql2) descends recursively and looks at the content of a parenthesis twice when it does
not fit: deep nesting and long chains overflow the stack and end the process, and 24 open parentheses keep it
busy for 40 s, with every other thread waiting. Therefore this scan, linear in the text, comes first.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

import cql2

from gis.errors import InvalidInput
from gis.publish.cql2.faults import fault, is_text, shown

Language = Literal["cql2-text", "cql2-json"]

MAX_TEXT = 4_096
MAX_JSON = 400_000
MAX_PARENTHESES = 64
MAX_DEPTH = 24
MAX_NOT = 64
MAX_OPERATORS = 200
MAX_WORK = 32_768
"""Signs the parser may have to read, were it to fail at the worst place: about 1 µs each."""

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<string>'(?:[^']|'')*')
    |(?P<name>"[^\W\d][\w.:-]*")
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
    |(?P<word>[^\W\d][\w.:]*)
    |(?P<operator><=|>=|<>|[=<>+*/%^-])
    |(?P<sign>[(),])""",
    re.VERBOSE,
)
_OPERATORS = frozenset({"AND", "OR", "NOT", "LIKE", "IN", "IS", "BETWEEN", "DIV"})
_SHAPES = frozenset(
    {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"}
)
_IN_SHAPE = _SHAPES | {"Z"}
_TIMES = frozenset({"DATE", "TIMESTAMP", "INTERVAL"})
# The parser takes a time without offset for UTC; here it is nobody's to guess.
_TIME = re.compile(r"'(\.\.|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))?)'")


def parse(text: str, *, lang: Language) -> Any:
    """A filter as CQL2 JSON, not yet known to make sense.

    Raises
    ------
    InvalidInput
        Too long, too deep, or not CQL2; `pointer` is `filter`.
    """
    if not is_text(text):
        raise fault("The filter holds signs that are no text.")
    return _from_json(text) if lang == "cql2-json" else _from_text(text)


def _from_text(text: str) -> Any:
    if len(text) > MAX_TEXT:
        raise fault(f"The filter is longer than {MAX_TEXT:,} characters.", "filter-too-long")
    if not text.strip():
        raise fault("The filter is empty.")
    _Scan().read(text)
    try:
        return cql2.parse_text(text).to_json()
    except BaseException as error:
        # It raises bare Exceptions too, of an empty point for one, and a fault in Rust is not even that.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise fault(f"The filter is not CQL2 text: {_place(str(error))}") from error


def _place(message: str) -> str:
    found = re.search(r"--> \d+:(\d+)", message)
    return f"something else was expected at character {found[1]}" if found else "it cannot be read"


def _from_json(text: str) -> Any:
    if len(text) > MAX_JSON:
        raise fault(f"The filter is longer than {MAX_JSON:,} characters.", "filter-too-long")
    depth = 0
    for sign in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text, re.DOTALL):
        depth += (sign in "[{") - (sign in "]}")
        # An operator is an object and a list; coordinates lie five deep.
        if depth > 2 * MAX_DEPTH + 6:
            raise _too_deep()
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # int() refuses 4,300 digits with a ValueError
        raise fault("The filter is not JSON.") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _too_deep() -> InvalidInput:
    return fault(f"The filter is nested deeper than {MAX_DEPTH} levels.", "filter-too-deep")


@dataclass
class _Open:
    """An open parenthesis: of the arguments of `function`, of a shape, or a plain group."""

    function: str
    is_group: bool
    in_shape: bool


@dataclass
class _Scan:
    """Reads the tokens of a text once and counts what would cost the parser too much."""

    opened: list[_Open] = field(default_factory=list)
    parentheses: int = 0
    operators: int = 0
    negations: int = 0
    groups: int = 0
    work: int = 0
    numbers: int = 0
    before: str = ""
    is_after_word: bool = False

    def read(self, text: str) -> None:
        """Raise InvalidInput for what must not reach the parser."""
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                raise fault(f"The filter cannot be read at character {at + 1}: {shown(text[at])}")
            at = token.end()
            self.work += len(token[0]) << self.groups
            kind = token.lastgroup
            if kind == "space":
                continue
            self._take(str(kind), token[0])
            if self.work > MAX_WORK:
                raise fault("The filter has too much within nested parentheses.", "filter-too-deep")
        if self.opened:
            raise fault("A parenthesis of the filter is not closed.")

    def _take(self, kind: str, text: str) -> None:
        word = text.upper() if kind == "word" else text
        if text == "(":
            self._open()
        elif text == ")":
            self._close()
        elif self.opened and self.opened[-1].in_shape:
            self._in_shape(kind, word)
        elif kind == "string" and self.opened and self.opened[-1].function in _TIMES:
            if not _TIME.fullmatch(text):
                raise fault(f"{shown(text[1:-1])} is no date, nor a time with its offset.", "not-a-time")
        elif kind == "operator" or word in _OPERATORS:
            self._count(word)
        self.is_after_word = kind == "word" and word not in _OPERATORS
        self.before = word

    def _open(self) -> None:
        self.parentheses += 1
        if self.parentheses > MAX_PARENTHESES or len(self.opened) >= MAX_DEPTH:
            raise _too_deep()
        inside = bool(self.opened) and self.opened[-1].in_shape
        opened = _Open(
            function=self.before if self.is_after_word else "",
            # A shape within a shape, too, is read as a function once it is no shape.
            is_group=inside or not self.is_after_word,
            in_shape=self.before in _IN_SHAPE if self.is_after_word else inside,
        )
        self.opened.append(opened)
        self.groups += opened.is_group
        self.numbers = 0

    def _close(self) -> None:
        if not self.opened:
            raise fault("The filter closes a parenthesis that is not open.")
        self.groups -= self.opened.pop().is_group
        self.numbers = 0

    def _in_shape(self, kind: str, word: str) -> None:
        """Positions hold numbers and signs alone: a minus there is not arithmetic."""
        if word == ",":
            self.numbers = 0
        elif kind == "number":
            self.numbers += 1
        elif word not in _IN_SHAPE and word not in ("-", "+"):
            raise fault(f"The filter has {shown(word)} within a geometry.")
        # `--1` and `1 - 2` are no positions.
        if self.numbers > 3 or (word in ("-", "+") and self.before in ("-", "+")):
            raise fault("A position of the filter's geometry has more than three numbers.")

    def _count(self, word: str) -> None:
        self.operators += 1
        self.negations += word == "NOT"
        if self.operators > MAX_OPERATORS or self.negations > MAX_NOT:
            raise fault(f"The filter has more than {MAX_OPERATORS} operators.", "filter-too-long")
