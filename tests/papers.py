"""Reading PDFs as WeasyPrint writes them: the words of each page, what is drawn on it, its size."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_SHOWN = re.compile(rb"/(\w+) [-\d.]+ Tf|\[(<[^\]]*)\] ?TJ")
_POINT_MM = 25.4 / 72
_BEGUN = re.compile(rb"[\d.] m(?=\s)")


@dataclass(frozen=True)
class Paper:
    """A page: width and height in whole millimetres, its texts piece by piece as they are drawn, how many
    lines are begun: each ring of a shape is one."""

    size: tuple[int, int]
    texts: tuple[str, ...]
    lines: int

    @property
    def text(self) -> str:
        """All words, one after the other."""
        return "".join(self.texts)


def pages(pdf: bytes) -> list[Paper]:
    """The pages of a PDF. Raises `AssertionError` if it is none."""
    assert pdf.startswith(b"%PDF-"), pdf[:40]
    known = _objects(pdf)
    kids = next(body for body in known.values() if b"/Type /Pages" in body)
    return [_page(known, known[number]) for number in _references(_entry(kids, b"Kids"))]


def _page(known: dict[int, bytes], page: bytes) -> Paper:
    parents = [page, *(known[one] for one in _references(_entry(page, b"Parent")))]
    box = next(_entry(body, b"MediaBox") for body in parents if b"/MediaBox" in body)
    size = tuple(round(float(one) * _POINT_MM) for one in re.findall(rb"[\d.]+", box)[2:])
    content = b"\n".join(_stream(known[one]) for one in _references(_entry(page, b"Contents")))
    resources = _followed(known, _entry(page, b"Resources"))
    content = _with_forms(known, content, resources)
    letters = _letters(known, _followed(known, _entry(resources, b"Font")))
    return Paper(size, tuple(_texts(content, letters)), len(_BEGUN.findall(content)))


def _with_forms(known: dict[int, bytes], content: bytes, resources: bytes) -> bytes:
    """A drawing with those it calls (groups, half-transparent things) in their places."""
    if b"/XObject" not in resources:
        return content
    forms = dict(re.findall(rb"/(\w+) (\d+) 0 R", _followed(known, _entry(resources, b"XObject"))))

    def drawn(call: re.Match[bytes]) -> bytes:
        body = known[int(forms[call[1]])]
        if b"/Subtype /Form" not in body:
            return b""
        return _with_forms(known, _stream(body), _followed(known, _entry(body, b"Resources")))

    return re.sub(rb"/(\w+) Do", drawn, content)


def _texts(content: bytes, letters: dict[bytes, dict[int, str]]) -> list[str]:
    found, font = [], b""
    for name, shown in _SHOWN.findall(content):
        if name:
            font = name
            continue
        glyphs = bytes.fromhex("".join(part.decode() for part in re.findall(rb"<([0-9a-fA-F]*)>", shown)))
        codes = [int.from_bytes(glyphs[at : at + 2]) for at in range(0, len(glyphs), 2)]
        found.append("".join(letters[font].get(code, "\N{REPLACEMENT CHARACTER}") for code in codes))
    return found


def _letters(known: dict[int, bytes], fonts: bytes) -> dict[bytes, dict[int, str]]:
    """By font: what each glyph stands for, by its ToUnicode map; glyph 0 is a box for what is missing."""
    found = {}
    for name, number in re.findall(rb"/(\w+) (\d+) 0 R", fonts):
        table = _stream(known[_references(_entry(known[int(number)], b"ToUnicode"))[0]])
        pairs = re.findall(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>", table)
        found[name] = {int(glyph, 16): bytes.fromhex(to.decode()).decode("utf-16-be") for glyph, to in pairs}
        found[name].pop(0, None)
    return found


def _objects(pdf: bytes) -> dict[int, bytes]:
    known = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj", pdf, re.S)}
    for body in [body for body in known.values() if b"/Type /ObjStm" in body]:
        inside, first = _stream(body), int(_entry(body, b"First"))
        heads = [int(one) for one in inside[:first].split()]
        numbers, starts = heads[::2], [*heads[1::2], len(inside) - first]
        for number, start, end in zip(numbers, starts, starts[1:], strict=False):
            known[number] = inside[first + start : first + end]
    return known


def _stream(body: bytes) -> bytes:
    packed = body.partition(b"stream\n")[2].rpartition(b"\nendstream")[0]
    return zlib.decompress(packed) if b"/FlateDecode" in body else packed


def _entry(body: bytes, name: bytes) -> bytes:
    """What follows a name in a dictionary: a reference, an array, a dictionary or a number."""
    found = re.search(rb"/" + name + rb"\s*(\[.*?\]|<<.*?>>|\d+ 0 R|[\d.]+)", body, re.S)
    assert found, (name, body[:200])
    return found[1]


def _followed(known: dict[int, bytes], value: bytes) -> bytes:
    return known[_references(value)[0]] if re.fullmatch(rb"\d+ 0 R", value) else value


def _references(value: bytes) -> list[int]:
    return [int(one) for one in re.findall(rb"(\d+) 0 R", value)]
