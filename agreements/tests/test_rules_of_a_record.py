"""The service is the last word: what no door may record, however it is asked."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from agreements.models import AttestationPerson
from agreements.services import attest_on_behalf, withdraw_acceptance
from agreements.tests.factories import TemplateFactory, acceptance, confirmed, job_actor, person
from customers.models import Customer
from portal.audit.models import ChainEntry
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]


@pytest.mark.scenario("R6")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"last_name": "\u200b"}, "last_name"),
        ({"first_name": "\u202eanaM"}, "first_name"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_a_person_has_a_name_and_an_address(customer: Customer, changed: dict[str, str], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        confirmed(customer, person=person(**changed))
    assert refused.value.field == field


def test_the_evidence_is_of_a_known_kind(customer: Customer) -> None:
    with pytest.raises(RuleViolation) as refused:
        confirmed(customer, evidence_kind="banana")
    assert refused.value.field == "evidence_kind"


@pytest.fixture
def renewal(customer: Customer) -> date:
    """Since 2025, acceptances before April 2023 no longer count."""
    TemplateFactory(
        version="2023-04",
        effective_on=date(2023, 4, 1),
        renew_before=date(2023, 4, 1),
        renewal_enforced_on=date(2025, 10, 7),
    ).documents.create(country="PL", language="en-US", sha256="0" * 64, file="x.txt")
    return date(2023, 4, 1)


def test_a_new_record_that_would_not_count_is_refused(customer: Customer, renewal: date) -> None:
    with pytest.raises(RuleViolation, match="no longer count") as refused:
        confirmed(customer, agreed_on=renewal - timedelta(days=1))
    assert refused.value.field == "agreed_on"
    assert confirmed(customer, agreed_on=renewal).document.template.version == "2023-04"


def test_helpdesk_cannot_replace_a_confirmed_record(
    customer: Customer, helpdesk_agent: Membership, actor_for: Act
) -> None:
    record, by = confirmed(customer), actor_for(helpdesk_agent)
    for someone in (person(), person(first_name="Guess")):
        # The same words for a right guess and a wrong one.
        with pytest.raises(RuleViolation, match="nothing to attest"):
            attest_on_behalf(by=by, customer=customer, acceptance=acceptance(person=someone), scenario=1)
    said = acceptance(correction_of=record.reference, reason_note="Guessed.")
    with pytest.raises(NotFound):
        attest_on_behalf(by=by, customer=customer, acceptance=said, scenario=1)


def test_a_record_knows_its_person(customer: Customer) -> None:
    record = confirmed(customer, evidence_note="Re: MCA")
    assert AttestationPerson.objects.get().fits_record
    imposter = AttestationPerson.objects.get()
    imposter.first_name = "Mallory"
    assert not imposter.fits_record
    assert record.person_digest == record.person.attestation.person_digest


def test_a_withdrawal_is_proved_with_its_reason(customer: Customer) -> None:
    record = confirmed(customer)
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=record, reason="Wrong customer.")
    payload = ChainEntry.objects.get(kind="attestation.withdrawn").payload
    assert '"reason":"' in payload
    assert "Wrong" not in payload
