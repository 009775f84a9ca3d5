"""Customer companies, each partner's relationship with them, the people there, and unfinished onboarding."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from customers.querysets import CustomerQuerySet, OnboardingDraftQuerySet
from portal.partners.models import Partner


class Tenant(models.Model):
    """The customer company itself, known to the world by `id` and to people by its domain."""

    id = models.UUIDField(_("Microsoft ID"), primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.CharField(_("primary domain name"), max_length=100, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(domain=Lower("domain")), name="tenant_domain_lower"),
        ]

    def __str__(self) -> str:
        return self.domain


class Customer(models.Model):
    """One partner's relationship with one tenant, with what that partner knows of the company.

    attested_on, direct_on, disputed_at, invited_at are facts about the agreement, kept here by
    `customers.services.keep_agreement_facts` in the transaction of their cause, so that lists need no join:
    attested_on: date agreed of this partner's current record; direct_on: of the customer's own current one.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="customers")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="customers")
    reseller = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="resold_customers"
    )
    company_name = models.CharField(_("company"), max_length=200)
    country = CountryField(_("country or region"))
    address_line1 = models.CharField(_("address line 1"), max_length=200, blank=True)
    address_line2 = models.CharField(_("address line 2"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state or province"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=15, default="en-US")
    attested_on = models.DateField(null=True, editable=False)
    direct_on = models.DateField(null=True, editable=False)
    disputed_at = models.DateTimeField(null=True, editable=False)
    invited_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "tenant"], name="customer_once_per_partner"),
            # The targets of orders' composite foreign keys.
            models.UniqueConstraint(fields=["id", "partner", "tenant"], name="customer_id_partner_tenant"),
            models.UniqueConstraint(fields=["id", "partner"], name="customer_id_partner"),
        ]
        indexes = [
            models.Index(fields=["partner", "company_name", "id"], name="customer_partner_name"),
            models.Index(fields=["partner", "-updated_at", "-id"], name="customer_partner_updated"),
            models.Index(fields=["reseller", "company_name", "id"], name="customer_reseller_name"),
            models.Index(fields=["partner", "attested_on", "direct_on"], name="customer_partner_attested"),
        ]

    def __str__(self) -> str:
        return self.company_name

    @property
    def country_name(self) -> str:
        return str(self.country.name)


class Contact(models.Model):
    """A person at the customer, as one partner knows them. Exactly one is the primary contact."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    phone = PhoneNumberField(_("phone number"), blank=True)
    is_primary = models.BooleanField(_("primary contact"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(is_primary=True), name="contact_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class CustomerUser(models.Model):
    """A sign-in at the customer's own side. Its user has no membership."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="customer_users")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="customer_user")
    is_admin = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.user)


class OnboardingDraft(models.Model):
    """An unfinished New customer. data: page key -> what was typed there, as text, valid or not.

    A submitted draft names the customer it made and never makes another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="drafts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="drafts")
    data = models.JSONField(default=dict)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="drafts")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True)

    objects = OnboardingDraftQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "partner", "-updated_at"], name="draft_owner_updated")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=True) | models.Q(submitted_at__isnull=False),
                name="draft_customer_only_when_submitted",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return str(self.data.get("account", {}).get("company-company_name", "")) or str(_("New customer"))
