"""Confirm, attest on behalf, show one record, withdraw it."""

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.evidence_types import BY_MEDIA_TYPE
from agreements.forms import AcceptanceForm, OnBehalfForm, WithdrawForm
from agreements.models import AgreementTemplate, Attestation, AttestationEvent, EventKind, Evidence, Scenario
from agreements.services import (
    attest_on_behalf,
    confirm_acceptance,
    permission_to_withdraw,
    why_cannot_resolve,
    withdraw_acceptance,
)
from agreements.steps import is_recorded, open_approval, sent_form
from agreements.views.ways import way_back
from customers.models import Customer
from orders.panels import orders_relying_on
from portal.audit.models import ChainEntry
from portal.common.actor import DOOR_LABELS, Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.partners.access import actor_of, check, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission
from portal.partners.roles import LABELS
from portal.partners.rules import Refusal


def visible_customer(membership: Membership, customer_id: uuid.UUID) -> Customer | None:
    return Customer.objects.visible_to(membership).find(customer_id)


@dataclass(frozen=True)
class FoundRecord:
    customer: Customer
    attestation: Attestation


def visible_record(membership: Membership, customer_id: uuid.UUID, reference: uuid.UUID) -> FoundRecord | None:
    customer = visible_customer(membership, customer_id)
    if customer is None:
        return None
    records = Attestation.objects.visible_to(membership).of_customer(customer).with_state().with_details()
    attestation = records.filter(reference=reference).first()
    return FoundRecord(customer, attestation) if attestation else None


@requires(Permission.AGREEMENTS_CONFIRM, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Account info > Update (seeds 000, 002, 003: "for an existing customer")."""
    form = sent_form(request, customer=customer, form_class=AcceptanceForm, membership=request.membership)
    if answer := validation_answer(request, form):
        return answer
    told = _("The acceptance is recorded.")
    if form.is_valid() and is_recorded(
        request, customer, form, confirm_acceptance, door=Door.ACCOUNT_INFO, told=told
    ):
        return redirect(way_back(request, customer))
    return _form_page(request, customer, form, "agreements/confirm.html")


@requires(Permission.AGREEMENTS_ATTEST, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def attest(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Attest in the customer's name (seed 001)."""
    form = sent_form(request, customer=customer, form_class=OnBehalfForm, membership=request.membership)
    if (told := request.GET.get("scenario")) in map(str, Scenario.values):
        # In which of the two the customer was told to contact its partner.
        form.initial["scenario"] = int(told)
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid():
        attest_it = partial(attest_on_behalf, scenario=form.cleaned_data["scenario"])
        told = _("The acceptance is attested on the customer's behalf.")
        if is_recorded(request, customer, form, attest_it, door=Door.ACCOUNT_INFO, told=told):
            return redirect(way_back(request, customer))
    return _form_page(request, customer, form, "agreements/attest.html")


@requires(Permission.CUSTOMERS_VIEW, on=visible_record)
@require_safe
def record(request: MemberRequest, found: FoundRecord) -> HttpResponse:
    """Retrieve: whether, who, when, how, which version, who recorded it, which orders relied on it."""
    attestation = found.attestation
    is_own = attestation.partner_id == request.membership.partner_id
    is_last = not (attestation.is_superseded or attestation.is_withdrawn)
    dispute = open_dispute(attestation)
    context = {
        "record": attestation,
        "customer": found.customer,
        "role_labels": [label for role, label in LABELS.items() if role in attestation.roles],
        "door_label": DOOR_LABELS.get(Door(attestation.door)),
        "replaced_by": Attestation.objects.filter(supersedes=attestation).first(),
        "entry": ChainEntry.objects.filter(kind="attestation", subject=str(attestation.reference)).first(),
        "relying": orders_relying_on(request, attestation),
        "may_withdraw": (
            is_own and is_last and not dispute and request.membership.can(permission_to_withdraw(found.attestation))
        ),
        "may_erase": is_own
        and hasattr(attestation, "person")
        and request.membership.can(Permission.AGREEMENTS_ERASE),
        **_files(request.membership, attestation),
        "dispute": dispute,
        "refusal": _why_not_resolve(request, attestation) if dispute else None,
    }
    return render(request, "agreements/record.html", context)


def _files(membership: Membership, attestation: Attestation) -> dict[str, Any]:
    """The files of a partner's record, with what each is; None for the customer's own record, which has none."""
    if attestation.partner_id is None:
        return {"files": None}
    seen = Evidence.objects.visible_to(membership).filter(attestation=attestation).in_order()
    types = {file: BY_MEDIA_TYPE.get(file.media_type) for file in seen}
    is_own = attestation.partner_id == membership.partner_id and hasattr(attestation, "person")
    return {
        "files": [(file, kind.icon if kind else "file", kind.label if kind else "") for file, kind in types.items()],
        "may_add_evidence": is_own and membership.can(permission_to_withdraw(attestation)),
    }


def open_dispute(attestation: Attestation) -> AttestationEvent | None:
    """What opened the dispute that nobody has resolved yet; the record comes with its state and its events."""
    if attestation.dispute != EventKind.DISPUTED or attestation.is_withdrawn:
        return None
    return [event for event in attestation.events.all() if event.kind == EventKind.DISPUTED][-1]


def _why_not_resolve(request: MemberRequest, attestation: Attestation) -> Refusal | None:
    """Why this member does not decide about the dispute, and who does."""
    reason = why_cannot_resolve(actor_of(request, Door.ACCOUNT_INFO), attestation)
    return request.membership.why_not(Permission.AGREEMENTS_RESOLVE) or (Refusal(reason) if reason else None)


@requires(Permission.CUSTOMERS_VIEW, on=visible_record)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: MemberRequest, found: FoundRecord) -> HttpResponse:
    check(request.membership, permission_to_withdraw(found.attestation))
    customer, attestation = found.customer, found.attestation
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        by = actor_of(request, Door.ACCOUNT_INFO)
        try:
            withdraw_acceptance(by=by, customer=customer, attestation=attestation, reason=form.cleaned_data["reason"])
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The record is withdrawn. It stays visible in the history."))
            return redirect("customers:account", customer.tenant_id)
    return render(request, "agreements/withdraw.html", {"form": form, "record": attestation, "customer": customer})


def _form_page(request: MemberRequest, customer: Customer, form: AcceptanceForm, template: str) -> HttpResponse:
    context = {
        "form": form,
        "customer": customer,
        "submit_key": request.POST.get("submit_key") or uuid.uuid4().hex,
        "cancel_url": way_back(request, customer),
        "template": AgreementTemplate.objects.in_force(on=form.today) if form.today else None,
        "waiting": open_approval(request.membership, customer),
    }
    return render(request, template, context)
