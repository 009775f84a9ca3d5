"""Staff may look customers up, and decide what is theirs to decide: the vetting of the account, and special
qualifications. Agents edit the rest on the portal's own pages, where the rules are asked.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.models import Contact, Customer, CustomerUser, OnboardingDraft, RelationshipRequest, Tenant
from customers.services import DenialReason, decide_qualification, set_account_status
from portal.audit.staff_views import PersonalDataAdmin
from portal.common.actor import Actor
from portal.common.staff import ViewOnlyAdmin
from portal.partners.admin import ServiceAdmin, ServiceForm

APPROVE, DENY = "approve", "deny"


@admin.register(Tenant)
class TenantAdmin(ViewOnlyAdmin):
    list_display = ("domain", "id", "created_at")
    list_filter = ("created_at",)
    search_fields = ("domain", "id__iexact")
    ordering = ("domain",)


class CustomerForm(ServiceForm):
    """What staff decide of a customer; everything else is there to read."""

    decision = forms.ChoiceField(
        label=_("Decision on the special qualification"),
        choices=[("", _("No decision now")), (APPROVE, _("Approve")), (DENY, _("Deny"))],
        required=False,
    )
    denial_reason = forms.ChoiceField(
        label=_("Reason for denying"), choices=[("", "---------"), *DenialReason.choices], required=False
    )

    class Meta:
        model = Customer
        fields = ["account_status"]


@admin.register(Customer)
class CustomerAdmin(PersonalDataAdmin, ServiceAdmin):
    form = CustomerForm
    list_display = (
        "company_name",
        "tenant",
        "partner",
        "reseller",
        "country",
        "account_status",
        "qualification",
        "qualification_status",
        "attested_on",
        "direct_on",
        "updated_at",
    )
    list_select_related = ("tenant", "partner", "reseller")
    list_filter = (
        "qualification_status",
        "account_status",
        "partner__kind",
        "partner__cloud",
        "partner__environment",
        "country",
    )
    search_fields = ("company_name", "tenant__domain", "tenant__id__iexact", "partner__name")
    ordering = ("name_key", "id")
    decided = ("account_status", "decision", "denial_reason")
    asked = ("qualification", "education_segment", "website", "qualification_status", "qualification_asked_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = [name for name in self.get_readonly_fields(request, obj) if name not in self.asked]
        return [
            (None, {"fields": ("account_status",)}),
            (_("Special qualification"), {"fields": (*self.asked, "decision", "denial_reason")}),
            (_("Customer"), {"fields": shown}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        hidden = ("id", "search_text", "name_key", "pushed_words")
        names = [field.name for field in Customer._meta.concrete_fields]
        return tuple(name for name in names if name not in self.decided and name not in hidden)

    def save_by_service(self, by: Actor, obj: Customer, said: Mapping[str, Any], *, change: bool) -> Customer:
        saved = set_account_status(by=by, customer=obj, status=said["account_status"])
        if said["decision"]:
            is_approved = said["decision"] == APPROVE
            saved = decide_qualification(by=by, customer=obj, is_approved=is_approved, reason=said["denial_reason"])
        return saved


@admin.register(Contact)
class ContactAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("full_name", "email", "customer", "partner", "is_primary")
    list_select_related = ("customer__partner",)
    search_fields = ("first_name", "last_name", "email", "customer__company_name")
    ordering = ("last_name", "first_name", "id")

    @admin.display(description="primary contact", boolean=True)
    def is_primary(self, contact: Contact) -> bool:
        return contact.is_primary

    @admin.display(description="partner", ordering="customer__partner__name")
    def partner(self, contact: Contact) -> str:
        return contact.customer.partner.name


@admin.register(CustomerUser)
class CustomerUserAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("user", "user_email", "tenant", "is_admin")
    list_select_related = ("user", "tenant")
    list_filter = ("is_admin",)
    search_fields = ("user__email", "user__name", "tenant__domain")
    ordering = ("tenant__domain", "id")

    @admin.display(description="email address", ordering="user__email")
    def user_email(self, customer_user: CustomerUser) -> str:
        return customer_user.user.email


@admin.register(RelationshipRequest)
class RelationshipRequestAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("created_at", "company_name", "partner", "reseller", "asked_by", "customer")
    list_select_related = ("partner", "reseller", "asked_by", "customer")
    list_filter = ("includes_delegated_admin", ("customer", admin.EmptyFieldListFilter))
    search_fields = ("public_id__iexact", "company_name", "partner__name", "reseller__name")
    ordering = ("-created_at", "-id")


@admin.register(OnboardingDraft)
class OnboardingDraftAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    """What was typed so far is its owner's alone (architecture, section 5); staff see that there is a draft."""

    list_display = ("id", "partner", "owner", "customer", "updated_at", "submitted_at")
    list_select_related = ("partner", "owner", "customer")
    list_filter = ("submitted_at", "updated_at")
    search_fields = ("id__iexact", "owner__name", "owner__email", "partner__name")
    fields = ("id", "partner", "owner", "customer", "created_at", "updated_at", "submitted_at")
    ordering = ("-updated_at",)
