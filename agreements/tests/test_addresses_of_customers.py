"""Where a customer answered from: kept in the log of a partner that wants it, and gone with the person's data."""

import pytest

from agreements.tests.answering import asked, at_partner, opened
from customers.models import Customer
from portal.audit.models import AuditEvent

FROM = {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "Browser/1"}


@pytest.mark.parametrize(("is_kept", "seen"), [(True, ("203.0.113.9", "Browser/1")), (False, (None, ""))])
def test_only_where_the_partner_keeps_it(is_kept: bool, seen: tuple[str | None, str], customer: Customer) -> None:
    customer.partner.logs_addresses = is_kept
    customer.partner.save()
    invitation = asked(customer)
    typed = {"asked": str(invitation.public_id), "reason": "We buy elsewhere"}
    opened(invitation).post(at_partner(customer.partner, "decline/"), typed, **FROM)
    event = AuditEvent.objects.get(code="agreements.invitation_declined")
    assert (event.detail.ip_address, event.detail.user_agent) == seen
    assert (event.actor_name, event.who) == ("", "Zofia Wiśniewska")
