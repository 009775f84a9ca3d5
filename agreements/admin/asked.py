"""What customers and providers were asked, and what became of the letters; there is nothing to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agreements.models import (
    ConfirmationRequest,
    EnhancedAttestation,
    Invitation,
    InvitationPolicy,
    InvitationReminder,
    Receipt,
)
from portal.audit.staff_views import PersonalDataAdmin
from portal.common.staff import ViewOnlyAdmin
from portal.jobs.models import Letter


@admin.register(Invitation)
class InvitationAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("created_at", "company_name", "partner", "place", "state_label", "letter_label", "expires_at")
    list_select_related = ("customer", "request", "partner", "letter")
    list_filter = ("outcome", "place", "scenario", ("to_confirm_at", admin.EmptyFieldListFilter))
    search_fields = ("public_id__iexact", "customer__tenant__domain", "partner__name", "email", "letter__message_id")
    # Of a link that is of no use any more nothing has to be known, and of one that is, nothing may be.
    exclude = ("token_digest",)
    ordering = ("-created_at", "-id")

    @admin.display(description=_("state"))
    def state_label(self, invitation: Invitation) -> str:
        return invitation.state.label

    @admin.display(description=_("letter"))
    def letter_label(self, invitation: Invitation) -> str:
        return _letter_label(invitation.letter)


@admin.register(InvitationReminder)
class InvitationReminderAdmin(ViewOnlyAdmin):
    list_display = ("made_at", "invitation", "audience", "days", "letter_label")
    list_select_related = ("invitation__customer", "invitation__request", "letter")
    list_filter = ("audience",)
    search_fields = ("invitation__public_id__iexact", "letter__message_id")
    ordering = ("-made_at", "-id")

    @admin.display(description=_("letter"))
    def letter_label(self, reminder: InvitationReminder) -> str:
        return _letter_label(reminder.letter)


@admin.register(InvitationPolicy)
class InvitationPolicyAdmin(ViewOnlyAdmin):
    list_display = ("partner", "place", "valid_days", "customer_days", "staff_days")
    list_select_related = ("partner",)
    list_filter = ("place",)
    search_fields = ("partner__name",)
    ordering = ("partner__name",)


@admin.register(Receipt)
class ReceiptAdmin(ViewOnlyAdmin):
    list_display = ("created_at", "public_id", "attestation", "letter_label")
    list_select_related = ("attestation__tenant", "letter")
    search_fields = ("public_id__iexact", "attestation__reference__iexact", "letter__message_id")
    # As of an invitation.
    exclude = ("token_digest",)
    ordering = ("-created_at", "-id")

    @admin.display(description=_("letter"))
    def letter_label(self, receipt: Receipt) -> str:
        return _letter_label(receipt.letter)


@admin.register(EnhancedAttestation)
class EnhancedAttestationAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("created_at", "company_name", "partner", "client_name", "state_label", "expires_at")
    list_select_related = ("partner",)
    list_filter = ("outcome",)
    search_fields = ("public_id__iexact", "partner__name", "email", "client_id")
    # As of an invitation.
    exclude = ("token_digest",)
    ordering = ("-created_at", "-id")

    @admin.display(description=_("state"))
    def state_label(self, asked: EnhancedAttestation) -> str:
        return asked.state.label


@admin.register(ConfirmationRequest)
class ConfirmationRequestAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("asked_at", "customer", "reseller", "partner", "outcome", "decided_at", "decided_by_name")
    list_select_related = ("customer", "reseller", "partner")
    list_filter = ("outcome", "evidence_kind")
    search_fields = ("public_id__iexact", "customer__tenant__domain", "partner__name", "reseller__name")
    ordering = ("-asked_at", "-id")


def _letter_label(letter: Letter | None) -> str:
    return letter.state.label if letter else "-"
