from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from customers.querysets import every_word
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
        return self.sold_in(str(customer.country))

    def sold_in(self, country: str) -> Self:
        """The catalog of one market; country: ISO 3166, two letters. Nothing is sold in what is no country."""
        return (
            self.filter(market=country)
            .select_related("sku__product")
            .order_by("sku__product__title", "sku__title", "term", "billing_plan")
        )

    def search(self, text: str) -> Self:
        return self.filter(every_word(text, "sku__title", "sku__product__title"))


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

    def for_panel(self) -> Self:
        """The newest first, with what Account info shows of them."""
        return self.only("number", "status", "currency", "total", "placed_at").newest_first()

    def search(self, text: str) -> Self:
        return self.filter(every_word(text, "number", "customer__company_name"))


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))

    def with_line(self) -> Self:
        return self.select_related("order_line__order", "order_line__sku", "customer__tenant", "customer__partner")

    def for_panel(self) -> Self:
        """With what Account info shows of them, in its order."""
        shown = ("title", "quantity", "status", "started_at", "order_line__term", "order_line__billing_plan")
        # "active" comes before "suspended".
        return self.select_related("order_line").only(*shown).order_by("status", "title", "started_at", "id")

    def running(self, customer: "Customer") -> Self:
        """Those of the customer that are not suspended: while there are any, the relationship stays."""
        return self.filter(customer=customer).exclude(status="suspended")


class LicenceChangeQuerySet(AppendOnlyQuerySet):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(of_member(membership))
