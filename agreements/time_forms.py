"""Which day somebody asks about."""

from django.utils.translation import gettext_lazy as _

from portal.common.fields import PastDateField
from portal.common.forms import PortalForm


class OnDateForm(PortalForm):
    date = PastDateField(
        label=_("Date"),
        error_messages={
            "required": _("Choose the day to look back to"),
            "future": _("Choose today or an earlier day"),
        },
    )
    submit_label = _("Show")
