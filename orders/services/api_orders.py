"""Orders of API clients: lines that come in one request. No screen, and no cart of a screen, takes part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.services import require_acceptance
from customers.models import Customer
from customers.services import lock_tenant
from orders import rules
from orders.api_lines import resellers_by_number, unknown_reseller
from orders.models import Availability, CartLine, Order, Subscription
from orders.pricing import PricedLine, price_day
from orders.refusing import Unfit
from orders.services.ordering import LineRefused, Sale, check_lines, lock_approved, write_order
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """parent: the subscription that an add-on is for; base: or the place, before it in the same order, of the line
    that it is for; said: kept with the order's line, JSON by Partner Center's names.
    """

    availability: Availability
    quantity: int
    parent: Subscription | None = None
    base: int | None = None
    friendly_name: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


def named_reseller(partner: Partner, number: str) -> Partner:
    """The provider's indirect reseller with this MPN ID. Raises RuleViolation (Partner Center error 800016)."""
    found = resellers_by_number(partner, {number} if number else ()).get(number)
    if found is None:
        refusal = unknown_reseller(number)
        raise RuleViolation(refusal.reason, code=refusal.code)
    return found


@transaction.atomic
def order_lines(
    *,
    by: Actor,
    customer: Customer,
    lines: Sequence[AskedLine],
    is_attested: bool | None,
    reseller: Partner | None = None,
    purchase_order_number: str = "",
) -> Order:
    """Order these at today's prices, whatever they are: a program reviews nothing. The order is complete and its
    subscriptions active at once.

    is_attested: the partner-on-record statement, None where the client made none; reseller: of this order, where the
    client named one, else the customer's. Raises NotPermitted, AcceptanceRequired, LineRefused, RuleViolation.
    """
    partner = customer.partner
    ensure_may(by=by, partner=partner, permission=Permission.ORDERS_PLACE)
    ensure_attested(partner, is_attested=is_attested, names_reseller=reseller is not None)
    lock_tenant(customer.tenant_id)
    customer = lock_approved(customer)
    clearance = require_acceptance(customer=customer)
    priced = _read_again(customer, lines)
    check_lines(customer, priced)
    sale = Sale(
        customer=customer,
        transacted_as=partner.kind if is_attested else "",
        reseller_id=reseller.pk if reseller else customer.reseller_id,
        purchase_order_number=purchase_order_number,
    )
    return write_order(by=by, sale=sale, lines=priced, clearance=clearance)


def ensure_attested(partner: Partner, *, is_attested: bool | None, names_reseller: bool) -> None:
    """Raises RuleViolation where the partner-on-record statement is missing or refused."""
    why_not = rules.why_not_attested(is_attested=is_attested, kind=partner.kind, names_reseller=names_reseller)
    if why_not is not None:
        field_name = "partnerOnRecordAttestationAccepted"
        raise RuleViolation(why_not, field=field_name, code="partner_attestation_missing")


def _read_again(customer: Customer, lines: Sequence[AskedLine]) -> list[PricedLine]:
    """The lines with what they name as it is now, under the customer's lock."""
    today = price_day()
    rows = Availability.objects.with_prices(on=today).prefetch_related("sku__add_on_to")
    sold = rows.in_bulk([each.availability.pk for each in lines])
    wanted = [each.parent.pk for each in lines if each.parent is not None]
    living = Subscription.objects.living(customer).select_related("order_line")
    parents = living.in_bulk(wanted) if wanted else {}
    read = []
    for index, each in enumerate(lines):
        row = sold.get(each.availability.pk)
        if row is None:
            gone = Unfit("item_not_sold", _("This is no longer sold. Choose another product."))
            raise LineRefused(gone, index=index, product=each.availability.sku)
        parent = parents.get(each.parent.pk) if each.parent is not None else None
        line = CartLine(availability=row, parent=parent, quantity=each.quantity)
        price = row.price_for(each.quantity, on=today)
        read.append(PricedLine(line, price, base=each.base, friendly_name=each.friendly_name, said=each.said))
    return read
