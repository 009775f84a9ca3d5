"""What people type under Settings > Webhooks."""

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.common.forms import PortalForm, Section
from portal.webhooks.rules import EVENT_LABELS, LONGEST_URL


def event_choices() -> list[tuple[str, str | Promise]]:
    """Every event as it is called on the wire, with what it tells."""
    return [(event.value, format_lazy("{} – {}", event.value, label)) for event, label in EVENT_LABELS.items()]


class WebhookForm(PortalForm):
    """Where notices go, and about what."""

    url = forms.CharField(
        label=_("Address of the receiver"),
        max_length=LONGEST_URL,
        help_text=_("Such as https://hooks.example.com/partner. Notices are sent there, one after the other."),
    )
    events = forms.MultipleChoiceField(label=_("Events"), choices=event_choices, widget=forms.CheckboxSelectMultiple)
    has_own_header = forms.BooleanField(
        label=_("Send the signature in the header x-ms-signature"),
        required=False,
        help_text=_("For a receiver that cannot read Authorization."),
    )

    sections = (Section("receiver", _("Receiver"), ("url", "events", "has_own_header")),)
    submit_label = _("Save")
