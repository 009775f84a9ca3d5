"""The keys that tokens are signed with: one signs, those before it verify for as long as they must."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test import Client
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.tokens.models import TokenKey
from portal.tokens.services import TokenRefused, issue_access_token, published_keys, read_access_token, rotate_key
from portal.tokens.services import keys as module
from portal.tokens.services.keys import LIFETIME, PORTAL, SKEW, new_key, signing_key
from portal.tokens.tests.factories import ApiClientFactory


def test_the_first_use_makes_the_key_and_the_next_takes_it(db: None) -> None:
    first = signing_key()
    assert signing_key() == first
    assert TokenKey.objects.count() == 1
    assert first.public_jwk["kid"] == first.kid
    assert not {"d", "p", "q"} & set(first.public_jwk)
    assert "PRIVATE" not in first.private_sealed


def test_after_a_rotation_both_are_published_and_old_tokens_go_on(db: None) -> None:
    client = ApiClientFactory()
    before = issue_access_token(client=client)
    old = TokenKey.objects.get()
    call_command("rotate_token_key")
    after = issue_access_token(client=client)
    assert read_access_token(before).client == read_access_token(after).client == client
    kids = [key["kid"] for key in Client().get("/common/discovery/v2.0/keys").json()["keys"]]
    assert kids == [signing_key().kid, old.kid]
    old.refresh_from_db()
    assert old.private_sealed == ""
    assert AuditEvent.objects.filter(code="tokens.key_rotated").count() == 2


def test_a_retired_key_is_forgotten_once_its_last_token_has_expired(db: None) -> None:
    text = issue_access_token(client=ApiClientFactory())
    rotate_key(by=PORTAL)
    old = TokenKey.objects.exclude(retired_at=None).get()
    old.retired_at = timezone.now() - LIFETIME - SKEW + timedelta(seconds=30)
    old.save()
    assert read_access_token(text)
    old.retired_at = timezone.now() - LIFETIME - SKEW - timedelta(seconds=1)
    old.save()
    assert [key["kid"] for key in published_keys()] == [signing_key().kid]
    with pytest.raises(TokenRefused) as refused:
        read_access_token(text)
    assert refused.value.reason == "signature"


def test_a_key_that_the_secret_key_opens_no_more_is_replaced(db: None, settings: Any) -> None:
    first = signing_key()
    settings.SECRET_KEY = "another-secret-key-of-more-than-fifty-characters-xxxxxxx"
    module.private_key.cache_clear()
    second = signing_key()
    assert second.kid != first.kid
    assert TokenKey.objects.signing().get() == second


def test_the_database_lets_one_key_sign(db: None) -> None:
    new_key().save()
    with pytest.raises(IntegrityError), transaction.atomic():
        new_key().save()


def test_who_comes_second_takes_the_others_key(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as the race below, step by step: another process was quicker while this one made its key."""
    others = new_key()

    def slow() -> TokenKey:
        others.save()
        return new_key()

    monkeypatch.setattr(module, "new_key", slow)
    assert signing_key() == others == TokenKey.objects.get()


def together(work: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What two threads answer that have both seen that there is no key yet."""
    barrier, outcomes = threading.Barrier(2, timeout=20), []
    make = module.new_key

    def waiting() -> TokenKey:
        key = make()
        barrier.wait()
        return key

    def run() -> None:
        try:
            outcomes.append(work())
        except IntegrityError as failed:
            outcomes.append(type(failed))
        finally:
            close_old_connections()
            connection.close()

    monkeypatch.setattr(module, "new_key", waiting)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_make_the_first_key_end_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("In memory, the threads would share one connection.")
    first, second = together(signing_key, monkeypatch)
    assert first == second == TokenKey.objects.get()


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_there_would_be_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same race against a table that lets any number of keys sign."""
    if connection.vendor == "sqlite":
        pytest.skip("In memory, the threads would share one connection.")
    constraint = TokenKey._meta.constraints[0]
    with connection.schema_editor() as editor:
        editor.remove_constraint(TokenKey, constraint)
    try:
        first, second = together(signing_key, monkeypatch)
        assert first != second
        assert TokenKey.objects.signing().count() == 2
        TokenKey.objects.all().delete()
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(TokenKey, constraint)
