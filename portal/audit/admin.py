"""Staff may look at the log and the chain; nobody changes them."""

from django.contrib import admin

from portal.audit.models import AuditEvent, AuditEventDetail, ChainEntry, ChainHead
from portal.common.staff import ViewOnlyAdmin


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
