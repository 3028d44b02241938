"""Structured logs: one JSON object a line, one line a request, every line with the request's id."""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import datetime
from functools import lru_cache

import orjson
from flask import Flask, Response, g, has_request_context, request

from gis.people.model import Actor

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        told = {
            "at": _moment(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": g.get("request_id", "") if has_request_context() else "",
        }
        if record.exc_info:
            told["exc_info"] = self.formatException(record.exc_info)
        if record.stack_info:
            told["stack_info"] = record.stack_info
        return _encode(told)


def _moment(seconds: float) -> str:
    whole = int(seconds)
    date_and_time, zone = _second(whole)
    return f"{date_and_time}.{int((seconds - whole) * 1000):03d}{zone}"


@lru_cache(maxsize=4)
def _second(seconds: int) -> tuple[str, str]:
    """Date and time of a second, and the zone they are told in."""
    text = datetime.fromtimestamp(seconds).astimezone().isoformat()
    return text[:19], text[19:]


def configure() -> None:
    """Send all logs as JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    # What no line of ours tells need not be gathered for each (logging HOWTO, Optimization).
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def log_answer(  # noqa: PLR0913 - one line, whole
    *,
    request_id: str,
    method: str,
    path: str,
    status: int,
    size: int | None,
    actor: Actor | None,
    address: str | None,
    started: float,
) -> None:
    """Log an answer: who, what, how long. Never bodies, queries or tokens.

    Parameters
    ----------
    size : bytes of the body.
    started : of `time.perf_counter`.
    """
    told = {
        "at": _moment(time.time()),
        "level": "INFO",
        "logger": "webmap.request",
        "message": "request",
        "request_id": request_id,
        "method": method,
        "path": path,
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 1),
        "bytes": size,
        "account_id": actor.account_id if actor else None,
        "address": address,
    }
    # For every answer, so past `logging`, whose records, filters and locks cost twice what the line does.
    sys.stderr.write(f"{orjson.dumps(told).decode()}\n")


def register(app: Flask) -> None:
    """Log each request when it ends."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log_request(response: Response) -> Response:
        if request.endpoint != "static":
            log_answer(
                request_id=g.get("request_id", ""),
                method=request.method,
                path=request.path,
                status=response.status_code,
                size=response.content_length,
                actor=g.get("actor"),
                address=request.remote_addr,
                started=g.get("started", time.perf_counter()),
            )
        return response
