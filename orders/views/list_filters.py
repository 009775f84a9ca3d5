"""The filters of the list of orders as links, and the addresses they lead to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from customers.models import Customer
from orders.listing import OrderQuery
from orders.models import OrderStatus
from orders.month_totals import Month, last_months
from orders.pricing import price_day
from portal.common.menus import Choice, Menu, Words
from portal.partners.models import Membership, Partner

# How many resellers are offered, by name.
OFFERED = 50


@dataclass(frozen=True)
class Links:
    """Addresses of the list that differ from the shown one in parts of the question.

    currency: of the totals per month, an ISO 4217 code or what somebody wrote instead.
    """

    query: OrderQuery
    currency: str = ""

    @property
    def params(self) -> dict[str, str]:
        """What the list's address says."""
        asked = self.query.as_params()
        return {**asked, "currency": self.currency} if self.currency else asked

    def to(self, **changes: Any) -> str:
        return f"?{urlencode(Links(self.query.changed(**changes), self.currency).params)}"

    def in_currency(self, code: str) -> str:
        return f"?{urlencode(Links(self.query, code).params)}"

    @property
    def shown(self) -> str:
        return self.to()

    @property
    def without_text(self) -> str:
        return self.to(text="")

    def of_month(self, month: Month) -> str:
        return self.to(placed_from=month.first, placed_to=month.last)


def menus(membership: Membership, query: OrderQuery, links: Links) -> list[Menu]:
    """Status first, which wide screens show as chips; resellers where there are any."""
    status = [Choice(_("All"), links.to(status=None), query.status is None)]
    status += [Choice(each.label, links.to(status=each), each == query.status) for each in OrderStatus]
    chosen = query.status.label if query.status else ""
    found = [Menu("status", _("Status"), chosen, status), Menu("month", _("Placed"), "", _months(query, links))]
    resellers = [] if membership.partner.is_reseller else Partner.objects.resellers_of(membership.partner)[:OFFERED]
    if resellers:
        choices = [Choice(_("All"), links.to(reseller=None), query.reseller is None)]
        choices += [
            Choice(each.name, links.to(reseller=each.tenant_id), each.tenant_id == query.reseller)
            for each in resellers
        ]
        found.append(Menu("reseller", _("Reseller"), "", choices))
    return found


def _months(query: OrderQuery, links: Links) -> list[Choice]:
    """The last twelve months, the newest first."""
    is_open = query.placed_from is None and query.placed_to is None
    choices = [Choice(_("Any time"), links.to(placed_from=None, placed_to=None), is_open)]
    for first in reversed(last_months(price_day())):
        month = Month(first)
        is_chosen = (query.placed_from, query.placed_to) == (first, month.last)
        choices.append(Choice(month_name(first), links.of_month(month), is_chosen))
    return choices


def month_name(first: date) -> str:
    return formats.date_format(first, "YEAR_MONTH_FORMAT")


def active(membership: Membership, query: OrderQuery, links: Links) -> Iterator[tuple[Words, str]]:
    """What the list is narrowed by beside the status, and the address without it."""
    if query.customer is not None:
        customer = customer_of(membership, query)
        yield customer.company_name if customer else _("Unknown customer"), links.to(customer=None)
    if query.reseller is not None:
        reseller = Partner.objects.resellers_of(membership.partner).filter(tenant_id=query.reseller).first()
        yield reseller.name if reseller else _("Unknown reseller"), links.to(reseller=None)
    if query.placed_from is not None or query.placed_to is not None:
        yield in_words(query), links.to(placed_from=None, placed_to=None)


def customer_of(membership: Membership, query: OrderQuery) -> Customer | None:
    """The customer that the list is filtered by, as far as the member sees it."""
    if query.customer is None:
        return None
    seen = Customer.objects.visible_to(membership).filter(tenant_id=query.customer)
    return seen.only("tenant_id", "company_name").first()


def in_words(query: OrderQuery) -> str:
    """The days that the question is about; "" for any."""
    first, last = query.placed_from, query.placed_to
    if first and last and first.day == 1 and Month(first).last == last:
        return month_name(first)
    if first and last:
        return _("%(first)s to %(last)s") % {"first": _day(first), "last": _day(last)}
    if first:
        return _("From %(day)s") % {"day": _day(first)}
    return _("Up to %(day)s") % {"day": _day(last)} if last else ""


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")
