"""Where a page about a customer leads back to."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from customers.models import Customer


def next_page(request: HttpRequest) -> str:
    """The page that the address names as `next`, if that is one of ours; else ""."""
    wanted = request.GET.get("next", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure())
    return wanted if is_ours else ""


def way_back(request: HttpRequest, customer: Customer) -> str:
    """Where the agent came from, else the customer's Account info."""
    return next_page(request) or reverse("customers:account", args=[customer.tenant_id])
