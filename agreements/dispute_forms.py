"""How a dispute about a record is answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.common.forms import PortalForm

UPHELD, REJECTED = "upheld", "rejected"


class ResolveForm(PortalForm):
    """opened: when what the page showed was said; a dispute that was opened since is not decided by it."""

    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    decision = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        choices=[
            (UPHELD, _("The person is right: withdraw the record")),
            (REJECTED, _("The record is right: it covers again")),
        ],
        error_messages={"required": _("Choose who is right")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person who disputes the record reads it. It stays in the history for good."),
        error_messages={"required": _("Say how you decided, and why; the person who disputes reads it")},
    )
    submit_label = _("Resolve the dispute")

    def decided(self) -> dict[str, Any]:
        """What the valid form says, as the service takes it."""
        return {"is_upheld": self.cleaned_data["decision"] == UPHELD, "reason": self.cleaned_data["reason"]}
