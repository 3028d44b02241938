"""Signing in and out: what happens before there is an actor, and to the actor's own sessions."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gis.database.pool import Connection, Database, Identity
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.people.model import UPLOADERS, Actor, Role, TokenKind
from gis.people.passwords import check_password_rules, hash_password, needs_rehash, verify_password

_queries = load_queries(__file__, "store")

_LOGIN = Identity("gis_login")
SESSION_LIFETIME = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from, for the session list and the audit log."""

    user_agent: str = ""
    address: str | None = None
    request_id: str = ""


def sign_in(db: Database, username: str, password: str, client: Client) -> tuple[str, Actor] | None:
    """Check a password and open a session.

    Returns
    -------
    tuple of str and Actor, or None
        The session's secret token, told only here, and the actor. None if name or password are wrong:
        which of them is not told, and takes the same time.
    """
    username = username.strip().lower()
    with db.transaction(_LOGIN, request_id=client.request_id) as connection:
        row = _queries.find_credential(connection, username=username)
    fits = verify_password(password, row.password_hash if row and row.is_active else None)
    with db.transaction(_LOGIN, request_id=client.request_id) as connection:
        if not fits:
            record_audit(connection, None, "session.refused", username[:40], address=client.address)
            return None
        if needs_rehash(row.password_hash):
            _queries.change_password(
                connection,
                account_id=row.account_id,
                password_hash=hash_password(password),
                must_change=row.must_change,
            )
        token = secrets.token_urlsafe(32)
        session_id = _queries.insert_session(
            connection,
            token_sha256=_digest(token),
            account_id=row.account_id,
            lifetime=SESSION_LIFETIME,
            user_agent=client.user_agent[:300],
            address=client.address,
        )
        session_id = getattr(session_id, "session_id", session_id)
        record_audit(connection, row.account_id, "session.open", str(session_id), address=client.address)
    return token, _actor(row, session_id)


def resume_session(db: Database, token: str) -> Actor | None:
    """Find the actor of a session token; None if it is unknown, ended, revoked or idle too long."""
    with db.transaction(_LOGIN) as connection:
        row = _queries.find_session(connection, token_sha256=_digest(token), idle=SESSION_IDLE)
        if row is None:
            return None
        if row.is_stale:
            _queries.touch_session(connection, session_id=row.session_id)
    return _actor(row, row.session_id)


def sign_out(db: Database, actor: Actor) -> None:
    """End the actor's present session, on the server."""
    with db.transaction(actor.identity) as connection:
        _queries.revoke_session(connection, session_id=actor.session_id)
        record_audit(connection, actor.account_id, "session.close", str(actor.session_id))


def own_sessions(db: Database, actor: Actor) -> list[Any]:
    """List where the actor is signed in, latest first."""
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.sessions_of(connection, account_id=actor.account_id))


def sign_out_everywhere(db: Database, actor: Actor) -> None:
    """End every session of the actor."""
    with db.transaction(actor.identity) as connection:
        _queries.revoke_sessions_of(connection, account_id=actor.account_id)
        record_audit(connection, actor.account_id, "session.close_all", str(actor.account_id))


def change_own_password(
    db: Database, actor: Actor, old: str, new: str, *, with_uploaders: bool = False
) -> None:
    """Change the actor's password, end all sessions but the present one and revoke the tokens of programs.

    Parameters
    ----------
    with_uploaders : also revoke the tokens of phones and trackers. They read nothing, and what a phone has
        not sent yet would wait for its person to sign in there.

    Raises
    ------
    InvalidInput
        The old password is wrong, or the new one breaks a rule.
    """
    check_password_rules(new, username=actor.username)
    with db.transaction(_LOGIN) as connection:
        row = _queries.find_credential(connection, username=actor.username)
        if not verify_password(old, row.password_hash):
            raise InvalidInput("The present password is wrong.", pointer="old")
        if old == new:
            raise InvalidInput("The new password is the old one.", pointer="password")
        _queries.change_password(
            connection, account_id=actor.account_id, password_hash=hash_password(new), must_change=False
        )
        for session in _queries.sessions_of(connection, account_id=actor.account_id):
            if session.session_id != actor.session_id:
                _queries.revoke_session(connection, session_id=session.session_id)
        kinds = frozenset(TokenKind) if with_uploaders else frozenset(TokenKind) - UPLOADERS
        tokens = revoke_tokens(connection, row.account_id, kinds)
        record_audit(
            connection, actor.account_id, "password.change", str(actor.account_id), tokens_revoked=tokens
        )


def revoke_tokens(
    connection: Connection, account_id: int, kinds: frozenset[TokenKind] = frozenset(TokenKind)
) -> int:
    """Revoke an account's tokens of some kinds that still work; gives how many."""
    revoked: int = _queries.revoke_tokens_of(
        connection, account_id=account_id, kinds=[kind.value for kind in kinds]
    )
    return revoked


def set_locale(db: Database, actor: Actor, locale: str) -> None:
    """Keep the language the actor reads."""
    with db.transaction(actor.identity) as connection:
        _queries.set_locale(connection, account_id=actor.account_id, locale=locale)


def demo_size(db: Database) -> str | None:
    """Tell the size of the demo district this database holds; None for a real one."""
    with db.transaction(_LOGIN, read_only=True) as connection:
        size: str | None = _queries.demo_size(connection)
        return size


def record_audit(
    connection: Connection, account_id: int | None, event: str, subject: str, **detail: object
) -> None:
    """Write an audit row in the same transaction as what it tells of. Never personal values in it."""
    _queries.insert_audit(
        connection,
        account_id=account_id,
        action=event,
        subject=subject,
        detail=json.dumps({key: value for key, value in detail.items() if value is not None}, default=str),
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _actor(row: Any, session_id: int) -> Actor:
    return Actor(
        account_id=row.account_id,
        role=Role(row.role),
        name=row.full_name,
        username=row.username,
        locale=row.locale,
        session_id=session_id,
        must_change_password=bool(row.must_change),
    )
