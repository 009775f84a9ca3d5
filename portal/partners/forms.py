"""What people type under Settings."""

from collections.abc import Iterable
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from portal.common.fields import EmailAddressField
from portal.common.forms import PortalForm, Section
from portal.partners.roles import DESCRIPTIONS, LABELS

# Areas of the tz database whose zones are named after places; the rest are aliases kept for old programs.
_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def time_zone_choices(current: str = "") -> list[tuple[str, str]]:
    """Zones as people look for them, by place; the current one is always among them."""
    places = {name for name in available_timezones() if name.split("/")[0] in _AREAS}
    return [(name, name.replace("_", " ")) for name in sorted({"UTC", *places, *filter(None, [current])})]


def language_choices(tags: Iterable[str]) -> list[tuple[str, str]]:
    """Language tags such as pl-PL with the language's name, in the order of the names."""
    return sorted(((tag, _language_label(tag)) for tag in tags), key=lambda choice: choice[1])


def _language_label(tag: str) -> str:
    try:
        return f"{get_language_info(tag.lower())['name_translated']} ({tag})"
    except KeyError:
        return tag


def role_choices() -> list[tuple[str, Promise]]:
    """Every role with what it is for."""
    return [(role.value, format_lazy("{} – {}", label, DESCRIPTIONS[role])) for role, label in LABELS.items()]


class ProfileForm(PortalForm):
    """The facts of the company that its global admin keeps. languages: tags to choose the default from."""

    name = forms.CharField(label=_("Company name"), max_length=200)
    country = forms.ChoiceField(label=_("Country or region"), choices=countries)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Days begin and end here: an acceptance date is never after today.")
    )
    default_language = forms.ChoiceField(label=_("Default language"))
    mpn_id = forms.CharField(
        label=_("MPN ID"),
        required=False,
        max_length=20,
        help_text=_("Your number in the Microsoft AI Cloud Partner Program."),
    )
    logs_addresses = forms.BooleanField(
        label=_("Keep IP address and browser in the activity log"),
        required=False,
        help_text=_(
            "Of your members and of the customers who answer you, from now on. It helps to find out who used an "
            "account, and it is personal data: tell the people concerned. Erasing a person removes it."
        ),
    )

    sections = (
        Section("company", _("Company"), ("name", ("country", "mpn_id"))),
        Section("region", _("Time and language"), (("time_zone", "default_language"),)),
        Section("log", _("Activity log"), ("logs_addresses",)),
    )
    submit_label = _("Save")

    def __init__(self, *args: Any, languages: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices = time_zone_choices(self.initial.get("time_zone", ""))
        language = cast(forms.ChoiceField, self.fields["default_language"])
        language.choices = language_choices({*languages, *filter(None, [self.initial.get("default_language")])})


class InviteForm(PortalForm):
    """Whom to invite, and as what."""

    email = EmailAddressField(label=_("Email address"), help_text=_("The invitation goes there."))
    name = forms.CharField(label=_("Name"), max_length=150)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several roles add up."),
    )

    submit_label = _("Send the invitation")
    messages_required = {"roles": _("Choose at least one role")}


class MemberForm(PortalForm):
    """A member's roles, and whether they may work here at all."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several roles add up."),
    )
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        help_text=_("Without the tick, this person can do nothing for your company from their next click on."),
    )

    submit_label = _("Save")
    messages_required = {"roles": _("Choose at least one role")}
