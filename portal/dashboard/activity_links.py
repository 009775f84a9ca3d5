"""The filters of the activity log as links, and the addresses they lead to."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from customers.models import Customer
from portal.common.menus import Words
from portal.dashboard.actions import ACTIONS
from portal.dashboard.activity_query import OTHERS, ActivityQuery, member_named
from portal.dashboard.wording import KINDS
from portal.partners.models import Membership


@dataclass(frozen=True)
class Links:
    """Addresses of the log that differ from the shown one in parts of the question."""

    query: ActivityQuery

    def to(self, **changes: Any) -> str:
        return reverse("dashboard:activity", query=self.query.changed(**changes).as_params())

    @property
    def asked(self) -> str:
        """What is asked, to stand behind another address."""
        return f"?{urlencode(self.query.as_params())}"

    @property
    def recent(self) -> str:
        return self.to(first=None, last=None, is_all=False)

    @property
    def all_days(self) -> str:
        return self.to(first=None, last=None, is_all=True)

    def choices(self, named: list[Customer]) -> list[tuple[str, str]]:
        """The customers that were searched for: name, and the address of what concerns only that one."""
        return [(each.company_name, self.to(text="", customer=each.tenant_id)) for each in named]

    @property
    def without_text(self) -> str:
        return self.to(text="")


def chips(membership: Membership, query: ActivityQuery, links: Links) -> list[tuple[Words, str]]:
    """What the log is narrowed by beside the searched text, and the address without it."""
    found: list[tuple[Words, str]] = []
    if query.has_days:
        found.append((_days(query), links.recent))
    if query.customer is not None:
        seen = Customer.objects.visible_to(membership).filter(tenant_id=query.customer).only("company_name").first()
        found.append((seen.company_name if seen else _("Unknown customer"), links.to(customer=None)))
    if query.action:
        found.append((ACTIONS[query.action], links.to(action="")))
    if query.actor:
        found.append((_actor(membership, query.actor), links.to(actor="")))
    return found


def _actor(membership: Membership, actor: str) -> Words:
    if actor in OTHERS:
        return KINDS[actor]
    member = member_named(membership, actor)
    return member.shown_name if member is not None else _("Unknown person")


def _days(query: ActivityQuery) -> str:
    first, last = (formats.date_format(day, "DATE_FORMAT") if day else "" for day in (query.first, query.last))
    if first and last:
        return _("%(first)s to %(last)s") % {"first": first, "last": last}
    return _("From %(day)s") % {"day": first} if first else _("Up to %(day)s") % {"day": last}
