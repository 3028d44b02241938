"""The memory of actors: two seconds, bounded, empty after anyone changed."""

from __future__ import annotations

import threading

import pytest

from gis.errors import BadToken, OutOfScope
from gis.people.model import Actor, Role
from webmap.auth import actors
from webmap.auth.actors import ActorCache, bearer_secret, find_actor, takes_tokens
from webmap.auth.tries import BadTokens

SOMEBODY = Actor(1, Role.OFFICER)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class LookUp:
    """Counts how often the database would be asked."""

    def __init__(self, *answers) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, *_):
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


def test_actor_is_kept_two_seconds_and_no_longer():
    clock, look_up = Clock(), LookUp(SOMEBODY)
    cache = ActorCache(clock)
    for now, asked in ((100.0, 1), (101.99, 1), (102.0, 2), (103.9, 2), (104.1, 3)):
        clock.now = now
        assert cache.find("token", "a", look_up) is SOMEBODY
        assert look_up.asked == asked, now


def test_nobody_is_never_kept():
    look_up = LookUp(None, SOMEBODY)
    cache = ActorCache(Clock())
    assert cache.find("token", "a", look_up) is None
    assert cache.find("token", "a", look_up) is SOMEBODY


def test_kinds_and_secrets_are_apart():
    cache = ActorCache(Clock())
    cache.find("token", "a", LookUp(SOMEBODY))
    for kind, secret in (("session", "a"), ("token", "b")):
        look_up = LookUp(None)
        assert cache.find(kind, secret, look_up) is None and look_up.asked == 1


def test_clear_forgets_everyone_and_what_is_being_looked_up():
    cache, later = ActorCache(Clock()), LookUp(None)
    cache.find("token", "a", LookUp(SOMEBODY))
    cache.clear()
    assert cache.find("token", "a", later) is None
    started, go_on = threading.Event(), threading.Event()

    def slow():
        started.set()
        assert go_on.wait(5)
        return SOMEBODY

    reading = threading.Thread(target=cache.find, args=("token", "b", slow))
    reading.start()
    assert started.wait(5)
    cache.clear()
    go_on.set()
    reading.join()
    assert cache.find("token", "b", LookUp(None)) is None, "read before the change, kept after it"


def test_cache_is_bounded():
    cache = ActorCache(Clock(), size=3)
    for secret in "abcde":
        cache.find("token", secret, LookUp(SOMEBODY))
    for secret, asked in zip("edcba", (0, 0, 0, 1, 1), strict=True):
        look_up = LookUp(SOMEBODY)
        cache.find("token", secret, look_up)
        assert look_up.asked == asked, secret


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        (None, None),
        ("", None),
        ("Basic YTpi", None),
        ("Bearer gg_x", "gg_x"),
        ("bearer  gg_x ", "gg_x"),
        ("Bearer", ""),
        ("Bearergg_x", None),
    ],
)
def test_only_bearer_is_read(header, secret):
    assert bearer_secret(header) == secret


def test_tokens_are_taken_where_programs_ask():
    for path in ("/ogc", "/ogc/collections", "/api/v1/query", "/openapi.json"):
        assert takes_tokens(path), path
    for path in (
        "/",
        "/account",
        "/admin/people",
        "/api/docs",
        "/ogcx",
        "/openapi.jsonx",
        "/map",
        "/api/v10/x",
    ):
        assert not takes_tokens(path), path


@pytest.fixture
def asked(monkeypatch):
    """Sessions and tokens that always resume, counted."""
    counts = {"session": LookUp(SOMEBODY), "token": LookUp(SOMEBODY)}
    monkeypatch.setattr(actors.service, "resume_session", counts["session"])
    monkeypatch.setattr(actors.tokens, "resume_token", counts["token"])
    return counts


@pytest.mark.parametrize("path", ["/api/v1/counts/building", "/account", "/", "/openapi.json"])
def test_a_cache_is_used_under_ogc_only(asked, path):
    cache = ActorCache(Clock())
    for _ in range(3):
        find_actor(None, "cookie", None, "/ogc/collections/building/items", cache=cache)
    assert asked["session"].asked == 1
    for _ in range(3):
        find_actor(None, "cookie", None, path, cache=cache)
    assert asked["session"].asked == 4


def test_token_decides_alone(asked, monkeypatch):
    with pytest.raises(BadToken):
        find_actor(None, "cookie", "Bearer gg_x", "/account")
    assert asked["token"].asked == asked["session"].asked == 0
    find_actor(None, "cookie", "Bearer gg_x", "/ogc")
    assert (asked["token"].asked, asked["session"].asked) == (1, 0)
    find_actor(None, "cookie", "Basic YTpi", "/account")
    assert asked["session"].asked == 1
    assert find_actor(None, None, None, "/ogc") is None
    monkeypatch.setattr(actors.tokens, "resume_token", LookUp(None))
    with pytest.raises(BadToken):
        find_actor(None, "cookie", "Bearer gg_x", "/ogc")


def test_limited_token_opens_ogc_only(monkeypatch):
    limited = Actor(1, Role.OFFICER, token_id=1, collections=frozenset({"cell"}))
    monkeypatch.setattr(actors.tokens, "resume_token", LookUp(limited))
    assert find_actor(None, None, "Bearer gg_x", "/ogc/collections") is limited
    for path in ("/api/v1/counts/cell", "/openapi.json"):
        with pytest.raises(OutOfScope):
            find_actor(None, None, "Bearer gg_x", path)


def test_bad_tokens_are_counted_once_a_minute_each():
    clock = Clock()
    bad = BadTokens("3 per hour", clock)
    for secret in ("a", "b"):
        assert not bad.knows(secret)
        bad.remember("10.0.0.1", secret)
        assert bad.knows(secret)
    assert bad.seconds_to_wait("10.0.0.1") == 0
    bad.remember("10.0.0.1", "c")
    assert 0 < bad.seconds_to_wait("10.0.0.1") <= 3600
    assert bad.seconds_to_wait("10.0.0.2") == 0
    clock.now += 61
    assert not bad.knows("a")
