"""Reads of clients, secrets, keys and consents."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from portal.partners.models import Membership, User

if TYPE_CHECKING:
    from portal.tokens.models import ApiClient, ApiSecret, AuthorizationCode, Consent, RefreshToken, TokenKey


class ApiClientQuerySet(models.QuerySet["ApiClient"]):
    def visible_to(self, membership: Membership) -> Self:
        """The clients of the partner that the member works for."""
        return self.filter(partner_id=membership.partner_id)


class ApiSecretQuerySet(models.QuerySet["ApiSecret"]):
    def usable(self) -> Self:
        return self.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())


class TokenKeyQuerySet(models.QuerySet["TokenKey"]):
    def signing(self) -> Self:
        """At most one: the key that signs."""
        return self.filter(retired_at__isnull=True)

    def trusted_since(self, moment: datetime) -> Self:
        """The key that signs, and those that signed at this moment or later."""
        return self.filter(models.Q(retired_at__isnull=True) | models.Q(retired_at__gte=moment))


class ConsentQuerySet(models.QuerySet["Consent"]):
    def standing(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def of_user(self, user: User) -> Self:
        """What this person allows at present, with each client and its partner, newest first."""
        own = self.standing().filter(user=user).select_related("client__partner")
        return own.order_by("-granted_at", "-id")


class AuthorizationCodeQuerySet(models.QuerySet["AuthorizationCode"]):
    def expired_before(self, moment: datetime) -> Self:
        return self.filter(expires_at__lt=moment)


class RefreshTokenQuerySet(models.QuerySet["RefreshToken"]):
    def standing(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def expired_before(self, moment: datetime) -> Self:
        return self.filter(expires_at__lt=moment)
