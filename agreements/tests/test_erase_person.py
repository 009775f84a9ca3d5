"""agreements.services.erase_person: the person is gone, the proof is not."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from agreements.models import (
    Attestation,
    AttestationEvent,
    AttestationEventDetail,
    AttestationPerson,
    EventKind,
    Evidence,
    EvidenceUpload,
    Receipt,
)
from agreements.services import (
    ask_provider,
    confirm_request,
    decline_invitation,
    dispute_acceptance,
    erase_person,
    resolve_dispute,
    take_dispute_back,
)
from agreements.tests.factories import acceptance, accepted_directly, confirmed, invited, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent, AuditEventDetail, ChainEntry
from portal.audit.services import salted_digest
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.dashboard.services import log_activity_export
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
REASON = "Asked for it, request 17"
JAN = person(first_name="Jan", last_name="Nowak", email="jan@customer.example")
STAFF = Actor(kind=ActorKind.STAFF, name="Stefan Staff", door=Door.ADMIN_SITE)
THE_PERSON = Actor(kind=ActorKind.CUSTOMER, name="Zofia Wiśniewska", door=Door.CUSTOMER_PAGE)


def everything_kept() -> str:
    """Every value of every row of the record and the log, as text."""
    rows = [
        *Attestation.objects.values(),
        *AttestationPerson.objects.values(),
        *AttestationEvent.objects.values(),
        *AttestationEventDetail.objects.values(),
        *Evidence.objects.values(),
        *EvidenceUpload.objects.values(),
        *AuditEvent.objects.values(),
        *AuditEventDetail.objects.values(),
        *ChainEntry.objects.values(),
    ]
    return "\n".join(str(row) for row in rows)


@pytest.fixture
def eraser(admin_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(admin_agent)


def test_leaves_nothing_of_the_person_and_all_of_the_proof(customer: Customer, eraser: Actor) -> None:
    record = confirmed(customer, eraser, evidence_note="Call with Zofia Wiśniewska")
    receipt = Receipt.objects.get(attestation=record)
    dispute_acceptance(by=THE_PERSON, receipt=receipt, reason="I, Zofia Wiśniewska, was on holiday")
    take_dispute_back(by=THE_PERSON, receipt=receipt)
    assert "Wiśniewska" in everything_kept()
    before = list(ChainEntry.objects.order_by("id").values_list("digest", flat=True))

    (erased,) = erase_person(by=eraser, attestation=record, reason=REASON)

    assert erased == record
    for trace in ("Wiśniewska", "Zofia", "zofia@", "holiday"):
        assert trace not in everything_kept()
    event = AttestationEvent.objects.get(kind=EventKind.ERASED)
    assert (event.who, event.reason, event.roles) == (eraser.name, REASON, list(eraser.roles))
    entries = list(ChainEntry.objects.order_by("id"))
    assert [entry.digest for entry in entries[:-1]] == before
    assert entries[-1].kind == "attestation.erased"
    said = [REASON, eraser.kind, eraser.user_id, eraser.name]
    assert salted_digest(event.detail.salt, said) in entries[-1].payload
    logged = AuditEvent.objects.get(code="agreements.person_erased")
    assert (logged.subject, logged.actor_name) == (str(record.reference), eraser.name)
    customer.refresh_from_db()
    assert customer.attested_on == record.agreed_on, "it covers as before"


def test_all_records_that_name_the_person_by_address_or_by_name(customer: Customer, eraser: Actor) -> None:
    first = confirmed(customer, eraser)
    moved = person(email="z.wisniewska@customer.example")
    second = confirmed(customer, eraser, correction_of=first.reference, reason_note="A letter", person=moved)
    other = confirmed(customer, eraser, person=JAN)
    erased = erase_person(by=eraser, attestation=first, reason=REASON)
    assert erased == [first, second]
    assert [person.attestation for person in AttestationPerson.objects.all()] == [other]
    assert "wisniewska@" not in everything_kept()
    assert "jan@customer.example" in everything_kept()


def test_lines_of_the_log_about_others_stay(customer: Customer, eraser: Actor) -> None:
    mine = confirmed(customer, eraser)
    other = confirmed(customer, eraser, person=JAN)
    erase_person(by=eraser, attestation=mine, reason=REASON)
    kept = AuditEventDetail.objects.filter(event__subject=str(other.reference)).get()
    assert kept.values["email"] == [None, "jan@customer.example"]


def test_of_the_customers_own_record_staff_alone(customer: Customer, eraser: Actor) -> None:
    record = accepted_directly(customer)
    with pytest.raises(NotPermitted, match="staff"):
        erase_person(by=eraser, attestation=record, reason=REASON)
    assert record.recorded_by == "Customer"
    erase_person(by=STAFF, attestation=record, reason=REASON)
    assert Attestation.objects.get().recorded_by == ""
    assert "Wiśniewska" not in everything_kept()


def test_who_may_not(customer: Customer, sales_agent: Membership, actor_for: Act, stranger: Membership) -> None:
    record = confirmed(customer)
    for member, refusal in ((sales_agent, NotPermitted), (stranger, NotFound)):
        with pytest.raises(refusal):
            erase_person(by=actor_for(member), attestation=record, reason=REASON)
    assert AttestationPerson.objects.count() == 1


def test_needs_a_reason_and_a_person(customer: Customer, eraser: Actor) -> None:
    record = confirmed(customer, eraser)
    with pytest.raises(RuleViolation) as refused:
        erase_person(by=eraser, attestation=record, reason="  ")
    assert refused.value.field == "reason"
    erase_person(by=eraser, attestation=record, reason=REASON)
    with pytest.raises(RuleViolation, match="already"):
        erase_person(by=eraser, attestation=Attestation.objects.get(), reason=REASON)
    assert AttestationEvent.objects.count() == 1


def test_what_happens_afterwards_is_recorded_and_can_be_erased_with_it(customer: Customer, eraser: Actor) -> None:
    """Who holds the receipt may still say "this was not me", and is answered."""
    record = confirmed(customer)
    erase_person(by=eraser, attestation=record, reason=REASON)
    receipt = Receipt.objects.get(attestation=record)
    # The page was opened before; what is written down now nobody could erase once more.
    late = Actor(kind=ActorKind.CUSTOMER, name="Zofia Wiśniewska", door=Door.CUSTOMER_PAGE)
    said = dispute_acceptance(by=late, receipt=receipt, reason="Not me")
    assert said.who == ""
    assert not AuditEventDetail.objects.exclude(actor_name="").exists()
    event = resolve_dispute(by=eraser, attestation=record, is_upheld=True, reason="Right")
    assert event.reason == "Right"
    kinds = list(ChainEntry.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds == [
        "attestation",
        *(f"attestation.{kind}" for kind in ("erased", "disputed", "dispute_resolved", "withdrawn")),
    ]


def test_closed_questions_forget_the_person_and_open_ones_do_not(customer: Customer, eraser: Actor) -> None:
    closed = invited(customer, eraser)
    decline_invitation(by=THE_PERSON, invitation=closed, reason="Zofia is away")
    opened = invited(customer, eraser)
    record = confirmed(customer)
    opened.refresh_from_db()
    erase_person(by=eraser, attestation=record, reason=REASON)
    closed.refresh_from_db()
    assert (closed.first_name, closed.email, closed.decline_reason) == ("", "", "")


@pytest.mark.usefixtures("template")
def test_what_somebody_searched_for_and_what_a_reseller_told_are_erased(
    provider: Partner, reseller_agent: Membership, actor_for: Act
) -> None:
    company = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    admin = actor_for(MembershipFactory(partner=provider, roles=["admin_agent"]))
    asked = ask_provider(
        by=actor_for(reseller_agent), customer=company, acceptance=acceptance(), submit_key=uuid4().hex
    )
    record = confirm_request(by=admin, request=asked, acceptance=acceptance())
    for text in ("wiśniewska", "Contoso"):
        log_activity_export(by=admin, partner=provider, event_count=1, filters={"text": text})
    log_activity_export(by=admin, partner=provider, event_count=1, filters={})
    assert AuditEventDetail.objects.filter(event__partner_id=reseller_agent.partner_id).exists()
    erase_person(by=admin, attestation=record, reason=REASON)
    assert [detail.values for detail in AuditEventDetail.objects.all()] == [{"text": [None, "Contoso"]}]
