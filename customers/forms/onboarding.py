"""What only New customer asks: the domain, a special qualification, the indirect reseller."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import duplicates, rules
from customers.forms.company import CompanyForm
from customers.models import EducationSegment, Qualification
from portal.common.fields import RevealRadioSelect
from portal.common.forms import Fragment, PortalForm, Section
from portal.partners.models import Partner

# The section that the answer Education reveals.
EDUCATION_PART = "section-company-education"


class NewCompanyForm(CompanyForm):
    """A company that gets a tenant of its own, with the domain that names it."""

    domain_prefix = forms.CharField(
        label=_("Primary domain name"),
        max_length=60,
        help_text=_("Up to 27 letters, digits and hyphens; .onmicrosoft.com is added."),
    )
    # Nobody has to say no: without an answer there is no special qualification.
    qualification = forms.ChoiceField(
        label=_("Special qualification"),
        choices=Qualification.choices,
        widget=RevealRadioSelect(reveals={Qualification.EDUCATION: EDUCATION_PART}),
        initial=Qualification.NONE,
        required=False,
    )
    education_segment = forms.ChoiceField(
        label=_("Education segment"), choices=[("", _("Choose one")), *EducationSegment.choices], required=False
    )
    website = forms.CharField(
        label=_("Website"),
        max_length=200,
        required=False,
        help_text=_("The school's own website, for example https://www.school.example."),
    )

    sections = (
        Section(
            "company",
            _("Company"),
            (
                "country",
                "company_name",
                "domain_prefix",
                Fragment("customers/new/_duplicates.html"),
                "address_line1",
                "address_line2",
                ("postal_code", "city"),
                "state",
                "registration_number",
                "qualification",
            ),
        ),
        Section("education", _("Education"), ("education_segment", "website")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Answered with "None" from the start; needed as soon as Education is chosen: neither is called optional.
        self.fields["qualification"].is_asked = self.fields["education_segment"].is_asked = True

    def clean_domain_prefix(self) -> str:
        prefix = self.cleaned_data["domain_prefix"].lower().removesuffix(rules.DOMAIN_SUFFIX)
        reason = rules.why_not_a_domain_prefix(prefix)
        if reason is not None:
            raise forms.ValidationError(reason)
        free = duplicates.free_prefixes(prefix, self.country)
        if free is None:
            return prefix
        if not free:
            raise forms.ValidationError(_("This domain is taken; choose another one"))
        raise forms.ValidationError(_("This domain is taken. Free now: %(free)s"), params={"free": ", ".join(free)})

    def clean_qualification(self) -> str:
        return self.cleaned_data["qualification"] or Qualification.NONE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("qualification") != Qualification.EDUCATION:
            # Typed and then hidden: neither counts, nor can it be wrong.
            for name in ("education_segment", "website"):
                cleaned.pop(name, None)
                self.errors.pop(name, None)
            return cleaned
        if not cleaned.get("education_segment") and "education_segment" not in self.errors:
            self.add_error("education_segment", str(_("Choose the education segment")))
        reason = rules.why_not_a_website(cleaned["website"]) if cleaned.get("website") else None
        if reason is not None:
            self.add_error("website", str(reason))
        return cleaned

    @property
    def domain(self) -> str:
        return f"{self.cleaned_data['domain_prefix']}{rules.DOMAIN_SUFFIX}"


class ResellerForm(PortalForm):
    """Which of its indirect resellers an indirect provider's customer buys through, if any."""

    reseller = forms.ChoiceField(
        label=_("Indirect reseller"),
        required=False,
        help_text=_("The company that the customer buys through."),
    )
    sections = (Section("reseller", _("Indirect reseller"), ("reseller",)),)

    def __init__(self, *args: Any, provider: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._resellers = {str(each.tenant_id): each for each in Partner.objects.resellers_of(provider)}
        names = [(key, each.name) for key, each in self._resellers.items()]
        self.fields["reseller"].choices = [("", _("None: the provider's own customer")), *names]
        self.fields["reseller"].is_asked = True

    @property
    def chosen(self) -> Partner | None:
        """The chosen one; None for the provider's own customer."""
        return self._resellers.get(self.cleaned_data["reseller"])
