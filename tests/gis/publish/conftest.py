"""The town every test of this folder looks at."""

from __future__ import annotations

import pytest

from gis.database.pool import Database
from tests.gis.publish.town import Town, build


@pytest.fixture(scope="module")
def town(database_url: str, db: Database) -> Town:
    """A small town whose answers can be worked out by hand, written once per module."""
    return build(database_url, db)
