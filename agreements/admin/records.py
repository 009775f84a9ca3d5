"""Records are to be looked at, never touched; staff decide the disputes that no partner may decide."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from agreements.dispute_forms import UPHELD, ResolveForm
from agreements.erasing_forms import EraseForm
from agreements.models import Attestation, AttestationEvent, AttestationPerson, EventKind, Method
from agreements.services import erase_person, resolve_dispute
from portal.audit.staff_views import PersonalDataAdmin
from portal.common.actor import Actor
from portal.common.staff import ViewOnlyAdmin
from portal.partners.admin import ServiceAdmin, ServiceForm

is_disputed = Q(dispute=EventKind.DISPUTED, is_withdrawn=False)


class OpenDispute(admin.SimpleListFilter):
    title = _("dispute")
    parameter_name = "dispute"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.with_state().filter(is_disputed) if self.value() == "open" else queryset


class DecisionForm(ServiceForm):
    """What staff decide about the dispute of a customer's own record."""

    decision = ResolveForm.base_fields["decision"]
    reason = ResolveForm.base_fields["reason"]

    class Meta:
        model = Attestation
        fields: tuple[str, ...] = ()


@admin.register(Attestation)
class AttestationAdmin(PersonalDataAdmin, ServiceAdmin):
    """View-only, but for the open dispute of a customer's own record: no partner may decide that."""

    form = DecisionForm
    list_display = (
        "recorded_at",
        "tenant",
        "partner",
        "method",
        "agreed_on",
        "supersede_reason",
        "actor_name",
        "door",
    )
    list_select_related = ("tenant", "partner")
    list_filter = (OpenDispute, "method", "scenario", "agreement_type", "evidence_kind", "supersede_reason", "door")
    search_fields = ("reference__iexact", "tenant__domain", "partner__name", "actor_name", "request_id")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at", "-id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.method != Method.CUSTOMER_DIRECT:
            return False
        return Attestation.objects.with_state().filter(is_disputed, pk=obj.pk).exists()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        decided = ("decision", "reason") if self.has_change_permission(request, obj) else ()
        return (*decided, *self.get_readonly_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(field.name for field in Attestation._meta.concrete_fields if not field.primary_key)

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> Attestation:
        is_upheld = said["decision"] == UPHELD
        resolve_dispute(by=by, attestation=obj, is_upheld=is_upheld, reason=said["reason"])
        record: Attestation = obj
        return record


class ErasingForm(ServiceForm):
    """Why the person of a customer's own record is erased."""

    reason = EraseForm.base_fields["reason"]
    understood = EraseForm.base_fields["understood"]

    class Meta:
        model = AttestationPerson
        fields: tuple[str, ...] = ()


@admin.register(AttestationPerson)
class AttestationPersonAdmin(PersonalDataAdmin, ServiceAdmin):
    """View-only, but for erasing the person of a customer's own record: no partner may do that."""

    form = ErasingForm
    list_display = ("full_name", "email", "attestation", "tenant")
    list_select_related = ("attestation__tenant",)
    list_filter = ("attestation__method",)
    search_fields = ("first_name", "last_name", "email", "attestation__reference__iexact")
    ordering = ("-attestation_id",)

    @admin.display(description="tenant", ordering="attestation__tenant__domain")
    def tenant(self, person: AttestationPerson) -> str:
        return person.attestation.tenant.domain

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and obj.attestation.method == Method.CUSTOMER_DIRECT

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ("reason", "understood") if self.has_change_permission(request, obj) else ()
        return (*self.get_readonly_fields(request, obj), *asked)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The salt would let anybody who sees it test guesses against the chain.
        hidden = ("id", "salt")
        return tuple(f.name for f in AttestationPerson._meta.concrete_fields if f.name not in hidden)

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> AttestationPerson:
        person: AttestationPerson = obj
        erase_person(by=by, attestation=person.attestation, reason=said["reason"])
        return person

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Django's own log would keep the person's name; the activity log has the event without it."""

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the list whichever button was pressed: nobody is left to be changed, or to be named."""
        self.message_user(request, _("The person is erased."))
        return redirect("admin:agreements_attestationperson_changelist")


@admin.register(AttestationEvent)
class AttestationEventAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("at", "kind", "attestation", "tenant", "reason", "who", "door")
    list_select_related = ("attestation__tenant", "detail")
    list_filter = ("kind", "door")
    search_fields = (
        "detail__reason",
        "actor_name",
        "detail__actor_name",
        "attestation__reference__iexact",
        "attestation__tenant__domain",
    )
    ordering = ("-at", "-id")

    @admin.display(description="tenant", ordering="attestation__tenant__domain")
    def tenant(self, event: AttestationEvent) -> str:
        return event.attestation.tenant.domain
