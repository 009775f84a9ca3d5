"""A record is replaced only once a second person agrees, where the partner's policy says so."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.letters import send_approval_asked, send_approval_decided
from agreements.models import (
    Approval,
    ApprovalOutcome,
    Attestation,
    Evidence,
    EvidenceUpload,
)
from agreements.services import (
    ApprovalRequired,
    approve,
    ask_approval,
    attest_on_behalf,
    confirm_acceptance,
    confirm_request,
    refuse_approval,
    take_approval_back,
    withdraw_acceptance,
)
from agreements.tests.approval_factories import needs_second_person, new_signer, waiting
from agreements.tests.factories import acceptance, confirmed
from agreements.tests.invitation_factories import ConfirmationRequestFactory
from customers.models import Customer
from portal.audit.models import AuditEvent, AuditEventDetail
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.jobs.models import Letter
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]


@pytest.fixture
def asked(customer: Customer, sales_agent: Membership, admin_agent: Membership, actor_for: Act) -> Approval:
    return waiting(customer, actor_for(sales_agent))


def test_nothing_is_replaced_without_a_second_person(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    first = confirmed(customer)
    needs_second_person(customer.partner, ["new_signer"])
    with pytest.raises(ApprovalRequired):
        confirm_acceptance(by=actor_for(sales_agent), customer=customer, acceptance=new_signer())
    assert Attestation.objects.get() == first


def test_asking_keeps_what_was_stated_and_records_nothing(asked: Approval) -> None:
    assert Attestation.objects.get() == asked.record
    assert asked.reason_code == "new_signer"
    assert asked.statement["person"]["last_name"] == "Nowak"
    assert asked.statement["agreed_on"] == timezone.now().date().isoformat()
    event = AuditEvent.objects.get(code="agreements.approval_asked", subject=str(asked.public_id))
    assert not AuditEventDetail.objects.filter(event=event).exists()


def test_approving_records_it_in_the_name_of_who_asked(
    asked: Approval, admin_agent: Membership, sales_agent: Membership, actor_for: Act
) -> None:
    record = approve(by=actor_for(admin_agent), approval=asked)
    assert (record.supersedes, record.supersede_reason) == (asked.record, "new_signer")
    assert (record.actor_user_id, record.actor_name, record.roles) == (
        sales_agent.user_id,
        "Sam Sales",
        ["sales_agent"],
    )
    assert (record.approver_user_id, record.approver_name) == (admin_agent.user_id, "Ada Admin")
    assert record.person.full_name == "Jan Nowak"
    asked.refresh_from_db()
    assert (asked.outcome, asked.attestation, asked.statement) == (ApprovalOutcome.APPROVED, record, {})
    assert AuditEvent.objects.filter(code="agreements.approval_granted").count() == 1
    assert approve(by=actor_for(admin_agent), approval=asked) == record


def test_a_refusal_says_why_and_forgets_the_statement(
    asked: Approval, admin_agent: Membership, actor_for: Act
) -> None:
    with pytest.raises(RuleViolation) as refused:
        refuse_approval(by=actor_for(admin_agent), approval=asked, reason=" ")
    assert refused.value.field == "reason"
    refuse_approval(by=actor_for(admin_agent), approval=asked, reason="The email is about something else.")
    asked.refresh_from_db()
    assert (asked.outcome, asked.statement) == ("refused", {})
    assert Attestation.objects.get() == asked.record
    with pytest.raises(RuleViolation):
        approve(by=actor_for(admin_agent), approval=asked)


def test_who_asked_takes_it_back_and_nobody_else(
    asked: Approval, sales_agent: Membership, admin_agent: Membership, actor_for: Act
) -> None:
    with pytest.raises(NotPermitted):
        take_approval_back(by=actor_for(admin_agent), approval=asked)
    take_approval_back(by=actor_for(sales_agent), approval=asked)
    asked.refresh_from_db()
    assert (asked.outcome, asked.statement) == ("taken_back", {})


def test_nobody_is_their_own_second_person(customer: Customer, admin_agent: Membership, actor_for: Act) -> None:
    asked = waiting(customer, actor_for(admin_agent))
    for decide in (approve, lambda **said: refuse_approval(**said, reason="No")):
        with pytest.raises(NotPermitted):
            decide(by=actor_for(admin_agent), approval=asked)
    nobody = {"outcome": "approved", "decided_at": timezone.now(), "decided_by_id": admin_agent.user_id}
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk).update(**nobody)


def test_only_admin_agents_of_the_partner_decide(
    asked: Approval, helpdesk_agent: Membership, stranger: Membership, partner: Partner, actor_for: Act
) -> None:
    other_sales = MembershipFactory(partner=partner, roles=["sales_agent"])
    for member, refusal in ((other_sales, NotPermitted), (helpdesk_agent, NotPermitted), (stranger, NotFound)):
        with pytest.raises(refusal):
            approve(by=actor_for(member), approval=asked)
    with pytest.raises(NotPermitted):
        approve(by=Actor(kind=ActorKind.JOB, name="Job", door=Door.JOB), approval=asked)


def test_one_question_at_a_time_and_the_same_form_once(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    needs_second_person(customer.partner)
    key, by = uuid4().hex, actor_for(sales_agent)
    first = ask_approval(by=by, customer=customer, acceptance=new_signer(), submit_key=key)
    assert ask_approval(by=by, customer=customer, acceptance=new_signer(), submit_key=key) == first
    with pytest.raises(RuleViolation) as refused:
        ask_approval(by=by, customer=customer, acceptance=new_signer(), submit_key=uuid4().hex)
    assert refused.value.code == "open_approval"


def test_what_could_not_be_recorded_anyhow_is_not_asked_for(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    by, ahead = actor_for(sales_agent), timezone.now().date() + timedelta(days=3)
    with pytest.raises(RuleViolation) as refused:
        ask_approval(by=by, customer=customer, acceptance=new_signer(), submit_key=uuid4().hex)
    assert refused.value.code == "no_approval_needed"
    needs_second_person(customer.partner)
    with pytest.raises(RuleViolation) as refused:
        ask_approval(by=by, customer=customer, acceptance=new_signer(agreed_on=ahead), submit_key=uuid4().hex)
    assert refused.value.field == "agreed_on"
    with pytest.raises(RuleViolation) as refused:
        ask_approval(by=by, customer=customer, acceptance=new_signer(evidence=(uuid4(),)), submit_key=uuid4().hex)
    assert refused.value.field == "evidence"
    assert not Approval.objects.exists()
    assert Attestation.objects.count() == 1


def test_a_record_that_changed_meanwhile_is_not_replaced(
    asked: Approval, customer: Customer, admin_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(admin_agent)
    withdraw_acceptance(by=by, customer=customer, attestation=asked.record, reason="Wrong customer")
    with pytest.raises(RuleViolation) as refused:
        approve(by=by, approval=asked)
    assert refused.value.code == "record_changed"
    asked.refresh_from_db()
    assert asked.outcome == ""
    refuse_approval(by=by, approval=asked, reason="It was withdrawn.")


@pytest.mark.parametrize("changed", [{"is_active": False}, {"roles": ["global_admin"]}])
def test_what_somebody_stated_who_has_left_since_can_be_approved(
    changed: dict[str, object], customer: Customer, sales_agent: Membership, admin_agent: Membership, actor_for: Act
) -> None:
    first = confirmed(customer)
    said = {"correction_of": first.reference, "reason_note": "The name was wrong"}
    asked = waiting(customer, actor_for(sales_agent), **said)
    Membership.objects.filter(pk=sales_agent.pk).update(**changed)
    record = approve(by=actor_for(admin_agent), approval=asked)
    assert (record.supersede_reason, record.roles, record.actor_name) == ("correction", ["sales_agent"], "Sam Sales")


def test_an_approver_who_lost_the_right_is_refused(asked: Approval, admin_agent: Membership, actor_for: Act) -> None:
    admin_agent.roles = ["sales_agent"]
    admin_agent.save()
    with pytest.raises(NotPermitted):
        approve(by=actor_for(Membership.objects.get(pk=admin_agent.pk)), approval=asked)


def test_an_attestation_on_behalf_waits_in_the_same_way(
    customer: Customer, helpdesk_agent: Membership, admin_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(helpdesk_agent)
    first = attest_on_behalf(by=by, customer=customer, acceptance=acceptance(), scenario=1)
    needs_second_person(customer.partner)
    asked = ask_approval(by=by, customer=customer, acceptance=new_signer(), scenario=2, submit_key=uuid4().hex)
    record = approve(by=actor_for(admin_agent), approval=asked)
    assert (record.method, record.scenario, record.supersedes) == ("on_behalf", 2, first)


def test_the_files_of_who_asked_go_to_the_record(
    customer: Customer, sales_agent: Membership, admin_agent: Membership, actor_for: Act
) -> None:
    upload = EvidenceUpload.objects.create(
        partner=customer.partner, owner=sales_agent.user, name="a.pdf", sha256="a" * 64, size=3, media_type="x/y"
    )
    asked = waiting(customer, actor_for(sales_agent), evidence=(upload.public_id,))
    assert asked.statement["evidence"] == [str(upload.public_id)]
    record = approve(by=actor_for(admin_agent), approval=asked)
    file = Evidence.objects.get(attestation=record)
    assert (file.public_id, file.actor_user_id) == (UUID(str(upload.public_id)), sales_agent.user_id)


def test_a_resellers_request_is_answered_by_the_approval(provider: Partner, template: object, actor_for: Act) -> None:
    request = ConfirmationRequestFactory(customer__partner=provider)
    asker, approver = (MembershipFactory(partner=provider, roles=["admin_agent"]) for _ in range(2))
    confirmed(request.customer)
    needs_second_person(provider)
    with pytest.raises(ApprovalRequired):
        confirm_request(by=actor_for(asker), request=request, acceptance=new_signer())
    asked = ask_approval(
        by=actor_for(asker),
        customer=request.customer,
        acceptance=new_signer(),
        request=request,
        submit_key=uuid4().hex,
    )
    record = approve(by=actor_for(approver), approval=asked)
    request.refresh_from_db()
    assert (request.outcome, request.attestation) == ("confirmed", record)


def test_admin_agents_are_told_and_then_who_asked(
    customer: Customer,
    sales_agent: Membership,
    admin_agent: Membership,
    actor_for: Act,
) -> None:
    asked = waiting(customer, actor_for(sales_agent))
    letter = Letter.objects.get(kind="agreements.approval_asked")
    send_approval_asked.call(letter.pk)
    approve(by=actor_for(admin_agent), approval=asked)
    send_approval_decided.call(Letter.objects.get(kind="agreements.approval_decided").pk)
    to_admin, to_sales = mail.outbox
    assert (to_admin.to, to_sales.to) == ([admin_agent.user.email], [sales_agent.user.email])
    for message in mail.outbox:
        assert customer.company_name in str(message.body)
        assert "Nowak" not in str(message.body)
        assert str(asked.public_id) in str(message.body)


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_make_one_record(
    customer: Customer, sales_agent: Membership, partner: Partner, actor_for: Act, tmp_path: Path
) -> None:
    asked = waiting(customer, actor_for(sales_agent))
    approvers = [actor_for(MembershipFactory(partner=partner, roles=["admin_agent"])) for _ in range(4)]
    with shared_by_threads(tmp_path):
        records, errors = together(4, lambda number: approve(by=approvers[number], approval=asked).reference)
        assert errors == []
        assert len(set(records)) == 1
        assert Attestation.objects.count() == 2
        assert AuditEvent.objects.filter(code="agreements.approval_granted").count() == 1
