"""What is asked of an agent who invites: whom, in which words, and how the partner wants it done."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.languages import DEFAULT_LANGUAGE, LANGUAGES_OF, language_label, languages_for
from agreements.models import InvitationPolicy, Place
from agreements.services import Invitee
from customers.models import Contact, Customer
from portal.common.fields import EmailAddressField, PersonNameField, RevealRadioSelect
from portal.common.forms import PortalForm, Section
from portal.common.languages import interface_language
from portal.partners.models import Partner

SOMEONE_ELSE = "other"
PERSON_FIELDS = ("first_name", "last_name", "email")
# Customers know a handful of people; beyond that somebody is typed.
MOST_CONTACTS = 20


def _with_interface(tags: Sequence[str]) -> list[tuple[str, str]]:
    """The tags, and the languages of the interface that none of them stands for, with their names."""
    spoken = {interface_language(tag) for tag in tags}
    return [
        (tag, language_label(tag))
        for tag in (*tags, *(code for code, _n in settings.LANGUAGES if code not in spoken))
    ]


def every_language(first: str) -> list[tuple[str, str]]:
    """For a company whose country is not known yet: what its own country most likely speaks comes first."""
    known = sorted({tag for tags in LANGUAGES_OF.values() for tag in tags} | {DEFAULT_LANGUAGE}, key=language_label)
    own = languages_for(first)
    return _with_interface([*own, *(tag for tag in known if tag not in own)])


class InviteForm(PortalForm):
    """Who is asked to accept, in which language, and whether the portal mails it at once.

    The customer's contacts are offered, the primary one first; `invitee()` is who was chosen.
    """

    who = forms.ChoiceField(label=_("Who is asked to accept"), widget=RevealRadioSelect)
    first_name = PersonNameField(label=_("First name"), required=False)
    last_name = PersonNameField(label=_("Last name"), required=False)
    email = EmailAddressField(label=_("Email address"), required=False)
    language = forms.ChoiceField(
        label=_("Language of the message"),
        help_text=_("Where the portal does not speak the language, the message is in English."),
    )
    is_sent = forms.BooleanField(
        label=_("Mail the invitation now, in the usual words"),
        required=False,
        help_text=_("Otherwise you see the message next: change it, send it, or pass it on yourself."),
    )

    sections = (
        Section("who", _("Addressee"), ("who",), hint=_("The message goes to this person alone.")),
        Section("person", _("Someone else"), (("first_name", "last_name"), "email")),
        Section("message", _("Message"), ("language", "is_sent")),
    )
    submit_label = _("Invite")
    messages_required = {"who": _("Choose who is asked to accept")}

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        primary_id = customer.primary_contact_id
        known = list(Contact.objects.filter(customer=customer).order_by("pk")[:MOST_CONTACTS])
        known.sort(key=lambda contact: contact.public_id != primary_id)
        self._contacts = {str(contact.public_id): contact for contact in known}
        choices = [(key, _label(contact, primary_id == contact.public_id)) for key, contact in self._contacts.items()]
        who = self.fields["who"]
        who.choices = [*choices, (SOMEONE_ELSE, _("Someone else"))]
        who.initial = choices[0][0] if choices else SOMEONE_ELSE
        who.widget.reveals = {SOMEONE_ELSE: self.section_id("person")}
        for name in PERSON_FIELDS:
            self.fields[name].is_asked = True
        self.fields["language"].choices = _with_interface(languages_for(str(customer.country)))
        self.fields["language"].initial = customer.language

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("who") == SOMEONE_ELSE:
            for name in PERSON_FIELDS:
                if name in cleaned and not cleaned[name]:
                    label = str(self.fields[name].label).lower()
                    self.add_error(name, _("Enter the %(label)s of whom you invite") % {"label": label})
        elif "who" in cleaned:
            # Half-typed details of somebody else do not count once a contact is chosen again.
            for name in PERSON_FIELDS:
                self.errors.pop(name, None)
        return cleaned

    def invitee(self) -> Invitee:
        said = self.cleaned_data
        chosen = self._contacts.get(said["who"])
        person = {name: getattr(chosen, name) if chosen else said[name] for name in PERSON_FIELDS}
        return Invitee(**person, language=said["language"])

    def field_of(self, refused: str | None) -> str | None:
        """Where a refusal of this field is shown: a contact's own details stand behind the choice."""
        is_contact = self.cleaned_data.get("who") in self._contacts
        return "who" if is_contact and refused in PERSON_FIELDS else refused


def _label(contact: Contact, is_primary: bool) -> str:
    words = _("The primary contact: %(name)s, %(email)s") if is_primary else _("%(name)s, %(email)s")
    return str(words) % {"name": contact.full_name, "email": contact.email}


