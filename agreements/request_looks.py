"""How the state of a reseller's request looks: its word and its tone, by its outcome."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.models import ConfirmationOutcome

REQUEST_WORDS: dict[str, str | Promise] = {"": _("Waiting for an answer"), **dict(ConfirmationOutcome.choices)}
REQUEST_TONES = {
    "": "info",
    ConfirmationOutcome.CONFIRMED.value: "ok",
    ConfirmationOutcome.REFUSED.value: "bad",
    ConfirmationOutcome.TAKEN_BACK.value: "neutral",
}
