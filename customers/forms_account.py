"""What Account info asks beyond the company and its contacts: bill-to, special qualification, the end."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import rules
from customers.forms import CompanyForm
from customers.models import EducationSegment, Qualification
from customers.services import BillToDetails
from portal.common.fields import EmailAddressField, PersonNameField, PhoneField, RevealRadioSelect
from portal.common.forms import PortalForm, Section

PERSON = ("first_name", "last_name", "email", "phone")
PLACE = ("country", "company_name", "address_line1", "address_line2", "city", "state", "postal_code")


class BillToForm(CompanyForm):
    """Where the invoices go: an address in the manner of its country, and whom to write to."""

    first_name = PersonNameField(label=_("First name"))
    last_name = PersonNameField(label=_("Last name"))
    email = EmailAddressField(label=_("Email address"))
    phone = PhoneField(label=_("Phone number"))

    sections = (
        Section(
            "bill-to",
            _("Bill-to"),
            (
                "country",
                "company_name",
                "address_line1",
                "address_line2",
                ("postal_code", "city"),
                "state",
            ),
        ),
        Section("person", _("Contact for invoices"), (("first_name", "last_name"), ("email", "phone"))),
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, country=country, **kwargs)
        for name in set(self.fields) - set(PLACE) - set(PERSON):
            del self.fields[name]
        self.fields["phone"].set_region(country)

    def details(self) -> BillToDetails:
        return BillToDetails(**{name: self.cleaned_data.get(name, "") for name in (*PLACE, *PERSON)})


class QualificationForm(PortalForm):
    """A special qualification; education asks more, which counts for nothing else."""

    qualification = forms.ChoiceField(
        label=_("Special qualification"),
        choices=Qualification.choices,
        widget=RevealRadioSelect(reveals={Qualification.EDUCATION: "section-education"}),
    )
    education_segment = forms.ChoiceField(
        label=_("Education segment"),
        choices=[("", _("Choose one")), *EducationSegment.choices],
        required=False,
    )
    website = forms.CharField(
        label=_("Education website"),
        max_length=200,
        required=False,
        help_text=_("The school's own public site, for example https://www.school.example"),
    )

    sections = (
        Section("qualification", "", ("qualification",)),
        Section("education", _("Education"), ("education_segment", "website")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked once the qualification is Education, so it is not called optional.
        self.fields["education_segment"].is_asked = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("qualification") == Qualification.EDUCATION:
            website = cleaned.get("website", "")
            if not cleaned.get("education_segment") and "education_segment" not in self.errors:
                self.add_error("education_segment", _("Choose the education segment"))
            if website and (why_not := rules.why_not_a_website(website)):
                self.add_error("website", str(why_not))
        return cleaned

    def said(self) -> dict[str, str]:
        """The answers that count: of another qualification than education, only itself."""
        is_school = self.cleaned_data["qualification"] == Qualification.EDUCATION
        asked = ("education_segment", "website")
        details = {name: self.cleaned_data.get(name, "") if is_school else "" for name in asked}
        return {"qualification": self.cleaned_data["qualification"], **details}


class RemoveForm(PortalForm):
    """The last question before a relationship ends."""

    is_understood = forms.BooleanField(label=_("I understand what happens"))
