"""A second person approves that a record is replaced, where the partner's policy asks for one."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import rules
from agreements.letters import send_approval_asked, send_approval_decided
from agreements.models import (
    Approval,
    ApprovalOutcome,
    Attestation,
    AttestationEvent,
    ConfirmationRequest,
    EventKind,
    EvidenceUpload,
)
from agreements.services.confirmation_requests import settle_request
from agreements.services.evidence import digests_of
from agreements.services.recording import attest_on_behalf, confirm_acceptance
from agreements.services.records import Acceptance, ApprovalRequired, Person
from customers.models import Customer
from customers.services import lock_customer, lock_tenant
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotPermitted, RuleViolation
from portal.jobs.letters import post
from portal.jobs.services import submit_once
from portal.partners.models import Membership
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def ask_approval(
    *,
    by: Actor,
    customer: Customer,
    acceptance: Acceptance,
    scenario: int | None = None,
    request: ConfirmationRequest | None = None,
    submit_key: str,
) -> Approval:
    """Keep what is stated until a second person approves it. Nothing is recorded by that.

    scenario: of an attestation on the customer's behalf, None for a confirmation; request: of the reseller whom the
    record will answer. The same submit_key again answers the first approval. Raises what recording raises, and
    RuleViolation: "open_approval" while an earlier one waits, "no_approval_needed" where nobody has to be asked.
    """
    ensure_may(by=by, partner=customer.partner, permission=permission_to_ask(scenario))
    lock_tenant(customer.tenant_id)
    lock_customer(customer)
    made: list[Approval] = []

    def effect() -> str:
        made.append(_ask(by, customer, acceptance, scenario, request))
        return str(made[0].public_id)

    # Sent twice, a file has two ids.
    files = digests_of(acceptance.evidence)
    body = {"customer": str(customer.tenant_id), **asdict(acceptance), "evidence": files, "scenario": scenario}
    public_id, _was_repeated = submit_once(
        by=by, form="agreements.ask_approval", key=submit_key, body=body, effect=effect
    )
    return made[0] if made else Approval.objects.get(public_id=public_id)


@transaction.atomic
def approve(*, by: Actor, approval: Approval) -> Attestation:
    """Record what was stated, in the name of who asked, with `by` as the second person. Again answers the record.

    Who asked may have left or lost the right since: they had it when they stated it, the record keeps the roles held
    then, and who approves answers for it. Raises NotPermitted; RuleViolation once it was decided, where the record
    that it would replace is no longer the present one, and as recording does.
    """
    approval = _lock_to_decide(by, approval)
    if approval.outcome == ApprovalOutcome.APPROVED and approval.attestation is not None:
        return approval.attestation
    _check_open(approval)
    if not is_record_present(approval):
        raise RuleViolation(
            _(
                "The record that this would replace was replaced or withdrawn meanwhile. Refuse this, and let it be "
                "stated anew."
            ),
            code="record_changed",
        )
    asker, request = _asker_of(approval, by), _request_of(approval)
    stated: dict[str, Any] = {
        "by": asker,
        "customer": approval.customer,
        "acceptance": acceptance_of(approval),
        "approver": by,
    }
    scenario = approval.statement["scenario"]
    is_confirmed = scenario is None
    record = confirm_acceptance(**stated) if is_confirmed else attest_on_behalf(**stated, scenario=scenario)
    if request is not None:
        settle_request(by=asker, request=request, attestation=record)
    _decide(by, approval, ApprovalOutcome.APPROVED, attestation=record)
    record_event(by=by, code="agreements.approval_granted", **_logged(approval))
    return record


@transaction.atomic
def refuse_approval(*, by: Actor, approval: Approval, reason: str) -> Approval:
    """The present record stays, and who asked reads why. Raises NotPermitted, RuleViolation (field "reason")."""
    approval = _lock_to_decide(by, approval)
    _check_open(approval)
    if not reason.strip():
        raise RuleViolation(_("Say why you do not approve it; whoever asked reads it"), field="reason")
    approval.reason = reason.strip()
    _decide(by, approval, ApprovalOutcome.REFUSED)
    record_event(by=by, code="agreements.approval_refused", **_logged(approval))
    return approval


@transaction.atomic
def take_approval_back(*, by: Actor, approval: Approval) -> Approval:
    """Who asked no longer asks. Raises NotPermitted for everybody else, RuleViolation once it was decided."""
    ensure_may(by=by, partner=approval.partner, permission=Permission.CUSTOMERS_VIEW)
    approval = _lock(approval)
    if by.user_id is None or by.user_id != approval.asked_by_id:
        raise NotPermitted(_("Only who asked takes it back. An Admin agent can refuse it."))
    _check_open(approval)
    _decide(by, approval, ApprovalOutcome.TAKEN_BACK)
    record_event(by=by, code="agreements.approval_revoked", **_logged(approval))
    return approval


def permission_to_ask(scenario: int | None) -> Permission:
    """Who may record it may ask for it."""
    return Permission.AGREEMENTS_CONFIRM if scenario is None else Permission.AGREEMENTS_ATTEST


def acceptance_of(approval: Approval) -> Acceptance:
    """What was stated, for one that is open."""
    said: Mapping[str, Any] = approval.statement
    return Acceptance(
        person=Person(**said["person"]),
        agreed_on=date.fromisoformat(said["agreed_on"]),
        evidence_kind=said["evidence_kind"],
        evidence_note=said["evidence_note"],
        language=said["language"],
        correction_of=UUID(said["correction_of"]) if said["correction_of"] else None,
        reason_note=said["reason_note"],
        authority=said["authority"],
        evidence=tuple(UUID(each) for each in said["evidence"]),
    )


def is_record_present(approval: Approval) -> bool:
    """Whether the record that it would replace is still the last of its line, and was not withdrawn since."""
    since = AttestationEvent.objects.filter(
        attestation=approval.record_id, kind=EventKind.WITHDRAWN, at__gt=approval.asked_at
    )
    return Attestation.objects.latest_of_line().filter(pk=approval.record_id).exists() and not since.exists()


def asker_membership(approval: Approval) -> Membership | None:
    """Of who asked, where they could still record it themselves, but for the second person."""
    found = Membership.objects.active().filter(user_id=approval.asked_by_id, partner_id=approval.partner_id)
    membership = found.select_related("partner", "user").first()
    may = membership is not None and membership.can(permission_to_ask(approval.statement.get("scenario")))
    return membership if may else None


def _ask(
    by: Actor, customer: Customer, acceptance: Acceptance, scenario: int | None, request: ConfirmationRequest | None
) -> Approval:
    if Approval.objects.open().filter(customer=customer).exists():
        raise RuleViolation(
            _("Something waits for a second person already. Have it decided, or take it back, before you ask again."),
            code="open_approval",
        )
    needed = _what_needs_approval(by, customer, acceptance, scenario)
    sent = EvidenceUpload.objects.of_owner(partner_id=customer.partner_id, owner_id=by.person_id)
    if sent.filter(public_id__in=acceptance.evidence).count() < len(set(acceptance.evidence)):
        raise RuleViolation(_("A file is no longer here. Choose it again."), field="evidence")
    approval = Approval.objects.create(
        partner=customer.partner,
        customer=customer,
        record=needed.record,
        reason_code=needed.reason_code,
        statement=_statement(acceptance, scenario, request),
        asked_by_id=by.person_id,
        asked_by_name=by.name,
        asked_roles=list(by.roles),
        asked_door=by.door,
    )
    record_event(by=by, code="agreements.approval_asked", **_logged(approval))
    for member in approvers_of(approval):
        post(kind="agreements.approval_asked", about=f"{approval.public_id}:{member}", task=send_approval_asked)
    return approval


def _what_needs_approval(
    by: Actor, customer: Customer, acceptance: Acceptance, scenario: int | None
) -> ApprovalRequired:
    """What recording it now would answer; everything else that speaks against it is raised."""
    try:
        with transaction.atomic():
            if scenario is None:
                confirm_acceptance(by=by, customer=customer, acceptance=acceptance)
            else:
                attest_on_behalf(by=by, customer=customer, acceptance=acceptance, scenario=scenario)
            # Asking records nothing, whatever the policy says by now.
            transaction.set_rollback(True)
    except ApprovalRequired as needed:
        return needed
    raise RuleViolation(_("Nobody has to be asked for this. Save it again."), code="no_approval_needed")


def approvers_of(approval: Approval) -> list[UUID]:
    """Public ids of the memberships that may decide about it."""
    members = Membership.objects.active().filter(partner_id=approval.partner_id).exclude(user_id=approval.asked_by_id)
    every = members.select_related("partner").order_by("id")
    return [member.public_id for member in every if member.can(Permission.AGREEMENTS_APPROVE)]


def _statement(acceptance: Acceptance, scenario: int | None, request: ConfirmationRequest | None) -> dict[str, Any]:
    """Everything that is needed to record it later, as JSON."""
    return asdict(acceptance) | {
        "agreed_on": acceptance.agreed_on.isoformat(),
        "correction_of": str(acceptance.correction_of) if acceptance.correction_of else None,
        "evidence": [str(each) for each in acceptance.evidence],
        "scenario": scenario,
        "request": str(request.public_id) if request else None,
    }


def _lock(approval: Approval) -> Approval:
    """As it is now, locked after its customer's tenant, as in every transaction about a record."""
    lock_tenant(approval.customer.tenant_id)
    Approval.objects.select_for_update().only("pk").get(pk=approval.pk)
    found: Approval = Approval.objects.with_details().select_related("customer__partner").get(pk=approval.pk)
    return found


