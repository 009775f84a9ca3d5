"""Programs that work for a partner through the API, what people allowed them, and what they carry to prove it.

No secret can be read from here: secrets, codes and refresh tokens are kept as SHA-256 digests of 256 random bits, and
the private signing keys are sealed.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.partners.models import Partner
from portal.tokens.querysets import (
    ApiClientQuerySet,
    ApiSecretQuerySet,
    AuthorizationCodeQuerySet,
    ConsentQuerySet,
    RefreshTokenQuerySet,
    TokenKeyQuerySet,
)

DIGEST_LENGTH = 64


class ApiClient(models.Model):
    """An application of a partner's. `client_id` is its public id.

    roles: codes of what it may do on its own (see partners.roles); allows_app_only: whether it may act without a
    person; is_public: runs where nothing can be kept secret, so it proves itself by PKCE alone; allows_password:
    whether people may hand it their password (for old programs that know no other way); redirect_uris: where answers
    of the sign-in may go.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="api_clients")
    client_id = models.UUIDField(_("application id"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    roles = models.JSONField(_("roles"), default=list, blank=True)
    allows_app_only = models.BooleanField(_("works on its own"), default=False)
    is_public = models.BooleanField(_("public client"), default=False)
    allows_password = models.BooleanField(_("takes people's passwords"), default=False)
    redirect_uris = models.JSONField(_("redirect URIs"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by_name = models.CharField(max_length=150)
    last_used_at = models.DateTimeField(null=True)

    objects = ApiClientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_public=False) | models.Q(allows_app_only=False),
                name="api_client_public_needs_person",
            ),
        ]
        indexes = [models.Index(fields=["partner", "name", "id"], name="api_client_list")]

    def __str__(self) -> str:
        return self.name


class ApiSecret(models.Model):
    """What a client proves itself with. hint: its first letters, so that people can tell secrets apart."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="secrets")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    hint = models.CharField(max_length=4)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = ApiSecretQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="api_secret_expires_later"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hint}… of {self.client}"

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class TokenKey(models.Model):
    """One RSA key that tokens are signed with; the one that is not retired signs.

    private_sealed: the private key in PEM, sealed (portal.common.sealed); public_jwk: as RFC 7517 has it.
    """

    ALGORITHM: ClassVar[str] = "RS256"

    kid = models.CharField(max_length=64, unique=True)
    algorithm = models.CharField(max_length=10, default=ALGORITHM)
    private_sealed = models.TextField()
    public_jwk = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True)

    objects = TokenKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two processes that make the first key at the same moment: one of them loses, and takes the other's.
            models.UniqueConstraint(
                fields=["algorithm"], condition=models.Q(retired_at__isnull=True), name="token_key_one_signs"
            )
        ]

    def __str__(self) -> str:
        return self.kid


class Consent(models.Model):
    """A person lets a client act in their name at the client's partner, until revoked."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="consents")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_consents")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    granted_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "user"], condition=models.Q(revoked_at__isnull=True), name="consent_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} lets {self.client}"


class AuthorizationCode(models.Model):
    """What the sign-in hands to the client by way of the browser; good once, for some minutes.

    audience: of the token to come; nonce: to go into the id token; code_challenge: PKCE's (S256), "" for none;
    password_hash: as for RefreshToken; family: of the refresh tokens that come of it.
    """

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="codes")
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    redirect_uri = models.CharField(max_length=500)
    audience = models.CharField(max_length=200)
    nonce = models.CharField(max_length=500, blank=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    password_hash = models.CharField(max_length=128)
    family = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    redeemed_at = models.DateTimeField(null=True)

    objects = AuthorizationCodeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"code of {self.created_at:%Y-%m-%d %H:%M}"


class RefreshToken(models.Model):
    """What a client gets new access tokens with. Using one gives another; both stay good until they expire.

    password_hash: the session hash of the password that the person signed in with: a new password ends it all;
    family: all that came of one sign-in.
    """

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="refresh_tokens")
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    audience = models.CharField(max_length=200)
    password_hash = models.CharField(max_length=128)
    family = models.UUIDField(default=uuid.uuid4, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = RefreshTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"refresh token of {self.created_at:%Y-%m-%d %H:%M}"
