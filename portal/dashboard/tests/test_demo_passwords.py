"""The demo loads fast, and leaves no account with a cheap hash that somebody uses."""

from typing import Any

import pytest
from argon2 import extract_parameters
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import Argon2PasswordHasher, get_hashers, make_password

from portal.dashboard.demo.partners import load_partners
from portal.dashboard.demo.passwords import cheap_hashes
from portal.dashboard.demo.story import load
from portal.partners.models import User
from portal.partners.tests.factories import UserFactory


@pytest.fixture(autouse=True)
def argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def memory_of(encoded: str) -> int:
    """The KiB that the hash asks for."""
    return extract_parameters(encoded.removeprefix("argon2")).memory_cost


def test_cheap_within_and_at_full_cost_after() -> None:
    with cheap_hashes():
        assert memory_of(make_password("x")) == 8
    assert memory_of(make_password("x")) == Argon2PasswordHasher.memory_cost


def test_at_full_cost_after_a_failure_too() -> None:
    with pytest.raises(RuntimeError), cheap_hashes():
        raise RuntimeError
    assert memory_of(make_password("x")) == Argon2PasswordHasher.memory_cost
    assert vars(get_hashers()[0]) == {}


def test_the_first_sign_in_puts_the_full_cost_in_its_place(db: None) -> None:
    with cheap_hashes():
        user = UserFactory(email="ada@demo.example", password="Demo-portal-2026!")
    assert memory_of(user.password) == 8
    assert authenticate(username=user.email, password="wrong") is None
    assert authenticate(username=user.email, password="Demo-portal-2026!") == user
    user.refresh_from_db()
    assert memory_of(user.password) == Argon2PasswordHasher.memory_cost


def test_the_demo_is_loaded_with_cheap_ones(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(Exception):
        pass

    def partners_only() -> None:
        load_partners()
        seen.extend(memory_of(password) for password in User.objects.values_list("password", flat=True))
        raise Enough

    seen: list[int] = []
    monkeypatch.setattr("portal.dashboard.demo.story.load_partners", partners_only)
    with pytest.raises(Enough):
        load()
    assert len(seen) == 11
    assert set(seen) == {8}
