"""An indirect reseller prepares an acceptance; its provider confirms or refuses it (seed 004)."""

from collections.abc import Mapping
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import rules
from agreements.letters import send_confirmation_decided
from agreements.models import Attestation, ConfirmationOutcome, ConfirmationRequest, EvidenceKind
from agreements.services.recording import confirm_acceptance
from agreements.services.records import Acceptance
from customers.models import Customer
from customers.services import lock_customer, lock_tenant
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.jobs.letters import post
from portal.jobs.services import submit_once
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def ask_provider(*, by: Actor, customer: Customer, acceptance: Acceptance, submit_key: str) -> ConfirmationRequest:
    """The customer's reseller states what it knows, for the provider to confirm. Nothing is recorded by that.

    The same submit_key again answers the first request. Raises NotPermitted, NotFound for a customer that the
    reseller does not sell to, RelationshipEnded, RuleViolation: with its field what no provider could confirm, or
    code "open_request" while an earlier one waits.
    """
    membership = by.membership
    if membership is None:
        raise NotPermitted(_("An indirect reseller asks its provider."))
    reseller = membership.partner
    ensure_may(by=by, partner=reseller, permission=Permission.AGREEMENTS_PREPARE)
    lock_tenant(customer.tenant_id)
    customer = lock_customer(customer)
    # As it is now: whoever sold to it until a moment ago asks about somebody else's customer.
    if customer.reseller_id != reseller.pk:
        raise NotFound(_("There is no such thing here."))
    made: list[ConfirmationRequest] = []

    def effect() -> str:
        made.append(_ask(by, customer, reseller, acceptance))
        return str(made[0].public_id)

    body = {"customer": str(customer.tenant_id), **asdict(acceptance)}
    public_id, _was_repeated = submit_once(
        by=by, form="agreements.ask_provider", key=submit_key, body=body, effect=effect
    )
    return made[0] if made else ConfirmationRequest.objects.get(public_id=public_id)


@transaction.atomic
def confirm_request(
    *, by: Actor, request: ConfirmationRequest, acceptance: Acceptance, submit_key: str = ""
) -> Attestation:
    """The provider confirms, with what was asked or what it put right in it. Confirming again answers the record.

    Raises as `confirm_acceptance`; RuleViolation once the request was refused or taken back.
    """
    ensure_may(by=by, partner=request.partner, permission=Permission.AGREEMENTS_CONFIRM)
    request = _lock(request)
    if request.outcome == ConfirmationOutcome.CONFIRMED and request.attestation is not None:
        return request.attestation
    _check_open(request)
    record = confirm_acceptance(by=by, customer=request.customer, acceptance=acceptance, submit_key=submit_key)
    _decide(by, request, ConfirmationOutcome.CONFIRMED, attestation=record)
    log_request(by, "agreements.confirmation_granted", request)
    return record


def settle_request(*, by: Actor, request: ConfirmationRequest, attestation: Attestation) -> None:
    """The record that was asked for is there, by a second person's approval. The tenant is locked by the caller."""
    request = _lock(request)
    _decide(by, request, ConfirmationOutcome.CONFIRMED, attestation=attestation)
    log_request(by, "agreements.confirmation_granted", request)


@transaction.atomic
def refuse_request(*, by: Actor, request: ConfirmationRequest, reason: str) -> ConfirmationRequest:
    """The provider does not confirm, and says why. Raises NotPermitted, RuleViolation (field "reason")."""
    ensure_may(by=by, partner=request.partner, permission=Permission.AGREEMENTS_CONFIRM)
    request = _lock(request)
    _check_open(request)
    if not reason.strip():
        raise RuleViolation(_("Say why you do not confirm it; your reseller reads it"), field="reason")
    request.reason = reason.strip()
    _decide(by, request, ConfirmationOutcome.REFUSED)
    log_request(by, "agreements.confirmation_refused", request)
    return request


@transaction.atomic
def take_request_back(*, by: Actor, request: ConfirmationRequest) -> ConfirmationRequest:
    """The reseller no longer asks. Raises NotPermitted, RuleViolation once it was decided."""
    ensure_may(by=by, partner=request.reseller, permission=Permission.AGREEMENTS_PREPARE)
    request = _lock(request)
    _check_open(request)
    _decide(by, request, ConfirmationOutcome.TAKEN_BACK)
    log_request(by, "agreements.confirmation_request_revoked", request)
    return request


def _ask(by: Actor, customer: Customer, reseller: Partner, acceptance: Acceptance) -> ConfirmationRequest:
    today = customer.partner.today
    refusals = {
        "agreed_on": _("The acceptance date must be today or earlier") if acceptance.agreed_on > today else None,
        **rules.why_not_a_person(asdict(acceptance.person)),
        "evidence_kind": rules.why_not_an_evidence_kind(
            acceptance.evidence_kind, [value for value, _label in EvidenceKind.stated()]
        ),
        "evidence_note": rules.why_not_enough_evidence(kind=acceptance.evidence_kind, note=acceptance.evidence_note),
    }
    for field, reason in refusals.items():
        if reason is not None:
            raise RuleViolation(reason, field=field)
    if ConfirmationRequest.objects.open().filter(customer=customer).exists():
        raise RuleViolation(_("Your provider has not decided about your last request yet."), code="open_request")
    request = ConfirmationRequest.objects.create(
        partner=customer.partner,
        reseller=reseller,
        customer=customer,
        **asdict(acceptance.person),
        agreed_on=acceptance.agreed_on,
        language=acceptance.language,
        evidence_kind=acceptance.evidence_kind,
        evidence_note=acceptance.evidence_note,
        asked_by_id=by.user_id,
        asked_by_name=by.name,
    )
    changes = {field: (None, value) for field, value in asdict(acceptance.person).items() if value}
    log_request(by, "agreements.confirmation_asked", request, changes=changes)
    return request


def _lock(request: ConfirmationRequest) -> ConfirmationRequest:
    lock_tenant(request.customer.tenant_id)
    rows = ConfirmationRequest.objects.select_for_update(of=("self",)).with_details()
    return rows.select_related("customer__partner").get(pk=request.pk)


def _check_open(request: ConfirmationRequest) -> None:
    if request.outcome:
        raise RuleViolation(_("This request was decided or taken back meanwhile."))


def _decide(
    by: Actor, request: ConfirmationRequest, outcome: ConfirmationOutcome, *, attestation: Attestation | None = None
) -> None:
    request.outcome, request.attestation = outcome, attestation
    request.decided_at, request.decided_by_name = timezone.now(), by.name
    request.save()
    if outcome != ConfirmationOutcome.TAKEN_BACK:
        post(kind="agreements.confirmation_decided", about=str(request.public_id), task=send_confirmation_decided)


def log_request(
    by: Actor,
    code: str,
    request: ConfirmationRequest,
    *,
    changes: Mapping[str, tuple[object, object]] | None = None,
) -> None:
    """In both logs: the provider's, and the reseller's whose agent asked."""
    for partner_id in (request.partner_id, request.reseller_id):
        record_event(
            by=by,
            code=code,
            partner_id=partner_id,
            customer_id=request.customer.tenant_id,
            subject=str(request.public_id),
            facts={"reseller": str(request.reseller.tenant_id)},
            changes=changes or {},
        )
