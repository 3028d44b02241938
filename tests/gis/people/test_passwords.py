"""Passwords as production keeps them: other tests use weaker parameters, for time."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from gis.people import passwords
from tests.conftest import REAL_HASHER

PASSWORD = "光明 is bright"


@pytest.fixture(autouse=True)
def as_in_production(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", REAL_HASHER)


def test_a_hash_is_argon2id_of_the_low_memory_profile_and_salted():
    # RFC 9106, section 4: the second recommended option.
    hashed = passwords.hash_password(PASSWORD)
    made = extract_parameters(hashed)
    assert made.type is Type.ID
    assert (made.time_cost, made.memory_cost, made.parallelism) == (3, 64 * 1024, 4)
    assert (made.salt_len, made.hash_len) == (16, 32)
    assert passwords.hash_password(PASSWORD) != hashed
    assert passwords.verify_password(PASSWORD, hashed)
    assert not passwords.verify_password(PASSWORD + " ", hashed)
    assert not passwords.needs_rehash(hashed)


def test_nothing_fits_an_account_without_password_or_a_broken_hash():
    assert not passwords.verify_password("nobody's password", None)
    assert not passwords.verify_password(PASSWORD, "no hash")


def test_a_weaker_hash_still_fits_and_is_made_anew(monkeypatch):
    monkeypatch.undo()
    weak = passwords.hash_password(PASSWORD)
    monkeypatch.setattr(passwords, "_HASHER", REAL_HASHER)
    assert passwords.verify_password(PASSWORD, weak)
    assert passwords.needs_rehash(weak)
