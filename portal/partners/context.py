"""What every page of the shell needs: who acts, for which partner, where one can go."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.partners.models import Membership
from portal.partners.permissions import Permission


@dataclass(frozen=True)
class NavigationEntry:
    label: str | Promise
    url: str
    icon: str
    is_current: bool


# (label, URL name, icon, paths below which it is the current one, permission or None for every member)
ENTRIES = (
    (_("Home"), "dashboard:home", "house", ("/",), None),
    (_("Customers"), "customers:list", "users", ("/customers/",), Permission.CUSTOMERS_VIEW),
    (_("Orders"), "orders:list", "shopping-cart", ("/orders/", "/subscriptions/"), Permission.ORDERS_VIEW),
    (_("Agreements"), "agreements:templates", "file-check", ("/agreements/",), Permission.AGREEMENTS_VIEW_TEMPLATES),
    (_("Activity log"), "dashboard:activity", "history", ("/activity/",), Permission.ACTIVITY_VIEW),
    (_("Settings"), "partners:profile", "settings", ("/settings/",), Permission.PARTNER_VIEW),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    membership: Membership | None = getattr(request, "membership", None)
    return {
        "portal_name": _("Partner portal"),
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
        "navigation": navigation(membership, request.path) if membership else [],
        "may": rights(membership),
    }


def rights(membership: Membership | None) -> dict[str, bool]:
    """Permission codes with `_` for `.`, so that templates can ask `may.customers_create`."""
    return {p.value.replace(".", "_"): membership is not None and membership.can(p) for p in Permission}


def navigation(membership: Membership, path: str) -> list[NavigationEntry]:
    return [
        NavigationEntry(label, reverse(name), icon, path == "/" if below == ("/",) else path.startswith(below))
        for label, name, icon, below, permission in ENTRIES
        if permission is None or membership.can(permission)
    ]
