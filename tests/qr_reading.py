"""Reading a QR code module by module, as ISO/IEC 18004 has it, without the library that draws it.

For version 4 (33 by 33 modules) at error level Q, which our codes are: two blocks of 24 data codewords each. A
printed code has no faults to correct, so that the data alone are read.
"""

from __future__ import annotations

import html
import re

SIZE = 33
_LEVEL_Q, _BYTES = 0b11, 0b0100
_MASKS = (
    lambda r, c: (r + c) % 2,
    lambda r, c: r % 2,
    lambda r, c: c % 3,
    lambda r, c: (r + c) % 3,
    lambda r, c: (r // 2 + c // 3) % 2,
    lambda r, c: r * c % 2 + r * c % 3,
    lambda r, c: (r * c % 2 + r * c % 3) % 2,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2,
)


def modules_of(svg: str, border: int = 4) -> list[list[int]]:
    """The dark modules (1) of an SVG whose only path draws them as strokes of one module."""
    [path] = re.findall(r'<path[^>]* d="([^"]+)"', svg)
    side = SIZE + 2 * border
    found = [[0] * side for _ in range(side)]
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path):
        if command == "h":
            for column in range(int(x), int(x) + int(first)):
                found[int(y)][column] = 1
            x += float(first)
        else:
            x = float(first) + (x if command == "m" else 0)
            y = float(second) + (y if command == "m" else 0)
    assert not any(map(any, found[:border])) and not any(any(row[:border]) for row in found)
    return [row[border:-border] for row in found[border:-border]]


def labels_of(page: str) -> dict[str, str]:
    """What the codes on a printed page say, by the short code beside each."""
    found = re.findall(r'<div class="label" data-code="([^"]+)">.*?(<svg.*?</svg>)', page)
    return {html.unescape(code): read(modules_of(svg)) for code, svg in found}


def read(modules: list[list[int]]) -> str:
    """What a code says."""
    shape = [modules[8][c] for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [modules[r][8] for r in (7, 5, 4, 3, 2, 1, 0)]
    told = int("".join(map(str, shape)), 2) ^ 0b101010000010010
    assert told >> 13 == _LEVEL_Q
    mask = _MASKS[told >> 10 & 0b111]
    bits = [modules[r][c] ^ (mask(r, c) == 0) for r, c in _places()]
    words = [int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, 48 * 8, 8)]
    data = bytes(words[0::2] + words[1::2])  # the two blocks take turns
    text = "".join(f"{word:08b}" for word in data)
    assert int(text[:4], 2) == _BYTES
    length = int(text[4:12], 2)
    return bytes(int(text[12 + 8 * n : 20 + 8 * n], 2) for n in range(length)).decode("ascii")


def _places():
    """The places of data in their order: two columns at a time from the right, up and down by turns."""
    columns = [c for c in range(SIZE - 1, 0, -2) if c > 6] + [5, 3, 1]
    for turn, right in enumerate(columns):
        for step in range(SIZE):
            row = step if turn % 2 else SIZE - 1 - step
            for column in (right, right - 1):
                if not _is_pattern(row, column):
                    yield row, column


def _is_pattern(r: int, c: int) -> bool:
    """Finders with their surroundings, timing lines and the one alignment pattern."""
    corner = (r < 9 and c < 9) or (r < 9 and c > SIZE - 9) or (r > SIZE - 9 and c < 9)
    return corner or r == 6 or c == 6 or (24 <= r <= 28 and 24 <= c <= 28)
