"""Which days an archive of evidence is about."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.common.fields import PastDateField
from portal.common.forms import PortalForm, Section

FUTURE = _("Choose today or an earlier day")


def last_full_month(today: date) -> dict[str, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return {"first": last.replace(day=1), "last": last}


class PeriodForm(PortalForm):
    """Both days are within."""

    first = PastDateField(
        label=_("From"), error_messages={"required": _("Choose the first day of the period"), "future": FUTURE}
    )
    last = PastDateField(
        label=_("To"), error_messages={"required": _("Choose the last day of the period"), "future": FUTURE}
    )
    submit_label = _("Export")
    sections = (Section("period", _("Period"), (("first", "last"),)),)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", _("The period ends before it begins. Choose a last day on or after the first one"))
        return found
