"""The town every test of this folder looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg2
import pytest

from gis.database.pool import Database
from tests.gis.publish.town import Town, build


@pytest.fixture(scope="module")
def town(database_url: str, db: Database) -> Town:
    """A small town whose answers can be worked out by hand, written once per module."""
    return build(database_url, db)


@pytest.fixture(scope="module")
def sql(town: Town) -> Iterator[Callable[..., None]]:
    """Run statements as superuser, each on its own."""
    connection = psycopg2.connect(town.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor.execute
    connection.close()