def _lock_to_decide(by: Actor, approval: Approval) -> Approval:
    ensure_may(by=by, partner=approval.partner, permission=Permission.AGREEMENTS_APPROVE)
    reason = rules.why_cannot_approve(asked_by=approval.asked_by_id, approver=by.user_id)
    if reason is not None:
        raise NotPermitted(reason)
    return _lock(approval)


def _check_open(approval: Approval) -> None:
    if approval.outcome:
        raise RuleViolation(_("This was decided or taken back meanwhile."))


def _asker_of(approval: Approval, by: Actor) -> Actor:
    """Who asked, as they were then."""
    return Actor(
        kind=ActorKind.AGENT,
        name=approval.asked_by_name,
        user_id=approval.asked_by_id,
        membership=asker_membership(approval),
        roles=tuple(approval.asked_roles),
        door=Door(approval.asked_door),
        request_id=by.request_id,
    )


def _request_of(approval: Approval) -> ConfirmationRequest | None:
    """What the record will answer. Raises RuleViolation once the reseller was answered otherwise, or asks no more."""
    public_id = approval.statement["request"]
    if public_id is None:
        return None
    found: ConfirmationRequest = ConfirmationRequest.objects.with_details().get(public_id=public_id)
    if found.outcome:
        raise RuleViolation(_("Your reseller's request was decided or taken back meanwhile. Refuse this."))
    return found


def _decide(
    by: Actor, approval: Approval, outcome: ApprovalOutcome, *, attestation: Attestation | None = None
) -> None:
    """The statement goes: what was approved is in the record, and nobody keeps what was not."""
    approval.outcome, approval.attestation = outcome, attestation
    approval.decided_at, approval.decided_by_name = timezone.now(), by.name
    approval.decided_by_id, approval.statement = by.user_id, {}
    approval.save()
    if outcome != ApprovalOutcome.TAKEN_BACK:
        post(kind="agreements.approval_decided", about=str(approval.public_id), task=send_approval_decided)


def _logged(approval: Approval) -> dict[str, Any]:
    """What every line of the log about an approval has; the person is in the record's line alone."""
    return {
        "partner_id": approval.partner_id,
        "customer_id": approval.customer.tenant_id,
        "subject": str(approval.public_id),
        "facts": {"reason": approval.reason_code, "record": str(approval.record.reference)},
    }
