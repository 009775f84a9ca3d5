"""Enhanced attestation on the partner's side: ask a signatory through the API, confirm with what it accepted."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import rules
from agreements.languages import DEFAULT_LANGUAGE, is_offered
from agreements.links import hosted_digest
from agreements.models import Attestation, EnhancedAttestation, EvidenceKind, HostedOutcome
from agreements.services.offering import documents_for
from agreements.services.policies import policy_of
from agreements.services.recording import confirm_acceptance
from agreements.services.records import Acceptance, Person, with_stored_number
from customers.models import Customer
from customers.services import lock_tenant
from portal.audit.models import AuditEvent
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.common.folding import fold
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

LONGEST_LANGUAGE, LONGEST_NAME = 15, 200
# How long the portal knows who was asked, once nothing can come of it any more.
SIGNATORY_KEPT = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Whom a program asks to accept, for which company, and in which country and language it reads the text.

    country: ISO 3166, upper case; language: tag such as pl-PL, where the country has no such text en-US is read.
    """

    person: Person
    company_name: str
    country: str
    language: str = DEFAULT_LANGUAGE


@transaction.atomic
def ask_signatory(*, by: Actor, partner: Partner, signatory: Signatory) -> EnhancedAttestation:
    """Make the hosted page for one signatory. It works as long as an invitation of this partner does.

    Raises NotPermitted, RuleViolation with its field.
    """
    ensure_may(by=by, partner=partner, permission=Permission.AGREEMENTS_CONFIRM)
    signatory = replace(signatory, person=with_stored_number(signatory.person))
    _check(partner, signatory)
    now, person = timezone.now(), signatory.person
    asked = EnhancedAttestation(
        public_id=uuid.uuid4(),
        partner=partner,
        client_id=by.client_id,
        client_name=by.name[:200],
        country=signatory.country,
        language=signatory.language,
        company_name=signatory.company_name.strip(),
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        phone=person.phone,
        created_at=now,
        expires_at=now + timedelta(days=policy_of(partner).valid_days),
    )
    asked.token_digest = hosted_digest(asked)
    asked.save()
    log_hosted(by, "agreements.attestation_asked", asked)
    return asked


@transaction.atomic
def confirm_hosted(*, by: Actor, customer: Customer, attestation_id: uuid.UUID, person: Person) -> Attestation:
    """Confirm the customer's acceptance with what the signatory accepted on the hosted page. Once.

    The record has the day, the text and the signatory of that acceptance, and says so. Raises NotPermitted,
    ApprovalRequired, RuleViolation: not this partner's, not accepted, over, used, of somebody or of a company other
    than the confirmation names, or what recording refuses.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.AGREEMENTS_CONFIRM)
    lock_tenant(customer.tenant_id)
    own = EnhancedAttestation.objects.filter(partner_id=customer.partner_id, public_id=attestation_id)
    asked = own.select_for_update(of=("self",)).first()
    person = with_stored_number(person)
    if asked is None or asked.document is None or asked.closed_at is None:
        raise _refused(_why_not_accepted(asked))
    if (reason := _why_not_used(asked, customer, person)) is not None:
        raise _refused(reason)
    record = confirm_acceptance(by=by, customer=customer, acceptance=_acceptance(asked, customer, person))
    if record.document_id != asked.document_id:
        raise _refused(
            _("The signatory accepted a text that is not the one for this customer's country and that day.")
        )
    asked.attestation = record
    asked.save(update_fields=["attestation"])
    log_hosted(by, "agreements.attestation_used", asked, customer)
    return record


def log_hosted(by: Actor, code: str, asked: EnhancedAttestation, customer: Customer | None = None) -> AuditEvent:
    """A line about a hosted acceptance. It says nothing of the signatory: that is with the attestation."""
    return record_event(
        by=by,
        code=code,
        partner_id=asked.partner_id,
        customer_id=customer.tenant_id if customer else None,
        subject=str(asked.public_id),
        facts={"country": str(asked.country)},
    )


def _check(partner: Partner, signatory: Signatory) -> None:
    refusals = {
        **{f"signatory_{name}": why for name, why in rules.why_not_a_person(vars(signatory.person)).items()},
        "company_name": None
        if 0 < len(signatory.company_name.strip()) <= LONGEST_NAME
        else _("Enter the company's name, with at most %(most)d characters") % {"most": LONGEST_NAME},
        "language": None if len(signatory.language) <= LONGEST_LANGUAGE else _("Use a language tag such as en-US"),
        "country": None
        if is_offered(signatory.country) and documents_for(signatory.country, partner=partner).exists()
        else _("There is no text of the agreement for this country"),
    }
    for field, reason in refusals.items():
        if reason is not None:
            raise RuleViolation(reason, field=field)


def _why_not_accepted(asked: EnhancedAttestation | None) -> str:
    if asked is None:
        return _("There is no such attestation of your company.")
    if asked.outcome == HostedOutcome.DECLINED:
        return _("The signatory declined. Ask anew; this attestation cannot be used.")
    if asked.is_expired:
        return _("The attestation has expired. Ask the signatory anew.")
    return _("The signatory has not accepted yet.")


def _why_not_used(asked: EnhancedAttestation, customer: Customer, person: Person) -> str | None:
    if asked.attestation_id is not None:
        return _("This attestation was used already. Ask the signatory anew.")
    if asked.is_expired:
        return _("The attestation has expired. Ask the signatory anew.")
    if not _is_signatory(asked, person):
        return _("The primary contact is not the signatory who accepted. Name the same person.")
    if _letters(asked.company_name) != _letters(customer.company_name):
        return _("The signatory accepted for “%(named)s”, which is not the name of this customer.") % {
            "named": asked.company_name
        }
    return None


def _is_signatory(asked: EnhancedAttestation, person: Person) -> bool:
    """The same names and address; the same number where both name one."""
    is_same_number = not person.phone or not asked.phone or person.phone == asked.phone
    return (
        person.first_name == asked.first_name
        and person.last_name == asked.last_name
        and fold(person.email) == fold(asked.email)
        and is_same_number
    )


def _letters(name: str) -> str:
    """What of a company's name counts when two spellings are compared."""
    return "".join(ch for ch in fold(name) if ch.isalnum())


def _acceptance(asked: EnhancedAttestation, customer: Customer, person: Person) -> Acceptance:
    accepted_at, document = asked.closed_at, asked.document
    if accepted_at is None or document is None:
        raise ValueError("Only what was accepted is confirmed.")
    note = f"Attestation {asked.public_id} for “{asked.company_name}”, accepted at {accepted_at:%Y-%m-%dT%H:%M:%SZ}"
    return Acceptance(
        person=replace(person, email=asked.email, phone=person.phone or asked.phone),
        agreed_on=accepted_at.astimezone(customer.partner.zone).date(),
        evidence_kind=EvidenceKind.HOSTED,
        evidence_note=note[:500],
        language=document.language,
    )


def _refused(reason: str) -> RuleViolation:
    return RuleViolation(reason, field="attestation_id", code="attestation_refused")


def forget_unused_signatories(*, now: datetime) -> int:
    """What the clock does in the first minute of an hour: of what nobody confirmed with, blank whom it named."""
    if now.minute:
        return 0
    ended = EnhancedAttestation.objects.filter(attestation=None, expires_at__lt=now - SIGNATORY_KEPT)
    nobody = {"first_name": "", "last_name": "", "email": "", "phone": "", "company_name": "", "decline_reason": ""}
    return ended.exclude(email="").update(**nobody)
