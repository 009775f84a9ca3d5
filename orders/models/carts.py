"""What is about to be ordered."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from orders.models.catalog import Price
from orders.models.reliance import of_partners_customer
from orders.querysets import CartQuerySet
from portal.partners.models import Partner


class Cart(models.Model):
    """What is about to be ordered for a customer; survives sign-out. order: what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="carts")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="carts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="carts")
    order = models.OneToOneField("Order", on_delete=models.PROTECT, null=True, related_name="cart")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CartQuerySet.as_manager()

    class Meta:
        constraints = [of_partners_customer("cart")]
        indexes = [models.Index(fields=["owner", "partner", "-updated_at"], name="cart_owner_updated")]

    def __str__(self) -> str:
        return str(self.customer)


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    price = models.ForeignKey(Price, on_delete=models.CASCADE, related_name="cart_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["cart", "price"], name="cart_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.price}"

    @property
    def amount(self) -> Decimal:
        return self.price.unit_price * self.quantity
