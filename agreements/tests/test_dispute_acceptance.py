"""The person named in a record says: this was not me. Until that is resolved the record does not cover."""

from collections.abc import Callable

import pytest
from django.core import mail

from agreements.letters import send_dispute_opened
from agreements.models import Attestation, AttestationEvent
from agreements.proving import verify
from agreements.services import (
    dispute_acceptance,
    require_acceptance,
    resolve_dispute,
    take_dispute_back,
    withdraw_acceptance,
)
from agreements.tests.factories import acceptance, accepted_directly, confirmed, person
from agreements.tests.invitation_factories import THE_PERSON, disputed
from customers.models import Customer
from customers.rules import Standing, standing
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import AcceptanceRequired, NotFound, NotPermitted, RuleViolation
from portal.jobs.models import Letter
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
STAFF = Actor(kind=ActorKind.STAFF, name="Stefan Staff", door=Door.ADMIN_SITE)


@pytest.fixture
def record(customer: Customer, sales_agent: Membership, actor_for: Act) -> Attestation:
    return confirmed(customer, actor_for(sales_agent))


def where(customer: Customer) -> Standing:
    customer.refresh_from_db()
    return standing(customer, has_agreement=True, stale_before=None)


def kinds(record: Attestation) -> list[str]:
    return list(AttestationEvent.objects.filter(attestation=record).values_list("kind", flat=True))


def test_a_disputed_record_does_not_cover(record: Attestation, customer: Customer) -> None:
    disputed(record)
    assert where(customer) == Standing.DISPUTED
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=customer)


def test_disputing_again_answers_the_first_one(record: Attestation) -> None:
    first = dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason="Not me")
    assert dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason="Really not me") == first
    assert Letter.objects.filter(kind="agreements.dispute_opened").count() == 1


def test_to_and_fro_ends_for_the_day(record: Attestation) -> None:
    for _round in range(3):
        dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason="Not me")
        take_dispute_back(by=THE_PERSON, receipt=record.receipt)
    with pytest.raises(RuleViolation, match="several times today"):
        dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason="Not me")
    assert require_acceptance(customer=record.partner.customers.get()).acceptance == record


def test_a_dispute_says_what_is_wrong(record: Attestation) -> None:
    with pytest.raises(RuleViolation) as refused:
        dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason=" ")
    assert refused.value.field == "reason"


def test_nothing_is_recorded_over_an_open_dispute(
    record: Attestation, customer: Customer, admin_agent: Membership, actor_for: Act
) -> None:
    disputed(record)
    with pytest.raises(RuleViolation) as refused:
        confirmed(customer, actor_for(admin_agent), person=person(email="other@customer.example"))
    assert refused.value.code == "disputed"
    with pytest.raises(RuleViolation):
        withdraw_acceptance(by=actor_for(admin_agent), customer=customer, attestation=record, reason="Wrong one")
    assert kinds(record) == ["disputed"]


def test_the_person_is_right_so_the_record_is_withdrawn(
    record: Attestation, customer: Customer, admin_agent: Membership, actor_for: Act
) -> None:
    disputed(record)
    resolve_dispute(by=actor_for(admin_agent), attestation=record, is_upheld=True, reason="It was another company.")
    assert kinds(record) == ["disputed", "dispute_resolved", "withdrawn"]
    assert where(customer) == Standing.MISSING
    confirmed(customer, actor_for(admin_agent), person=person(email="other@customer.example"))
    assert where(customer) == Standing.COVERED


def test_the_record_is_right_so_it_covers_again(
    record: Attestation, customer: Customer, admin_agent: Membership, actor_for: Act
) -> None:
    disputed(record)
    resolve_dispute(
        by=actor_for(admin_agent), attestation=record, is_upheld=False, reason="She signed; see the copy."
    )
    assert where(customer) == Standing.COVERED
    assert require_acceptance(customer=customer).acceptance == record
    # It may be disputed anew; what was said before stays.
    disputed(record, "I still say so.")
    assert kinds(record) == ["disputed", "dispute_resolved", "disputed"]
    assert where(customer) == Standing.DISPUTED


def test_no_dispute_is_closed_silently(
    record: Attestation, admin_agent: Membership, customer: Customer, actor_for: Act
) -> None:
    by = actor_for(admin_agent)
    disputed(record)
    with pytest.raises(RuleViolation) as refused:
        resolve_dispute(by=by, attestation=record, is_upheld=False, reason="")
    assert refused.value.field == "reason"
    resolve_dispute(by=by, attestation=record, is_upheld=False, reason="She signed.")
    with pytest.raises(RuleViolation):
        resolve_dispute(by=by, attestation=record, is_upheld=True, reason="Again")
    codes = AuditEvent.objects.filter(customer_id=customer.tenant_id).values_list("code", flat=True)
    assert {"agreements.acceptance_disputed", "agreements.dispute_rejected"} <= set(codes)
    assert Letter.objects.filter(kind="agreements.dispute_closed").count() == 1
    assert not verify(chain=f"partner:{customer.partner.tenant_id}").findings


