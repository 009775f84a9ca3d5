"""The one form in which an acceptance is stated, at every door."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from agreements import rules
from agreements.evidence_forms import FilesField
from agreements.languages import language_label, languages_for
from agreements.models import Attestation, EvidenceKind, Scenario
from agreements.services import Acceptance, Person, evidence_policy_of
from portal.common.fields import EmailAddressField, PastDateField, PersonNameField, PhoneField, RevealRadioSelect
from portal.common.forms import PortalForm, Section
from portal.partners.models import Membership

CONTACT, SOMEONE_ELSE = "contact", "other"
NEW, CORRECTION = "new", "correction"
PERSON_FIELDS = ("first_name", "last_name", "email", "phone")


@dataclass(frozen=True)
class Renewal:
    """An acceptance that counts no longer. agreed_on: its date; stale_before: acceptances before it are renewed."""

    agreed_on: date
    stale_before: date


class AcceptanceForm(PortalForm):
    """Who accepted, when, and how we know.

    contact: the primary contact, who is the default and shown as text; contact_label: how they are shown, None where
    the customer has no contact; country: of the customer, for phone numbers and the languages of the text;
    correctable: the current record, when this may be a correction of it; renewal: the acceptance that no longer
    counts, when this one renews it; sender: whose files may prove it, without whom the form asks for none. `today` is
    the partner's.
    """

    agreed_on = PastDateField(label=_("Agreement acceptance date"))
    signer = forms.ChoiceField(label=_("Who accepted"), widget=RevealRadioSelect, initial=CONTACT)
    first_name = PersonNameField(label=_("First name"), required=False)
    last_name = PersonNameField(label=_("Last name"), required=False)
    email = EmailAddressField(label=_("Email address"), required=False)
    phone = PhoneField(label=_("Phone number"))
    evidence_kind = forms.ChoiceField(label=_("How we know"))
    evidence_note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        help_text=_("For example the subject of the email, or when and with whom the call was."),
    )
    evidence = FilesField(label=_("Files"), required=False)
    language = forms.ChoiceField(label=_("Language of the agreement"))
    # Not required: a form sent twice was drawn before there was anything to correct.
    purpose = forms.ChoiceField(label=_("What you record"), widget=RevealRadioSelect, initial=NEW, required=False)
    reason_note = forms.CharField(label=_("What was wrong"), required=False, max_length=500)

    sections = (
        Section("purpose", _("Record"), ("purpose",)),
        Section("correction", _("Correction"), ("reason_note",)),
        Section("acceptance", _("Acceptance"), ("agreed_on", "language", "signer")),
        Section(
            "person",
            _("Person who accepted"),
            (("first_name", "last_name"), ("email", "phone")),
            hint=_("The primary contact stays as it is."),
        ),
        Section("evidence", _("Evidence"), ("evidence_kind", "evidence_note", "evidence")),
    )
    submit_label = _("Save and continue")
    messages_required = {
        "signer": _("Choose who accepted"),
        "evidence_kind": _("Choose how you know that the customer accepted"),
    }

    def __init__(
        self,
        *args: Any,
        contact_label: str | Promise | None,
        country: str,
        correctable: Attestation | None = None,
        renewal: Renewal | None = None,
        sender: Membership | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.renewal = renewal
        self.required_kinds: list[str] = []
        if sender is None:
            del self.fields["evidence"]
        else:
            policy = evidence_policy_of(sender.partner)
            self.required_kinds = policy.required_kinds
            self.fields["evidence"].ask(sender, policy=policy)
        # Asked of everybody whose answer shows them, so not marked as optional; clean() sees to the rest.
        for name in ("purpose", "reason_note", "first_name", "last_name", "email"):
            self.fields[name].is_asked = True
        signer = self.fields["signer"]
        signer.choices = [(SOMEONE_ELSE, _("Someone else (Update)"))]
        if contact_label is None:
            self.initial["signer"] = SOMEONE_ELSE
        else:
            signer.choices = [(CONTACT, contact_label), *signer.choices]
        signer.widget.reveals = {SOMEONE_ELSE: self.section_id("person")}
        self.fields["phone"].set_region(country)
        self.fields["evidence_kind"].choices = [("", _("Choose one")), *EvidenceKind.stated()]
        self.fields["language"].choices = [(tag, language_label(tag)) for tag in languages_for(country)]
        self.fields["language"].help_text = _link_to_texts(country)
        self.correctable = correctable
        if correctable is None:
            del self.fields["purpose"], self.fields["reason_note"]
        else:
            purpose = self.fields["purpose"]
            correction = _("A correction of the record of %(date)s") % {"date": date_format(correctable.agreed_on)}
            purpose.choices = [(NEW, _("A further acceptance by another person")), (CORRECTION, correction)]
            purpose.widget.reveals = {CORRECTION: self.section_id("correction")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("signer") == SOMEONE_ELSE:
            for name in ("first_name", "last_name", "email"):
                if name in cleaned and not cleaned[name]:
                    label = str(self.fields[name].label).lower()
                    self.add_error(name, _("Enter the %(label)s of the person who accepted") % {"label": label})
        elif cleaned.get("signer") == CONTACT:
            # Half-typed details of somebody else do not count once the contact is chosen again.
            for name in PERSON_FIELDS:
                self.errors.pop(name, None)
                cleaned.pop(name, None)
        if cleaned.get("evidence_kind") == EvidenceKind.OTHER and not cleaned.get("evidence_note"):
            self.add_error("evidence_note", _("Say how you know that the customer accepted"))
        if cleaned.get("purpose") == CORRECTION and not cleaned.get("reason_note"):
            self.add_error("reason_note", _("Say what was wrong with the present record"))
        self._check_files(cleaned)
        return cleaned

    def _check_files(self, cleaned: dict[str, Any]) -> None:
        """As the service does, and before New customer comes to Review."""
        if "evidence" not in cleaned:
            return
        count, kind = len(cleaned["evidence"].ids), cleaned.get("evidence_kind", "")
        reason = rules.why_file_needed(kind=kind, required_kinds=self.required_kinds, file_count=count)
        if reason is not None:
            self.add_error("evidence", str(reason))

    def acceptance(self, contact: Person) -> Acceptance:
        """What the valid form states, ready for the service."""
        said = self.cleaned_data
        person = contact if said["signer"] == CONTACT else Person(**{f: said[f] for f in PERSON_FIELDS})
        is_correction = self.correctable is not None and said.get("purpose") == CORRECTION
        return Acceptance(
            person=person,
            agreed_on=said["agreed_on"],
            evidence_kind=said["evidence_kind"],
            evidence_note=said["evidence_note"],
            language=said["language"],
            correction_of=self.correctable.reference if self.correctable and is_correction else None,
            reason_note=said.get("reason_note", "") if is_correction else "",
            evidence=said["evidence"].ids if "evidence" in said else (),
        )


def _link_to_texts(country: str) -> str:
    """Into a tab of its own: what is typed on this page is not kept yet."""
    return format_html(
        '<a href="{}?country={}" target="_blank" rel="noopener">{}</a>',
        reverse("agreements:templates"),
        country,
        _("Read the agreement (opens in a new tab)"),
    )


class OnBehalfForm(AcceptanceForm):
    """An acceptance attested in the customer's name, for one of the two scenarios of seed 001."""

    scenario = forms.TypedChoiceField(
        label=_("Why the customer cannot accept directly"),
        widget=forms.RadioSelect,
        choices=Scenario.choices,
        coerce=int,
        error_messages={"required": _("Choose which of the two scenarios applies")},
    )

    sections = (Section("scenario", _("Scenario"), ("scenario",)), *AcceptanceForm.sections)


class WithdrawForm(PortalForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("For example: recorded for the wrong customer. Do not name people here."),
        error_messages={"required": _("Say why the record is withdrawn")},
    )
    submit_label = _("Withdraw the record")
