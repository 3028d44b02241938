"""Log lines: one JSON object each, whatever stands in them."""

from __future__ import annotations

import json
import logging
import sys

from webmap.http.logs import JsonLines


def lines_of(capfd) -> list[dict]:
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def test_an_answer_is_one_line_by_either_way_and_tells_no_query(client_for, capfd):
    client = client_for("planner")
    capfd.readouterr()
    client.get("/ogc/collections/cell/items?limit=1&code=secret", headers={"X-Request-Id": "abcdefgh-1"})
    client.get("/ogc/collections/cell?f=json", headers={"X-Request-Id": "abcdefgh-2"})
    fast, slow = lines_of(capfd)
    assert fast["path"] == "/ogc/collections/cell/items" and slow["path"] == "/ogc/collections/cell"
    assert list(fast) == list(slow)
    assert (fast["request_id"], fast["status"], fast["account_id"]) == (
        "abcdefgh-1",
        200,
        slow["account_id"],
    )
    assert "secret" not in json.dumps([fast, slow])


def test_a_path_cannot_begin_a_line_of_its_own(client_for, capfd):
    client = client_for("planner")
    capfd.readouterr()
    client.get('/ogc/collections/x%0A{"level":"ERROR"}%22')
    (line,) = lines_of(capfd)
    assert line["path"] == '/ogc/collections/x\n{"level":"ERROR"}"'


def test_an_error_is_one_line_with_its_traceback():
    try:
        raise ValueError("网格\nsecond line")
    except ValueError:
        record = logging.LogRecord("webmap", logging.ERROR, "", 1, "%s failed", ("读取",), sys.exc_info())
    text = JsonLines().format(record)
    assert "\n" not in text
    told = json.loads(text)
    assert told["message"] == "读取 failed" and told["level"] == "ERROR"
    assert "ValueError: 网格\nsecond line" in told["exc_info"]
