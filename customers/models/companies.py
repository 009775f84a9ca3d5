"""The customer company, and what one partner knows of it."""

import uuid
from datetime import date

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from customers.querysets import CustomerQuerySet
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Partner

# Stands for "never" where dates are sorted.
NO_DAY = date(1, 1, 1)


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


class Qualification(models.TextChoices):
    """Special qualifications of a customer (facts 5.2)."""

    NONE = "none", _("None")
    EDUCATION = "education", _("Education")
    GOVERNMENT = "government_community_cloud", _("Government Community Cloud")
    STATE_OWNED = "state_owned_entity", _("State-owned entity")


class EducationSegment(models.TextChoices):
    K12 = "k12", _("Primary or secondary school")
    HIGHER = "higher_education", _("Higher education")


class QualificationStatus(models.TextChoices):
    """Where the review of a special qualification stands (facts 5.2: vettingStatus)."""

    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    DENIED = "denied", _("Denied")


class AccountStatus(models.TextChoices):
    """The vetting of the customer's account (facts 7.4)."""

    APPROVED = "approved", _("Approved")
    UNDER_REVIEW = "under_review", _("Under review")
    NOT_APPROVED = "not_approved", _("Not approved")


class Address(models.Model):
    """An address in the manner of its country; what the country does not ask stays empty."""

    country = CountryField(_("country or region"))
    address_line1 = models.CharField(_("address line 1"), max_length=200, blank=True)
    address_line2 = models.CharField(_("address line 2"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state or province"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)

    class Meta:
        abstract = True

    @property
    def country_name(self) -> str:
        return str(self.country.name)


class Customer(Address):
    """One partner's relationship with one tenant, with what that partner knows of the company.

    attested_on, direct_on, disputed_at, invited_at are facts about the agreement, kept here by
    `customers.services.keep_agreement_facts` in the transaction of their cause, so that lists need no join:
    attested_on: date agreed of this partner's current record; direct_on: of the customer's own current one;
    agreed_on: the date that lists show and sort by, NO_DAY for none. subscription_count and pushed_words come
    from orders in the same way.

    relationship_accepted_at: null while only the partner says that the relationship exists (an imported row);
    until then the customer's own acceptance does not count for this partner. allows_delegated_admin: the company
    agreed that the partner may administer its services. bought_at: when the first order of this partner's was placed
    for it, kept by orders. removed_at: the relationship has
    ended; the row and its records stay. deleted_at: removed in the sandbox, where customers may be deleted.

    search_text and name_key are folded by `portal.common.folding` and kept by services: what search looks
    through, and what the list is sorted by.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="customers")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="customers")
    reseller = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="resold_customers"
    )
    company_name = models.CharField(_("company"), max_length=200)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=15, default="en-US")
    primary_contact = models.OneToOneField(
        "customers.Contact",
        to_field="public_id",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="primary_of",
    )
    qualification = models.CharField(
        _("special qualification"), max_length=30, choices=Qualification.choices, default=Qualification.NONE
    )
    education_segment = models.CharField(
        _("education segment"), max_length=20, choices=EducationSegment.choices, blank=True
    )
    website = models.CharField(_("website"), max_length=200, blank=True)
    qualification_status = models.CharField(max_length=20, choices=QualificationStatus.choices, blank=True)
    qualification_asked_at = models.DateTimeField(null=True, editable=False)
    account_status = models.CharField(
        _("account status"), max_length=20, choices=AccountStatus.choices, default=AccountStatus.APPROVED
    )
    attested_on = models.DateField(null=True, editable=False)
    direct_on = models.DateField(null=True, editable=False)
    agreed_on = models.GeneratedField(
        expression=Coalesce("attested_on", "direct_on", Value(NO_DAY)),
        output_field=models.DateField(),
        db_persist=True,
    )
    disputed_at = models.DateTimeField(null=True, editable=False)
    invited_at = models.DateTimeField(null=True, editable=False)
    subscription_count = models.PositiveIntegerField(default=0, editable=False)
    bought_at = models.DateTimeField(null=True, editable=False)
    pushed_words = models.TextField(default="", blank=True, editable=False)
    search_text = models.TextField(default="", blank=True, editable=False)
    name_key = models.CharField(max_length=200, default="", blank=True, editable=False)
    relationship_accepted_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    allows_delegated_admin = models.BooleanField(default=False, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    removed_by_name = models.CharField(max_length=200, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CustomerQuerySet.as_manager()

    # Together with the composite key: a customer has no contact at all, or exactly one primary contact.
    guards = (
        Trigger(
            "customers_customer",
            "UPDATE",
            "a customer with contacts has a primary one",
            when="NEW.primary_contact_id IS NULL AND EXISTS "
            "(SELECT 1 FROM customers_contact c WHERE c.customer_id = NEW.id)",
            kind="_primary",
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "tenant"], name="customer_once_per_partner"),
            # The targets of orders' composite foreign keys.
            models.UniqueConstraint(fields=["id", "partner", "tenant"], name="customer_id_partner_tenant"),
            models.UniqueConstraint(fields=["id", "partner"], name="customer_id_partner"),
            CompositeForeignKey(
                fields=["primary_contact", "id"],
                to_table="customers_contact",
                to_columns=["public_id", "customer_id"],
                name="customer_primary_contact_own",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(removed_at__isnull=False),
                name="customer_deleted_is_removed",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "name_key", "id"], name="customer_partner_name_key"),
            models.Index(fields=["partner", "country", "name_key", "id"], name="customer_partner_country"),
            models.Index(fields=["partner", "updated_at", "id"], name="customer_partner_updated"),
            models.Index(fields=["partner", "agreed_on", "id"], name="customer_partner_agreed"),
            models.Index(fields=["partner", "subscription_count", "id"], name="customer_partner_subs"),
            models.Index(fields=["reseller", "name_key", "id"], name="customer_reseller_name_key"),
            models.Index(fields=["partner", "attested_on", "direct_on"], name="customer_partner_attested"),
            models.Index(fields=["partner", "registration_number"], name="customer_partner_regno"),
            # Whoever waits for an acceptance is found at once, however many have theirs.
            models.Index(
                fields=["partner", "name_key", "id"],
                name="customer_partner_open",
                condition=Q(attested_on__isnull=True, direct_on__isnull=True),
            ),
            models.Index(
                fields=["partner", "name_key", "id"],
                name="customer_partner_disputed",
                condition=Q(disputed_at__isnull=False),
            ),
            models.Index(
                fields=["partner", "name_key", "id"],
                name="customer_partner_removed",
                condition=Q(removed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.company_name

    @property
    def is_active(self) -> bool:
        """Whether the reseller relationship holds."""
        return self.removed_at is None


class BillTo(Address):
    """Where the invoices go, once it differs from the company and its primary contact."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="bill_to")
    company_name = models.CharField(_("company name"), max_length=200)
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    phone = PhoneNumberField(_("phone number"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    def __str__(self) -> str:
        return self.company_name
