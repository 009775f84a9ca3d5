"""What a second person answers who does not approve."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.common.forms import PortalForm


class RefuseApprovalForm(PortalForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Whoever asked reads it. For example: the email does not mention the agreement. Name nobody here."
        ),
        error_messages={"required": _("Say why you do not approve it; whoever asked reads it")},
    )
    submit_label = _("Do not approve")
