"""The application on the world of tests/world.py, and people signed in to it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.conftest import Client, make_app, sign_in_client
from tests.world import PASSWORD

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def app(world):
    application = make_app(world.url)
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def as_person(app) -> Callable[[str], Client]:
    """A client signed in as somebody of the world."""
    clients: dict[str, Client] = {}

    def client(name: str) -> Client:
        if name not in clients:
            clients[name] = sign_in_client(app, name, PASSWORD)
        return clients[name]

    return client


@pytest.fixture(scope="module")
def client(as_person) -> Client:
    return as_person("petra")


def path_of(href: str) -> str:
    """An absolute address without its host."""
    parts = urlsplit(href)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def by_rel(document: dict, rel: str) -> list[dict]:
    """Links of a document with a relation."""
    return [link for link in document["links"] if link["rel"] == rel]
