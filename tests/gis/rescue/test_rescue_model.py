"""What makes a file one that a phone exported, and what is said of one that is none."""

from __future__ import annotations

import json

import pytest

from gis.errors import InvalidInput, TooLarge
from gis.rescue import model
from gis.rescue.model import ids_of, read_file
from tests.rescue_files import AT, DEVICE, exported, photo, record, walk


def test_a_file_is_read_as_the_phone_would_send_it():
    point = record(7, sequence=5, revision=2, note="旧账")
    event = record(7, "event", round_id=3)
    visits = [record(7, "visit", round_id=3), record(7, "visit", round_id=4)]
    data = exported(
        7, username="pat", records=[point, event, *visits], photos=[photo(7, "x", b"y")], streams=[walk(7)]
    )
    file = read_file(data)
    assert (file.account_id, file.username, str(file.device_id)) == (7, "pat", DEVICE)
    assert file.exported_at.isoformat() == AT.replace(".000Z", "+00:00")
    assert file.points == (
        {**point["body"], "type": "point", "client_id": point["client_id"], "revision": 2, "sequence": 5},
    )
    assert [(told.round_id, told.kind, len(told.raws)) for told in file.told] == [
        (3, "event", 1),
        (3, "visit", 1),
        (4, "visit", 1),
    ]
    assert file.told[0].raws[0] == {**event["body"], "client_id": event["client_id"], "sequence": 1}
    assert (len(file.photos), len(file.streams), file.fixes, file.misshapen) == (1, 1, 3, ())


def test_a_byte_order_mark_and_a_last_line_end_change_nothing():
    assert read_file(b"\xef\xbb\xbf" + exported(7) + b"\r\n").account_id == 7


def test_a_record_of_no_type_or_no_round_takes_no_other_along():
    file = read_file(
        exported(
            7, records=[record(7, "song"), record(7, "event"), record(7, "visit", round_id=True), record(7)]
        )
    )
    assert (len(file.misshapen), len(file.points), file.told) == (3, 1, ())


def test_ids_that_are_none_are_left_out():
    raws = ({"client_id": DEVICE.upper()}, {"client_id": "x"}, {})
    assert list(ids_of(raws)) == [DEVICE]


@pytest.mark.parametrize(
    ("data", "code", "pointer"),
    [
        (b"", "not-json", "line 1, column 1"),
        (b'{"format":\n "guangming-field",\n oops}', "not-json", "line 3, column 2"),
        (exported(7)[:-40], "not-json", None),
        (b"[" * 100_000, "not-json", "file"),
        (b'{"a": NaN}', "not-json", "file"),
        (b"\xff\xfe{\x00}\x00", "not-json", "file"),
        (b"[]", "not-ours", "format"),
        (b'{"type": "FeatureCollection", "features": []}', "not-ours", "format"),
        (exported(7).replace(b'"version":1', b'"version":9'), "not-ours", "format"),
        (exported(7, username="pat").replace(b'"pat"', b'"bob"'), "damaged", "sha256"),
        (json.dumps(json.loads(exported(7)), indent=1).encode(), "damaged", "sha256"),
        (b'{"format":"guangming-field","version":1,"content":7}', "damaged", "sha256"),
        (exported(7, account="7"), "no-account", "account"),
        (exported(7, account=True), "no-account", "account"),
        (exported(7, account=2**40), "no-account", "account"),
        (exported(7, exported_at="yesterday"), "bad-time", "exported_at"),
        (exported(7, records=[record(8)]), "mixed-accounts", "account"),
        (exported(7, photos={}), "no-list", "photos"),
        (exported(7, streams=[None]), "no-list", "streams"),
    ],
)
def test_what_is_none_is_refused_by_its_place(data, code, pointer):
    with pytest.raises(InvalidInput) as refused:
        read_file(data)
    assert refused.value.code == code
    assert pointer is None or refused.value.pointer == pointer


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(model, "MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        read_file(exported(7))
