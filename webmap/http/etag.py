"""Answers that a browser may keep for its one reader and must ask about before using again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_babel import get_locale

from webmap.auth import current_actor


def private(body: bytes | Mapping[str, Any], mimetype: str = "application/json") -> Response:
    """Answer 200 with a private ETag, or 304 where the reader has this very answer.

    The tag depends on the account and the language besides the body, so that no two readers of one browser
    are ever taken for each other. It is weak: the body may be compressed on its way.
    """
    if not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()
    actor = current_actor()
    reader = f"{actor.account_id}|{actor.role}|{get_locale()}|{mimetype}|".encode()
    response = Response(body, mimetype=mimetype)
    response.set_etag(hashlib.sha256(reader + body).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Authorization", "Accept-Language"))
    answer: Response = response.make_conditional(request)  # type: ignore[assignment]
    return answer


def _plain(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"no JSON form of {type(value).__name__}")
