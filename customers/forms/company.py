"""A company: its name, its address in the manner of its country, its registration number."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from customers import addresses, registration, rules
from customers.services import CompanyDetails
from portal.common.forms import PortalForm, Section
from portal.common.text import why_not_a_name

ADDRESS_FIELDS = ("address_line1", "city", "state", "postal_code")


def refuse_unreadable(text: str) -> None:
    """A part of an address has a letter or a digit, and nothing that turns it around."""
    reason = why_not_a_name(text)
    if reason is not None:
        raise forms.ValidationError(reason)


class StateField(forms.ChoiceField):
    """One of a country's states, given by its stored value or by name."""

    def __init__(self, *, country: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country = country

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value)
        return self._known(text)

    def prepare_value(self, value: Any) -> Any:
        """What was typed as text before the country was chosen is found again in the list."""
        return self._known(value) if isinstance(value, str) else value

    def _known(self, text: str) -> str:
        return text if self.valid_value(text) else addresses.state_of(self.country, text) or text


class CompanyForm(PortalForm):
    """A company's name and address. country: whose address rules apply while the form is drawn."""

    country = forms.ChoiceField(label=_("Country or region"))
    company_name = forms.CharField(label=_("Company name"), max_length=200)
    address_line1 = forms.CharField(
        label=_("Address line 1"), max_length=200, required=False, validators=[refuse_unreadable]
    )
    address_line2 = forms.CharField(
        label=_("Address line 2"), max_length=200, required=False, validators=[refuse_unreadable]
    )
    city = forms.CharField(label=_("City"), max_length=100, required=False, validators=[refuse_unreadable])
    state = forms.CharField(
        label=_("State or province"), max_length=100, required=False, validators=[refuse_unreadable]
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    registration_number = forms.CharField(label=_("Registration number"), max_length=60)

    sections = (
        Section(
            "company",
            _("Company"),
            (
                "country",
                "company_name",
                "address_line1",
                "address_line2",
                ("postal_code", "city"),
                "state",
                "registration_number",
            ),
        ),
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        self.fields["country"].choices = [("", _("Choose one")), *countries]
        asked = addresses.rules_for(country)
        for name in ADDRESS_FIELDS:
            self.fields[name].required = name in asked.required
            if name not in asked.used:
                del self.fields[name]
        if "state" in self.fields:
            self._ask_state(asked.state_label, asked.states, is_required="state" in asked.required)
        if "postal_code" in self.fields:
            self._name("postal_code", asked.postal_code_label)
        self._ask_registration_number()

    def _ask_state(self, label: str | Promise, states: tuple[tuple[str, str], ...], *, is_required: bool) -> None:
        if states:
            choices = [("", _("Choose one")), *states]
            field = StateField(country=self.country, choices=choices, required=is_required)
            # Drawn and worded by the form base like every other field.
            field.error_messages["invalid_choice"] = _("Choose one of the listed answers")
            self.fields["state"] = field
        self._name("state", label)

    def _ask_registration_number(self) -> None:
        kind = registration.kind_of(self.country)
        if kind is None:
            del self.fields["registration_number"]
            return
        self._name("registration_number", kind.label)
        field = self.fields["registration_number"]
        field.required = rules.needs_registration_number(self.country)
        field.help_text = _("The company's own number, for example %(example)s; never a person's.") % {
            "example": kind.example
        }

    def _name(self, name: str, label: str | Promise) -> None:
        field = self.fields[name]
        field.label = label
        verb = _("Choose the %(label)s") if isinstance(field, forms.ChoiceField) else _("Enter the %(label)s")
        field.error_messages["required"] = verb % {"label": addresses.in_sentence(label)}

    def clean_company_name(self) -> str:
        name: str = self.cleaned_data["company_name"]
        reason = rules.why_not_a_company_name(name)
        if reason is not None:
            raise forms.ValidationError(reason)
        odd = rules.why_check_a_company_name(name)
        if odd is not None:
            self.add_warning("company_name", odd)
        return name

    def clean_registration_number(self) -> str:
        number: str = self.cleaned_data["registration_number"]
        reason = registration.why_not(self.country, number) if number else None
        if reason is not None:
            raise forms.ValidationError(reason)
        return registration.compact(self.country, number)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = {name: cleaned.get(name) or "" for name in ADDRESS_FIELDS}
        country = cleaned.get("country", "")
        for name, advice in addresses.mistakes(country, typed).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, str(advice))
        if not any(name in self.errors for name in ADDRESS_FIELDS):
            self._warn_of_address(country, typed)
        return cleaned

    def _warn_of_address(self, country: str, typed: dict[str, str]) -> None:
        meant = addresses.suggestion(country, typed) or {}
        for name in ADDRESS_FIELDS:
            if name in self.fields and meant.get(name) and meant[name] != typed[name]:
                self.add_warning(name, _("Did you mean %(answer)s?") % {"answer": self._in_words(name, meant[name])})

    def _in_words(self, name: str, value: str) -> str:
        field = self.fields[name]
        words = {key: str(label) for key, label in field.choices} if isinstance(field, forms.ChoiceField) else {}
        return words.get(value, value)

    def suggested_address(self) -> list[tuple[str, str, str]]:
        """(label, as typed, as probably meant) of each part of a valid form's address that could be better."""
        typed = {name: str(self.cleaned_data.get(name) or "") for name in ADDRESS_FIELDS}
        meant = addresses.suggestion(self.cleaned_data["country"], typed) or typed
        return [
            (str(self.fields[name].label), self._in_words(name, typed[name]), self._in_words(name, meant[name]))
            for name in ADDRESS_FIELDS
            if name in self.fields and meant[name] != typed[name]
        ]

    def company(self, language: str) -> CompanyDetails:
        said = self.cleaned_data
        names = ("company_name", "country", *ADDRESS_FIELDS, "address_line2", "registration_number")
        return CompanyDetails(language=language, **{name: said.get(name, "") for name in names})


def redraw_on_change(form: CompanyForm) -> None:
    """Another country asks other questions: with JavaScript the page's form is drawn anew at once."""
    form.fields["country"].widget.attrs |= {
        "hx-post": "",
        "hx-vals": '{"action": "country"}',
        "hx-target": "#account-form",
        "hx-select": "#account-form",
        "hx-swap": "outerHTML",
    }
