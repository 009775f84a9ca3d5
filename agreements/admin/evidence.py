"""Files of records, and what partners ask for, to be looked at. The files themselves are the partners' business."""

from django.contrib import admin

from agreements.models import Approval, Evidence, EvidencePolicy, EvidenceUpload
from portal.audit.staff_views import PersonalDataAdmin
from portal.common.staff import ViewOnlyAdmin


@admin.register(Evidence)
class EvidenceAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("added_at", "name", "media_type", "size", "attestation", "partner", "actor_name", "door")
    list_select_related = ("attestation", "partner")
    list_filter = ("media_type", "door")
    search_fields = ("sha256__iexact", "name", "attestation__reference__iexact", "partner__name")
    ordering = ("-added_at", "-id")


@admin.register(EvidenceUpload)
class EvidenceUploadAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    """Sent, and on no record yet; without use for 30 days they go."""

    list_display = ("uploaded_at", "name", "media_type", "size", "partner", "owner")
    list_select_related = ("partner", "owner")
    list_filter = ("media_type",)
    search_fields = ("sha256__iexact", "name", "partner__name", "owner__email")
    ordering = ("-uploaded_at", "-id")


@admin.register(EvidencePolicy)
class EvidencePolicyAdmin(ViewOnlyAdmin):
    list_display = ("partner", "required_kinds", "approved_reasons", "checkpoint_mail")
    list_select_related = ("partner",)
    list_filter = ("checkpoint_mail",)
    search_fields = ("partner__name",)
    ordering = ("partner__name",)


@admin.register(Approval)
class ApprovalAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    """Who has to approve is the partner's business; what was stated is emptied once it is decided."""

    list_display = ("asked_at", "customer", "partner", "reason_code", "asked_by_name", "outcome", "decided_by_name")
    list_select_related = ("customer", "partner")
    list_filter = ("outcome", "reason_code")
    search_fields = ("public_id__iexact", "customer__company_name", "partner__name", "asked_by_name")
    ordering = ("-asked_at", "-id")
