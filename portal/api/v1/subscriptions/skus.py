"""How many licences of each SKU a customer has, summed over its subscriptions (facts, 5.4)."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Sum

from customers.models import Customer
from orders.models import Sku, Subscription, SubscriptionStatus
from portal.api.v1.catalog.names import offer_id
from portal.api.v1.subscriptions.schemas import ProductSku, SubscribedSkuOut
from portal.api.v1.wire import Attributes
from portal.partners.models import Membership

# The end of a term is a warning while people can work on.
_ACTIVE, _WARNING = SubscriptionStatus.ACTIVE, SubscriptionStatus.EXPIRED
_SUSPENDED = (SubscriptionStatus.SUSPENDED, SubscriptionStatus.DISABLED)


def subscribed_skus(customer: Customer, membership: Membership) -> list[SubscribedSkuOut]:
    """One for each SKU of which the customer has a subscription that is not deleted, by title. Two queries."""
    living = Subscription.objects.visible_to(membership).living(customer).order_by()
    counted = living.values_list("order_line__sku", "status").annotate(units=Sum("quantity"))
    units: dict[int, Counter[str]] = {}
    for sku_id, status, count in counted:
        units.setdefault(sku_id, Counter())[status] += count
    skus = Sku.objects.filter(pk__in=units).select_related("product").order_by("title", "pk")
    return [_out(sku, units[sku.pk]) for sku in skus]


def _out(sku: Sku, units: Counter[str]) -> SubscribedSkuOut:
    active, warning = units[_ACTIVE], units[_WARNING]
    suspended = _sum(units, _SUSPENDED)
    code = offer_id(sku)
    return SubscribedSkuOut(
        available_units=active + warning,
        active_units=active,
        consumed_units=0,
        suspended_units=suspended,
        total_units=active + warning,
        warning_units=warning,
        product_sku=ProductSku(id=code, name=sku.title, sku_part_number=sku.catalog_code),
        service_plans=[],
        capability_status="Enabled" if active else "Warning" if warning else "Suspended",
        attributes=Attributes(object_type="SubscribedSku"),
    )


def _sum(units: Counter[str], statuses: Iterable[str]) -> int:
    return sum(units[status] for status in statuses)
