"""Six roles and nobody × tables × verbs, against rows that would leak."""

from __future__ import annotations

import psycopg2
import pytest

from gis.database.pool import Identity
from tests.security import expected, observe
from tests.world import World

TABLES = [*expected.SELECT, *expected.CODE_TABLES]


def catalogue(world: World, statement: str) -> list[tuple]:
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
    connection.close()
    return rows


def test_every_table_stands_in_the_access_table(world):
    tables = {
        name for (name,) in catalogue(world, "SELECT tablename FROM pg_tables WHERE schemaname = 'app'")
    }
    assert tables - {"alembic_version", "repeatable"} == set(TABLES)


def test_every_table_forces_row_level_security(world):
    bare = catalogue(
        world,
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
        " AND relname NOT IN ('alembic_version', 'repeatable')",
    )
    assert bare == []


def test_no_role_reaches_the_partitions_themselves(world):
    for name in expected.SIGNED_IN:
        statement = "SELECT 1 FROM app_month.patrol_point_rest"
        assert observe.attempt(world, world.actor(name).identity, statement) == expected.DENIED


def test_sender_counts_what_is_kept_and_reads_none_of_it(world):
    for name in ("alice", "pat"):
        statement = "SELECT payload FROM app.quarantine"
        assert observe.attempt(world, world.actor(name).identity, statement) == expected.DENIED


def test_every_view_asks_as_its_reader(world):
    views = catalogue(
        world,
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('v', 'm')"
        " AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false)",
    )
    assert views == []


def test_every_definer_function_pins_its_search_path(world):
    loose = catalogue(
        world,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'app'::regnamespace AND prosecdef"
        " AND NOT coalesce(proconfig::text LIKE '%search_path=%', false)",
    )
    assert loose == []


def test_login_role_may_do_nothing_by_itself(world):
    assert catalogue(
        world,
        "SELECT rolsuper, rolinherit, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = 'gis_web'",
    ) == [(False, False, False, False, False)]
    for table in TABLES:
        assert observe.attempt(world, Identity("gis_web"), f"SELECT 1 FROM app.{table}") == expected.DENIED


@pytest.mark.parametrize("table", expected.SELECT)
def test_select(world, table):
    wanted = {name: expected.SELECT[table].get(name, expected.DENIED) for name in expected.SIGNED_IN}
    assert observe.select_matrix(world, table) == wanted


@pytest.mark.parametrize("table", expected.CODE_TABLES)
def test_code_tables_are_read_whole(world, table):
    for name in expected.SIGNED_IN:
        rows = observe.attempt(world, world.actor(name).identity, f"SELECT 1 FROM app.{table}")
        assert rows != expected.DENIED and len(rows) > 0


@pytest.mark.parametrize("table", TABLES)
def test_insert(world, table):
    granted = {
        name
        for name in expected.SIGNED_IN
        if catalogue(
            world,
            f"SELECT has_any_column_privilege('{world.actor(name).identity.db_role}', 'app.{table}', 'INSERT')",
        )[0][0]
    }
    assert granted == set(expected.INSERT.get(table, ()))
    for name in set(expected.SIGNED_IN) - granted:
        outcome = observe.attempt(
            world, world.actor(name).identity, f"INSERT INTO app.{table} DEFAULT VALUES"
        )
        assert outcome == expected.DENIED


@pytest.mark.parametrize("table", expected.FOREIGN_INSERTS)
def test_rows_in_the_name_of_another_are_refused(world, table):
    assert set(observe.foreign_insert_matrix(world, table).values()) == {expected.DENIED}


@pytest.mark.parametrize("table", TABLES)
def test_update(world, table):
    column, reach = expected.UPDATE.get(table, (_first_column(world, table), {}))
    wanted = {name: reach.get(name, expected.DENIED) for name in expected.SIGNED_IN}
    assert observe.update_matrix(world, table, column) == wanted


def _first_column(world: World, table: str) -> str:
    return catalogue(
        world,
        "SELECT attname FROM pg_attribute WHERE attnum > 0 AND attgenerated = '' AND attidentity = ''"
        f" AND attrelid = 'app.{table}'::regclass ORDER BY attnum LIMIT 1",
    )[0][0]


