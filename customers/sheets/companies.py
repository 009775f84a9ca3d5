"""The company, the contact and the reseller of a row, by the rules of the screens' forms."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from customers.forms import CompanyForm, ContactForm
from customers.rules import LONGEST_DOMAIN, spelled_domain, why_not_a_domain
from customers.services import CompanyDetails, ContactDetails, ImportedCustomer
from customers.sheets.columns import CONTACT, Column, country_code
from portal.common.folding import fold
from portal.common.ids import parse_uuid
from portal.partners.models import Partner

# [our column, what to do about it]
Problem = list[str]


class SheetCompanyForm(CompanyForm):
    """A company that has a tenant already. Of its address, only what the sheet has columns for is asked."""

    microsoft_id = forms.CharField(label=gettext_lazy("Microsoft ID"), max_length=60, required=False)
    domain = forms.CharField(label=gettext_lazy("Primary domain name"), max_length=LONGEST_DOMAIN)

    def __init__(self, *args: Any, columns: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - columns - {"country"}:
            del self.fields[name]

    def clean_microsoft_id(self) -> UUID | None:
        text: str = self.cleaned_data["microsoft_id"]
        if not text:
            return None
        found = parse_uuid(text)
        if found is None:
            raise forms.ValidationError(_("Enter the Microsoft ID like 8f4b6f8e-1d7c-4a57-9e0b-1f2a3b4c5d6e"))
        return found

    def clean_domain(self) -> str:
        domain = spelled_domain(self.cleaned_data["domain"])
        reason = why_not_a_domain(domain)
        if reason is not None:
            raise forms.ValidationError(reason)
        return domain


class CompanyReader:
    """Reads many rows of one sheet: a form is made once for each country and filled anew for each row.

    columns: ours, that the sheet has; country: for rows that name none.
    """

    def __init__(self, *, partner: Partner, columns: Iterable[str], country: str) -> None:
        self.partner, self.country = partner, country
        self.columns = frozenset(columns)
        self._companies: dict[str, SheetCompanyForm] = {}
        self._contacts: dict[str, ContactForm] = {}
        # By Microsoft ID and by name; None for a name that several have: who gets to see a customer is not guessed.
        self._resellers: dict[str, Partner | None] = {}
        if Column.RESELLER in self.columns:
            for reseller in Partner.objects.resellers_of(partner):
                name = fold(reseller.name)
                self._resellers[name] = None if name in self._resellers else reseller
                self._resellers[str(reseller.tenant_id)] = reseller

    def country_of(self, said: Mapping[str, str]) -> str:
        return country_code(said.get(Column.COUNTRY, "") or self.country)

    def read(self, number: int, said: Mapping[str, str]) -> tuple[ImportedCustomer | None, list[Problem]]:
        """The customer of a row, None with what to do where something is wrong. said: our column -> text."""
        country = self.country_of(said)
        form = self._company_form(country)
        fill(form, {**{name: said.get(name, "") for name in form.fields}, "country": country})
        contact, problems = self._contact(country, said)
        problems = problems_of(form) + problems
        name = fold(said.get(Column.RESELLER, ""))
        reseller = self._resellers.get(name)
        if said.get(Column.RESELLER) and reseller is None:
            problems.append([Column.RESELLER, self._why_no_reseller(name)])
        if problems:
            return None, problems
        company: CompanyDetails = form.company("en-US")
        return (
            ImportedCustomer(
                number=number,
                domain=form.cleaned_data["domain"],
                microsoft_id=form.cleaned_data.get("microsoft_id"),
                company=company,
                contact=contact,
                reseller=reseller,
            ),
            [],
        )

    def _why_no_reseller(self, name: str) -> str:
        if name in self._resellers:
            return _("Several of your indirect resellers have this name. Enter its Microsoft ID instead")
        return _("Choose one of your indirect resellers")

    def _company_form(self, country: str) -> SheetCompanyForm:
        # A sheet full of countries that do not exist shares one form.
        known = country if country in countries else ""
        if known not in self._companies:
            self._companies[known] = SheetCompanyForm({}, country=known, columns=self.columns)
        return self._companies[known]

    def _contact(self, country: str, said: Mapping[str, str]) -> tuple[ContactDetails | None, list[Problem]]:
        """All of a person or nothing."""
        if not any(said.get(name) for name in CONTACT):
            return None, []
        known = country if country in countries else ""
        if known not in self._contacts:
            self._contacts[known] = ContactForm({}, country=known, partner_domain=self.partner.domain)
        form = self._contacts[known]
        fill(form, {name: said.get(name, "") for name in CONTACT})
        problems = problems_of(form)
        return (None, problems) if problems else (form.contact(), [])


def fill(form: forms.Form, data: dict[str, Any]) -> None:
    """Validate a bound form with other answers: making one takes many times as long as filling it."""
    form.data = data
    form.full_clean()


def problems_of(form: forms.Form) -> list[Problem]:
    return [[name, str(message)] for name, messages in form.errors.items() for message in messages]
