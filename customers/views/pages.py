"""How New customer is put together from the rooms' steps, and what becomes of its answers."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.forms import AcceptanceForm
from agreements.services import AskedQualification, NewCustomer, Person
from agreements.steps import ACCEPTANCE_STEP, AGREEMENT_STEP, INVITED
from customers.forms import ADDRESS_FIELDS, ContactForm, NewCompanyForm, ResellerForm, warnings
from customers.models import OnboardingDraft, Qualification
from customers.steps import COMPANY_STEP, CONTACT_STEP, RESELLER_STEP
from customers.views.duplicates import duplicates_of
from customers.wizard import Step, WizardPage
from orders.forms.products import ProductsForm
from orders.models import Availability
from orders.steps import PRODUCTS_STEP
from portal.common.forms import PortalForm
from portal.partners.models import Membership, PartnerKind
from portal.partners.permissions import Permission

ACCOUNT, SUBSCRIPTIONS = "account", "subscriptions"
REVIEW, CONFIRMATION = "review", "confirmation"


@dataclass(frozen=True)
class PageKind:
    """A page of New customer. steps: which forms it asks this member; applies: whether the member sees the page."""

    key: str
    title: str | Promise
    url_name: str
    template: str
    steps: Callable[[Membership], Sequence[Step]]
    applies: Callable[[Membership], bool] = lambda membership: True
    is_optional: bool = False


@dataclass(frozen=True)
class StepMark:
    """One entry of the row of steps; state: done, current or todo."""

    label: str | Promise
    url: str
    state: str


def account_steps(membership: Membership) -> list[Step]:
    """Account info: Company and Primary contact, and Customer agreement for those who may confirm one."""
    steps = [COMPANY_STEP, CONTACT_STEP]
    if membership.partner.kind == PartnerKind.INDIRECT_PROVIDER:
        steps.append(RESELLER_STEP)
    if membership.can(Permission.AGREEMENTS_CONFIRM):
        steps += [AGREEMENT_STEP, ACCEPTANCE_STEP]
    return steps


# In the order in which they are asked; Review and Confirmation follow.
PAGES = (
    PageKind(ACCOUNT, _("Account info"), "customers:draft", "customers/new/account.html", account_steps),
    PageKind(
        SUBSCRIPTIONS,
        _("Subscriptions"),
        "customers:subscriptions",
        "customers/new/subscriptions.html",
        lambda membership: [PRODUCTS_STEP],
        applies=lambda membership: membership.can(Permission.ORDERS_PLACE),
        is_optional=True,
    ),
)


def own_draft(membership: Membership, draft_id: uuid.UUID) -> OnboardingDraft | None:
    drafts = OnboardingDraft.objects.visible_to(membership).select_related("customer__tenant", "customer__partner")
    return drafts.filter(pk=draft_id).first()


def kind_of(key: str) -> PageKind:
    return next(kind for kind in PAGES if kind.key == key)


def pages_of(draft: OnboardingDraft, membership: Membership) -> list[WizardPage]:
    """The draft's pages that this member sees, in order."""
    return [
        WizardPage(
            key=kind.key,
            steps=kind.steps(membership),
            draft=draft,
            membership=membership,
            today=membership.partner.today,
            is_optional=kind.is_optional,
        )
        for kind in PAGES
        if kind.applies(membership)
    ]


def page_of(draft: OnboardingDraft, membership: Membership, key: str) -> WizardPage:
    return next(page for page in pages_of(draft, membership) if page.key == key)


def pages_until(page: WizardPage, *, including: bool = True) -> list[WizardPage]:
    """The pages before this one, and this one."""
    pages = pages_of(page.draft, page.membership)
    position = [each.key for each in pages].index(page.key)
    return pages[: position + 1 if including else position]


def url_of(page: WizardPage) -> str:
    return reverse(kind_of(page.key).url_name, args=[page.draft.pk])


def url_after(page: WizardPage, *, wants_optional: bool = False) -> str:
    """Where Next leads from a page whose answers are right; wants_optional: to a page that may be left out, too."""
    pages = pages_of(page.draft, page.membership)
    following = [each for each in pages[len(pages_until(page)) :] if wants_optional or not each.is_optional]
    return url_of(following[0]) if following else reverse("customers:review", args=[page.draft.pk])


def steps_of(draft: OnboardingDraft, membership: Membership, current: str) -> list[StepMark]:
    """The row of steps; what is done can be gone back to until the draft is submitted."""
    entries = [
        (page.key, kind_of(page.key).title, url_of(page))
        for page in pages_of(draft, membership)
        if not page.is_optional or page.key == current or (page.kept and any(page.kept.values()))
    ]
    entries += [(REVIEW, _("Review"), ""), (CONFIRMATION, _("Confirmation"), "")]
    here = [key for key, _title, _url in entries].index(current)
    marks = []
    for position, (_key, title, url) in enumerate(entries):
        state = "done" if position < here else "current" if position == here else "todo"
        can_go_back = state == "done" and current != CONFIRMATION
        marks.append(StepMark(title, url if can_go_back else "", state))
    return marks


def valid_forms(draft: OnboardingDraft, membership: Membership) -> dict[str, PortalForm] | None:
    """Step key -> bound form over all pages when every one is complete, else None."""
    every: dict[str, PortalForm] = {}
    for page in pages_of(draft, membership):
        forms = page.valid_forms()
        if forms is None:
            return None
        every |= forms
    return every


def new_customer_of(forms: Mapping[str, PortalForm], membership: Membership) -> NewCustomer:
    """The valid answers as the service takes them."""
    company, contact = cast(NewCompanyForm, forms["company"]), cast(ContactForm, forms["contact"])
    acceptance, choice = forms.get("acceptance"), forms.get("agreement")
    reseller = forms.get("reseller")
    details = contact.contact()
    said = None
    if isinstance(acceptance, AcceptanceForm):
        said = acceptance.acceptance(Person(**vars(details)))
    return NewCustomer(
        domain=company.domain,
        company=company.company(said.language if said else membership.partner.default_language),
        contact=details,
        reseller=reseller.chosen if isinstance(reseller, ResellerForm) else None,
        qualification=_asked_qualification(company),
        acceptance=said,
        is_invited=choice is not None and choice.cleaned_data["choice"] == INVITED,
    )


def _asked_qualification(company: NewCompanyForm) -> AskedQualification | None:
    said = company.cleaned_data
    if said["qualification"] == Qualification.NONE:
        return None
    names = ("qualification", "education_segment", "website")
    return AskedQualification(**{name: said.get(name, "") for name in names})


def quantities_of(forms: Mapping[str, PortalForm]) -> dict[Availability, int]:
    """What the customer is to begin with; empty when the page was left out."""
    products = forms.get("products")
    return products.wanted() if isinstance(products, ProductsForm) else {}


def review_notes(forms: Mapping[str, PortalForm], membership: Membership) -> dict[str, Any]:
    """What Review says besides the answers: odd ones, a better address, customers like this one, the products."""
    company = cast(NewCompanyForm, forms["company"])
    return {
        "warnings": [each for form in forms.values() for each in warnings(form, besides=ADDRESS_FIELDS)],
        "suggested": company.suggested_address(),
        "duplicates": duplicates_of(membership, company.data),
        "products": forms.get("products"),
    }


def reviewed_digest(draft: OnboardingDraft) -> str:
    """Changes with every answer: Submit proves that what is made is what was reviewed."""
    answers = {kind.key: draft.data.get(kind.key) for kind in PAGES}
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()
