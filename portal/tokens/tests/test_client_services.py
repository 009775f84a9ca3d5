"""Clients, secrets and consents: who may, what is written down, and what nobody can read afterwards."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.partners.models import Membership
from portal.partners.permissions import Permission
from portal.tokens.models import ApiSecret, Consent
from portal.tokens.rules import MOST_SECRETS, is_registered, months_after
from portal.tokens.services import (
    add_secret,
    change_client,
    create_client,
    disable_client,
    enable_client,
    give_consent,
    revoke_consent,
    revoke_secret,
)
from portal.tokens.tests.factories import ApiClientFactory, ApiSecretFactory, ConsentFactory

ActorFor = Callable[..., Actor]


@pytest.fixture
def by(global_admin: Membership, actor_for: ActorFor) -> Actor:
    return actor_for(global_admin)


def codes() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("code", flat=True))


def test_the_global_admin_makes_changes_and_disables_a_client(by: Actor, global_admin: Membership) -> None:
    said: dict[str, Any] = {"name": "Night job", "roles": ["sales_agent", "admin_agent"], "allows_app_only": True}
    client = create_client(by=by, partner=global_admin.partner, submit_key="a" * 32, **said)
    assert client == create_client(by=by, partner=global_admin.partner, submit_key="a" * 32, **said)
    assert (client.roles, client.created_by_name) == (["admin_agent", "sales_agent"], "Gita Global")
    change_client(by=by, client=client, **said, redirect_uris=["https://app.example/signed-in"])
    change_client(by=by, client=client, **said, redirect_uris=["https://app.example/signed-in"])
    assert not disable_client(by=by, client=client).is_active
    disable_client(by=by, client=client)
    assert enable_client(by=by, client=client).is_active
    assert codes() == [f"tokens.client_{what}" for what in ("created", "changed", "disabled", "enabled")]
    changed = AuditEvent.objects.get(code="tokens.client_changed")
    assert changed.facts["redirect_uris_before"] == []
    assert (changed.partner_id, changed.subject) == (client.partner_id, str(client.client_id))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"allows_app_only": True}, "roles"),
        ({"allows_app_only": True, "roles": ["no_such_role"]}, "roles"),
        ({"allows_app_only": True, "roles": ["admin_agent"], "is_public": True}, "is_public"),
        ({"redirect_uris": ["http://app.example/"]}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"redirect_uris": [f"https://app.example/{n}" for n in range(40)]}, "redirect_uris"),
    ],
)
def test_what_does_not_go_together_is_refused(
    by: Actor, global_admin: Membership, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        create_client(by=by, partner=global_admin.partner, **({"name": "Night job"} | said))
    assert refused.value.field == field
    assert codes() == []


def test_nobody_else_may(admin_agent: Membership, stranger: Membership, actor_for: ActorFor) -> None:
    secret = ApiSecretFactory(client__partner=admin_agent.partner)
    consent = ConsentFactory(client=secret.client)
    for member, error in ((admin_agent, NotPermitted), (stranger, NotFound)):
        by = actor_for(member)
        tries: list[Callable[[], object]] = [
            lambda by=by: create_client(by=by, partner=admin_agent.partner, name="x"),  # type: ignore[misc]
            lambda by=by: change_client(  # type: ignore[misc]
                by=by, client=secret.client, name="x", roles=[], allows_app_only=False, redirect_uris=[]
            ),
            lambda by=by: disable_client(by=by, client=secret.client),  # type: ignore[misc]
            lambda by=by: enable_client(by=by, client=secret.client),  # type: ignore[misc]
            lambda by=by: add_secret(by=by, client=secret.client),  # type: ignore[misc]
            lambda by=by: revoke_secret(by=by, secret=secret),  # type: ignore[misc]
            lambda by=by: revoke_consent(by=by, consent=consent),  # type: ignore[misc]
        ]
        for attempt in tries:
            with pytest.raises(error):
                attempt()


def test_only_the_global_admin_has_the_right(global_admin: Membership, admin_agent: Membership) -> None:
    assert global_admin.can(Permission.PARTNER_MANAGE_API_CLIENTS)
    assert not admin_agent.can(Permission.PARTNER_MANAGE_API_CLIENTS)


def test_a_secret_is_shown_once_and_kept_as_its_digest(by: Actor, global_admin: Membership) -> None:
    client = ApiClientFactory(partner=global_admin.partner)
    secret, text = add_secret(by=by, client=client, submit_key="b" * 32)
    assert len(text) >= 43
    assert secret.digest == hashlib.sha256(text.encode()).hexdigest()
    assert secret.hint == text[:4]
    assert secret.expires_at == months_after(secret.created_at, 6)
    assert add_secret(by=by, client=client, submit_key="b" * 32) == (secret, "")
    assert ApiSecret.objects.count() == 1
    event = AuditEvent.objects.get()
    assert event.code == "tokens.secret_added"
    assert text not in str(event.facts)
    assert secret.is_usable
    assert not revoke_secret(by=by, secret=secret).is_usable
    revoke_secret(by=by, secret=secret)
    assert codes() == ["tokens.secret_added", "tokens.secret_revoked"]


def test_secrets_are_refused_where_they_make_no_sense(by: Actor, global_admin: Membership) -> None:
    client = ApiClientFactory(partner=global_admin.partner)
    for months in (0, 25):
        with pytest.raises(RuleViolation):
            add_secret(by=by, client=client, months=months)
    for odd in ({"public": True}, {"is_active": False}):
        with pytest.raises(RuleViolation):
            add_secret(by=by, client=ApiClientFactory(partner=global_admin.partner, **odd))
    ApiSecretFactory.create_batch(MOST_SECRETS, client=client)
    with pytest.raises(RuleViolation):
        add_secret(by=by, client=client)
    ApiSecret.objects.filter(client=client).update(revoked_at=timezone.now())
    assert add_secret(by=by, client=client, months=24)[0].is_usable


def test_people_revoke_their_own_consent_and_the_global_admin_everybodys(
    by: Actor, sales_agent: Membership, actor_for: ActorFor
) -> None:
    client = ApiClientFactory(partner=sales_agent.partner)
    own = actor_for(sales_agent)
    consent = give_consent(by=own, client=client, user=sales_agent.user)
    assert give_consent(by=own, client=client, user=sales_agent.user) == consent
    assert revoke_consent(by=own, consent=consent).revoked_at is not None
    revoke_consent(by=own, consent=consent)
    second = give_consent(by=own, client=client, user=sales_agent.user)
    assert second != consent
    revoke_consent(by=by, consent=second)
    assert not Consent.objects.standing().exists()
    assert codes() == ["tokens.consent_granted", "tokens.consent_revoked"] * 2
    told = AuditEvent.objects.filter(code="tokens.consent_revoked").order_by("pk")
    assert [event.facts["is_own"] for event in told] == [True, False]


def test_who_does_not_work_there_cannot_consent(stranger: Membership, partner: Any, actor_for: ActorFor) -> None:
    with pytest.raises(NotPermitted):
        give_consent(by=actor_for(stranger), client=ApiClientFactory(partner=partner), user=stranger.user)


@pytest.mark.parametrize(
    ("uri", "own", "is_right"),
    [
        ("https://app.example/a", "https://app.example/a", True),
        ("https://app.example/a/", "https://app.example/a", False),
        ("https://app.example:8443/a", "https://app.example/a", False),
        ("https://app.example/a?x=1", "https://app.example/a", False),
        ("https://APP.example/a", "https://app.example/a", False),
        ("http://localhost:5000", "http://localhost", True),
        ("http://localhost:5000/", "http://localhost", True),
        ("http://127.0.0.1:5000/back", "http://127.0.0.1/back", True),
        ("http://127.0.0.1:5000/", "http://localhost/", False),
        ("http://localhost:5000/other", "http://localhost/", False),
        ("http://localhost.evil.example/", "http://localhost/", False),
        ("http://localhost@evil.example/", "http://localhost/", False),
        ("https://localhost:5000/", "https://localhost/", False),
        ("http://[broken", "http://localhost/", False),
        ("", "https://app.example/a", False),
    ],
)
def test_answers_go_to_the_clients_own_addresses_alone(uri: str, own: str, is_right: bool) -> None:
    assert is_registered(uri, [own]) is is_right


def test_months_end_where_the_month_does() -> None:
    start = datetime(2026, 8, 31, 12, tzinfo=timezone.get_default_timezone())
    assert months_after(start, 6).date().isoformat() == "2027-02-28"
    assert months_after(start, 24).date().isoformat() == "2028-08-31"
    assert months_after(start, 4) - start > timedelta(days=120)
