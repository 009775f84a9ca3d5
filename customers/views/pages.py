"""How New customer is put together from the rooms' steps, and what becomes of its answers."""

import hashlib
import json
from collections.abc import Mapping
from typing import cast

from agreements.forms import AcceptanceForm
from agreements.services import NewCustomer, Person
from agreements.steps import ACCEPTANCE_STEP, AGREEMENT_STEP, INVITED
from customers.forms import ContactForm, NewCompanyForm
from customers.models import OnboardingDraft
from customers.steps import COMPANY_STEP, CONTACT_STEP
from customers.wizard import WizardPage
from portal.common.forms import PortalForm
from portal.partners.models import Membership
from portal.partners.permissions import Permission

ACCOUNT = "account"


def account_page(draft: OnboardingDraft, membership: Membership) -> WizardPage:
    """Account info: Company and Primary contact, and Customer agreement for those who may confirm one."""
    steps = [COMPANY_STEP, CONTACT_STEP]
    if membership.can(Permission.AGREEMENTS_CONFIRM):
        steps += [AGREEMENT_STEP, ACCEPTANCE_STEP]
    today = membership.partner.today
    return WizardPage(key=ACCOUNT, steps=steps, draft=draft, membership=membership, today=today)


def new_customer_of(forms: Mapping[str, PortalForm], membership: Membership) -> NewCustomer:
    """The valid answers as the service takes them."""
    company, contact = cast(NewCompanyForm, forms["company"]), cast(ContactForm, forms["contact"])
    acceptance, choice = forms.get("acceptance"), forms.get("agreement")
    details = contact.contact()
    said = None
    if isinstance(acceptance, AcceptanceForm):
        said = acceptance.acceptance(Person(**vars(details)))
    return NewCustomer(
        domain=company.domain,
        company=company.company(said.language if said else membership.partner.default_language),
        contact=details,
        acceptance=said,
        is_invited=choice is not None and choice.cleaned_data["choice"] == INVITED,
    )


def reviewed_digest(draft: OnboardingDraft) -> str:
    """Changes with every answer: Submit proves that what is made is what was reviewed."""
    return hashlib.sha256(json.dumps(draft.data, sort_keys=True).encode()).hexdigest()
