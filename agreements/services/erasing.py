"""Erasing a person: the name leaves the record, its files and the log; what the record proves stays provable."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import (
    Approval,
    Attestation,
    AttestationEvent,
    AttestationEventDetail,
    AttestationPerson,
    ConfirmationRequest,
    EnhancedAttestation,
    EventKind,
    Evidence,
    Invitation,
    Method,
)
from agreements.services.evidence import forget_files
from agreements.services.records import add_event, append_event
from customers.models import Customer
from customers.services import lock_tenant
from portal.audit.models import AuditEventDetail
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind
from portal.common.errors import NotPermitted, RuleViolation
from portal.common.folding import fold
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

NOBODY = {"first_name": "", "last_name": "", "email": ""}
# Lines about no customer that keep what somebody searched for, or who acted, which may be a person.
SEARCHED = (
    *("customers.customers_exported", "orders.orders_exported", "audit.activity_exported"),
    *("agreements.attestation_opened", "agreements.attestation_accepted", "agreements.attestation_declined"),
)


def same_person(attestation: Attestation) -> list[Attestation]:
    """The records of the same line, oldest first, that name this record's person by address or by name; [] once it
    is erased.
    """
    named: AttestationPerson | None = getattr(attestation, "person", None)
    if named is None:
        return []
    line = Attestation.objects.filter(
        tenant_id=attestation.tenant_id, scope=attestation.scope, person__isnull=False
    ).select_related("person", "partner")
    return [record for record in line.order_by("id") if _is_same(record.person, named)]


@transaction.atomic
def erase_person(*, by: Actor, attestation: Attestation, reason: str) -> list[Attestation]:
    """Erase the record's person from all records of its line, their files and notes, and from the activity log.

    Every record gets the event that says who erased, when and why, in its chain too; it covers as before. Of a
    partner's record its Admin agents erase, of the customer's own one the portal's staff. What is asked of the person
    still, and a contact of the same name, stay. Answers the records. Raises NotPermitted; RuleViolation: erased
    already, or no reason (field "reason").
    """
    check_may_erase(by=by, attestation=attestation)
    lock_tenant(attestation.tenant_id)
    records = same_person(Attestation.objects.select_related("person", "partner").get(pk=attestation.pk))
    if not records:
        raise RuleViolation(_("The person of this record is erased already."))
    if not reason.strip():
        raise RuleViolation(_("Say why the person is erased"), field="reason")
    person = attestation.person
    events = [add_event(by, record, EventKind.ERASED, reason.strip()) for record in records]
    file_count = _erase_from_records(records, events)
    _erase_from_questions(attestation, person)
    _erase_from_hosted(attestation, records, person)
    # What was said of them to whoever asked to replace one.
    Approval.objects.filter(record__in=records).exclude(outcome="").update(reason="")
    _erase_from_log(attestation, records, person)
    for record in records:
        record_event(
            by=by,
            code="agreements.person_erased",
            partner_id=record.partner_id,
            customer_id=record.tenant_id,
            subject=str(record.reference),
            facts={"agreed_on": record.agreed_on.isoformat(), "file_count": file_count},
        )
    # The chain's head is the last lock.
    for event in events:
        append_event(by, event)
    return records


def check_may_erase(*, by: Actor, attestation: Attestation) -> None:
    """Raise NotPermitted where this actor does not erase the person of this record."""
    if attestation.partner is not None:
        ensure_may(by=by, partner=attestation.partner, permission=Permission.AGREEMENTS_ERASE)
    elif by.kind != ActorKind.STAFF or attestation.method != Method.CUSTOMER_DIRECT:
        raise NotPermitted(_("This is the customer's own record. The portal's staff erase its person."))


def _is_same(one: AttestationPerson, other: AttestationPerson) -> bool:
    return fold(one.email) == fold(other.email) or fold(one.full_name) == fold(other.full_name)


def _erase_from_records(records: Sequence[Attestation], said_so: Iterable[AttestationEvent]) -> int:
    """Persons, files, and what was said of the records, but for why they were erased; answers how many files."""
    files = Evidence.objects.filter(attestation__in=records)
    digests = list(files.values_list("sha256", flat=True))
    files.delete()
    AttestationPerson.objects.filter(attestation__in=records).delete()
    said = AttestationEventDetail.objects.filter(event__attestation__in=records)
    said.exclude(event__in=list(said_so)).exclude(event__kind=EventKind.ERASED).delete()
    partner = records[0].partner
    if partner is not None and digests:
        transaction.on_commit(partial(forget_files, partner.tenant_id, digests))
    return len(digests)


def _erase_from_questions(attestation: Attestation, person: AttestationPerson) -> None:
    """What the person was asked, or was named in, and that is over."""
    own = Q() if attestation.partner_id is None else Q(partner_id=attestation.partner_id)
    named = Q(email__iexact=person.email, customer__tenant_id=attestation.tenant_id)
    Invitation.objects.filter(own, named).exclude(outcome="").update(**NOBODY, message="", decline_reason="")
    asked = ConfirmationRequest.objects.filter(own, named).exclude(outcome="")
    asked.update(**NOBODY, phone="", evidence_note="", reason="")


def _erase_from_hosted(attestation: Attestation, records: Sequence[Attestation], person: AttestationPerson) -> None:
    """Of what was accepted on the hosted page: that of these records, and what this partner asked and did not use."""
    if attestation.partner_id is None:
        return
    asked = EnhancedAttestation.objects.filter(partner_id=attestation.partner_id)
    is_over = ~Q(outcome="") | Q(expires_at__lte=timezone.now())
    unused = Q(attestation__isnull=True, email__iexact=person.email) & is_over
    asked.filter(Q(attestation__in=records) | unused).update(**NOBODY, phone="", company_name="", decline_reason="")


def _erase_from_log(attestation: Attestation, records: Sequence[Attestation], person: AttestationPerson) -> None:
    """The personal values of every line about these records, and of every other line that names the person."""
    partners, tenant_id = _who_knows(attestation), attestation.tenant_id
    of_partners = AuditEventDetail.objects.filter(event__partner_id__in=partners)
    own = AuditEventDetail.objects.all() if attestation.partner_id is None else of_partners
    searched = of_partners.filter(event__customer_id__isnull=True, event__code__in=SEARCHED)
    references = [str(record.reference) for record in records]
    words = {fold(text) for text in (person.email, person.last_name, str(person.phone or "")) if text}
    names = {fold(person.email), fold(person.full_name)}
    found = [
        detail.pk
        for details in (own.filter(event__customer_id=tenant_id), searched)
        for detail in details.select_related("event").iterator(chunk_size=500)
        if detail.event.subject in references
        or any(text in words or any(name in text for name in names) for text in _texts(detail))
    ]
    AuditEventDetail.objects.filter(pk__in=found).delete()


def _who_knows(attestation: Attestation) -> list[int]:
    """Partners in whose logs the person may be: the record's own and the resellers who asked it about the customer;
    of the customer's own record, all that the customer has.
    """
    if attestation.partner_id is None:
        return list(Customer.objects.filter(tenant_id=attestation.tenant_id).values_list("partner_id", flat=True))
    asked = ConfirmationRequest.objects.filter(
        partner_id=attestation.partner_id, customer__tenant_id=attestation.tenant_id
    )
    return [attestation.partner_id, *asked.values_list("reseller_id", flat=True).distinct()]


def _texts(detail: AuditEventDetail) -> list[str]:
    """Everything a line's detail says in words, folded."""
    said: list[Any] = [value for pair in detail.values.values() for value in pair]
    return [fold(str(value)) for value in (*said, detail.actor_name) if value]
