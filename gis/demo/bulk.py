"""Loading in bulk: secondary indexes made and foreign keys checked once, after the rows are there.

Measured on 300,000 patrol points: 40 s row by row, 18 s like this.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from psycopg2 import sql

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import Conflict

_QUERIES = load_queries(__file__, "store")


@contextlib.contextmanager
def bulk_load(connection: Connection, indexed: Sequence[str], checked: Sequence[str]) -> Iterator[None]:
    """Within one transaction: drop the secondary indexes of some tables, and make them again at the end.

    Where the session's user is a superuser, foreign keys of the `checked` tables are checked at the end
    instead of row by row. Ends as gis_migrator.

    Raises
    ------
    Conflict
        A row refers to one that is not there.
    """
    deferred = bool(_QUERIES.is_superuser(connection))
    _QUERIES.become_owner(connection)
    indexes = list(_QUERIES.secondary_indexes(connection, tables=list(indexed)))
    with connection.cursor() as cursor:
        for index in indexes:
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(*index.name.split("."))))
    if deferred:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        _QUERIES.skip_row_triggers(connection)
    _QUERIES.become_migrator(connection)
    yield
    if deferred:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        _QUERIES.check_row_triggers(connection)
        _check_foreign_keys(connection, checked)
    _QUERIES.become_owner(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for index in indexes:
            cursor.execute(index.definition)
    _QUERIES.become_migrator(connection)


def _check_foreign_keys(connection: Connection, tables: Sequence[str]) -> None:
    statement = sql.SQL(
        "SELECT EXISTS (SELECT FROM {child} AS c WHERE c.{child_column} IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM {parent} AS p WHERE p.{parent_column} = c.{child_column})) AS broken"
    )
    with connection.cursor() as cursor:
        for key in list(_QUERIES.foreign_keys(connection, tables=list(tables))):
            cursor.execute(
                statement.format(
                    child=sql.Identifier(*key.child.split(".")),
                    parent=sql.Identifier(*key.parent.split(".")),
                    child_column=sql.Identifier(key.child_column),
                    parent_column=sql.Identifier(key.parent_column),
                )
            )
            row = cursor.fetchone()
            if row is None or row[0]:
                raise Conflict(f"{key.child}: {key.name} does not hold")
