"""Account info."""

import uuid
from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agreements.panels import agreement_panel, request_panel
from customers.models import Customer
from customers.panels import account_panel, bill_to_panel, company_panel, contacts_panel, tags_panel
from orders.panels import orders_panel
from portal.common.panels import Panel
from portal.dashboard.panels import history_panel
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.models import Environment, Membership
from portal.partners.permissions import Permission

# The two columns of Account info; narrow screens show one after the other.
LEFT = (agreement_panel, request_panel, orders_panel, history_panel)
RIGHT = (company_panel, account_panel, bill_to_panel, contacts_panel, tags_panel)
READABLE = ("orders", "history")


def visible_customer(membership: Membership, customer_id: uuid.UUID) -> Customer | None:
    return Customer.objects.visible_to(membership).find(customer_id)


def account_of(membership: Membership, customer_id: uuid.UUID) -> Customer | None:
    """The customer with everything that Account info shows of its own row."""
    return Customer.objects.visible_to(membership).select_related("bill_to").find(customer_id)


@requires(Permission.CUSTOMERS_VIEW, on=account_of)
@require_safe
def account(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Account info: the panels of every room. A customer whose relationship ended is there to read."""
    columns = [
        [_panel(panel, customer) for build in builders if (panel := build(request, customer)) is not None]
        for builders in (LEFT, RIGHT)
    ]
    context = {
        "customer": customer,
        "columns": columns,
        "is_sandbox": customer.partner.environment == Environment.SANDBOX,
    }
    return render(request, "customers/account.html", context)


def _panel(panel: Panel, customer: Customer) -> Panel:
    """Once the relationship ended, only what leads to something to read keeps its commands."""
    is_open = customer.is_active or panel.key in READABLE
    return panel if is_open else replace(panel, commands=())
