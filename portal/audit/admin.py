"""Staff may look at the log and the chain; nobody changes them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.audit.models import AuditEvent, AuditEventDetail, ChainEntry, ChainHead, Checkpoint, SigningKey, TimeStamp
from portal.audit.staff_views import PersonalDataAdmin
from portal.common.staff import ViewOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("at", "code", "by", "actor_kind", "door", "customer_id", "subject")
    list_select_related = ("detail",)
    list_filter = ("code", "actor_kind", "door")
    search_fields = ("code", "actor_name", "detail__actor_name", "subject", "request_id", "customer_id__iexact")
    date_hierarchy = "at"
    ordering = ("-at", "-id")

    @admin.display(description=_("by"))
    def by(self, event: AuditEvent) -> str:
        return event.who


@admin.register(AuditEventDetail)
class AuditEventDetailAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("event", "event_code")
    list_select_related = ("event",)
    search_fields = ("event__code", "event__subject", "actor_name")
    fields = ("event", "values", "actor_name", "ip_address", "user_agent")
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


@admin.register(SigningKey)
class SigningKeyAdmin(ViewOnlyAdmin):
    list_display = ("key_id", "public_key", "first_used_at")
    ordering = ("-first_used_at",)


@admin.register(Checkpoint)
class CheckpointAdmin(ViewOnlyAdmin):
    list_display = ("at", "chain", "seq", "digest", "key")
    list_select_related = ("key",)
    search_fields = ("chain", "digest")
    ordering = ("-at", "-id")


@admin.register(TimeStamp)
class TimeStampAdmin(ViewOnlyAdmin):
    list_display = ("checkpoint", "state", "stamped_at", "attempt_count", "next_try_at", "problem")
    list_select_related = ("checkpoint",)
    list_filter = ("state",)
    fields = ("checkpoint", "state", "authority", "stamped_at", "attempt_count", "next_try_at", "problem")
    ordering = ("-id",)
