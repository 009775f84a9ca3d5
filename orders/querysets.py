from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, DecimalField, F, Q, Sum

from customers.querysets import search_words
from portal.audit.appendonly import AppendOnlyQuerySet

if TYPE_CHECKING:
    from customers.models import Customer
    from orders.models import Cart, Order, Price, Subscription
    from portal.partners.models import Membership


def of_member(membership: "Membership") -> Q:
    """Rows of the partner; for an indirect reseller, of the customers that it resells to."""
    if membership.partner.is_reseller:
        return Q(customer__reseller_id=membership.partner_id)
    return Q(partner_id=membership.partner_id)


class PriceQuerySet(models.QuerySet["Price"]):
    def sold_to(self, customer: "Customer") -> Self:
        """The catalog in the customer's market."""
        return (
            self.filter(market=customer.country)
            .select_related("sku__product")
            .order_by("sku__product__title", "sku__title", "term", "billing_plan")
        )

    def search(self, text: str) -> Self:
        found = self
        for word in search_words(text):
            found = found.filter(Q(sku__title__icontains=word) | Q(sku__product__title__icontains=word))
        return found


class CartQuerySet(models.QuerySet["Cart"]):
    def visible_to(self, membership: "Membership") -> Self:
        """A person's own carts, under the partner they were started for."""
        return self.filter(partner_id=membership.partner_id, owner_id=membership.user_id)

    def unfinished(self) -> Self:
        return self.filter(order__isnull=True).order_by("-updated_at")

    def with_customer(self) -> Self:
        return self.select_related("customer__tenant", "customer__partner", "order")


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))

    def with_customer(self) -> Self:
        return self.select_related("customer__tenant", "customer__partner")

    def newest_first(self) -> Self:
        return self.order_by("-placed_at", "-id")

    def search(self, text: str) -> Self:
        found = self
        for word in search_words(text):
            found = found.filter(Q(number__icontains=word) | Q(customer__company_name__icontains=word))
        return found


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))

    def with_line(self) -> Self:
        return self.select_related("order_line__order", "order_line__sku", "customer__tenant", "customer__partner")

    def count_by_customer(self, customers: "Iterable[Customer]") -> dict[int, int]:
        """Primary key of a customer -> how many subscriptions it has, for those that have any."""
        rows = self.filter(customer__in=customers).order_by().values("customer_id").annotate(number=Count("pk"))
        return {row["customer_id"]: row["number"] for row in rows}


class LicenceChangeQuerySet(AppendOnlyQuerySet):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))


def cart_total(lines: "models.QuerySet[models.Model]") -> tuple[Decimal, int]:
    """(sum of quantity x unit price, number of lines) of cart lines, computed by the database."""
    amount = Sum(F("quantity") * F("price__unit_price"), output_field=DecimalField(max_digits=14, decimal_places=2))
    row = lines.aggregate(total=amount, count=Count("pk"))
    return row["total"] or Decimal(0), row["count"]
