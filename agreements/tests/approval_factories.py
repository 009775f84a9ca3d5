"""What waits for a second person, by the services."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from agreements.models import Approval, EvidencePolicy
from agreements.services import Acceptance, ask_approval
from agreements.tests.factories import acceptance, confirmed, person
from customers.models import Customer
from portal.common.actor import Actor
from portal.partners.models import Partner

EVERY_REASON = ["correction", "renewal", "new_signer"]


def needs_second_person(partner: Partner, reasons: list[str] | None = None) -> None:
    """The partner's policy asks for one, whatever a record is replaced for unless reasons are given."""
    EvidencePolicy.objects.update_or_create(
        partner=partner, defaults={"approved_reasons": EVERY_REASON if reasons is None else reasons}
    )


def new_signer(**changed: Any) -> Acceptance:
    """A further acceptance by somebody else."""
    said = {"person": person(first_name="Jan", last_name="Nowak", email="jan@customer.example")}
    return acceptance(**{**said, **changed})


def waiting(customer: Customer, by: Actor, **changed: Any) -> Approval:
    """A new signer's record that waits, beside the present one of yesterday."""
    needs_second_person(customer.partner)
    if not customer.tenant.attestations.exists():
        confirmed(customer, agreed_on=timezone.now().date() - timedelta(days=1))
    return ask_approval(by=by, customer=customer, acceptance=new_signer(**changed), submit_key=uuid4().hex)
