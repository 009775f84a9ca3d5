"""What is asked when a subscription is changed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.forms.fields import SEND_AGAIN, QuantityField
from orders.models import PEOPLES_REASONS, ChangeReason
from portal.common.forms import PortalForm, Section


class ReasonField(forms.TypedChoiceField):
    """Why somebody changes a subscription; the customer asked for it unless something else is said."""

    # There is always an answer, so the label says nothing of "optional".
    is_asked = True

    def __init__(self, reasons: tuple[ChangeReason, ...] = PEOPLES_REASONS, **kwargs: Any) -> None:
        super().__init__(
            label=_("Reason"),
            choices=[(reason.value, reason.label) for reason in reasons],
            coerce=ChangeReason,
            empty_value=ChangeReason.CUSTOMER_ASKED,
            initial=ChangeReason.CUSTOMER_ASKED,
            required=False,
            widget=forms.Select(attrs={"class": "w-auto"}),
            **kwargs,
        )


class LicenceCountForm(PortalForm):
    """The new licence count of a subscription, and why."""

    quantity = QuantityField(
        label=_("New licence count"), error_messages={"required": _("Enter the new licence count")}
    )
    reason = ReasonField()
    submit_key = forms.CharField(max_length=64, widget=forms.HiddenInput, error_messages={"required": SEND_AGAIN})
    sections = (Section("count", "", ("quantity", "reason")),)
    submit_label = _("Change licence count")


class ReasonForm(PortalForm):
    """Why a subscription is stopped."""

    reason = ReasonField()


class ReactivateForm(PortalForm):
    """Why a subscription runs again."""

    reason = ReasonField((ChangeReason.CUSTOMER_ASKED, ChangeReason.CORRECTION))
