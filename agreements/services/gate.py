"""The gate: no order and no licence change without the acceptance it relies on."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.models import AgreementTemplate, Attestation
from customers.models import Customer
from portal.common.errors import AcceptanceRequired


@dataclass(frozen=True)
class Clearance:
    """acceptance: the record relied on, or None where no agreement exists; reason: why this is enough."""

    acceptance: Attestation | None
    reason: str | Promise


def require_acceptance(*, customer: Customer) -> Clearance:
    """Answer the acceptance that an order for this customer may rely on, or raise AcceptanceRequired.

    The caller holds the tenant's lock, so that the record cannot be superseded or withdrawn before commit.
    Seeds 000, 002, 003: without it no new orders and no change of the licence count.
    """
    partner = customer.partner
    if not partner.has_agreement:
        return Clearance(None, _("The Microsoft Customer Agreement does not apply in this cloud."))
    today = partner.today
    stale_before = AgreementTemplate.objects.stale_before(today=today)
    acceptance = Attestation.objects.covering(customer=customer, stale_before=stale_before).first()
    if acceptance is None:
        raise AcceptanceRequired(_("Confirm that the customer has accepted the Microsoft Customer Agreement first."))
    if acceptance.partner_id is None:
        return Clearance(acceptance, _("The customer accepted the agreement directly."))
    return Clearance(acceptance, _("You confirmed the customer's acceptance."))
