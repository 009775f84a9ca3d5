"""What is asked about a customer: one module a subject, one import path for all."""

from customers.forms.company import ADDRESS_FIELDS, CompanyForm, redraw_on_change
from customers.forms.onboarding import NewCompanyForm, ResellerForm
from customers.forms.people import ContactForm, FurtherContactForm
from customers.forms.shown import answers, warnings

__all__ = [
    "ADDRESS_FIELDS",
    "CompanyForm",
    "ContactForm",
    "FurtherContactForm",
    "NewCompanyForm",
    "ResellerForm",
    "answers",
    "redraw_on_change",
    "warnings",
]
