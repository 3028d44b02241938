"""Small pictures: upright, of pixels alone, and nothing at all of files that are damaged or made to harm."""

from __future__ import annotations

import hashlib
import io
import struct
import uuid
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from gis.database.pool import connect
from gis.photo.drawing import draw_some
from gis.photo.model import Announcement
from gis.photo.reading import find_photo, thumbnail_of
from gis.photo.thumbnail import LONGEST, draw
from gis.photo.upload import announce_photo, take_piece
from tests.pictures import chunk, jpeg, webp


def scene(mode: str = "RGB", size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """Red above, blue below; with transparency it is clear on the left."""
    picture = Image.new("RGB", size, "red")
    picture.paste((0, 0, 255), (0, size[1] // 2, *size))
    if mode in ("RGBA", "LA"):
        alpha = Image.new("L", size, 255)
        alpha.paste(0, (0, 0, size[0] // 2, size[1]))
        picture = picture.convert(mode)
        picture.putalpha(alpha)
        return picture
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def is_near(pixel: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, wanted, strict=True))


RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def test_a_photo_is_made_small_and_upright_and_holds_nothing_but_pixels():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right: what is left comes on top
    exif[0x010F] = "Maker 4711"
    exif.get_ifd(0x8825)[2] = (22.0, 45.0, 0.0)
    content = saved(scene(), "JPEG", exif=exif, comment=b"secret", icc_profile=b"profile" * 20, quality=90)
    assert b"4711" in content and b"secret" in content
    drawn = draw(content)
    picture = opened(drawn)
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (240, LONGEST))
    assert is_near(picture.getpixel((200, 160)), RED) and is_near(picture.getpixel((40, 160)), BLUE)
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not [word for word in (b"Exif", b"4711", b"secret", b"profile", b"http") if word in drawn]


PIXELS = {
    "JPEG": ("RGB", "L", "1", "CMYK"),
    "PNG": ("RGB", "L", "1", "P", "RGBA", "LA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in PIXELS.items() for mode in modes])
def test_every_kind_of_pixels_is_drawn(kind, mode):
    picture = scene("L" if mode == "I;16" else mode, (400, 300))
    content = saved(picture.convert(mode) if mode == "I;16" else picture, kind)
    drawn = opened(draw(content))
    assert (drawn.mode, drawn.size) == ("RGB", (320, 240))
    if mode in ("RGB", "P", "CMYK"):
        assert is_near(drawn.getpixel((160, 40)), RED) and is_near(drawn.getpixel((160, 200)), BLUE)


def test_what_is_clear_becomes_white():
    drawn = opened(draw(saved(scene("RGBA", (400, 300)), "PNG")))
    assert is_near(drawn.getpixel((40, 40)), WHITE) and is_near(drawn.getpixel((280, 40)), RED)


def test_a_small_picture_is_not_made_larger():
    assert opened(draw(jpeg(64, 48))).size == (64, 48)


def bomb(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 4_000_000, 9)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        jpeg(200, 150)[:150],
        webp(64, 64),
        bomb(5000, 5000),
        bomb(60_000, 60_000),
        bomb(2**31 - 1, 2**31 - 1),
    ],
)
def test_nothing_is_drawn_of_what_cannot_be(content):
    assert draw(content) == b""


def test_text_that_unpacks_to_gigabytes_is_not_unpacked():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a" * 80_000_000, zip=True)
    content = saved(scene(size=(40, 30)), "PNG", pnginfo=text)
    assert len(content) < 200_000
    assert draw(content) == b""


SEEDS = [saved(scene(size=(60, 40)), kind) for kind in ("JPEG", "PNG", "WEBP")]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12),
    length=st.floats(0.3, 1),
)
def test_a_damaged_file_gives_a_picture_or_nothing(seed, changes, length):
    content = bytearray(seed)
    for place, value in changes:
        content[int(place * len(content))] = value
    drawn = draw(bytes(content[: int(length * len(content))]))
    assert drawn == b"" or opened(drawn).mode == "RGB"


def send(world, content: bytes, media_type: str = "image/jpeg") -> Announcement:
    photo = Announcement(
        client_id=uuid.uuid4(), record_id=uuid.uuid4(), sha256=hashlib.sha256(content).digest(),
        bytes=len(content), media_type=media_type, taken_at=datetime(2014, 4, 15, tzinfo=UTC),
    )  # fmt: skip
    announce_photo(world.db, world.actor("pat"), photo)
    take_piece(world.db, world.actor("pat"), photo.client_id, 0, content)
    return photo


def kept(world, photo: Announcement) -> bytes | None:
    row = world.ask("SELECT thumbnail FROM app.photo WHERE client_id = %s", str(photo.client_id))[0]
    return None if row[0] is None else bytes(row[0])


def shown(world, photo: Announcement) -> bytes:
    pat = world.actor("pat")
    return thumbnail_of(world.db, pat, find_photo(world.db, pat, photo.client_id))


def test_it_is_drawn_with_the_last_piece_and_kept(world):
    photo = send(world, saved(scene(size=(800, 600)), "JPEG"))
    assert opened(kept(world, photo)).size == (320, 240)
    assert shown(world, photo) == kept(world, photo)


def test_a_photo_whose_pixels_cannot_be_drawn_is_stored_all_the_same(world):
    photo = send(world, webp(8, 8), "image/webp")
    assert kept(world, photo) == b"" == shown(world, photo)


def test_photos_from_before_are_drawn_for_the_answer_and_by_the_job(world):
    good, bad = send(world, jpeg(640, 480)), send(world, webp(8, 8), "image/webp")
    for photo in (good, bad):
        world.ask("UPDATE app.photo SET thumbnail = NULL WHERE client_id = %s", str(photo.client_id))
    assert opened(shown(world, good)).size == (320, 240) and shown(world, bad) == b""
    assert kept(world, good) is None
    left = world.ask("SELECT count(*) FROM app.photo WHERE state = 'complete' AND thumbnail IS NULL")[0][0]
    connection = connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        assert draw_some(connection, 1) == 1
        assert draw_some(connection) == left - 1
        assert draw_some(connection) == 0, "one that cannot be drawn is not tried again"
    connection.close()
    assert opened(kept(world, good)).size == (320, 240) and kept(world, bad) == b""


def test_a_photo_that_has_lost_its_pieces_shows_nothing(world):
    photo = send(world, jpeg(100, 100))
    world.ask(
        "DELETE FROM app.photo_piece WHERE photo_id = (SELECT photo_id FROM app.photo WHERE client_id = %s)",
        str(photo.client_id),
    )
    world.ask("UPDATE app.photo SET thumbnail = NULL WHERE client_id = %s", str(photo.client_id))
    assert shown(world, photo) == b""
