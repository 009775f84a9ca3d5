from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import BaseUserManager
from django.db import models

if TYPE_CHECKING:
    from portal.partners.models import Membership, Partner, User


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Sign-in ignores the case of the address."""
        return self.get(email__iexact=username)

    def with_email(self, email: str) -> "User | None":
        """The person with this address, in any case."""
        return self.filter(email__iexact=email.strip()).first()

    def create_user(self, email: str, name: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=email.strip().lower(), name=name, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None) -> "User":
        return self.create_user(email, name, password, is_staff=True, is_superuser=True)


class PartnerQuerySet(models.QuerySet["Partner"]):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(pk=membership.partner_id)

    def providers_of(self, reseller: "Partner") -> Self:
        return self.filter(reseller_links__reseller=reseller).order_by("name")

    def linked_to(self, partner: "Partner") -> Self:
        """The indirect resellers of a provider, or the indirect providers of a reseller."""
        return self.providers_of(partner) if partner.is_reseller else self.resellers_of(partner)

    def resellers_of(self, provider: "Partner") -> Self:
        return self.filter(provider_links__provider=provider).order_by("name")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(is_active=True, user__is_active=True)

    def of_user(self, user: "User") -> Self:
        return self.active().filter(user=user).select_related("partner", "user").order_by("partner__name", "id")

    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(partner_id=membership.partner_id).select_related("user", "partner")

    def active_first(self) -> Self:
        return self.order_by("-is_active", "-user__is_active", "user__name", "id")
