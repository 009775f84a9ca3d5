"""What a request carries once the house's middleware has seen it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.partners.models import Membership, User


class PortalRequest(HttpRequest):
    """membership: the one this request acts under, or None; memberships: all active ones, that one first."""

    user: User
    htmx: HtmxDetails
    request_id: str
    membership: Membership | None
    memberships: list[Membership]


class MemberRequest(PortalRequest):
    """A request behind @requires: there is a membership."""

    membership: Membership
