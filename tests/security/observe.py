"""Try every verb on a table as every person, and write down what happened; nothing is kept."""

from __future__ import annotations

from typing import Any

import psycopg2

from gis.database.pool import Identity
from gis.errors import Forbidden, GisError
from gis.people.model import Actor
from tests.security import expected
from tests.world import World


class _Undo(Exception):
    pass


def attempt(world: World, identity: Identity, statement: str, params: dict | None = None) -> Any:
    """Run a statement and undo it: its rows, its row count, "denied", or "invalid" when only data was wrong."""
    result: Any = None
    try:
        with world.db.transaction(identity) as connection, connection.cursor() as cursor:
            cursor.execute(statement, params)
            result = [row[0] for row in cursor.fetchall()] if cursor.description else cursor.rowcount
            raise _Undo
    except _Undo:
        return result
    except Forbidden:
        return expected.DENIED
    except (GisError, psycopg2.Error):
        return "invalid"


def key_of(table: str) -> str:
    return expected.KEY.get(table, f"{table}_id")


def seen(world: World, table: str, actor: Actor) -> Any:
    rows = attempt(world, actor.identity, f"SELECT {key_of(table)} FROM app.{table}")
    return rows if rows == expected.DENIED else frozenset(rows)


def select_matrix(world: World, table: str) -> dict[str, Any]:
    return {name: seen(world, table, world.actor(name)) for name in expected.SIGNED_IN}


def update_matrix(world: World, table: str, column: str) -> dict[str, Any]:
    statement = f"UPDATE app.{table} SET {column} = {expected.BLIND_VALUE.get(table, column)}"
    return {name: attempt(world, world.actor(name).identity, statement) for name in expected.SIGNED_IN}


def delete_matrix(world: World, table: str) -> dict[str, Any]:
    return {
        name: attempt(world, world.actor(name).identity, f"DELETE FROM app.{table}")
        for name in expected.SIGNED_IN
    }


def foreign_insert_matrix(world: World, table: str) -> dict[str, Any]:
    """What happens when each person writes a row in the name of another, or for another's team."""
    results: dict[str, Any] = {}
    for name in expected.SIGNED_IN:
        other = "bob" if name == "alice" else "alice"
        params = {"other": world.accounts[other], "self": world.accounts[name]}
        results[name] = attempt(world, world.actor(name).identity, expected.FOREIGN_INSERTS[table], params)
        if table == "incident_step" and name != "dan":  # a dispatcher sees every incident
            results[name + " for a foreign incident"] = attempt(
                world, world.actor(name).identity, expected.FOREIGN_STEP_INSERT, params
            )
        if table in expected.FOREIGN_ROUND_INSERTS:
            values = {**params, "round": 4 if name == "pat" else 1}
            statement = expected.FOREIGN_ROUND_INSERTS[table]
            results[name + " for a foreign round"] = attempt(
                world, world.actor(name).identity, statement, values
            )
        if table == "patrol_point":
            team = 2 if name == "pat" else 1
            statement = expected.FOREIGN_TEAM_INSERT
            results[name + " for another team"] = attempt(
                world, world.actor(name).identity, statement, {**params, "team": team}
            )
    return results


def everything(world: World, table: str) -> dict[str, Any]:
    """All that can be observed of one table."""
    observed: dict[str, Any] = {"select": select_matrix(world, table), "delete": delete_matrix(world, table)}
    if table in expected.UPDATE:
        observed["update"] = update_matrix(world, table, expected.UPDATE[table][0])
    if table in expected.FOREIGN_INSERTS:
        observed["insert"] = foreign_insert_matrix(world, table)
    return observed
