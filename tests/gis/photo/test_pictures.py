"""What is a photo, what of it is shown, and what is refused; no file makes a reader stumble."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.photo.formats import read_picture
from gis.photo.model import REFUSALS
from tests.pictures import chunk, exif, jpeg, png, riff, segment, webp

SECRET = b"GPS 22.755 N 113.905 E, serial 4711"
ANY_FILE = st.sampled_from(
    [jpeg(), jpeg(extra=exif(6, secret=SECRET)), png(), webp(), webp(flags=0x0C, extra=riff(b"EXIF", SECRET))]
)


def size(content: bytes) -> tuple[str, int, int]:
    picture = read_picture(content)
    return picture.media_type, picture.width, picture.height


def refused(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_picture(content)
    assert caught.value.code in REFUSALS
    return caught.value.code


@pytest.mark.parametrize("content", [jpeg(), png(), webp()])
def test_a_file_without_metadata_stays_as_it_is(content):
    assert read_picture(content).cleaned == content


def test_sizes_are_read():
    assert size(jpeg(64, 48)) == ("image/jpeg", 64, 48)
    assert size(png(7, 9)) == ("image/png", 7, 9)
    assert size(webp(4096, 3000)) == ("image/webp", 4096, 3000)


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (jpeg(extra=exif(1, secret=SECRET)), jpeg()),
        (jpeg(extra=segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)), jpeg()),
        (jpeg(extra=segment(0xED, b"Photoshop 3.0\0" + SECRET)), jpeg()),
        (jpeg(extra=segment(0xFE, SECRET)), jpeg()),
        (jpeg(behind=SECRET), jpeg()),
        (png(extra=chunk(b"tEXt", SECRET) + chunk(b"eXIf", SECRET)), png()),
        (png() + SECRET, png()),
        (webp(flags=0x0C, extra=riff(b"EXIF", SECRET) + riff(b"XMP ", SECRET)), webp()),
        (webp() + SECRET, webp()),
    ],
)
def test_nothing_but_the_picture_is_shown(content, plain):
    assert read_picture(content).cleaned == plain


def test_preview_inside_a_jpeg_is_left_out():
    shown = read_picture(jpeg(extra=segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01" + SECRET))).cleaned
    assert shown == jpeg(extra=segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"))


@pytest.mark.parametrize("turn", range(2, 9))
def test_the_turn_a_camera_asks_for_stays_and_nothing_else_of_its_block(turn):
    picture = read_picture(jpeg(64, 48, extra=exif(turn, secret=SECRET)))
    assert (picture.width, picture.height) == ((64, 48) if turn < 5 else (48, 64))
    assert SECRET not in picture.cleaned
    again = read_picture(picture.cleaned)
    assert (again.width, again.height) == (picture.width, picture.height)
    assert again.cleaned == picture.cleaned


def test_colour_profile_stays():
    profiled = jpeg(extra=segment(0xE2, b"ICC_PROFILE\0\x01\x01 a profile"))
    assert read_picture(profiled).cleaned == profiled


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"BM" + b"\0" * 60,
        b"%PDF-1.4",
        b" " + jpeg(),
    ],
)
def test_what_is_no_photo(content):
    assert refused(content) == "not-a-photo"


def test_bombs_are_refused_by_what_they_say_they_are():
    assert refused(png(30_000, 30_000, lines=1)) == "too-many-pixels"
    assert refused(jpeg(30_000, 8)) == "too-many-pixels"
    assert refused(webp(4097, 1)) == "too-many-pixels"


def test_a_polyglot_is_shown_without_its_other_half():
    script = b"<script>alert(1)</script>"
    shown = read_picture(jpeg(extra=segment(0xFE, b"/*" + script), behind=b"*/=1;" + script)).cleaned
    assert shown == jpeg()


def test_moving_pictures_are_refused():
    assert refused(png(extra=chunk(b"acTL", b"\0\0\0\x02\0\0\0\0"))) == "moving-picture"
    assert refused(webp(flags=0x02)) == "moving-picture"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xd9",
        jpeg(0, 8),
        jpeg().replace(b"\xff\xc0", b"\xff\xc3"),
        jpeg().replace(b"\xff\xda", b"\xff\xdb"),
        jpeg(extra=segment(0xC0, b"\x08\0\x08\0\x08\x01\x01\x11\0")),
        b"\xff\xd8" + b"\xff" * 1_000_000,
        b"\xff\xd8" + segment(0xFE, b"") * 100_000,
        png().replace(b"IDAT", b"IDAt"),
        png().replace(b"IHDR", b"tEXt"),
        png()[:-6] + b"\0\0" + png()[-4:],
        webp(8, 8).replace(b"VP8L", b"ALPH"),
        webp(extra=riff(b"VP8L", b"\x2f\0\0\0\0\0\0")),
    ],
)
def test_what_breaks_the_rules_of_its_format(content):
    assert refused(content) == "broken-photo"


@given(content=ANY_FILE, data=st.data())
def test_a_file_that_is_cut_off_is_refused(content, data):
    refused(content[: data.draw(st.integers(0, len(content) - 1))])


@given(content=ANY_FILE, data=st.data())
def test_a_damaged_file_is_refused_or_read_the_same_twice(content, data):
    at = data.draw(st.integers(0, len(content) - 1))
    damage = data.draw(st.binary(max_size=12))
    removed = data.draw(st.integers(0, 12))
    try:
        picture = read_picture(content[:at] + damage + content[at + removed :])
    except InvalidInput as error:
        assert error.code in REFUSALS
        return
    again = read_picture(picture.cleaned)
    assert (again.width, again.height, again.cleaned) == (picture.width, picture.height, picture.cleaned)
