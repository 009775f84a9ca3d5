"""The list of customers, Account info, and editing what a partner knows of them."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.models import AgreementTemplate
from agreements.panels import TONES, agreement_panel
from customers.forms import CompanyForm, FurtherContactForm, redraw_on_change
from customers.models import Contact, Customer
from customers.panels import company_panel, contacts_panel
from customers.rules import STANDING_LABELS, Standing
from customers.services import edit_company, save_contact
from orders.panels import orders_panel
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.common.keyset import keyset_page
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


@requires(Permission.CUSTOMERS_VIEW)
@require_safe
def customer_list(request: MemberRequest) -> HttpResponse:
    today = request.membership.partner.today
    stale_before = AgreementTemplate.objects.stale_before(today=today)
    query, chosen = request.GET.get("q", "").strip(), request.GET.get("standing", "")
    found = Customer.objects.visible_to(request.membership).active().search(query)
    counts = found.count_by_standing(stale_before=stale_before)
    found = found.with_standing(stale_before=stale_before)
    if chosen in counts:
        found = found.filter(standing=chosen)
    page = keyset_page(request, found.with_account(), field="name_key", public="tenant_id")
    context = {
        "page": page,
        "query": query,
        "chosen": chosen,
        "total": sum(counts.values()),
        "filters": [(s, STANDING_LABELS[s], counts[s]) for s in Standing if s in counts],
        "rows": _rows(page.rows),
    }
    return render(request, "customers/list.html", context)


@dataclass(frozen=True)
class Row:
    """A line of the list. agreed_on: when the acceptance was given that the standing speaks of."""

    customer: Customer
    word: str | Promise
    tone: str
    agreed_on: date | None
    subscriptions: int


def _rows(customers: list[Customer]) -> list[Row]:
    return [
        Row(
            customer,
            STANDING_LABELS[Standing(customer.standing)],
            TONES[Standing(customer.standing)],
            customer.attested_on or customer.direct_on,
            customer.subscription_count,
        )
        for customer in customers
    ]


def visible_customer(membership: Membership, customer_id: uuid.UUID) -> Customer | None:
    return Customer.objects.visible_to(membership).find(customer_id)


@requires(Permission.CUSTOMERS_VIEW, on=visible_customer)
@require_safe
def account(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Account info: the panels of every room."""
    columns = [
        [panel for build in builders if (panel := build(request, customer)) is not None]
        for builders in ((agreement_panel, orders_panel), (company_panel, contacts_panel))
    ]
    return render(request, "customers/account.html", {"customer": customer, "columns": columns})


@requires(Permission.CUSTOMERS_EDIT, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest, customer: Customer) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    country = (posted or {}).get("country") or str(customer.country)
    is_redrawn = posted is not None and posted.get("action") == "country"
    initial = {field: getattr(customer, field) for field in CompanyForm.base_fields}
    if is_redrawn and posted is not None:
        initial |= posted.dict()
    form = CompanyForm(None if is_redrawn else posted, initial=initial, country=country)
    redraw_on_change(form)
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid() and posted is not None:
        company, by = form.company(customer.language), actor_of(request, Door.ACCOUNT_INFO)
        try:
            edit_company(by=by, customer=customer, company=company, version=sent_version(request))
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The company is saved."))
            return redirect("customers:account", customer.tenant_id)
    return render(request, "customers/edit.html", {"form": form, "customer": customer})


def sent_version(request: MemberRequest) -> int:
    """The version of the row that the form was made from; 0 fits none."""
    version = request.POST.get("version", "")
    return int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0


@dataclass(frozen=True)
class FoundContact:
    customer: Customer
    contact: Contact | None


def visible_contact(
    membership: Membership, customer_id: uuid.UUID, contact_id: uuid.UUID | None = None
) -> FoundContact | None:
    customer = visible_customer(membership, customer_id)
    if customer is None or contact_id is None:
        return FoundContact(customer, None) if customer else None
    contact = Contact.objects.filter(customer=customer, public_id=contact_id).first()
    return FoundContact(customer, contact) if contact else None


def _contact_form(request: MemberRequest, found: FoundContact) -> FurtherContactForm:
    names = ("first_name", "last_name", "email", "phone", "is_primary")
    known = {name: getattr(found.contact, name) for name in names} if found.contact else None
    return FurtherContactForm(
        request.POST or None,
        initial=known,
        country=str(found.customer.country),
        partner_domain=found.customer.partner.domain,
    )


@requires(Permission.CUSTOMERS_EDIT, on=visible_contact)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: MemberRequest, found: FoundContact) -> HttpResponse:
    """Add a contact, or change one."""
    customer, known = found.customer, found.contact
    form = _contact_form(request, found)
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid():
        try:
            save_contact(
                by=actor_of(request, Door.ACCOUNT_INFO),
                customer=customer,
                details=form.contact(),
                contact=known,
                is_primary=form.cleaned_data["is_primary"],
                version=sent_version(request),
            )
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The contact is saved."))
            return redirect("customers:account", customer.tenant_id)
    return render(request, "customers/contact.html", {"form": form, "customer": customer, "contact": known})
