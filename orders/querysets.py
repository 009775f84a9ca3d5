from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from customers.querysets import SHORTEST_WORD, every_word
from orders import rules
from portal.audit.appendonly import AppendOnlyQuerySet

if TYPE_CHECKING:
    from customers.models import Customer
    from orders.models import (
        ApiCart,
        Availability,
        Cart,
        CartLine,
        MonthTotal,
        Order,
        Price,
        Sku,
        Subscription,
    )
    from portal.partners.models import Membership


def of_member(membership: "Membership") -> Q:
    """Rows of the partner; for an indirect reseller, of the customers that it resells to."""
    if membership.partner.is_reseller:
        return Q(customer__reseller_id=membership.partner_id)
    return Q(partner_id=membership.partner_id)


def prices_on(day: date) -> "QuerySet[Price]":
    """Every price that is in effect on this day (UTC)."""
    prices = apps.get_model("orders", "Price")._default_manager.filter(effective_from__lte=day)
    return prices.filter(Q(effective_until__isnull=True) | Q(effective_until__gte=day))


class SkuQuerySet(models.QuerySet["Sku"]):
    def offered(self, availabilities: "QuerySet[Availability]") -> Self:
        """Those of which any of these is available, with their product, by title."""
        any_of = availabilities.order_by().filter(sku=OuterRef("pk"))
        return self.filter(Exists(any_of)).select_related("product").order_by("title", "pk")

    def search(self, text: str) -> Self:
        """Every word in a title, the publisher or a catalog code."""
        return self.filter(every_word(text, "title", "product__title", "product__publisher", "catalog_code"))


class AvailabilityQuerySet(models.QuerySet["Availability"]):
    def sold_to(self, customer: "Customer", *, on: date) -> Self:
        """What the customer can buy on this day: in its market, in the segments that it qualifies for."""
        segments = rules.segments_of(
            qualification=customer.qualification, qualification_status=customer.qualification_status
        )
        return self.sold_in(str(customer.country), on=on, segments=segments)

    def sold_in(self, country: str, *, on: date, segments: Collection[str] = ("commercial",)) -> Self:
        """What one market offers on this day. country: ISO 3166, two letters; nothing is sold in what is none."""
        has_price = prices_on(on).filter(availability=OuterRef("pk"))
        return self.filter(Exists(has_price), market=country, segment__in=segments)

    def with_prices(self, *, on: date) -> Self:
        """With SKU and product, and only the prices of this day in `prices`; in the order of the catalog."""
        rows = self.select_related("sku__product").prefetch_related(Prefetch("prices", queryset=prices_on(on)))
        return rows.order_by("sku__title", "sku", "segment", "term", "billing_plan")

    def currencies(self) -> list[str]:
        """ISO 4217 codes, the one in which most is sold first."""
        counted = self.order_by().values("currency").annotate(count=Count("pk")).order_by("-count", "currency")
        return [row["currency"] for row in counted]


class CartQuerySet(models.QuerySet["Cart"]):
    def visible_to(self, membership: "Membership") -> Self:
        """A person's own carts, under the partner they were started for."""
        return self.filter(partner_id=membership.partner_id, owner_id=membership.user_id)

    def unfinished(self) -> Self:
        """Those that can still be ordered: not ordered yet, and the relationship with the customer holds."""
        return self.filter(order__isnull=True, customer__removed_at__isnull=True).order_by("-updated_at")

    def with_customer(self) -> Self:
        return self.select_related("customer__tenant", "customer__partner", "customer__reseller", "order")


class ApiCartQuerySet(models.QuerySet["ApiCart"]):
    def visible_to(self, membership: "Membership") -> Self:
        """The partner's."""
        return self.filter(partner_id=membership.partner_id)

    def lasting(self, *, at: datetime) -> Self:
        """Those that were ordered, or can be at that moment."""
        return self.filter(Q(ordered_at__isnull=False) | Q(expires_at__gt=at))


class CartLineQuerySet(models.QuerySet["CartLine"]):
    def with_prices(self, *, on: date) -> Self:
        """With what is shown of a line, and the prices of this day."""
        rows = self.select_related("availability__sku__product", "parent")
        return rows.prefetch_related(Prefetch("availability__prices", queryset=prices_on(on)))


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))

    def with_customer(self) -> Self:
        return self.select_related("customer__tenant", "customer__partner")

    def newest_first(self) -> Self:
        return self.order_by("-placed_at", "-id")

    def with_wire(self) -> Self:
        """With what the API tells of them, in as many queries for all as for one."""
        lines = apps.get_model("orders", "OrderLine")._default_manager.select_related("sku__product", "subscription")
        return self.select_related("customer", "tenant", "reseller").prefetch_related(Prefetch("lines", lines))

    def for_panel(self) -> Self:
        """The newest first, with what Account info shows of them."""
        return self.only("number", "status", "currency", "total", "placed_at").newest_first()

    def number_begins(self, text: str) -> Self:
        """Those whose number begins with the text, in any case; too little of a number finds none."""
        begin = text.upper()
        return self.filter(number__startswith=begin) if len(begin) >= SHORTEST_WORD else self.none()

    def purchase_begins(self, text: str) -> Self:
        """Those whose purchase order number is the text or begins with it, in any case; a short text is one only
        as a whole. Spelled as the index of `orders.search_index` is.
        """
        known = self.exclude(purchase_order_number="")
        if len(text) < SHORTEST_WORD:
            return known.filter(purchase_order_number__iexact=text)
        return known.filter(purchase_order_number__istartswith=text)


class MonthTotalQuerySet(models.QuerySet["MonthTotal"]):
    def of_partner(self, membership: "Membership") -> Self:
        return self.filter(partner_id=membership.partner_id)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))

    def with_line(self) -> Self:
        return self.select_related(
            "order_line__order",
            "order_line__sku__product",
            "customer__tenant",
            "customer__partner",
            "parent",
            "support_partner",
        )

    def with_wire(self, sold: "QuerySet[Availability]") -> Self:
        """With what the API tells of them. sold: what their customer can buy; has_add_ons says whether an add-on of
        one is among it.
        """
        add_ons = sold.order_by().filter(sku__add_on_to=OuterRef("order_line__sku"))
        rows = self.select_related("order_line__order__reseller", "order_line__sku__product", "customer__tenant")
        return rows.annotate(has_add_ons=Exists(add_ons))

    def for_panel(self) -> Self:
        """With what Account info shows of them, in its order."""
        shown = (
            "title",
            "friendly_name",
            "quantity",
            "status",
            "started_at",
            "term",
            "billing_plan",
            "term_ends_at",
            "auto_renew",
            "due_at",
        )
        # "active" comes before "deleted", "disabled", "expired" and "suspended".
        return self.only(*shown).order_by("status", "title", "started_at", "id")

    def living(self, customer: "Customer") -> Self:
        """Those of the customer that are not deleted."""
        return self.filter(customer=customer).exclude(status="deleted")

    def running(self, customer: "Customer") -> Self:
        """Those of the customer that run: while there are any, the relationship stays."""
        return self.filter(customer=customer, status__in=("pending", "active"))

    def due(self, *, at: datetime) -> Self:
        """Those whose next step has come, the longest overdue first."""
        return self.filter(due_at__lte=at).order_by("due_at", "id")


class LicenceChangeQuerySet(AppendOnlyQuerySet):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))


class SubscriptionEventQuerySet(AppendOnlyQuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-id")
