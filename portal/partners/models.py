"""Partners, the people who work for them, and what each may do."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from portal.partners import roles, rules
from portal.partners.permissions import Permission
from portal.partners.querysets import MembershipQuerySet, PartnerQuerySet, UserManager

if TYPE_CHECKING:
    _TextEmailField = models.EmailField[str, str]
else:
    _TextEmailField = models.EmailField


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("Choose a time zone such as Europe/Warsaw."))


class SignInAddressField(_TextEmailField):
    """Stored in small letters, as the sign-in looks for it: who was invited as Anna@… comes in as anna@…, too."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared.lower() if isinstance(prepared, str) else prepared

    def deconstruct(self) -> Any:
        """To migrations an EmailField like any other."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address: agent, staff, or a customer's administrator."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = SignInAddressField(_("email address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class PartnerKind(models.TextChoices):
    DIRECT_BILL = "direct_bill", _("Direct-bill partner")
    INDIRECT_PROVIDER = "indirect_provider", _("Indirect provider")
    INDIRECT_RESELLER = "indirect_reseller", _("Indirect reseller")


class Cloud(models.TextChoices):
    PUBLIC = "public", _("Public cloud")
    CHINA_21VIANET = "china_21vianet", _("21Vianet")
    GERMANY = "germany", _("Germany")
    US_GOVERNMENT = "us_government", _("US Government")


class Environment(models.TextChoices):
    PRODUCTION = "production", _("Production")
    SANDBOX = "sandbox", _("Sandbox")


class Partner(models.Model):
    """A company in the Cloud Solution Provider program. `tenant_id` is its public id."""

    tenant_id = models.UUIDField(_("Microsoft ID"), default=uuid.uuid4, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=PartnerKind.choices)
    cloud = models.CharField(_("cloud"), max_length=20, choices=Cloud.choices, default=Cloud.PUBLIC)
    environment = models.CharField(
        _("environment"), max_length=20, choices=Environment.choices, default=Environment.PRODUCTION
    )
    country = CountryField(_("country or region"))
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[check_time_zone])
    default_language = models.CharField(_("default language"), max_length=15, default="en-US")
    mpn_id = models.CharField(_("MPN ID"), max_length=20, blank=True)
    domain = models.CharField(_("own e-mail domain"), max_length=100, blank=True)
    # Only of an indirect reseller: its provider asks for it (facts, A6). Microsoft's knowledge, copied by staff.
    agreement_signed_on = models.DateField(_("Microsoft Partner Agreement signed on"), null=True, blank=True)
    logs_addresses = models.BooleanField(
        _("keep IP address and browser in the activity log"), default=False, db_default=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = [
            # The target of orders' composite foreign key: an order carries its partner's cloud.
            models.UniqueConstraint(fields=["id", "cloud"], name="partner_id_cloud"),
            models.CheckConstraint(condition=models.Q(kind__in=PartnerKind.values), name="partner_kind_known"),
            models.CheckConstraint(condition=models.Q(cloud__in=Cloud.values), name="partner_cloud_known"),
        ]
        indexes = [models.Index(fields=["name"], name="partner_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> date:
        """The date on the partner's calendar."""
        return timezone.now().astimezone(self.zone).date()

    @property
    def is_reseller(self) -> bool:
        return self.kind == PartnerKind.INDIRECT_RESELLER

    @property
    def is_sandbox(self) -> bool:
        return self.environment == Environment.SANDBOX

    @property
    def has_agreement(self) -> bool:
        """Whether the Microsoft Customer Agreement exists in this partner's cloud (facts, rule R9)."""
        return self.cloud == Cloud.PUBLIC


class PartnerLink(models.Model):
    """An indirect reseller that works with an indirect provider."""

    provider = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="reseller_links")
    reseller = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="provider_links")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "reseller"], name="partner_link_once"),
            models.CheckConstraint(
                condition=~models.Q(provider=models.F("reseller")), name="partner_link_two_partners"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} – {self.reseller}"


class Membership(models.Model):
    """A person's work for one partner, with the roles held there (codes; see roles.py)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="memberships")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    roles = models.JSONField(_("roles"), default=list)
    is_active = models.BooleanField(_("active"), default=True)
    # That of the user, when the person came to the portal with this membership.
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "partner"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.partner}"

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return roles.permissions_of(self.roles)

    @property
    def role_labels(self) -> list[str | Promise]:
        return [label for role, label in roles.LABELS.items() if role in self.roles]

    @property
    def has_come(self) -> bool:
        """Whether the person took up the invitation: chose a password for it, or signed in since.

        Until then colleagues see the same of everybody: an invitation tells nobody whether the portal knew an
        address before, nor whose it is.
        """
        last_login = self.user.last_login
        has_signed_in = last_login is not None and last_login >= self.created_at
        is_new_person = self.created_at == self.user.created_at
        return has_signed_in or (is_new_person and self.user.has_usable_password())

    @property
    def shown_name(self) -> str:
        """What colleagues see: the person's name, or only the address while they have not come."""
        return self.user.name if self.has_come else self.user.email

    def why_not(self, permission: Permission, *, provider: str = "") -> rules.Refusal | None:
        """Why this member may not, or None when allowed: the partner's kind and cloud first, then the roles.

        provider: name of the other partner that the thing in question belongs to, if it does.
        """
        return rules.why_not(self.partner, self.permissions, permission, provider=provider)

    def can(self, permission: Permission) -> bool:
        return self.why_not(permission) is None
