"""The customers that were selected in the list."""

from urllib.parse import urlsplit

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.querysets import CustomerQuerySet
from portal.common.errors import RuleViolation
from portal.common.ids import parse_uuid
from portal.partners.http import MemberRequest

MOST_SELECTED = 500


def selected_customers(request: MemberRequest) -> CustomerQuerySet:
    """Those of the posted customers that the member sees; the others are not there.

    Raises Http404 when none is left, RuleViolation when nothing was selected, or too much.
    """
    ids = {public_id for text in request.POST.getlist("customer") if (public_id := parse_uuid(text)) is not None}
    if not ids:
        raise RuleViolation(_("Select at least one customer first."), field="customer")
    if len(ids) > MOST_SELECTED:
        message = _("Select at most %(most)d customers at a time; these are %(count)d.")
        raise RuleViolation(message % {"most": MOST_SELECTED, "count": len(ids)}, field="customer")
    found = Customer.objects.visible_to(request.membership).filter(tenant_id__in=ids)
    if not found.exists():
        raise Http404
    return found


def way_back(request: MemberRequest) -> str:
    """The page of the list that the form came from, as it says itself; the whole list where it says anything else."""
    customer_list, said = reverse("customers:list"), request.POST.get("next", "")
    try:
        parts = urlsplit(said)
    except ValueError:
        return customer_list
    is_list = (parts.scheme, parts.netloc, parts.path) == ("", "", customer_list)
    return f"{customer_list}?{parts.query}" if is_list and parts.query else customer_list
