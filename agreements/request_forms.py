"""What a reseller states for its provider, and what the provider answers: the form of every other acceptance."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms import CONTACT, PERSON_FIELDS, SOMEONE_ELSE, AcceptanceForm
from agreements.models import ConfirmationRequest
from agreements.services import Person, with_stored_number
from portal.common.forms import PortalForm


class AskForm(AcceptanceForm):
    """What the reseller knows. Nothing is recorded by it."""

    submit_label = _("Send the request")


class AskedForm(AcceptanceForm):
    """What was asked, for the provider to put right where it knows better, and to confirm."""

    submit_label = _("Confirm the acceptance")


class RefuseForm(PortalForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Your reseller reads it. For example: the email does not mention the agreement."),
        error_messages={"required": _("Say why you do not confirm it; your reseller reads it")},
    )
    submit_label = _("Refuse the request")


def as_asked(asked: ConfirmationRequest, contact: Person) -> dict[str, Any]:
    """Initial answers: what the reseller stated."""
    person = with_stored_number(Person(**{name: getattr(asked, name) for name in PERSON_FIELDS}))
    return {
        "agreed_on": asked.agreed_on,
        "language": asked.language,
        "evidence_kind": asked.evidence_kind,
        "evidence_note": asked.evidence_note,
        **({"signer": CONTACT} if person == contact else {"signer": SOMEONE_ELSE, **asdict(person)}),
    }
