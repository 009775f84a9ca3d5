"""Staff may see which programs there are and what they hold; partners' global admins manage them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.audit.staff_views import PersonalDataAdmin
from portal.common.staff import ViewOnlyAdmin
from portal.tokens.models import ApiClient, ApiSecret, AuthorizationCode, Consent, RefreshToken, TokenKey


@admin.register(ApiClient)
class ApiClientAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("name", "partner", "client_id", "allows_app_only", "is_public", "is_active", "last_used_at")
    list_select_related = ("partner",)
    list_filter = ("is_active", "allows_app_only", "is_public", "allows_password")
    search_fields = ("name", "partner__name", "client_id__iexact")
    ordering = ("partner__name", "name", "id")


@admin.register(ApiSecret)
class ApiSecretAdmin(ViewOnlyAdmin):
    list_display = ("client", "hint", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("client",)
    search_fields = ("client__name", "client__client_id__iexact")
    exclude = ("digest",)
    ordering = ("-created_at", "-id")


@admin.register(TokenKey)
class TokenKeyAdmin(ViewOnlyAdmin):
    list_display = ("kid", "algorithm", "created_at", "retired_at")
    exclude = ("private_sealed",)
    ordering = ("-created_at", "-id")


@admin.register(Consent)
class ConsentAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("user", "client", "granted_at", "revoked_at")
    list_select_related = ("user", "client")
    search_fields = ("user__name", "client__name")
    ordering = ("-granted_at", "-id")


@admin.register(AuthorizationCode)
class AuthorizationCodeAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("created_at", "application", "expires_at", "redeemed_at")
    list_select_related = ("consent__client",)
    exclude = ("digest", "password_hash", "nonce", "code_challenge")
    ordering = ("-created_at", "-id")

    @admin.display(description=_("application"))
    def application(self, code: AuthorizationCode) -> str:
        return code.consent.client.name


@admin.register(RefreshToken)
class RefreshTokenAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("created_at", "application", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("consent__client",)
    exclude = ("digest", "password_hash")
    ordering = ("-created_at", "-id")

    @admin.display(description=_("application"))
    def application(self, token: RefreshToken) -> str:
        return token.consent.client.name
