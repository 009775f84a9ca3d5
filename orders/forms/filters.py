"""What is typed to narrow the list of orders."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.listing import FIRST_DAY, LAST_DAY
from portal.common.forms import PortalForm


class DayField(forms.DateField):
    """A day that may be left open."""

    default_error_messages = {
        "invalid": _("Enter a real date as year, month and day, for example 2026-03-31"),
        "out_of_range": _("Enter a date with a year of 1900 to 2999"),
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(required=False, input_formats=["%Y-%m-%d"], widget=widget, **kwargs)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(self.error_messages["out_of_range"], code="out_of_range")
        return day


class PlacedForm(PortalForm):
    """The days (UTC) between which orders were placed; part of the list's address."""

    placed_from = DayField(label=_("From"))
    placed_to = DayField(label=_("To"))
    submit_label = _("Apply")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # A date box swallows what is no date; a text box keeps it, so that the message fits what is seen.
            if self.is_bound and name in self.errors:
                field.widget.attrs.pop("type", None)
                field.widget.input_type = "text"

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("placed_from"), self.cleaned_data.get("placed_to")
        if first and last and first > last:
            self.add_error("placed_to", _("Enter a day that is not before the first one"))
        return self.cleaned_data
