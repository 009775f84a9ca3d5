"""agreements.services.checkpoints: each day once, when asked for, and mailed as the partner's policy says."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from agreements.models import EvidencePolicy
from agreements.services import look_after_checkpoints, take_checkpoints
from agreements.tests.factories import accepted_directly, confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent, Checkpoint, StampState, TimeStamp
from portal.audit.signing import verify
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.dashboard.demo.told import told
from portal.jobs.models import Letter
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.jobs.tests.smtp import MailServer
from portal.jobs.tests.workers import work
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
pytestmark = pytest.mark.django_db


def own(partner: Partner) -> Any:
    return Checkpoint.objects.of_chain(f"partner:{partner.tenant_id}")


def on_day(days: int) -> datetime:
    """Look after checkpoints as the clock does, so many days from now; answers when that was."""
    with told(-days):
        look_after_checkpoints()
        return timezone.now()


def mailed() -> int:
    return Letter.objects.filter(kind="agreements.checkpoints").count()


def test_every_chain_gets_one_each_day(customer: Customer, provider: Partner) -> None:
    confirmed(customer)
    accepted_directly(CustomerFactory(partner=provider))
    assert look_after_checkpoints() == 2
    assert look_after_checkpoints() == 0
    assert sorted(Checkpoint.objects.values_list("chain", flat=True)) == sorted(
        ["portal", f"partner:{customer.partner.tenant_id}"]
    )
    assert on_day(1) > timezone.now()
    assert Checkpoint.objects.count() == 4
    events = AuditEvent.objects.filter(code="agreements.checkpoint_taken").order_by("id")
    assert {event.partner_id for event in events} == {None, customer.partner_id}
    assert all(event.facts["is_daily"] for event in events)


def test_nothing_is_taken_where_nothing_is_recorded(partner: Partner) -> None:
    assert look_after_checkpoints() == 0
    assert not AuditEvent.objects.filter(code="agreements.checkpoint_taken").exists()


def test_days_are_those_of_utc(customer: Customer) -> None:
    confirmed(customer)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    for shift in (-60, -1, 0, 60):
        at = midnight + timedelta(seconds=shift)
        with told((datetime.now(UTC) - at).total_seconds() / 86400):
            look_after_checkpoints()
    assert own(customer.partner).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_clocks_take_one_and_mail_once(customer: Customer, admin_agent: Membership, tmp_path: Path) -> None:
    confirmed(customer)
    accepted_directly(CustomerFactory(partner=customer.partner))
    with shared_by_threads(tmp_path):
        counts, errors = together(4, lambda number: look_after_checkpoints())
        assert not errors
        assert sum(counts) == 2
        assert Checkpoint.objects.count() == 2
        assert mailed() == 1


def test_an_admin_agent_takes_both_now(customer: Customer, admin_agent: Membership, actor_for: Act) -> None:
    confirmed(customer)
    accepted_directly(customer)
    by, key = actor_for(admin_agent), uuid4().hex
    taken = take_checkpoints(by=by, partner=customer.partner, submit_key=key)
    assert [checkpoint.chain for checkpoint in taken] == [f"partner:{customer.partner.tenant_id}", "portal"]
    assert take_checkpoints(by=by, partner=customer.partner, submit_key=key) == taken
    (event,) = AuditEvent.objects.filter(code="agreements.checkpoint_taken")
    assert event.facts["is_daily"] is False
    assert [chain["seq"] for chain in event.facts["chains"]] == [1, 1]


def test_who_may_not_takes_none(
    customer: Customer, sales_agent: Membership, stranger: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    with pytest.raises(NotPermitted):
        take_checkpoints(by=actor_for(sales_agent), partner=customer.partner, submit_key="a")
    with pytest.raises(Exception, match="no such thing"):
        take_checkpoints(by=actor_for(stranger), partner=customer.partner, submit_key="a")
    assert not Checkpoint.objects.exists()


def test_of_an_empty_chain_none_is_taken(partner: Partner, admin_agent: Membership, actor_for: Act) -> None:
    with pytest.raises(RuleViolation, match="nothing to sign"):
        take_checkpoints(by=actor_for(admin_agent), partner=partner, submit_key="a")


@pytest.mark.parametrize(
    ("policy", "mails"),
    # Day 0: a record; day 1: nothing new; day 2: a record; day 3: a customer's own acceptance.
    [("", [1, 1, 2, 3]), ("changed", [1, 1, 2, 3]), ("daily", [1, 2, 3, 4]), ("never", [0, 0, 0, 0])],
)
def test_mail_goes_out_as_the_policy_says(
    customer: Customer, admin_agent: Membership, policy: str, mails: list[int]
) -> None:
    if policy:
        EvidencePolicy.objects.create(partner=customer.partner, checkpoint_mail=policy)
    seen = []
    for day in range(4):
        if day in (0, 2):
            confirmed(CustomerFactory(partner=customer.partner))
        if day == 3:
            accepted_directly(CustomerFactory(partner=customer.partner))
        on_day(day)
        on_day(day)
        seen.append(mailed())
    assert seen == mails


def test_asking_twice_does_not_mail_twice(customer: Customer, admin_agent: Membership, actor_for: Act) -> None:
    confirmed(customer)
    for _each in range(3):
        take_checkpoints(by=actor_for(admin_agent), partner=customer.partner, submit_key=uuid4().hex)
    assert mailed() == 1
    confirmed(CustomerFactory(partner=customer.partner))
    take_checkpoints(by=actor_for(admin_agent), partner=customer.partner, submit_key=uuid4().hex)
    assert mailed() == 2


@pytest.mark.django_db(transaction=True)
def test_admin_agents_get_the_statement_the_signature_and_a_file(
    customer: Customer, admin_agent: Membership, sales_agent: Membership, mail_server: MailServer
) -> None:
    MembershipFactory(partner=customer.partner, roles=["admin_agent"], is_active=False)
    confirmed(customer)
    accepted_directly(customer)
    look_after_checkpoints()
    work()
    (message,) = (each for each in mail_server.received if each["Subject"].startswith("Checkpoint"))
    assert message["To"] == admin_agent.user.email
    assert message["Subject"].startswith("Checkpoint of the evidence of Northwind Cloud, 20")
    text, html, file = (part for part in message.walk() if not part.is_multipart())
    body = text.get_content()
    for checkpoint in Checkpoint.objects.all():
        for said in (checkpoint.statement, checkpoint.signature, checkpoint.key.key_id, checkpoint.digest):
            assert said in body
        assert checkpoint.signature in html.get_content()
    assert "/evidence/keys.json" in body
    assert file.get_filename() == f"checkpoints-{timezone.now():%Y-%m-%d}.json"
    kept = json.loads(file.get_content())
    assert len(kept["checkpoints"]) == 2
    (key,) = kept["keys"]
    for each in kept["checkpoints"]:
        assert verify(each["statement"].encode(), each["signature"], public_key=key["public_key"])


@pytest.mark.django_db(transaction=True)
def test_who_is_no_admin_agent_any_more_gets_none(
    customer: Customer, admin_agent: Membership, mail_server: MailServer
) -> None:
    confirmed(customer)
    look_after_checkpoints()
    Membership.objects.filter(pk=admin_agent.pk).update(roles=["sales_agent"])
    work()
    assert admin_agent.user.email not in [message["To"] for message in mail_server.received]
    assert Letter.objects.get(kind="agreements.checkpoints").withdrawn_at is not None


def test_each_waits_for_a_stamp_only_where_an_authority_is(customer: Customer, settings: Settings) -> None:
    confirmed(customer)
    look_after_checkpoints()
    assert not TimeStamp.objects.exists()
    settings.TSA_URL = "https://tsa.example/"
    on_day(1)
    assert TimeStamp.objects.get().state == StampState.PENDING
