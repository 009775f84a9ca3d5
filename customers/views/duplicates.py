"""What a customer that is being typed has in common with those that the partner has already."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from customers.duplicates import Duplicate, find
from customers.steps import COMPANY, COMPARED
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


def duplicates_of(membership: Membership, typed: Mapping[str, str]) -> list[Duplicate]:
    """typed: the Account info page, by HTML name."""
    said = {name: typed.get(f"{COMPANY}-{name}", "").replace("\x00", "") for name in ("country", *COMPARED)}
    return find(membership, **said)


@requires(Permission.CUSTOMERS_CREATE)
@require_POST
def duplicates(request: MemberRequest) -> HttpResponse:
    """The piece of the page that warns, nothing when there is nothing to warn of. Keeps nothing."""
    found = duplicates_of(request.membership, request.POST.dict())
    response = render(request, "customers/new/_duplicates_found.html", {"duplicates": found})
    response["Cache-Control"] = "no-store"
    return response
