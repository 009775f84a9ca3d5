"""People at a customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import rules
from customers.models import Qualification
from customers.services import ContactDetails
from portal.common.fields import EmailAddressField, PersonNameField, PhoneField
from portal.common.forms import PortalForm, Section


class ContactForm(PortalForm):
    """A person at the customer. country: whose national phone numbers are understood; qualification: of the
    customer, since a school's people have addresses of their own.
    """

    first_name = PersonNameField(label=_("First name"))
    last_name = PersonNameField(label=_("Last name"))
    email = EmailAddressField(label=_("Email address"))
    phone = PhoneField(label=_("Phone number"))

    sections = (Section("contact", _("Primary contact"), (("first_name", "last_name"), ("email", "phone"))),)

    def __init__(
        self,
        *args: Any,
        country: str,
        partner_domain: str,
        qualification: str = Qualification.NONE,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.partner_domain, self.qualification = partner_domain, qualification
        self.fields["phone"].set_region(country)
        # Facts 2.6: where a registration number is a must, a phone number is too.
        self.fields["phone"].required = rules.needs_registration_number(country)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        reason = rules.why_not_a_customer_email(
            email, partner_domain=self.partner_domain, qualification=self.qualification
        )
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