def test_whoever_made_the_record_does_not_judge_it(
    customer: Customer, admin_agent: Membership, sales_agent: Membership, actor_for: Act
) -> None:
    record = disputed(confirmed(customer, actor_for(admin_agent)))
    for member, refusal in ((admin_agent, NotPermitted), (sales_agent, NotPermitted)):
        with pytest.raises(refusal):
            resolve_dispute(by=actor_for(member), attestation=record, is_upheld=False, reason="Fine")
    colleague = MembershipFactory(partner=customer.partner, roles=["admin_agent"])
    resolve_dispute(by=actor_for(colleague), attestation=record, is_upheld=False, reason="Fine")


def test_another_partner_has_no_say(record: Attestation, stranger: Membership, actor_for: Act) -> None:
    disputed(record)
    with pytest.raises(NotFound):
        resolve_dispute(by=actor_for(stranger), attestation=record, is_upheld=True, reason="Ours now")


def test_the_customers_own_record_is_for_the_portals_staff(
    customer: Customer, admin_agent: Membership, actor_for: Act
) -> None:
    Customer.objects.filter(pk=customer.pk).update(relationship_accepted_at=customer.created_at)
    own = disputed(accepted_directly(customer))
    assert where(customer) == Standing.DISPUTED
    with pytest.raises(NotPermitted):
        resolve_dispute(by=actor_for(admin_agent), attestation=own, is_upheld=False, reason="Fine")
    resolve_dispute(by=STAFF, attestation=own, is_upheld=False, reason="The person recognised it on the phone.")
    assert where(customer) == Standing.COVERED


def test_every_partner_it_covers_reads_of_it_in_its_log(
    customer: Customer, admin_agent: Membership, stranger: Membership
) -> None:
    """The company's own record is nobody's: its dispute, and how that ended, is in the log of each."""
    Customer.objects.filter(pk=customer.pk).update(relationship_accepted_at=customer.created_at)
    CustomerFactory(tenant=customer.tenant, partner=stranger.partner, relationship_accepted_at=None)
    own = disputed(accepted_directly(customer))
    resolve_dispute(by=STAFF, attestation=own, is_upheld=True, reason="Somebody else's mailbox.")
    codes = ["agreements.acceptance_disputed", "agreements.dispute_upheld"]
    read = AuditEvent.objects.visible_to(admin_agent).filter(subject=str(own.reference))
    assert list(read.order_by("id").values_list("code", flat=True)) == codes
    assert not AuditEvent.objects.visible_to(stranger).filter(subject=str(own.reference)).exists()


def test_who_disputed_may_take_it_back(record: Attestation, customer: Customer) -> None:
    disputed(record)
    take_dispute_back(by=THE_PERSON, receipt=record.receipt)
    assert where(customer) == Standing.COVERED
    with pytest.raises(RuleViolation):
        take_dispute_back(by=THE_PERSON, receipt=record.receipt)


def test_a_withdrawn_record_is_not_disputed(
    record: Attestation, customer: Customer, admin_agent: Membership, actor_for: Act
) -> None:
    withdraw_acceptance(by=actor_for(admin_agent), customer=customer, attestation=record, reason="Wrong customer")
    with pytest.raises(RuleViolation):
        disputed(record)


def test_a_dispute_about_one_partners_record_leaves_the_other_partner_alone(
    record: Attestation, customer: Customer
) -> None:
    other = CustomerFactory(tenant=customer.tenant)
    confirmed(other, agreed_on=acceptance().agreed_on)
    disputed(record)
    assert (where(customer), where(other)) == (Standing.DISPUTED, Standing.COVERED)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_at_work", [True, False])
def test_who_made_the_record_is_told_while_at_work(
    record: Attestation, sales_agent: Membership, is_at_work: bool
) -> None:
    disputed(record, "I left in spring.")
    sales_agent.is_active = is_at_work
    sales_agent.save()
    send_dispute_opened.call(Letter.objects.get(kind="agreements.dispute_opened").pk)
    assert [message.to for message in mail.outbox] == ([[sales_agent.user.email]] if is_at_work else [])
    for message in mail.outbox:
        html = message.alternatives[0].content
        for text in (message.body, html):
            assert str(record.reference) in text
            # What a person says, and who it is, is read on the page, by who may.
            assert "I left in spring." not in text
            assert record.person.email not in text
