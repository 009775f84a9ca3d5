"""Editing the company, where its invoices go, and its special qualification."""

from dataclasses import asdict
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from phonenumber_field.phonenumber import PhoneNumber

from customers import addresses
from customers.forms import CompanyForm, redraw_on_change, warnings
from customers.forms_account import BillToForm, QualificationForm
from customers.models import BillTo, Customer, EducationSegment, Qualification
from customers.services import (
    EditConflict,
    RelationshipEnded,
    bill_to_of,
    company_of,
    edit_company,
    remove_bill_to,
    save_bill_to,
    set_qualification,
)
from customers.views.accounts import visible_customer
from customers.views.conflicts import (
    Values,
    chosen,
    conflict_page,
    differences,
    drawn,
    last_saved,
    save_on_top,
    sent_values,
    sent_version,
)
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import PortalForm, show_refusal, validation_answer
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission

# Another country has other parts of an address, so a choice between countries is one between whole addresses.
ADDRESS = ("country", "address_line1", "address_line2", "city", "state", "postal_code")
ADDRESS_TOGETHER = {"country": ADDRESS}
QUALIFICATION = ("qualification", "education_segment", "website")
QUALIFICATION_TOGETHER = {"qualification": QUALIFICATION}


def is_over(request: HttpRequest, customer: Customer) -> bool:
    """Whether a page would be shown on which nothing can be saved any more; the reason is told on the next one."""
    if request.method == "POST" or customer.is_active:
        return False
    messages.error(request, str(RelationshipEnded().message))
    return True


