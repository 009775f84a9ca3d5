"""What is chosen and typed to narrow the activity log."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.forms.filters import DayField
from portal.common.forms import PortalForm
from portal.common.questions import LONGEST_TEXT
from portal.dashboard.actions import GROUPS
from portal.dashboard.activity_query import OTHERS
from portal.dashboard.wording import KINDS
from portal.partners.models import Membership

# How many members are offered, the active ones first, by name.
OFFERED = 500


class ActivityForm(PortalForm):
    """Every filter at once. members: whom to offer, of the same partner."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
    customer = forms.CharField(
        label=_("Customer"), required=False, max_length=LONGEST_TEXT, help_text=_("Company name or domain.")
    )
    action = forms.ChoiceField(label=_("Action"), required=False)
    actor = forms.ChoiceField(label=_("By"), required=False)
    submit_label = _("Apply")

    def __init__(self, *args: Any, members: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        action, actor = cast(forms.ChoiceField, self.fields["action"]), cast(forms.ChoiceField, self.fields["actor"])
        action.choices = [("", _("Every action")), *((name, list(codes.items())) for name, codes in GROUPS.items())]
        people = [(str(member.public_id), member.shown_name) for member in members]
        others = [(kind.value, KINDS[kind.value]) for kind in OTHERS]
        actor.choices = [("", _("Anybody")), (_("Members"), people), (_("Others"), others)]
        for name in ("first", "last"):
            # A date box swallows what is no date; a text box keeps it, so that the message fits what is seen.
            if self.is_bound and name in self.errors:
                self.fields[name].widget.attrs.pop("type", None)
                cast(forms.DateInput, self.fields[name].widget).input_type = "text"

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and first > last:
            self.add_error("last", _("Enter a day that is not before the first one"))
        return self.cleaned_data


def members_offered(membership: Membership) -> list[Membership]:
    return list(Membership.objects.visible_to(membership).active_first()[:OFFERED])
