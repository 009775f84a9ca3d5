"""Why a person is erased."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.common.forms import PortalForm


class EraseForm(PortalForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("For example: the person asked for it, with the number of the request. Do not name people here."),
        error_messages={"required": _("Say why the person is erased")},
    )
    understood = forms.BooleanField(
        label=_("I understand that this cannot be undone"),
        error_messages={"required": _("Tick the box: nobody can bring the person back afterwards")},
    )
    submit_label = _("Erase the person")
