"""From bytes to text, the Chinese way: BOM, then strict UTF-8, then GB18030. Never a replacement character.

GB18030 contains GBK and GB2312, and only the former have 蓢 (of 李松蓢). Nearly any bytes decode as
GB18030, Big5 and Latin-1 included, so a file read that way carries a warning with a sample to look at.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from gis.errors import InvalidInput

# Names people give, and what they mean. GB2312 proper lacks 蓢: its superset reads every such file.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "latin-1": "latin-1",
}
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAMPLE_LENGTH = 12
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text, the encoding it was in, and what the reader should look at."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, encoding: str | None = None) -> Text:
    """Decode a text file.

    Parameters
    ----------
    encoding : one of `ENCODINGS`; None to find out.

    Raises
    ------
    InvalidInput
        ``empty``, ``utf-16``, ``nul-byte``, ``unknown-encoding`` or ``undecodable``.
    """
    if not data.strip():
        raise InvalidInput("the file is empty", code="empty")
    if data.startswith(_UTF16_MARKS):
        raise InvalidInput("the file is UTF-16 (Excel's 'Unicode text'): save it as CSV UTF-8", code="utf-16")
    if b"\0" in data:
        place = data.index(b"\0") + 1
        raise InvalidInput(
            f"byte {place} is NUL: this is no text file, or UTF-16 without a mark: save it as CSV UTF-8",
            code="nul-byte",
        )
    if encoding is not None:
        return _decode_as(data, encoding)
    if data.startswith(codecs.BOM_UTF8):
        return _decode_as(data[len(codecs.BOM_UTF8) :], "utf-8")
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        text = _decode_as(data, "gb18030").text
    warning = f"read as GB18030 because it is not UTF-8; does this read well? “{_sample(text)}”"
    if _PRIVATE_USE.search(text):
        warning += " (it holds private-use characters: probably another encoding, name it)"
    return Text(text, "gb18030", (warning,))


def _decode_as(data: bytes, name: str) -> Text:
    codec = ENCODINGS.get(name.strip().lower())
    if codec is None:
        known = ", ".join(ENCODINGS)
        raise InvalidInput(f"unknown encoding {name[:20]!r}; known are {known}", code="unknown-encoding")
    if codec == "utf-8" and data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    try:
        return Text(data.decode(codec), codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"line {line} does not decode as {codec} (byte {error.start + 1}); name the encoding",
            code="undecodable",
        ) from error


def _sample(text: str) -> str:
    """The first words that are not ASCII: what a person can judge an encoding by."""
    start = next((i for i, character in enumerate(text) if ord(character) > 127), 0)
    return " ".join(text[start : start + 4 * _SAMPLE_LENGTH].split())[:_SAMPLE_LENGTH]