@requires(Permission.CUSTOMERS_EDIT, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Change name, address and registration number."""
    if is_over(request, customer):
        return redirect("customers:account", customer.tenant_id)
    form = _drawn_by_country(CompanyForm, _posted(request, ADDRESS_TOGETHER), asdict(company_of(customer)))
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid():
        company = form.company(customer.language)
        save = partial(edit_company, by=actor_of(request, Door.ACCOUNT_INFO), customer=customer, company=company)
        try:
            save_on_top(request, save, _company_values)
        except EditConflict as conflict:
            return _company_conflict(request, form, asdict(company), conflict.current)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The company is saved."))
            for _label, odd in warnings(form):
                messages.warning(request, odd)
            return redirect("customers:account", customer.tenant_id)
    context = {"form": form, "customer": customer, **drawn(request, customer.version, _company_values(customer))}
    return render(request, "customers/edit.html", context)


def _posted(request: HttpRequest, together: dict[str, tuple[str, ...]]) -> QueryDict | None:
    return chosen(request.POST, together) if request.method == "POST" else None


def _drawn_by_country(form_class: type[Any], posted: QueryDict | None, known: Values) -> Any:
    """The form in the manner of the country that was typed; only drawn anew where another one was just chosen."""
    country = (posted or {}).get("country") or known["country"]
    is_redrawn = posted is not None and posted.get("action") == "country"
    initial = known | (posted.dict() if posted is not None and is_redrawn else {})
    form = form_class(None if is_redrawn else posted, initial=initial, country=country)
    redraw_on_change(form)
    return form


def _company_values(customer: Customer) -> Values:
    return asdict(company_of(customer))


def _company_conflict(request: MemberRequest, form: PortalForm, mine: Values, current: Any) -> HttpResponse:
    theirs = _company_values(current)
    labels = {"country": _("Address")} if mine["country"] != theirs["country"] else {}
    base = sent_values(request.POST)
    found = differences(form, mine, theirs, base, shown=_shown_place, labels=labels, together=ADDRESS_TOGETHER)
    saved = last_saved(current, "customers.company_edited", "customers.relationship_restored")
    context = {"title": _("Company"), "form": form, "theirs": theirs, "version": current.version, "saved": saved}
    return conflict_page(request, current, found, **context)


def _shown_place(name: str, values: Values) -> str:
    """A field of a company or a bill-to in words; of country, which decides over the whole address, all of that."""
    rules = addresses.rules_for(values["country"])
    words = values | {"state": dict(rules.states).get(values["state"], values["state"])}
    words["country"] = str(Customer(country=values["country"]).country_name)
    if values.get("phone"):
        words["phone"] = str(PhoneNumber.from_string(values["phone"]))
    if name == "country":
        return ", ".join(words[part] for part in (*ADDRESS[1:], "country") if words[part])
    return words[name]


@requires(Permission.CUSTOMERS_EDIT, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def bill_to(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Say where the invoices go, or that they go to the company again."""
    if is_over(request, customer):
        return redirect("customers:account", customer.tenant_id)
    if request.POST.get("action") == "company":
        return _use_company(request, customer)
    row = BillTo.objects.filter(customer=customer).first()
    form = _drawn_by_country(BillToForm, _posted(request, ADDRESS_TOGETHER), asdict(bill_to_of(customer, row)))
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid():
        details, by = form.details(), actor_of(request, Door.ACCOUNT_INFO)
        try:
            save_on_top(request, partial(save_bill_to, by=by, customer=customer, details=details), _bill_to_values)
        except EditConflict as conflict:
            return _bill_to_conflict(request, customer, form, conflict.current)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The bill-to information is saved."))
            return redirect("customers:account", customer.tenant_id)
    return _bill_to_page(request, customer, row, form)


def _bill_to_page(request: MemberRequest, customer: Customer, row: BillTo | None, form: PortalForm) -> HttpResponse:
    values = asdict(bill_to_of(customer, row))
    context = {"form": form, "customer": customer, "is_own": row is not None}
    return render(request, "customers/bill_to.html", {**context, **drawn(request, row.version if row else 0, values)})


def _bill_to_values(row: BillTo) -> Values:
    return asdict(bill_to_of(row.customer, row))


def _bill_to_conflict(request: MemberRequest, customer: Customer, form: Any, row: Any) -> HttpResponse:
    theirs, mine = asdict(bill_to_of(customer, row)), asdict(form.details())
    labels = {"country": _("Address")} if mine["country"] != theirs["country"] else {}
    base = sent_values(request.POST)
    found = differences(form, mine, theirs, base, shown=_shown_place, labels=labels, together=ADDRESS_TOGETHER)
    context = {
        "title": _("Bill-to"),
        "form": form,
        "theirs": theirs,
        "version": row.version if row else 0,
        "saved": last_saved(customer, "customers.bill_to_saved", "customers.bill_to_removed"),
    }
    return conflict_page(request, customer, found, **context)


def _use_company(request: MemberRequest, customer: Customer) -> HttpResponse:
    by = actor_of(request, Door.ACCOUNT_INFO)
    try:
        remove_bill_to(by=by, customer=customer, version=sent_version(request))
    except EditConflict:
        messages.warning(request, _("Somebody else changed the bill-to information meanwhile. Look at it first."))
        return redirect("customers:bill_to", customer.tenant_id)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Invoices go to the company and its primary contact again."))
    return redirect("customers:account", customer.tenant_id)


@requires(Permission.CUSTOMERS_EDIT, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def qualification(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Ask for a special qualification, or give it up."""
    if is_over(request, customer):
        return redirect("customers:account", customer.tenant_id)
    known = _qualification_values(customer)
    form = QualificationForm(_posted(request, QUALIFICATION_TOGETHER), initial=known)
    if form.is_valid():
        by, said = actor_of(request, Door.ACCOUNT_INFO), form.said()
        try:
            save_on_top(request, partial(set_qualification, by=by, customer=customer, **said), _qualification_values)
        except EditConflict as conflict:
            return _qualification_conflict(request, form, said, conflict.current)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The special qualification is saved."))
            return redirect("customers:account", customer.tenant_id)
    context = {"form": form, "customer": customer, **drawn(request, customer.version, known)}
    return render(request, "customers/qualification.html", context)


def _qualification_values(customer: Customer) -> Values:
    return {name: str(getattr(customer, name)) for name in QUALIFICATION}


def _qualification_conflict(request: MemberRequest, form: PortalForm, mine: Values, current: Any) -> HttpResponse:
    theirs, base = _qualification_values(current), sent_values(request.POST)
    shown = {"shown": _shown_qualification, "labels": {}, "together": QUALIFICATION_TOGETHER}
    found = differences(form, mine, theirs, base, **shown)
    saved = last_saved(current, "customers.qualification_asked", "customers.qualification_cleared")
    context = {"title": SPECIAL, "form": form, "theirs": theirs, "version": current.version, "saved": saved}
    return conflict_page(request, current, found, **context)


SPECIAL = gettext_lazy("Special qualification")


def _shown_qualification(name: str, values: Values) -> str:
    """A field in words; of the qualification, which decides over the others, all of them."""
    segments = dict(EducationSegment.choices)
    words = values | {"education_segment": str(segments.get(values["education_segment"], ""))}
    words["qualification"] = str(dict(Qualification.choices)[values["qualification"]])
    return (
        ", ".join(words[part] for part in QUALIFICATION if words[part]) if name == QUALIFICATION[0] else words[name]
    )
