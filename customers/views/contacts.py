"""The people at a customer: add, change, choose the primary one, remove."""

import uuid
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from phonenumber_field.phonenumber import PhoneNumber

from customers.forms import FurtherContactForm
from customers.models import Contact, Customer
from customers.services import EditConflict, make_primary_contact, person_of, remove_contact, save_contact
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
from customers.views.editing import is_over
from portal.audit.models import AuditEvent
from portal.common.actor import Door
from portal.common.errors import NotFound, RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

REMOVED = "customers.contact_removed"
NOBODY: Values = {"first_name": "", "last_name": "", "email": "", "phone": ""}


@dataclass(frozen=True)
class FoundContact:
    """contact: None for a new one, and where `removed` says who removed it meanwhile."""

    customer: Customer
    contact: Contact | None
    removed: AuditEvent | None = None


def visible_contact(
    membership: Membership, customer_id: uuid.UUID, contact_id: uuid.UUID | None = None
) -> FoundContact | None:
    customer = visible_customer(membership, customer_id)
    if customer is None or contact_id is None:
        return FoundContact(customer, None) if customer else None
    contact = Contact.objects.filter(customer=customer, public_id=contact_id).first()
    if contact is not None:
        contact.customer = customer
        return FoundContact(customer, contact)
    removed = last_saved(customer, REMOVED, subject=str(contact_id))
    return FoundContact(customer, None, removed) if removed else None


def _form_of(found: FoundContact, posted: QueryDict | None) -> FurtherContactForm:
    contact = found.contact
    known = asdict(person_of(contact)) | {"is_primary": contact.is_primary} if contact else None
    country, domain = str(found.customer.country), found.customer.partner.domain
    return FurtherContactForm(
        posted,
        initial=known,
        country=country,
        partner_domain=domain,
        qualification=found.customer.qualification,
    )


@requires(Permission.CUSTOMERS_EDIT, on=visible_contact)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: MemberRequest, found: FoundContact) -> HttpResponse:
    """Add a contact, or change one."""
    if answer := _nothing_to_edit(request, found):
        return answer
    form = _form_of(found, chosen(request.POST) if request.method == "POST" else None)
    if answer := validation_answer(request, form):
        return answer
    if found.removed is not None:
        return _removed_meanwhile(request, found.customer, form, found.removed)
    if form.is_valid():
        save = partial(save_contact, by=actor_of(request, Door.ACCOUNT_INFO), customer=found.customer)
        said = {"details": form.contact(), "contact": found.contact, "is_primary": form.cleaned_data["is_primary"]}
        try:
            save_on_top(request, partial(save, **said), _values)
        except EditConflict as conflict:
            return _conflict(request, found, form, conflict.current)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The contact is saved."))
            return redirect("customers:account", found.customer.tenant_id)
    return _page(request, found, form)


def _nothing_to_edit(request: MemberRequest, found: FoundContact) -> HttpResponse | None:
    """The way back from a form that would be of no use; what was posted is always looked at."""
    if request.method != "POST" and found.removed is not None:
        messages.info(request, _("This contact was removed."))
    elif not is_over(request, found.customer):
        return None
    return redirect("customers:account", found.customer.tenant_id)


def _values(contact: Contact) -> Values:
    return asdict(person_of(contact))


def _page(request: MemberRequest, found: FoundContact, form: FurtherContactForm) -> HttpResponse:
    known = found.contact
    context = {"form": form, "customer": found.customer, "contact": known}
    state = drawn(request, known.version, _values(known)) if known else drawn(request, 0, NOBODY)
    return render(request, "customers/contact.html", {**context, **state})


def _conflict(request: MemberRequest, found: FoundContact, form: FurtherContactForm, current: Any) -> HttpResponse:
    customer, edited = found.customer, found.contact
    if current is None:
        gone = last_saved(customer, REMOVED, subject=str(edited.public_id)) if edited else None
        return _removed_meanwhile(request, customer, form, gone)
    mine, theirs, base = asdict(form.contact()), _values(current), sent_values(request.POST)
    choices = differences(form, mine, theirs, base, shown=_shown, labels={})
    saved = last_saved(customer, "customers.contact_saved", subject=str(current.public_id))
    context = {"title": current.full_name, "form": form, "theirs": theirs, "version": current.version}
    return conflict_page(request, customer, choices, saved=saved, **context)


def _removed_meanwhile(
    request: MemberRequest, customer: Customer, form: FurtherContactForm, removed: AuditEvent | None
) -> HttpResponse:
    """What was typed, to be added as a new contact or dropped."""
    context = {"form": form, "customer": customer, "is_removed": True, "removed": removed}
    return render(request, "customers/contact.html", context)


def _shown(name: str, values: Values) -> str:
    return str(PhoneNumber.from_string(values[name])) if name == "phone" and values[name] else values[name]


@requires(Permission.CUSTOMERS_EDIT, on=visible_contact)
@require_POST
def make_primary(request: MemberRequest, found: FoundContact) -> HttpResponse:
    try:
        if found.contact is None:
            raise NotFound(_("This contact was removed meanwhile."))
        make_primary_contact(by=actor_of(request, Door.ACCOUNT_INFO), customer=found.customer, contact=found.contact)
    except (NotFound, RuleViolation) as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("%(name)s is the primary contact now.") % {"name": found.contact.full_name})
    return redirect("customers:account", found.customer.tenant_id)


@requires(Permission.CUSTOMERS_EDIT, on=visible_contact)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: MemberRequest, found: FoundContact) -> HttpResponse:
    """Remove a contact, after a look at who it is. Removed already, it is as wished."""
    customer, known = found.customer, found.contact
    if known is None or is_over(request, customer):
        return redirect("customers:account", customer.tenant_id)
    refusal = ""
    if request.method == "POST":
        by = actor_of(request, Door.ACCOUNT_INFO)
        try:
            remove_contact(by=by, customer=customer, contact=known, version=sent_version(request))
        except EditConflict:
            known.refresh_from_db()
            refusal = _("Somebody else changed this contact meanwhile. Look at it again before you remove it.")
        except RuleViolation as refused:
            note_refusal(refused)
            refusal = str(refused.message)
        else:
            messages.success(request, _("The contact is removed."))
            return redirect("customers:account", customer.tenant_id)
    return render(
        request, "customers/contact_remove.html", {"customer": customer, "contact": known, "refusal": refusal}
    )
