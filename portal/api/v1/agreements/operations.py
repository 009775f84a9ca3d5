"""The agreement family: A1 to A9 of the facts' section 1.2."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from agreements.models import DIRECT_SCOPE, AgreementTemplate, Attestation, EnhancedAttestation
from agreements.services import ask_signatory
from customers.models import Customer
from portal.api.v1.access import needs, separate_transactions
from portal.api.v1.agreements import compliance, mapping, texts
from portal.api.v1.agreements.bulk import MOST_ROWS, attest_row, records_of
from portal.api.v1.agreements.recording import record_agreement
from portal.api.v1.agreements.schemas import (
    AgreementCollection,
    AgreementIn,
    AgreementOut,
    BulkRow,
    BulkRowOut,
    CustomerAgreementRecords,
    DirectSignedOut,
    DocumentOut,
    EnhancedIn,
    EnhancedOut,
    MetaDataCollection,
    PartnerAgreementOut,
)
from portal.api.v1.answers import answer, out
from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.faults import INVALID, NOT_THERE, Fault
from portal.api.v1.fetching import customer_of
from portal.api.v1.paging import LARGEST, keyset
from portal.api.v1.wire import Attributes, link
from portal.partners.permissions import Permission

router = Router(tags=["Agreements"])


@router.get("/agreements", response=out(MetaDataCollection), operation_id="getAgreementMetadata")
@needs(Permission.AGREEMENTS_VIEW_TEMPLATES, callers=Callers.USER)
def list_metadata(request: ApiRequest, kind: str = Query("", alias="agreementType")) -> HttpResponse:
    """Which agreements there are. Without `agreementType` the legacy Cloud Agreement alone, as at Partner Center."""
    texts.ensure_public_cloud(request)
    found = mapping.metadata_of(mapping.types_asked(kind), on=request.caller.partner.today)
    return answer(
        MetaDataCollection(
            total_count=len(found),
            items=found,
            links={"self": link("/agreements")},
            attributes=Attributes(object_type="Collection"),
        )
    )


@router.get(
    "/agreementtemplates/{template_id}/document", response=out(DocumentOut), operation_id="getAgreementDocument"
)
@needs(Permission.AGREEMENTS_VIEW_TEMPLATES, callers=Callers.USER)
def get_document(request: ApiRequest, template_id: str, language: str = "en-US", country: str = "US") -> HttpResponse:
    """Links to the agreement's text for a country, in this language or else in en-US; they work for five minutes."""
    texts.ensure_public_cloud(request)
    document = texts.find_document(request, template_id, language=language, country=country)
    return answer(mapping.document_of(document, country=country or texts.DEFAULT_COUNTRY))


@router.post(
    "/customers/{customer_id}/agreements", response=out(AgreementOut, 201), operation_id="createCustomerAgreement"
)
@needs(Permission.AGREEMENTS_CONFIRM, callers=Callers.USER)
def confirm_agreement(request: ApiRequest, customer_id: UUID, body: AgreementIn) -> HttpResponse:
    """Confirm that the customer accepted. `userId` is the token's member, whatever is sent."""
    record = record_agreement(request.caller, customer_of(request, customer_id), body)
    user = request.caller.user
    said = mapping.agreement_of(record, user_id=user.public_id if user else None)
    return answer(said, 201)


@router.get(
    "/customers/{customer_id}/agreements", response=out(AgreementCollection), operation_id="getCustomerAgreements"
)
@needs(Permission.AGREEMENTS_VIEW_RECORDS, callers=Callers.USER)
def list_agreements(
    request: ApiRequest, customer_id: UUID, kind: str = Query("", alias="agreementType")
) -> HttpResponse:
    """The partner's confirmations, newest first; without those that were withdrawn or are disputed."""
    texts.ensure_public_cloud(request)
    customer = customer_of(request, customer_id, active=False)
    own = Attestation.objects.visible_of(request.caller.membership, customer).filter(
        partner_id=customer.partner_id, agreement_type__in=mapping.types_asked(kind)
    )
    stands = own.with_state().filter(is_withdrawn=False).select_related("person", "document__template").newest_first()
    found = mapping.agreements_of([record for record in stands if record.dispute != "disputed"])
    return answer(AgreementCollection(total_count=len(found), items=found))