@pytest.mark.parametrize("table", TABLES)
def test_delete(world, table):
    wanted = {name: expected.DELETE.get(table, {}).get(name, expected.DENIED) for name in expected.SIGNED_IN}
    wanted |= dict.fromkeys(expected.REFERRED_TO.get(table, ()), "invalid")
    assert observe.delete_matrix(world, table) == wanted


@pytest.mark.parametrize("table", TABLES)
def test_nobody_may_truncate(world, table):
    for name in expected.SIGNED_IN:
        assert observe.attempt(world, world.actor(name).identity, f"TRUNCATE app.{table}") == expected.DENIED


@pytest.mark.parametrize(("table", "column"), expected.SECRET_COLUMNS)
def test_secret_columns_are_granted_to_nobody_signed_in(world, table, column):
    for name in expected.SIGNED_IN:
        statement = f"SELECT {column} FROM app.{table}"
        assert observe.attempt(world, world.actor(name).identity, statement) == expected.DENIED


@pytest.mark.parametrize(
    "statement", ["SELECT qr_token FROM app.check_point", "UPDATE app.check_point SET qr_token = 'gg'"]
)
def test_what_the_code_at_a_place_says_is_told_to_those_who_print_it(world, statement):
    readers = {
        name
        for name in expected.SIGNED_IN
        if observe.attempt(world, world.actor(name).identity, f"{statement} WHERE false") != expected.DENIED
    }
    assert readers == {"petra", "adam"}


@pytest.mark.parametrize("table", TABLES)
def test_nobody_sees_anything_without_an_actor(world, table):
    assert observe.attempt(world, Identity("gis_anon"), f"SELECT 1 FROM app.{table}") == expected.DENIED
    for role in ("gis_officer", "gis_patrol"):
        key = observe.key_of(table)
        if table in expected.CODE_TABLES or expected.SELECT[table].get("alice") == expected.SELECT[table].get(
            "dan"
        ):
            continue
        rows = observe.attempt(world, Identity(role), f"SELECT {key} FROM app.{table}")
        assert rows in ([], expected.DENIED)


def _policies(world: World) -> list[tuple]:
    return catalogue(
        world,
        "SELECT tablename, policyname, qual, with_check FROM pg_policies WHERE schemaname = 'app'"
        " AND (coalesce(qual, 'true') <> 'true' OR coalesce(with_check, 'true') <> 'true') ORDER BY 1, 2",
    )


def test_each_policy_set_to_true_is_noticed(world):
    unnoticed = []
    policies = _policies(world)
    for table, policy, qual, check in policies:
        before = observe.everything(world, table)
        for clause, text in (("USING", qual), ("WITH CHECK", check)):
            if text is None or text == "true":
                continue
            _alter(world, table, policy, clause, "true")
            try:
                noticed = observe.everything(world, table) != before
            finally:
                _alter(world, table, policy, clause, text)
            if not noticed:
                unnoticed.append((table, policy, clause))
        assert observe.everything(world, table) == before
    assert len(policies) >= 20
    assert unnoticed == []


def _alter(world: World, table: str, policy: str, clause: str, text: str) -> None:
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"SET search_path = public, app; ALTER POLICY {policy} ON app.{table} {clause} ({text})"
        )
    connection.close()


@pytest.mark.parametrize(
    ("table", "change"),
    [("audit_log", "action = 'a.b'"), ("incident_step", "note = ''"), ("round_event", "sequence = 0")],
)
def test_what_is_append_only_stays_as_it_is_even_for_bulk_loading(world, table, change):
    for statement in (
        f"UPDATE app.{table} SET {change}",
        f"DELETE FROM app.{table}",
        f"TRUNCATE app.{table}",
    ):
        connection = psycopg2.connect(world.url)
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE gis_migrator")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
        connection.close()


