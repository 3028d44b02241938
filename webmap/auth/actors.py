"""Who asks: from a cookie or a bearer token to an actor. Knows no framework.

A bearer token decides alone: where one is sent, a cookie is not looked at. It is accepted where programs ask,
never on pages.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from gis.database.pool import Database
from gis.errors import BadToken, OutOfScope
from gis.people import service, tokens
from gis.people.model import Actor, TokenKind
from gis.people.tokens import PREFIX

CACHE_SECONDS = 2.0
_CACHE_SIZE = 4096
_CACHED_PATH = "/ogc"
_TOKEN_PATHS = (_CACHED_PATH, "/api/v1", "/openapi.json")
# Tokens that lie on a phone for a year open one place each. The guard sees to it that they only upload there.
_ONLY_PATH = {TokenKind.DEVICE: "/api/v1/field", TokenKind.TRACKER: "/api/v1/trackers"}
OF_APPS_WITHOUT_HEADERS = "/api/v1/trackers/osmand"


class ActorCache:
    """Actors found less than two seconds ago, by the SHA-256 of their secret; bounded, for all threads.

    Only for reads of the map service, where a map asks for dozens of tiles at once. `clear` forgets everyone,
    and whatever was looked up before it but not yet kept.

    Parameters
    ----------
    clock : seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, size: int = _CACHE_SIZE) -> None:
        self._clock, self._size = clock, size
        self._kept: OrderedDict[bytes, tuple[float, Actor]] = OrderedDict()
        self._lock = threading.Lock()
        self._generation = 0

    def find(self, kind: str, secret: str, look_up: Callable[[], Actor | None]) -> Actor | None:
        """Give the actor kept for a secret of a kind, else look it up and keep it; nobody is never kept."""
        key = hashlib.sha256(f"{kind}:{secret}".encode()).digest()
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            generation = self._generation
        if kept is not None and now - kept[0] < CACHE_SECONDS:
            return kept[1]
        actor = look_up()
        with self._lock:
            self._kept.pop(key, None)
            if actor is not None and generation == self._generation:
                self._kept[key] = (now, actor)
                if len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return actor

    def clear(self) -> None:
        """Forget everyone: somebody was signed out, revoked, closed or changed."""
        with self._lock:
            self._generation += 1
            self._kept.clear()


def bearer_secret(authorization: str | None) -> str | None:
    """The token an Authorization header carries; None for no header or anything else.

    Clients that know no bearer tokens (QGIS before 3.26, ArcGIS) send it as the password of Basic, whatever
    the user name. A password that is no token of ours is let pass: it may belong to a proxy in front.
    """
    scheme, _, given = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return None
    try:
        password = base64.b64decode(given.strip(), validate=True).decode("utf-8").partition(":")[2]
    except ValueError:
        return None
    return password if password.startswith(PREFIX) else None


def secret_of_device(values: Mapping[str, str]) -> str | None:
    """The token an app that can send no header gives as the name of its device; None for a name."""
    device = values.get("id") or values.get("deviceid") or ""
    return device if device.startswith(PREFIX) else None


def takes_tokens(path: str) -> bool:
    """Tell whether programs ask here; pages, accounts and people are for persons."""
    return any(_under(path, prefix) for prefix in _TOKEN_PATHS)


def find_actor(
    db: Database,
    cookie_token: str | None,
    authorization: str | None,
    path: str,
    *,
    cache: ActorCache | None = None,
) -> Actor | None:
    """Find in whose name a request runs; None for nobody.

    Parameters
    ----------
    cookie_token, authorization : value of the session cookie and of the Authorization header, if sent.
    path : path of the address, which says whether tokens are accepted.
    cache : given for GET and HEAD only, and used only under /ogc.

    Raises
    ------
    BadToken
        A bearer token that is unknown, expired or revoked, or that is sent where none is accepted.
    OutOfScope
        A token limited to collections, outside the OGC API; a phone's or tracker's, outside its place.
    """
    kept = cache if cache is not None and _under(path, _CACHED_PATH) else None
    secret = bearer_secret(authorization)
    if secret is None:
        if not cookie_token:
            return None
        return _resume(kept, "session", cookie_token, lambda: service.resume_session(db, cookie_token))
    if not takes_tokens(path):
        raise BadToken
    actor = _resume(kept, "token", secret, lambda: tokens.resume_token(db, secret))
    if actor is None:
        raise BadToken
    if actor.collections is not None and not _under(path, _CACHED_PATH):
        raise OutOfScope
    only = _ONLY_PATH.get(actor.token_kind) if actor.token_kind else None
    if only is not None and not _under(path, only):
        raise OutOfScope
    return actor


def _resume(
    cache: ActorCache | None, kind: str, secret: str, look_up: Callable[[], Actor | None]
) -> Actor | None:
    return look_up() if cache is None else cache.find(kind, secret, look_up)


def _under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
