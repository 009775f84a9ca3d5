"""Staff may look at the log and the chain; nobody changes them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal.audit.models import AuditEvent, AuditEventDetail, ChainEntry, ChainHead


class ViewOnlyAdmin(admin.ModelAdmin):
    """For models that are evidence or bookkeeping: every field to read, none to write."""

    # Counting a log of millions on every page helps nobody.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ViewOnlyAdmin):
    list_display = ("at", "code", "actor_name", "actor_kind", "door", "customer_id", "subject")
    list_filter = ("code", "actor_kind", "door")
    search_fields = ("code", "actor_name", "subject", "request_id", "customer_id__iexact")
    date_hierarchy = "at"
    ordering = ("-at", "-id")


@admin.register(AuditEventDetail)
class AuditEventDetailAdmin(ViewOnlyAdmin):
    list_display = ("event", "event_code")
    list_select_related = ("event",)
    search_fields = ("event__code", "event__subject")
    fields = ("event", "values")
    ordering = ("-event_id",)

    @admin.display(description="code")
    def event_code(self, detail: AuditEventDetail) -> str:
        return detail.event.code


@admin.register(ChainHead)
class ChainHeadAdmin(ViewOnlyAdmin):
    list_display = ("chain", "seq", "digest")
    search_fields = ("chain", "digest")
    ordering = ("chain",)


@admin.register(ChainEntry)
class ChainEntryAdmin(ViewOnlyAdmin):
    list_display = ("chain", "seq", "at", "kind", "subject", "digest")
    list_filter = ("kind",)
    search_fields = ("chain", "subject", "digest")
    ordering = ("-id",)
