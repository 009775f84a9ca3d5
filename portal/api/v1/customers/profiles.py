"""What belongs to one customer: profiles, resellers, vetting, organisation; and the link that asks for a new one."""

from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Header, Query, Router

from customers.models import BillTo
from customers.services import bill_to_of, replace_bill_to
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.customers import mapping, reading, schemas
from portal.api.v1.faults import BAD_CHOICE, INVALID, Fault
from portal.api.v1.fetching import customer_of
from portal.api.v1.wire import Collection, spelled
from portal.partners.models import Partner
from portal.partners.permissions import Permission

router = Router(tags=["Customers"])
requests = Router(tags=["Customers"])


@router.get(
    "/customers/{customer_id}/profiles/company",
    response=out(schemas.CompanyProfile),
    operation_id="getCompanyProfile",
)
@needs(Permission.CUSTOMERS_VIEW, callers=Callers.USER)
def company(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """The company with its address and the primary contact's e-mail."""
    return answer(mapping.company_profile(customer_of(request, customer_id)))


@router.get(
    "/customers/{customer_id}/profiles/billing",
    response=out(schemas.BillingProfile),
    operation_id="getBillingProfile",
)
@needs(Permission.CUSTOMERS_VIEW)
def billing(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """Where the invoices go. attributes.etag: send it back with a change."""
    return answer(mapping.billing_profile(customer_of(request, customer_id)))


@router.put(
    "/customers/{customer_id}/profiles/billing",
    response=out(schemas.BillingProfile),
    operation_id="updateBillingProfile",
)
@needs(Permission.CUSTOMERS_EDIT)
def replace_billing(
    request: ApiRequest,
    customer_id: UUID,
    body: schemas.NewBillingProfile,
    if_match: Annotated[str, Header(alias="If-Match")] = "",
) -> HttpResponse:
    """Replace all of it. The etag comes in If-Match or, as clients do it, in the body; a stale one is 400/2055."""
    row = customer_of(request, customer_id)
    known = bill_to_of(row, BillTo.objects.filter(customer=row).first())
    replace_bill_to(
        by=request.caller.actor,
        customer=row,
        details=reading.bill_to(body, fallback=known.company_name, known=known),
        language=reading.culture_of(body),
        stamp=_stamp(if_match, body),
    )
    return answer(mapping.billing_profile(customer_of(request, customer_id)))


def _stamp(if_match: str, body: schemas.NewBillingProfile) -> str | None:
    """The etag that the change was made on, None where the client does not say or takes any."""
    given = if_match.strip().removeprefix("W/").strip('"')
    if given == "*":
        return None
    return given or (body.attributes.etag if body.attributes else None) or None


@router.get(
    "/customers/{customer_id}/relationships",
    response=out(Collection[schemas.CustomerRelationship]),
    operation_id="listCustomerRelationships",
)
@needs(Permission.CUSTOMERS_VIEW, callers=Callers.USER)
def relationships(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """The indirect reseller that the customer buys through, if it does."""
    row = customer_of(request, customer_id)
    found = [mapping.reseller_out(row.reseller)] if row.reseller else []
    return answer(collection(found, self_uri=f"/customers/{customer_id}/relationships"))


@router.get(
    "/customers/{customer_id}/validationStatus",
    response=out(schemas.ValidationStatus),
    operation_id="getValidationStatus",
)
@needs(Permission.CUSTOMERS_VIEW)
def validation_status(request: ApiRequest, customer_id: UUID, type: str = "account") -> HttpResponse:
    """Where the vetting of the customer's account stands; orders wait for it."""
    row = customer_of(request, customer_id)
    if spelled(type) != "account":
        raise Fault(400, BAD_CHOICE, "type: must be one of account.", data=["type"])
    return answer(mapping.validation_status(row))


@router.get(
    "/customers/{customer_id}/organization", response=out(list[schemas.Organization]), operation_id="getOrganization"
)
@needs(Permission.CUSTOMERS_VIEW, callers=Callers.USER)
def organization(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """The company as its directory knows it."""
    return answer([mapping.organization(customer_of(request, customer_id))])


@requests.get(
    "/customers/relationshiprequests",
    response=out(schemas.RelationshipRequest),
    operation_id="getRelationshipRequest",
)
@needs(Permission.CUSTOMERS_REQUEST_RELATIONSHIP, callers=Callers.USER)
def relationship_request(
    request: ApiRequest,
    provider: Annotated[UUID | None, Query(alias="indirectCloudSolutionProviderId")] = None,
    reseller: Annotated[UUID | None, Query(alias="indirectResellerId")] = None,
    is_dual: Annotated[bool, Query(alias="dualRoleIndirectRelationship")] = False,
) -> HttpResponse:
    """The link by which a company that exists accepts the caller as its reseller.

    With the other partner's Microsoft ID, where an indirect provider and its reseller sell together.
    """
    own = request.caller.partner
    others = Partner.objects
    linked = _linked(others.providers_of(own), provider, "indirectCloudSolutionProviderId")
    through = _linked(others.resellers_of(own), reseller, "indirectResellerId")
    return answer(schemas.RelationshipRequest(url=mapping.request_url(own, provider=linked, reseller=through)))


def _linked(partners: "QuerySet[Partner]", tenant_id: UUID | None, name: str) -> Partner | None:
    """The partner with this id among those that the caller works with. Raises Fault 400."""
    if tenant_id is None:
        return None
    found = partners.filter(tenant_id=tenant_id).first()
    if found is None:
        raise Fault(400, INVALID, f"{name}: {tenant_id} is no partner that you work with.", data=[name])
    return found
