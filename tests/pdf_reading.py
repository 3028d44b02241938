"""What a PDF of ours holds: the sizes of its pages, and its words as a reader would copy them.

Enough of ISO 32000-1 for what WeasyPrint writes: objects in the file and in object streams, Flate, and texts in fonts
with a ToUnicode map. A name of a font stands for one font in the whole file.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"^(.*?)\nstream\n(.*)\nendstream$", re.DOTALL)
_PAIR = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]+)>")
_SHOWN = re.compile(rb"/(\w+) [-\d.]+ Tf|\[([^\]]*)\] TJ|\b(ET)\b")
_POINT_MM = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Pdf:
    """`sizes` of its pages in whole millimetres, (width, height); `text` with a line for each run of words."""

    sizes: list[tuple[int, int]]
    text: str


def read_pdf(data: bytes) -> Pdf:
    """Read a PDF of WeasyPrint. Raises `AssertionError` if it is none."""
    assert data.startswith(b"%PDF-"), data[:40]
    heads, streams = _parts(data)
    maps = {
        number: _to_unicode(streams[int(found[1])])
        for number, head in heads.items()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", head))
    }
    fonts = {
        name: maps[int(number)]
        for head in heads.values()
        for name, number in re.findall(rb"/(\w+) (\d+) 0 R", head)
        if int(number) in maps
    }
    drawn = [streams[number] for number in sorted(streams) if b" TJ" in streams[number]]
    boxes = [found for head in heads.values() if (found := re.search(rb"/MediaBox \[([^\]]*)\]", head))]
    sizes = [tuple(round(float(side) * _POINT_MM) for side in box[1].split()[2:4]) for box in boxes]
    return Pdf(sizes, "\n".join(_words(one, fonts) for one in drawn))


def _parts(data: bytes) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """The dictionaries and the unpacked streams of all objects by their numbers."""
    heads: dict[int, bytes] = {}
    streams: dict[int, bytes] = {}
    for number, body in _OBJECT.findall(data):
        packed = _STREAM.match(body)
        head = heads[int(number)] = packed[1] if packed else body
        if packed:
            streams[int(number)] = zlib.decompress(packed[2]) if b"FlateDecode" in head else packed[2]
        if b"/ObjStm" in head:
            first = int(re.search(rb"/First (\d+)", head)[1])
            unpacked = streams.pop(int(number))
            places = [int(text) for text in unpacked[:first].split()]
            ends = [*places[3::2], len(unpacked) - first]
            for inner, start, end in zip(places[::2], places[1::2], ends, strict=True):
                heads[inner] = unpacked[first + start : first + end]
    return heads, streams


def _to_unicode(cmap: bytes) -> dict[bytes, str]:
    return {glyph: bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in _PAIR.findall(cmap)}


def _words(stream: bytes, fonts: dict[bytes, dict[bytes, str]]) -> str:
    words, known = [], {}
    for font, shown, is_end in _SHOWN.findall(stream):
        if font:
            known = fonts.get(font, {})
        elif is_end:
            words.append("\n")
        else:
            for glyphs in re.findall(rb"<([0-9a-f]*)>", shown):
                words += [known.get(glyphs[at : at + 4], "\ufffd") for at in range(0, len(glyphs), 4)]
    return "".join(words)
