"""Staff may see which submits were repeated; there is nothing to change."""

from django.contrib import admin

from portal.common.staff import ViewOnlyAdmin
from portal.jobs.models import Submission


@admin.register(Submission)
class SubmissionAdmin(ViewOnlyAdmin):
    list_display = ("created_at", "form", "principal", "result")
    list_filter = ("form",)
    search_fields = ("principal", "key", "result")
    ordering = ("-created_at", "-id")