@router.get(
    "/customers/{customer_id}/directSignedMicrosoftCustomerAgreementStatus",
    response=out(DirectSignedOut),
    operation_id="getDirectSignedStatus",
)
@needs(Permission.AGREEMENTS_VIEW_RECORDS, callers=Callers.USER)
def direct_signed(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """Whether the customer's own acceptance is on record, and still counts."""
    texts.ensure_public_cloud(request)
    customer = customer_of(request, customer_id)
    stale_before = AgreementTemplate.objects.stale_before(today=customer.partner.today)
    covering = Attestation.objects.covering(customer=customer, stale_before=stale_before)
    return answer(DirectSignedOut(is_signed=covering.filter(scope=DIRECT_SCOPE).exists()))


@router.get(
    "/compliance/csp/agreementstatus", response=out(PartnerAgreementOut), operation_id="getPartnerAgreementStatus"
)
@needs(Permission.PARTNER_VIEW, callers=Callers.USER)
def partner_agreement(
    request: ApiRequest,
    mpn_id: str | None = Query(None, alias="mpnId"),
    tenant_id: str | None = Query(None, alias="tenantId"),
) -> HttpResponse:
    """Whether an indirect reseller signed the Microsoft Partner Agreement."""
    compliance.check_signed(request.caller.partner, mpn_id=mpn_id, tenant_id=tenant_id)
    return answer(PartnerAgreementOut(is_agreement_signed=True))


@router.get(
    "/partners/customeragreementrecords",
    response=out(CustomerAgreementRecords),
    operation_id="getCustomerAgreementRecords",
)
@needs(Permission.AGREEMENTS_EXPORT, callers=Callers.USER)
def list_records(request: ApiRequest, continuation_token: str = "") -> HttpResponse:
    """Every customer with its last confirmation, 500 a page."""
    texts.ensure_public_cloud(request)
    customers = Customer.objects.visible_to(request.caller.membership).active().defer("search_text", "pushed_words")
    purpose = f"customeragreementrecords:{request.caller.partner.pk}"
    rows, token = keyset(customers, ["id"], size=LARGEST, token=continuation_token, purpose=purpose)
    records = records_of(rows, partner=request.caller.partner)
    return answer(CustomerAgreementRecords(customer_agreement_records=records, continuation_token=token))


@router.post("/CreateBulkReAttestation", response=out(list[BulkRowOut]), operation_id="createBulkReAttestation")
@needs(Permission.CUSTOMERS_IMPORT, callers=Callers.USER)
@separate_transactions
def attest_many(request: ApiRequest, body: list[BulkRow]) -> HttpResponse:
    """Confirm up to 500 customers' acceptances, each by itself; answers what became of every row, in their order."""
    texts.ensure_public_cloud(request)
    if len(body) > MOST_ROWS:
        raise Fault(400, INVALID, f"Send at most {MOST_ROWS} rows at once.")
    return answer([attest_row(request, row) for row in body])


@router.post("/attestations/enhanced", response=out(EnhancedOut, 201), operation_id="createEnhancedAttestation")
@needs(Permission.AGREEMENTS_CONFIRM, callers=Callers.APP)
def create_enhanced(request: ApiRequest, body: EnhancedIn) -> HttpResponse:
    """Make a hosted page on which the signatory accepts. Pass its `url` to the signatory; then name the
    `attestationId` when you confirm the acceptance.
    """
    signatory = mapping.signatory_of(body)
    asked = ask_signatory(by=request.caller.actor, partner=request.caller.partner, signatory=signatory)
    return answer(mapping.enhanced_of(asked), 201)


@router.get(
    "/attestations/enhanced/{attestation_id}", response=out(EnhancedOut), operation_id="getEnhancedAttestation"
)
@needs(Permission.AGREEMENTS_CONFIRM, callers=Callers.APP)
def get_enhanced(request: ApiRequest, attestation_id: UUID) -> HttpResponse:
    """How an attestation stands: pending, opened, accepted, declined or expired."""
    seen = EnhancedAttestation.objects.visible_to(request.caller.membership).select_related("document")
    asked = seen.filter(public_id=attestation_id).first()
    if asked is None:
        raise Fault(404, NOT_THERE, f"There is no attestation {attestation_id}.")
    return answer(mapping.enhanced_of(asked))
