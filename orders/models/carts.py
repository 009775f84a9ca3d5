"""What is about to be ordered: on screens, and by API clients. Neither sees the other's carts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from orders.models.catalog import Availability
from orders.models.reliance import of_partners_customer
from orders.querysets import ApiCartQuerySet, CartLineQuerySet, CartQuerySet
from portal.partners.models import Partner


class CartStage(models.TextChoices):
    """Where the agent was: the way back into the order."""

    FILLING = "filling", _("Choosing products")
    REVIEW = "review", _("Review")


class Cart(models.Model):
    """What is about to be ordered for a customer; survives sign-out.

    order: what became of it; ordered_as: SHA-256 of what the submit said that made it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="carts")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="carts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="carts")
    order = models.OneToOneField("Order", on_delete=models.PROTECT, null=True, related_name="cart")
    ordered_as = models.CharField(max_length=64, blank=True)
    purchase_order_number = models.CharField(_("purchase order number"), max_length=50, blank=True)
    stage = models.CharField(max_length=10, choices=CartStage.choices, default=CartStage.FILLING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CartQuerySet.as_manager()

    class Meta:
        constraints = [
            of_partners_customer("cart"),
            models.CheckConstraint(condition=Q(stage__in=CartStage.values), name="cart_stage_known"),
        ]
        indexes = [models.Index(fields=["owner", "partner", "-updated_at"], name="cart_owner_updated")]

    def __str__(self) -> str:
        return str(self.customer)


class CartLine(models.Model):
    """So many licences of what is available. parent: the subscription that an add-on is for."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    availability = models.ForeignKey(Availability, on_delete=models.CASCADE, related_name="cart_lines")
    parent = models.ForeignKey("Subscription", on_delete=models.CASCADE, null=True, related_name="cart_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    objects = CartLineQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["cart", "availability"], condition=Q(parent__isnull=True), name="cart_line_once"
            ),
            models.UniqueConstraint(
                fields=["cart", "availability", "parent"],
                condition=Q(parent__isnull=False),
                name="cart_line_add_on_once",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.availability}"


class ApiCart(models.Model):
    """What an API client is about to order for a customer; every client of the partner sees it.

    lines: of `orders.api_lines.CartItem`, as JSON; is_attested: the partner-on-record statement, None where the
    client did not make it; updated_by: public id of the member, else of the client; expires_at: it can be ordered
    until then; outcome: of its checkout, {"orders": [number…], "errors": [[group, code, text]…]}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="api_carts")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="api_carts")
    lines = models.JSONField(default=list)
    is_attested = models.BooleanField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=36)
    expires_at = models.DateTimeField()
    ordered_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)

    objects = ApiCartQuerySet.as_manager()

    class Meta:
        constraints = [of_partners_customer("api_cart")]
        # What is thrown away after its time.
        indexes = [models.Index(fields=["expires_at"], name="api_cart_expires")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_ordered(self) -> bool:
        return self.ordered_at is not None
