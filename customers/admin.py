"""Staff may look customers up. Agents edit them on the portal's own pages, where the rules are asked."""

from django.contrib import admin

from customers.models import Contact, Customer, CustomerUser, OnboardingDraft, Tenant
from portal.common.staff import ViewOnlyAdmin


@admin.register(Tenant)
class TenantAdmin(ViewOnlyAdmin):
    list_display = ("domain", "id", "created_at")
    list_filter = ("created_at",)
    search_fields = ("domain", "id__iexact")
    ordering = ("domain",)


@admin.register(Customer)
class CustomerAdmin(ViewOnlyAdmin):
    list_display = (
        "company_name",
        "tenant",
        "partner",
        "reseller",
        "country",
        "attested_on",
        "direct_on",
        "updated_at",
    )
    list_select_related = ("tenant", "partner", "reseller")
    list_filter = ("partner__kind", "partner__cloud", "partner__environment", "country")
    search_fields = ("company_name", "tenant__domain", "tenant__id__iexact", "partner__name")
    ordering = ("name_key", "id")


@admin.register(Contact)
class ContactAdmin(ViewOnlyAdmin):
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
class CustomerUserAdmin(ViewOnlyAdmin):
    list_display = ("user", "user_email", "tenant", "is_admin")
    list_select_related = ("user", "tenant")
    list_filter = ("is_admin",)
    search_fields = ("user__email", "user__name", "tenant__domain")
    ordering = ("tenant__domain", "id")

    @admin.display(description="email address", ordering="user__email")
    def user_email(self, customer_user: CustomerUser) -> str:
        return customer_user.user.email


@admin.register(OnboardingDraft)
class OnboardingDraftAdmin(ViewOnlyAdmin):
    """What was typed so far is its owner's alone (architecture, section 5); staff see that there is a draft."""

    list_display = ("id", "partner", "owner", "customer", "updated_at", "submitted_at")
    list_select_related = ("partner", "owner", "customer")
    list_filter = ("submitted_at", "updated_at")
    search_fields = ("id__iexact", "owner__name", "owner__email", "partner__name")
    fields = ("id", "partner", "owner", "customer", "created_at", "updated_at", "submitted_at")
    ordering = ("-updated_at",)
