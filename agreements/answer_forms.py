"""What a company says when it answers by itself: who accepts, in what capacity, for which company."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agreements import rules
from agreements.languages import language_label
from agreements.models import AgreementDocument
from agreements.services import Person
from customers import rules as customer_rules
from customers.forms import CompanyForm
from customers.models import Tenant
from customers.services import JoiningCompany
from portal.common.fields import EmailAddressField, PersonNameField, PhoneField
from portal.common.forms import Fragment, PortalForm, Section, Words

# People type about themselves here, so the browser may help with what it knows of them (WCAG 1.3.5).
OWN_DETAILS = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "phone": "tel",
    "authority": "organization-title",
    "company_name": "organization",
    "country": "country",
    "address_line1": "address-line1",
    "address_line2": "address-line2",
    "city": "address-level2",
    "state": "address-level1",
    "postal_code": "postal-code",
}


def let_browser_help(form: forms.BaseForm) -> None:
    for name, token in OWN_DETAILS.items():
        if name in form.fields:
            form.fields[name].widget.attrs["autocomplete"] = token


class StatementForm(PortalForm):
    """Who accepts. texts: the documents to choose from, empty where no text is accepted; agrees: the words of the
    tick box; is_email_asked: False where the link names the address; country: for phone numbers.
    """

    language = forms.ChoiceField(label=_("Language of the agreement"))
    first_name = PersonNameField(label=_("First name"))
    last_name = PersonNameField(label=_("Last name"))
    authority = forms.CharField(
        label=_("Your position in the company"),
        max_length=150,
        help_text=_("For example Managing director, or Authorised by power of attorney."),
    )
    email = EmailAddressField(label=_("Email address"), help_text=_("The receipt goes there."))
    phone = PhoneField(label=_("Phone number"))
    agrees = forms.BooleanField(label="")

    sections = (
        Section("text", _("The agreement"), ("language", Fragment("agreements/accept/_text.html"))),
        Section("person", _("Who accepts"), (("first_name", "last_name"), "authority", "email", "phone")),
        Section("consent", _("Accept"), ("agrees",)),
    )
    submit_label = _("Accept")
    messages_required: ClassVar[Mapping[str, Words]] = {
        "authority": rules.why_not_an_authority("") or "",
    }

    def __init__(
        self,
        *args: Any,
        texts: list[AgreementDocument],
        agrees: Words,
        is_email_asked: bool,
        country: str,
        is_phone_required: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [(text.language, language_label(text.language)) for text in texts]
        if len(texts) < 2:
            del self.fields["language"]
        if not is_email_asked:
            del self.fields["email"]
        self.fields["agrees"].label = agrees
        self.fields["agrees"].error_messages["required"] = _("Tick the box to accept, or decline instead")
        self.fields["phone"].set_region(country)
        self.fields["phone"].required = is_phone_required
        let_browser_help(self)

    def person(self, email: str) -> Person:
        """email: where the form does not ask for it."""
        said = self.cleaned_data
        return Person(
            first_name=said["first_name"],
            last_name=said["last_name"],
            email=said.get("email", email),
            phone=said["phone"],
        )


class RelationshipForm(StatementForm):
    """Who accepts a relationship, where the agreement is accepted already or left to the partner."""

    sections = StatementForm.sections[1:]


class JoinForm(CompanyForm):
    """The details of a company that is new to the partner. Its domain, unless its administrator is signed in."""

    domain = forms.CharField(
        label=_("Domain of your company"),
        max_length=customer_rules.LONGEST_DOMAIN,
        help_text=_("For example contoso.com or contoso.onmicrosoft.com."),
    )

    sections = (
        Section(
            "company",
            _("Your company"),
            (
                "country",
                "company_name",
                "domain",
                "address_line1",
                "address_line2",
                ("postal_code", "city"),
                "state",
                "registration_number",
            ),
        ),
    )

    def __init__(self, *args: Any, tenant: Tenant | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant
        if tenant is not None:
            del self.fields["domain"]
        let_browser_help(self)

    def clean_domain(self) -> str:
        domain = customer_rules.spelled_domain(self.cleaned_data["domain"])
        reason = customer_rules.why_not_a_domain(domain)
        if reason is not None:
            raise forms.ValidationError(reason)
        return domain

    def joining(self, language: str) -> JoiningCompany:
        return JoiningCompany(
            company=self.company(language), domain=self.cleaned_data.get("domain", ""), tenant=self.tenant
        )


def agreement_tick(company_name: str) -> Words:
    return format_lazy(
        _("I have read and accept the Microsoft Customer Agreement for {company}, and I am authorised to do so"),
        company=company_name,
    )


def relationship_tick(company_name: str, partner_name: str) -> Words:
    """Where the company's acceptance of the agreement is on record already, or its partner has to confirm it."""
    return format_lazy(
        _("I accept the relationship with {partner} for {company}, and I am authorised to do so"),
        company=company_name,
        partner=partner_name,
    )


class DeclineForm(PortalForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Your partner reads it."),
        error_messages={"required": _("Say why you decline; your partner reads it")},
    )
    submit_label = _("Decline")


class DisputeForm(PortalForm):
    reason = forms.CharField(
        label=_("What is wrong"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what is wrong")},
    )
    submit_label = _("This was not me")
