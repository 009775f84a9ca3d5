"""An indirect reseller prepares an acceptance; its provider confirms or refuses it (seed 004)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from agreements.letters import send_confirmation_decided
from agreements.models import Attestation, AttestationPerson, ConfirmationOutcome, ConfirmationRequest
from agreements.services import (
    ask_provider,
    confirm_request,
    refuse_request,
    take_request_back,
)
from agreements.tests.factories import acceptance, invited, person
from customers.models import Customer
from customers.rules import Standing, standing
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
pytestmark = pytest.mark.usefixtures("template")


@pytest.fixture
def resold(provider: Partner, reseller_agent: Membership) -> Customer:
    return CustomerFactory(partner=provider, reseller=reseller_agent.partner, company_name="Resold Ltd")


@pytest.fixture
def provider_agent(provider: Partner) -> Membership:
    return MembershipFactory(partner=provider, roles=["admin_agent"], user__name="Petra Provider")


@pytest.fixture
def asked(resold: Customer, reseller_agent: Membership, actor_for: Act) -> ConfirmationRequest:
    return ask(resold, actor_for(reseller_agent))


def ask(customer: Customer, by: Actor, key: str = "", **changed: Any) -> ConfirmationRequest:
    return ask_provider(by=by, customer=customer, acceptance=acceptance(**changed), submit_key=key or uuid4().hex)


def where(customer: Customer) -> Standing:
    customer.refresh_from_db()
    return standing(customer, has_agreement=True, stale_before=None)


def test_a_request_states_everything_and_records_nothing(asked: ConfirmationRequest, resold: Customer) -> None:
    assert (asked.first_name, asked.email, asked.evidence_kind) == ("Zofia", "zofia@customer.example", "email")
    assert (asked.partner, asked.reseller) == (resold.partner, resold.reseller)
    assert not Attestation.objects.exists()
    assert where(resold) == Standing.MISSING
    assert AuditEvent.objects.filter(code="agreements.confirmation_asked", subject=str(asked.public_id)).exists()


def test_both_sides_read_of_it_in_their_logs(
    asked: ConfirmationRequest, reseller_agent: Membership, provider_agent: Membership, actor_for: Act
) -> None:
    refuse_request(by=actor_for(provider_agent), request=asked, reason="The email names another company.")
    for member in (reseller_agent, provider_agent):
        read = AuditEvent.objects.visible_to(member).filter(subject=str(asked.public_id)).order_by("id")
        codes = ["agreements.confirmation_asked", "agreements.confirmation_refused"]
        assert list(read.values_list("code", flat=True)) == codes


def test_the_same_form_sent_twice_asks_once(resold: Customer, reseller_agent: Membership, actor_for: Act) -> None:
    key, by = uuid4().hex, actor_for(reseller_agent)
    assert ask(resold, by, key) == ask(resold, by, key)
    assert ConfirmationRequest.objects.count() == 1


def test_one_question_at_a_time(
    asked: ConfirmationRequest, resold: Customer, reseller_agent: Membership, actor_for: Act
) -> None:
    with pytest.raises(RuleViolation) as refused:
        ask(resold, actor_for(reseller_agent))
    assert refused.value.code == "open_request"


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("agreed_on", {"agreed_on": timezone.now().date() + timedelta(days=3)}),
        ("email", {"person": person(email="nobody")}),
        ("evidence_kind", {"evidence_kind": "portal"}),
        ("evidence_note", {"evidence_kind": "other"}),
    ],
)
def test_what_no_provider_could_confirm_is_refused(
    field: str, changed: dict[str, Any], resold: Customer, reseller_agent: Membership, actor_for: Act
) -> None:
    with pytest.raises(RuleViolation) as refused:
        ask(resold, actor_for(reseller_agent), **changed)
    assert refused.value.field == field
    assert not ConfirmationRequest.objects.exists()


def test_who_confirms_itself_has_nobody_to_ask(customer: Customer, admin_agent: Membership, actor_for: Act) -> None:
    with pytest.raises(NotPermitted):
        ask(customer, actor_for(admin_agent))


def test_only_about_customers_that_it_sells_to(provider: Partner, reseller_agent: Membership, actor_for: Act) -> None:
    with pytest.raises(NotFound):
        ask(CustomerFactory(partner=provider), actor_for(reseller_agent))


def test_whoever_no_longer_sells_to_it_asks_nothing(
    resold: Customer, reseller_agent: Membership, actor_for: Act
) -> None:
    """The customer went to another reseller while the form was filled in."""
    Customer.objects.filter(pk=resold.pk).update(reseller=None)
    with pytest.raises(NotFound):
        ask(resold, actor_for(reseller_agent))


def test_the_provider_confirms_and_the_question_is_settled(
    asked: ConfirmationRequest, resold: Customer, provider_agent: Membership, actor_for: Act
) -> None:
    invitation = invited(resold, actor_for(provider_agent))
    by = actor_for(provider_agent)
    record = confirm_request(by=by, request=asked, acceptance=acceptance())
    assert (record.partner, record.method, record.actor_name) == (resold.partner, "confirmed", "Petra Provider")
    assert confirm_request(by=by, request=asked, acceptance=acceptance()) == record
    asked.refresh_from_db()
    invitation.refresh_from_db()
    assert (asked.outcome, asked.attestation) == (ConfirmationOutcome.CONFIRMED, record)
    assert invitation.outcome == "settled"
    assert where(resold) == Standing.COVERED


def test_the_provider_may_put_right_what_was_asked(
    asked: ConfirmationRequest, provider_agent: Membership, actor_for: Act
) -> None:
    right = acceptance(person=person(first_name="Zosia"))
    record = confirm_request(by=actor_for(provider_agent), request=asked, acceptance=right)
    asked.refresh_from_db()
    assert AttestationPerson.objects.get(attestation=record).first_name == "Zosia"
    assert asked.first_name == "Zofia"


def test_a_refusal_needs_its_reason(
    asked: ConfirmationRequest, provider_agent: Membership, resold: Customer, actor_for: Act
) -> None:
    by = actor_for(provider_agent)
    with pytest.raises(RuleViolation) as refused:
        refuse_request(by=by, request=asked, reason="  ")
    assert refused.value.field == "reason"
    refuse_request(by=by, request=asked, reason="No email came.")
    with pytest.raises(RuleViolation):
        confirm_request(by=by, request=asked, acceptance=acceptance())
    assert where(resold) == Standing.MISSING


@pytest.mark.django_db(transaction=True)
def test_who_asked_is_told(
    asked: ConfirmationRequest, provider_agent: Membership, reseller_agent: Membership, actor_for: Act
) -> None:
    refuse_request(by=actor_for(provider_agent), request=asked, reason="No email came.")
    letter = Letter.objects.get(kind="agreements.confirmation_decided")
    send_confirmation_decided.call(letter.pk)
    (message,) = mail.outbox
    assert message.to == [reseller_agent.user.email]
    assert "No email came." in message.body
    assert str(asked.public_id) in message.body
    assert asked.email not in message.body


def test_the_reseller_takes_it_back(
    asked: ConfirmationRequest, provider_agent: Membership, reseller_agent: Membership, actor_for: Act
) -> None:
    with pytest.raises(NotFound):
        take_request_back(by=actor_for(provider_agent), request=asked)
    take_request_back(by=actor_for(reseller_agent), request=asked)
    with pytest.raises(RuleViolation):
        take_request_back(by=actor_for(reseller_agent), request=asked)
    with pytest.raises(RuleViolation):
        confirm_request(by=actor_for(provider_agent), request=asked, acceptance=acceptance())
    assert not Letter.objects.filter(kind="agreements.confirmation_decided").exists()


def test_a_reseller_confirms_nothing_itself(
    asked: ConfirmationRequest, reseller_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(reseller_agent)
    with pytest.raises(NotFound):
        confirm_request(by=by, request=asked, acceptance=acceptance())
    with pytest.raises(NotFound):
        refuse_request(by=by, request=asked, reason="No.")


def test_each_side_sees_its_own(
    asked: ConfirmationRequest,
    provider_agent: Membership,
    reseller_agent: Membership,
    stranger: Membership,
) -> None:
    helpdesk = MembershipFactory(partner=asked.partner, roles=["helpdesk_agent"])
    other_reseller = MembershipFactory(partner__kind="indirect_reseller", roles=["admin_agent"])
    for member, sees in (
        (provider_agent, True),
        (reseller_agent, True),
        (helpdesk, False),
        (other_reseller, False),
        (stranger, False),
    ):
        assert ConfirmationRequest.objects.visible_to(member).exists() is sees
