"""People at the customer."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from customers.models.companies import Customer, Tenant
from portal.audit.triggers import Trigger


class Contact(models.Model):
    """A person at the customer, as one partner knows them. The customer names which one is primary."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    phone = PhoneNumberField(_("phone number"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    guards = (
        Trigger(
            "customers_contact",
            "INSERT",
            "the first contact of a customer is its primary one",
            when="EXISTS (SELECT 1 FROM customers_customer c WHERE c.id = NEW.customer_id "
            "AND c.primary_contact_id IS NULL)",
            kind="_primary",
        ),
    )

    class Meta:
        constraints = [
            # The target of the customer's composite key: its primary contact is one of its own.
            models.UniqueConstraint(fields=["public_id", "customer"], name="contact_of_customer"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_primary(self) -> bool:
        return self.customer.primary_contact_id == self.public_id


class CustomerUser(models.Model):
    """A sign-in at the customer's own side. Its user has no membership."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="customer_users")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="customer_user")
    is_admin = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.user)
