"""Facts that higher rooms push down, in the transaction of their cause, so that lists need no joins."""

import uuid
from datetime import date, datetime

from customers.models import Customer


def keep_agreement_facts(
    *,
    tenant_id: uuid.UUID,
    partner_id: int,
    attested_on: date | None,
    direct_on: date | None,
    disputed_at: datetime | None,
) -> bool:
    """What `agreements` knows of this partner's customer; see Customer for the meaning of each fact.

    Answers whether anything was different before.
    """
    facts = {"attested_on": attested_on, "direct_on": direct_on, "disputed_at": disputed_at}
    rows = Customer.objects.filter(tenant_id=tenant_id, partner_id=partner_id)
    if rows.values(*facts).first() == facts:
        return False
    return rows.update(**facts) > 0


def keep_invitation(*, customer: Customer, invited_at: datetime | None) -> None:
    """When the customer was invited to accept by itself; None when there is no open invitation."""
    Customer.objects.filter(pk=customer.pk).update(invited_at=invited_at)
    customer.invited_at = invited_at
