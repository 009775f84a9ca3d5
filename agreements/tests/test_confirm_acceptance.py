"""agreements.services.confirm_acceptance: the record behind every door."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from agreements.models import Attestation
from agreements.proving import verify
from agreements.services import confirm_acceptance
from agreements.tests.factories import acceptance, confirmed, person
from customers.models import Customer
from portal.audit.models import AuditEvent, ChainEntry
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]


def test_records_who_accepted_and_who_says_so(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    made = confirm_acceptance(by=actor_for(sales_agent), customer=customer, acceptance=acceptance())

    assert (made.person.first_name, made.person.last_name) == ("Zofia", "Wiśniewska")
    assert made.actor_name == "Sam Sales"
    assert made.roles == ["sales_agent"]
    assert made.door == "account_info"
    assert made.scope == customer.partner_id
    assert made.document.language == "en-US"


def test_pushes_the_date_to_the_customer(customer: Customer) -> None:
    made = confirmed(customer)
    customer.refresh_from_db()
    assert customer.attested_on == made.agreed_on


def test_is_logged_and_chained(customer: Customer) -> None:
    made = confirmed(customer)
    chain = f"partner:{customer.partner.tenant_id}"
    assert AuditEvent.objects.get(code="agreements.acceptance_recorded").subject == str(made.reference)
    assert ChainEntry.objects.get(chain=chain).subject == str(made.reference)
    assert not verify(chain=chain).findings


def test_the_log_itself_names_nobody(customer: Customer) -> None:
    confirmed(customer)
    event = AuditEvent.objects.get(code="agreements.acceptance_recorded")
    assert "Zofia" not in f"{event.facts}{event.changed}"
    assert event.detail.values["first_name"] == [None, "Zofia"]


def test_refuses_a_role_that_may_not(customer: Customer, helpdesk_agent: Membership, actor_for: Act) -> None:
    with pytest.raises(NotPermitted) as refused:
        confirm_acceptance(by=actor_for(helpdesk_agent), customer=customer, acceptance=acceptance())
    assert "Admin agent" in [str(label) for label in refused.value.who_can]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Warsaw"])
def test_judges_the_future_in_the_partners_zone(customer: Customer, zone: str) -> None:
    customer.partner.time_zone = zone
    customer.partner.save()
    today = timezone.now().astimezone(customer.partner.zone).date()

    with pytest.raises(RuleViolation) as refused:
        confirmed(customer, agreed_on=today + timedelta(days=1))
    assert refused.value.field == "agreed_on"
    assert confirmed(customer, agreed_on=today).recorded_on == today


def test_the_database_refuses_a_future_date_too(customer: Customer) -> None:
    made = confirmed(customer)
    twin = Attestation.objects.get(pk=made.pk)
    twin.pk, twin._state.adding, twin.supersedes, twin.supersede_reason = None, True, made, "correction"
    twin.reference, twin.agreed_on = uuid4(), made.recorded_on + timedelta(1)
    with pytest.raises(IntegrityError, match="attestation_not_in_future"), transaction.atomic():
        twin.save()


def test_refuses_to_repeat_a_covering_record(customer: Customer) -> None:
    confirmed(customer)
    with pytest.raises(RuleViolation) as refused:
        confirmed(customer)
    assert refused.value.code == "600061"


def test_another_person_follows_as_new_signer(customer: Customer) -> None:
    first = confirmed(customer)
    second = confirmed(customer, person=person(first_name="Jan"))
    assert (second.supersedes, second.supersede_reason) == (first, "new_signer")


def test_a_correction_may_repeat_and_says_why(customer: Customer) -> None:
    first = confirmed(customer)
    with pytest.raises(RuleViolation) as refused:
        confirmed(customer, correction_of=first.reference)
    assert refused.value.field == "reason_note"
    second = confirmed(customer, correction_of=first.reference, reason_note="The date was wrong.")
    assert (second.supersedes, second.supersede_reason) == (first, "correction")


def test_the_same_submit_twice_makes_one_record(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    by, said = actor_for(sales_agent), acceptance()
    first = confirm_acceptance(by=by, customer=customer, acceptance=said, submit_key="k1")
    again = confirm_acceptance(by=by, customer=customer, acceptance=said, submit_key="k1")
    assert first == again
    other = replace(said, evidence_kind="in_person")
    with pytest.raises(RuleViolation) as refused:
        confirm_acceptance(by=by, customer=customer, acceptance=other, submit_key="k1")
    assert refused.value.code == "submission_conflict"


@pytest.mark.django_db(transaction=True)
def test_sql_cannot_change_a_record(customer: Customer) -> None:
    made = confirmed(customer)
    for sql in ("UPDATE agreements_attestation SET door = 'x'", "DELETE FROM agreements_attestation"):
        with pytest.raises(DatabaseError, match="never"), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Attestation.objects.get(pk=made.pk).door == "job"


def test_recorded_at_is_now(customer: Customer) -> None:
    assert abs(confirmed(customer).recorded_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_phone_number_is_covered_as_it_is_stored(customer: Customer) -> None:
    assert confirmed(customer, person=person(phone="+48 22 123 45 67")).person.fits_record
    assert not verify().findings
