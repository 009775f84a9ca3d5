"""What happened with one customer, for Account info: the activity log of the customer's partner, in its words."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from portal.audit.models import AuditEvent
from portal.audit.querysets import AuditEventQuerySet
from portal.common.keyset import Page, keyset_page
from portal.common.panels import Panel
from portal.dashboard.wording import Entry, customer_entries_of
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

LATEST = 5


def history_panel(request: MemberRequest, customer: Customer) -> Panel | None:
    """The last few events; nothing for who may not edit the customer, such as its reseller."""
    if not request.membership.can(Permission.CUSTOMERS_EDIT):
        return None
    events = _events(request.membership, customer).newest_first()[:LATEST]
    return Panel(
        key="history",
        title=_("History"),
        body="dashboard/_history.html",
        data={"entries": customer_entries_of(request.membership, list(events))},
        commands=((_("Full history"), reverse("customers:history", args=[customer.tenant_id])),),
    )


def history_page(request: MemberRequest, customer: Customer) -> tuple[Page[AuditEvent], list[Entry]]:
    """One page of everything that happened, newest first."""
    events = _events(request.membership, customer)
    page = keyset_page(request, events, field="at", public="event_id", descending=True)
    return page, customer_entries_of(request.membership, page.rows)


def _events(membership: Membership, customer: Customer) -> AuditEventQuerySet:
    """Of this customer at the member's own partner: what another partner does with the company is not among them."""
    return AuditEvent.objects.visible_to(membership).filter(customer_id=customer.tenant_id).with_detail()
