"""What several forms of ordering ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

SEND_AGAIN = _("This page was not complete. Look at it again and send it once more")

#: Where a quantity's name ends and the id of what it counts begins.
QUANTITY = "quantity-"


class QuantityField(forms.IntegerField):
    """A whole number of licences, typed in any digits; an empty field is None."""

    default_error_messages = {
        "invalid": _("Enter the number of licences as a whole number, for example 5"),
        "min_value": _("Enter the number of licences as a whole number, for example 5"),
    }

    def __init__(self, **kwargs: Any) -> None:
        # A number box swallows what it cannot read; a text box keeps it, so that the message fits what is seen.
        widget = forms.TextInput(attrs={"inputmode": "numeric", "size": "5", "class": "w-auto"})
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> int | None:
        """Blanks alone are nothing typed."""
        return super().to_python(value.strip() if isinstance(value, str) else value)
