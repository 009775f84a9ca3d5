"""Every customer's last confirmation, and many confirmations at once (facts, 1.7), without what that tool loses:
the true date stays, every row is answered for, and a row sent again makes no second record.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from agreements.models import AgreementTemplate, AgreementType, Attestation
from agreements.services import Person, with_stored_number
from customers.models import Customer
from portal.api.v1.agreements.mapping import contact_of, day_of, person_of
from portal.api.v1.agreements.recording import confirm, type_of
from portal.api.v1.agreements.schemas import MCA, BulkRow, BulkRowOut, CustomerAgreementRecord
from portal.api.v1.callers import ApiRequest, Caller
from portal.api.v1.faults import ALREADY_CONFIRMED, INVALID, NO_TENANT, Fault, fault_of
from portal.api.v1.fetching import customer_of
from portal.common.errors import PortalError
from portal.common.ids import parse_uuid
from portal.partners.models import Partner

MOST_ROWS = 500


def records_of(customers: list[Customer], *, partner: Partner) -> list[CustomerAgreementRecord]:
    """For each of the partner's customers its last record that was neither withdrawn nor is disputed. Two queries."""
    stale_before = AgreementTemplate.objects.stale_before(today=partner.today)
    own = Attestation.objects.current().filter(
        tenant_id__in=[customer.tenant_id for customer in customers],
        scope=partner.pk,
        agreement_type=AgreementType.MCA,
    )
    last = {record.tenant_id: record for record in own.select_related("person")}
    return [_record(customer, last.get(customer.tenant_id), stale_before) for customer in customers]


def _record(customer: Customer, record: Attestation | None, stale_before: date | None) -> CustomerAgreementRecord:
    agreed = [day for day in (customer.attested_on, customer.direct_on) if day is not None]
    return CustomerAgreementRecord(
        customer_tenant_id=str(customer.tenant_id),
        last_agreement_primary_contact=contact_of(record),
        last_agreement_date_epoch=_epoch(record.agreed_on) if record else None,
        partner_attestation_completed=any(stale_before is None or day >= stale_before for day in agreed),
    )


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def attest_row(request: ApiRequest, row: BulkRow) -> BulkRowOut:
    """Record one row in a transaction of its own, and say what became of it. Never raises what a row can cause."""
    named = (row.customer_id or "").strip()[:100]
    try:
        with transaction.atomic():
            return BulkRowOut(customer_id=named, status=_attest(request, row))
    except PortalError as refused:
        fault = fault_of(refused)
    except Fault as refused_here:
        fault = refused_here
    return BulkRowOut(customer_id=named, status="refused", code=fault.code, description=fault.description)


def _attest(request: ApiRequest, row: BulkRow) -> str:
    caller = request.caller
    customer, person, day = _said(request, row)
    if _is_recorded(customer, person, day):
        return "alreadyRecorded"
    try:
        with transaction.atomic():
            _confirm(caller, customer, person, day, row)
    except PortalError as refused:
        # Somebody sent the same row meanwhile.
        if refused.code != str(ALREADY_CONFIRMED) or not _is_recorded(customer, person, day):
            raise
        return "alreadyRecorded"
    return "recorded"


def _confirm(caller: Caller, customer: Customer, person: Person, day: date, row: BulkRow) -> None:
    confirm(caller, customer, person, day, kind=AgreementType.MCA, is_direct=row.customer_direct_acceptance)


def _said(request: ApiRequest, row: BulkRow) -> tuple[Customer, Person, date]:
    """Whose acceptance, by whom, when. Raises Fault."""
    partner, agreement = request.caller.partner, row.agreement
    if row.partner_id is not None and parse_uuid(row.partner_id.strip()) != partner.tenant_id:
        raise Fault(400, INVALID, "partnerId is not the company that the token is for.", data=["partnerId"])
    customer_id = parse_uuid((row.customer_id or "").strip())
    if customer_id is None:
        raise Fault(404, NO_TENANT, "customerId must be the customer's Microsoft ID.", data=["customerId"])
    customer = customer_of(request, customer_id)
    if agreement is None:
        raise Fault(400, INVALID, "agreement is missing: say who accepted, and when.", data=["agreement"])
    if type_of(agreement.template_id, None) != MCA:
        raise Fault(400, INVALID, "Only the Microsoft Customer Agreement is attested anew.", data=["templateId"])
    person = person_of(agreement.primary_contact, country=str(customer.country))
    return customer, person, day_of(agreement.date_agreed, zone=partner.zone)


def _is_recorded(customer: Customer, person: Person, day: date) -> bool:
    """Whether this partner has the very statement on record, replaced by a later one or not, and not withdrawn."""
    named = vars(with_stored_number(person))
    same = _of_day(customer.partner_id, customer.tenant_id, day)
    return any(record.person.contact_fields == named for record in same if hasattr(record, "person"))


def _of_day(partner_id: int, tenant_id: UUID, day: date) -> QuerySet[Attestation]:
    found = Attestation.objects.filter(
        partner_id=partner_id, tenant_id=tenant_id, agreement_type=AgreementType.MCA, agreed_on=day
    )
    return found.with_state().filter(is_withdrawn=False).select_related("person")