def test_pooled_connection_forgets_the_last_person_after_an_error(world):
    alice = world.actor("alice").identity
    for _ in range(8):
        with pytest.raises(ZeroDivisionError), world.db.transaction(alice) as connection:
            connection.cursor().execute("SELECT 1 FROM app.rental_unit")
            raise ZeroDivisionError
        assert (
            observe.attempt(world, Identity("gis_officer"), "SELECT rental_unit_id FROM app.rental_unit")
            == []
        )


def test_building_head_is_revealed_to_its_officer_and_the_dispatcher_with_a_trace(world):
    def reveal(name: str, head: int) -> list:
        statement = "SELECT phone FROM app.reveal_building_head(%(head)s, 'fire drill')"
        return observe.attempt(world, world.actor(name).identity, statement, {"head": head})

    assert reveal("alice", 1) == ["13800000001"]
    assert reveal("alice", 4) == []
    assert reveal("alice", 999) == []
    assert reveal("dan", 4) == ["13800000004"]
    for name in ("pat", "petra", "audrey", "adam"):
        assert reveal(name, 1) == expected.DENIED
    with world.db.transaction(world.actor("alice").identity) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM app.reveal_building_head(1, 'fire drill')")
    trace = catalogue(
        world, "SELECT account_id, subject, detail FROM app.audit_log WHERE action = 'building_head.reveal'"
    )
    assert trace == [(world.accounts["alice"], "1", {"purpose": "fire drill"})]


def test_login_touches_tokens_and_makes_none(world):
    login = Identity("gis_login")
    assert observe.attempt(world, login, "UPDATE app.api_token SET last_used_at = now()") == 9
    for statement in (
        "INSERT INTO app.api_token (token_sha256, prefix, account_id, name, expires_at)"
        " VALUES (sha256('forged'), 'gg_forged', 1, 'forged', now() + interval '1 hour')",
        "UPDATE app.api_token SET may_write = true",
        "UPDATE app.api_token SET expires_at = now() + interval '1 day'",
        "DELETE FROM app.api_token",
    ):
        assert observe.attempt(world, login, statement) == expected.DENIED


def test_people_not_signed_in_hold_two_functions_and_nothing_else(world):
    assert catalogue(
        world,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'app'::regnamespace"
        " AND has_function_privilege('gis_anon', oid, 'EXECUTE') ORDER BY 1",
    ) == [("public_counts",), ("public_layers",)]
    assert (
        catalogue(
            world,
            "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'v', 'm', 'S', 'p')"
            " AND (CASE relkind WHEN 'S' THEN has_sequence_privilege('gis_anon', oid, 'SELECT,UPDATE,USAGE')"
            " ELSE has_any_column_privilege('gis_anon', oid, 'SELECT,INSERT,UPDATE,REFERENCES')"
            " OR has_table_privilege('gis_anon', oid, 'DELETE,TRUNCATE,TRIGGER') END)",
        )
        == []
    )
    assert catalogue(
        world,
        "SELECT has_schema_privilege('gis_anon', 'app', 'USAGE'), has_schema_privilege('gis_anon', 'app', 'CREATE')",
    ) == [(True, False)]


def test_public_counts_are_empty_while_switched_off(world):
    for layer in expected.PUBLISHABLE:
        for identity in (Identity("gis_anon"), world.actor("petra").identity):
            statement = f"SELECT code FROM app.public_counts('{layer}')"
            assert observe.attempt(world, identity, statement) == []
    assert observe.attempt(world, Identity("gis_anon"), "SELECT code FROM app.public_counts('account')") == []


@pytest.mark.parametrize("name", ["alice", "petra", "adam"])
def test_a_read_only_identity_cannot_write_nor_undo_it(world, name):
    actor = world.actor(name)
    identity = Identity(actor.identity.db_role, actor.account_id, read_only=True)
    update = "UPDATE app.account SET locale = locale"
    assert observe.attempt(world, actor.identity, update) in (1, 9)
    assert observe.attempt(world, identity, update) == expected.DENIED
    loosen = "SET LOCAL transaction_read_only = off"
    assert observe.attempt(world, identity, "SELECT 1") == [1]
    assert observe.attempt(world, identity, loosen) == "invalid"
