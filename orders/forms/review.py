"""The Review page of an order."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.forms.fields import SEND_AGAIN
from orders.pricing import PricedLine, Seen
from portal.common.forms import PortalForm, Words

PARTS = 4


class SubmitOrderForm(PortalForm):
    """The partner-on-record statement to tick; beside it what was reviewed, and the key of the one submission.

    reviewed: the `Seen` of each line, its parts joined by ":", separated by blanks; purchase_order_number: as it
    was shown.
    """

    is_attested = forms.BooleanField(
        error_messages={"required": _("Confirm how your company acts in this order")},
    )
    submit_key = forms.CharField(max_length=64, widget=forms.HiddenInput, error_messages={"required": SEND_AGAIN})
    reviewed = forms.CharField(max_length=100_000, widget=forms.HiddenInput, error_messages={"required": SEND_AGAIN})
    purchase_order_number = forms.CharField(
        max_length=50, required=False, widget=forms.HiddenInput, error_messages={"max_length": SEND_AGAIN}
    )
    submit_label = _("Submit order")

    def __init__(self, *args: Any, statement: Words = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_attested"].label = statement

    def clean_reviewed(self) -> list[Seen]:
        """What cannot be read was not shown by us, so it matches no cart and the service refuses it."""
        parts = [tuple(each.split(":")) for each in self.cleaned_data["reviewed"].split()]
        return [cast(Seen, each) for each in parts] if all(len(each) == PARTS for each in parts) else []


def as_reviewed(lines: Sequence[PricedLine]) -> str:
    """The `reviewed` of a Review page that shows these lines."""
    return " ".join(":".join(line.seen) for line in lines)
