"""What happened with a customer, from the activity log."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from customers.models import Customer
from customers.views.accounts import visible_customer
from portal.dashboard.panels import history_page
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.CUSTOMERS_EDIT, on=visible_customer)
@require_safe
def history(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Who did what for this customer, newest first; what another partner did never shows."""
    page, entries = history_page(request, customer)
    context = {"customer": customer, "page": page, "data": {"entries": entries}}
    return render(request, "customers/history.html", context)
