"""Which encoding a client gets, and that what it unpacks is what was packed."""

from __future__ import annotations

import gzip

import brotli
import pytest

from webmap.http.compress import choose, encode


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.0, gzip;q=0", None),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0.001", "br"),
        ("vibrato", None),
    ],
)
def test_encoding_is_the_best_one_the_client_takes(accepted, chosen):
    assert choose(accepted) == chosen


def test_a_client_that_takes_only_brotli_gets_no_gzip():
    assert choose("br", ("gzip",)) is None
    assert choose("br, gzip;q=0.1", ("gzip",)) == "gzip"


@pytest.mark.parametrize(("encoding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_what_is_unpacked_is_what_was_packed(encoding, unpack):
    body = "网格 grid ".encode() * 1000
    assert unpack(encode(body, encoding)) == body
    assert encode(body, encoding) == encode(body, encoding)
    assert len(encode(body, encoding)) < len(body) / 10


@pytest.mark.parametrize(("accepted", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_script_is_packed_and_asked_for_again_by_its_tag(client_for, accepted, unpack):
    client = client_for("officer")

    def get(**headers):
        with client.get("/static/css/app.css", headers=headers) as answer:
            return answer.status_code, answer.headers, answer.data

    _, plain_headers, plain = get(**{"Accept-Encoding": "identity"})
    _, headers, packed = get(**{"Accept-Encoding": accepted})
    assert headers["Content-Encoding"] == accepted
    assert "Accept-Encoding" in headers["Vary"]
    assert unpack(packed) == plain
    assert len(packed) < len(plain) / 3
    assert headers["ETag"] == f"W/{plain_headers['ETag']}"
    assert get(**{"If-None-Match": headers["ETag"]})[0] == 304


def test_pictures_and_small_files_are_sent_as_they_are(client_for):
    for name in ("field/icon-192.png", "img/brand.svg"):
        with client_for("officer").get(f"/static/{name}", headers={"Accept-Encoding": "br"}) as answer:
            assert answer.status_code == 200
            assert "Content-Encoding" not in answer.headers