class RelationshipForm(PortalForm):
    """Which company is asked for a relationship, who answers for it, and what the relationship includes.

    `partner` and `reseller` are the two that a valid form names; asker: the partner whose agent fills it in.
    """

    company_name = forms.CharField(label=_("Company name"), max_length=200)
    seller = forms.ChoiceField(label=_("Indirect reseller"), required=False)
    first_name = PersonNameField(label=_("First name"))
    last_name = PersonNameField(label=_("Last name"))
    email = EmailAddressField(label=_("Email address"))
    language = forms.ChoiceField(
        label=_("Language of the message"),
        help_text=_("Where the portal does not speak the language, the message is in English."),
    )
    includes_delegated_admin = forms.BooleanField(
        label=_("Include delegated administration privileges for Azure Active Directory and Office 365."),
        required=False,
        initial=True,
        help_text=_("You may then administer these services for the customer. The message says so."),
    )

    sections = (
        Section("company", _("Company"), ("company_name", "seller")),
        Section(
            "person",
            _("Who answers for the company"),
            (("first_name", "last_name"), ("email", "language")),
            hint=_("The link is personal: only this person may answer."),
        ),
        Section("privileges", _("Delegated administration"), ("includes_delegated_admin",)),
    )
    submit_label = _("Create the request")

    def __init__(self, *args: Any, asker: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asker = asker
        self.linked = {str(each.tenant_id): each for each in Partner.objects.linked_to(asker)}
        names = [(key, each.name) for key, each in self.linked.items()]
        seller = self.fields["seller"]
        if asker.is_reseller:
            seller.label, seller.required = _("Indirect provider"), True
            seller.error_messages["required"] = _("Choose the indirect provider that you sell through")
            seller.help_text = _("The company becomes its customer, and buys through you.")
            seller.choices = names if len(names) == 1 else [("", _("Choose one")), *names]
        elif names:
            seller.help_text = _("The company that the customer buys through.")
            seller.choices = [("", _("None: you sell to the customer yourself")), *names]
            seller.is_asked = True
        else:
            del self.fields["seller"]
        self.fields["language"].choices = every_language(str(asker.country))
        self.fields["language"].initial = asker.default_language

    @property
    def partner(self) -> Partner:
        return self.linked[self.cleaned_data["seller"]] if self._asker.is_reseller else self._asker

    @property
    def reseller(self) -> Partner | None:
        return self._asker if self._asker.is_reseller else self.linked.get(self.cleaned_data.get("seller", ""))

    def invitee(self) -> Invitee:
        return Invitee(**{name: self.cleaned_data[name] for name in (*PERSON_FIELDS, "language")})

    def field_of(self, refused: str | None) -> str | None:
        """Where a refusal of this field of the service is shown."""
        return "seller" if refused in ("partner", "reseller") else refused


class MessageForm(PortalForm):
    """The message as it goes out, the link in it. Its rules, and how long it may be, are the service's."""

    message = forms.CharField(
        label=_("Message"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text=_("Change the words as you like; the link has to stay as it is."),
        error_messages={"required": _("Keep the message: without it the customer does not know what to do")},
    )
    submit_label = _("Save the message")

    def __init__(self, *args: Any, spoken: str = "", **kwargs: Any) -> None:
        """spoken: the language of the message, which need not be the reader's."""
        super().__init__(*args, **kwargs)
        if spoken:
            self.fields["message"].widget.attrs["lang"] = spoken


class DaysField(forms.CharField):
    """Numbers of days typed like "3, 7, 14"; a list of them, empty where nothing is typed."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        parts = [part for part in re.split(r"[\s,;]+", typed) if part]
        if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
            raise ValidationError(_("Enter numbers of days with commas between them, for example 3, 7, 14"))
        return [int(part) for part in parts]


FROM_1_TO_365 = _("Enter a number of days from 1 to 365")


class PolicyForm(PortalForm):
    """Where a partner's customers accept, how long a link works, and when somebody is reminded."""

    place = forms.ChoiceField(label=_("Where customers accept"), widget=forms.RadioSelect, choices=Place.choices)
    valid_days = forms.IntegerField(
        label=_("Days until an invitation expires"),
        min_value=1,
        max_value=365,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), FROM_1_TO_365),
    )
    customer_days = DaysField(
        label=_("Remind the customer after"),
        required=False,
        max_length=50,
        help_text=_("Days after the message was sent, for example 3, 7, 14. Leave it empty for no reminders."),
    )
    staff_days = DaysField(
        label=_("Remind the agent who invited after"),
        required=False,
        max_length=50,
        help_text=_("Days after the invitation was made. Leave it empty for no reminders."),
    )
    sections = (
        Section("place", _("Place"), ("place",)),
        Section("time", _("Time"), ("valid_days",)),
        Section("reminders", _("Reminders"), ("customer_days", "staff_days")),
    )
    submit_label = _("Save")
    messages_required = {
        "place": _("Choose where customers accept"),
        "valid_days": FROM_1_TO_365,
    }

    @classmethod
    def of(cls, policy: InvitationPolicy, data: Any = None) -> "PolicyForm":
        names = ("place", "valid_days", "customer_days", "staff_days")
        return cls(data, initial={name: getattr(policy, name) for name in names})
