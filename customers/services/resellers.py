"""Which indirect reseller a customer buys through. Changing it changes nothing in the agreement's record."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.services.tags import lock_customers
from portal.audit.many import Line, record_events
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner, PartnerKind, PartnerLink
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def set_reseller(*, by: Actor, partner: Partner, customers: Iterable[Customer], reseller: Partner | None) -> int:
    """Let these customers of an indirect provider buy through one of its resellers, or through none.

    Answers how many did not before. The old reseller sees them no more, the new one does; the provider's records
    of acceptance stay its own. A customer whose relationship has ended stays as it is. Raises NotPermitted,
    RuleViolation (field "reseller").
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_EDIT)
    if partner.kind != PartnerKind.INDIRECT_PROVIDER:
        raise RuleViolation(_("Only an indirect provider has indirect resellers."), field="reseller")
    if reseller is not None and not PartnerLink.objects.filter(provider=partner, reseller=reseller).exists():
        raise RuleViolation(_("Choose one of your indirect resellers"), field="reseller")
    chosen_id = reseller.pk if reseller else None
    changed = [row for row in lock_customers(partner, customers) if row.reseller_id != chosen_id]
    before = Partner.objects.in_bulk([row.reseller_id for row in changed if row.reseller_id])
    Customer.objects.filter(pk__in=[row.pk for row in changed]).update(
        reseller_id=chosen_id, updated_at=timezone.now()
    )
    lines = [_line(row, before.get(row.reseller_id or 0), reseller) for row in changed]
    record_events(by=by, code="customers.reseller_changed", partner_id=partner.pk, lines=lines)
    return len(changed)


def _line(customer: Customer, before: Partner | None, after: Partner | None) -> Line:
    ids = {"before": before, "after": after}
    return Line(
        customer_id=customer.tenant_id,
        facts={way: str(each.tenant_id) for way, each in ids.items() if each is not None},
        changes={"reseller": (before.name if before else None, after.name if after else None)},
    )
