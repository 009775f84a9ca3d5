"""The shape of what is asked about a customer. What the country asks for comes from addresses.py."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from phonenumber_field.phonenumber import PhoneNumber

from customers import addresses, rules
from customers.models import Tenant
from customers.services import CompanyDetails, ContactDetails
from portal.common.fields import EmailAddressField, PersonNameField, PhoneField
from portal.common.forms import PortalForm, Section, page_order

ADDRESS_FIELDS = ("address_line1", "city", "state", "postal_code")


class CompanyForm(PortalForm):
    """A company's name and address. country: whose address rules apply while the form is drawn."""

    country = forms.ChoiceField(label=_("Country or region"))
    company_name = forms.CharField(label=_("Company name"), max_length=200)
    address_line1 = forms.CharField(label=_("Address line 1"), max_length=200, required=False)
    address_line2 = forms.CharField(label=_("Address line 2"), max_length=200, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    state = forms.CharField(label=_("State or province"), max_length=100, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    registration_number = forms.CharField(
        label=_("Registration number"),
        max_length=60,
        help_text=_("The company's number in the public register or for taxes, never a person's."),
    )

    sections = (
        Section(
            "company",
            _("Company"),
            (
                "country",
                "company_name",
                "domain_prefix",
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
        if not rules.needs_registration_number(country):
            del self.fields["registration_number"]

    def _ask_state(self, label: str | Promise, states: tuple[tuple[str, str], ...], *, is_required: bool) -> None:
        if states:
            choices = [("", _("Choose one")), *states]
            field = forms.ChoiceField(choices=choices, required=is_required)
            # Drawn and worded by the form base like every other field.
            field.error_messages["invalid_choice"] = _("Choose one of the listed answers")
            self.fields["state"] = field
        self._name("state", label)

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
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = {name: cleaned.get(name) or "" for name in ADDRESS_FIELDS}
        for name, advice in addresses.mistakes(cleaned.get("country", ""), typed).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, str(advice))
        return cleaned

    def company(self, language: str) -> CompanyDetails:
        said = self.cleaned_data
        names = ("company_name", "country", *ADDRESS_FIELDS, "address_line2", "registration_number")
        return CompanyDetails(language=language, **{name: said.get(name, "") for name in names})


class NewCompanyForm(CompanyForm):
    """A company that gets a tenant of its own, with the domain that names it."""

    field_order = ("country", "company_name", "domain_prefix")

    domain_prefix = forms.CharField(
        label=_("Primary domain name"),
        max_length=60,
        help_text=_("Up to 27 letters, digits and hyphens; .onmicrosoft.com is added."),
    )

    def clean_domain_prefix(self) -> str:
        prefix = self.cleaned_data["domain_prefix"].lower().removesuffix(rules.DOMAIN_SUFFIX)
        reason = rules.why_not_a_domain_prefix(prefix)
        if reason is not None:
            raise forms.ValidationError(reason)
        if Tenant.objects.filter(domain=prefix + rules.DOMAIN_SUFFIX).exists():
            raise forms.ValidationError(_("This domain is taken; choose another one"))
        return prefix

    @property
    def domain(self) -> str:
        return f"{self.cleaned_data['domain_prefix']}{rules.DOMAIN_SUFFIX}"


class ContactForm(PortalForm):
    """A person at the customer. country: whose national phone numbers are understood."""

    first_name = PersonNameField(label=_("First name"))
    last_name = PersonNameField(label=_("Last name"))
    email = EmailAddressField(label=_("Email address"))
    phone = PhoneField(label=_("Phone number"))

    sections = (Section("contact", _("Primary contact"), (("first_name", "last_name"), ("email", "phone"))),)

    def __init__(self, *args: Any, country: str, partner_domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner_domain = partner_domain
        self.fields["phone"].set_region(country)
        # Facts 2.6: where a registration number is a must, a phone number is too.
        self.fields["phone"].required = rules.needs_registration_number(country)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        reason = rules.why_not_a_customer_email(email, partner_domain=self.partner_domain)
        if reason is not None:
            raise forms.ValidationError(reason)
        return email

    def contact(self) -> ContactDetails:
        names = ("first_name", "last_name", "email", "phone")
        return ContactDetails(**{name: self.cleaned_data[name] for name in names})


class FurtherContactForm(ContactForm):
    """A contact of an existing customer, who may become the primary one."""

    is_primary = forms.BooleanField(label=_("Primary contact"), required=False)

    sections = (Section("contact", _("Contact"), (("first_name", "last_name"), ("email", "phone"), "is_primary")),)


def redraw_on_change(form: CompanyForm) -> None:
    """Another country asks other questions: with JavaScript the page's form is drawn anew at once."""
    form.fields["country"].widget.attrs |= {
        "hx-post": "",
        "hx-vals": '{"action": "country"}',
        "hx-target": "#account-form",
        "hx-select": "#account-form",
        "hx-swap": "outerHTML",
    }


def answers(form: PortalForm) -> list[tuple[str, str]]:
    """(label, what was answered) of a valid form's questions that count, in page order, in words."""
    return [
        (str(form[name].label), _shown(form.fields[name], form.cleaned_data[name]))
        for name in page_order(form)
        if name in form.cleaned_data
    ]


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        words: Mapping[str, Any] = {str(key): label for key, label in field.choices}
        return str(words.get(str(value), value))
    if isinstance(value, date):
        return date_format(value)
    if isinstance(field, PhoneField) and value:
        return str(PhoneNumber.from_string(value))
    return str(value or "")
