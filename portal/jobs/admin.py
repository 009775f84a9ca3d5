"""Staff may see what was submitted or asked twice and what became of letters; there is nothing to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.common.staff import ViewOnlyAdmin
from portal.jobs.models import ApiUsage, Letter, StoredAnswer, Submission


@admin.register(Submission)
class SubmissionAdmin(ViewOnlyAdmin):
    list_display = ("created_at", "form", "principal", "result")
    list_filter = ("form",)
    search_fields = ("principal", "key", "result")
    ordering = ("-created_at", "-id")


@admin.register(StoredAnswer)
class StoredAnswerAdmin(ViewOnlyAdmin):
    list_display = ("started_at", "principal", "status")
    fields = ("started_at", "principal", "key", "body_digest", "status")
    search_fields = ("principal",)
    ordering = ("-started_at", "-id")


@admin.register(ApiUsage)
class ApiUsageAdmin(ViewOnlyAdmin):
    list_display = ("minute", "partner", "count")
    ordering = ("-minute", "-id")


@admin.register(Letter)
class LetterAdmin(ViewOnlyAdmin):
    list_display = ("queued_at", "kind", "about", "state_label", "bounce_status")
    list_filter = ("kind", ("bounced_at", admin.EmptyFieldListFilter), ("given_up_at", admin.EmptyFieldListFilter))
    search_fields = ("about", "message_id")
    ordering = ("-queued_at", "-id")

    @admin.display(description=_("state"))
    def state_label(self, letter: Letter) -> str:
        return letter.state.label
