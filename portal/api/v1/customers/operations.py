"""Customers: made, listed, looked up, removed (facts, 2.2)."""

import uuid
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Header, Query, Router

from customers.models import Customer as Row
from customers.services import create_customer, save_bill_to
from orders.services import remove_customer
from portal.api.v1.access import needs
from portal.api.v1.answers import JSON, answer, collection, no_content, out
from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.customers import listing, mapping, profiles, qualifications, reading, schemas
from portal.api.v1.faults import APP_ONLY, INVALID, WRONG_PLACE, Fault
from portal.api.v1.fetching import customer_of
from portal.api.v1.paging import keyset, size_of
from portal.api.v1.wire import Collection
from portal.partners.models import Partner
from portal.partners.permissions import Permission

customers = Router(tags=["Customers"])
KIND, PROFILE_KIND = {"objectType": "Customer"}, {"objectType": "CustomerCompanyProfile"}


@customers.post("/customers", response=out(schemas.Customer, 201), operation_id="createCustomer")
@needs(Permission.CUSTOMERS_CREATE)
def create(request: ApiRequest, body: schemas.NewCustomer) -> HttpResponse:
    """Make a customer: its tenant, its administrator with a password that is told once, and the relationship.

    With associatedPartnerId, for one of an indirect provider's resellers; that needs a member's token.
    """
    by, partner = request.caller.actor, request.caller.partner
    reseller = _reseller(request, reading.partner_id(body.associated_partner_id))
    read = reading.new_customer(body, partner)
    made, credentials = create_customer(
        by=by, partner=partner, domain=read.domain, company=read.company, contact=read.contact, reseller=reseller
    )
    if read.bill_to is not None:
        save_bill_to(by=by, customer=made, details=read.bill_to, version=0)
    made = customer_of(request, made.tenant_id)
    return answer(mapping.customer_out(made, credentials=credentials), 201)


def _reseller(request: ApiRequest, tenant_id: UUID | None) -> Partner | None:
    """One of the caller's resellers by id; None for the caller's own customer. Raises Fault."""
    if tenant_id is None:
        return None
    if request.caller.user is None:
        raise Fault(403, APP_ONLY, "A customer for a reseller needs a member's own token (App+User).")
    found = Partner.objects.resellers_of(request.caller.partner).filter(tenant_id=tenant_id).first()
    if found is None:
        told = f"associatedPartnerId: {tenant_id} is none of your indirect resellers."
        raise Fault(400, INVALID, told, data=["associatedPartnerId"])
    return found


@customers.get("/customers", response=out(Collection[schemas.ListedCustomer]), operation_id="listCustomers")
@needs(Permission.CUSTOMERS_VIEW)
def list_customers(
    request: ApiRequest,
    size: int | None = None,
    filter: str = "",
    seek: Annotated[str, Query(alias="seekOperation")] = "",
    token: Annotated[str, Header(alias="MS-ContinuationToken")] = "",
) -> HttpResponse:
    """The customers whose relationship holds, by name; at most 500 in one answer.

    filter: JSON with Field (CompanyName, Domain, IndirectReseller, IndirectCloudSolutionProvider), Value, Operator.
    """
    asked = listing.asked_for(size=size, text=filter, seek=seek, token=token)
    rows, after = keyset(
        listing.listed(request.caller.membership, asked),
        listing.ORDER,
        size=size_of(asked.size),
        token=asked.after,
        purpose=f"customers\n{asked.filter}",
    )
    onward = "&" if "?" in asked.uri else "?"
    page = collection(
        [_listed(row) for row in rows],
        self_uri=asked.uri,
        next_uri=f"{asked.uri}{onward}seekOperation=Next",
        token=asked.token(after) if after else None,
    )
    return answer(page)


def _listed(row: Any) -> dict[str, Any]:
    """A schemas.ListedCustomer, written by hand: there may be 500, and each model costs more than its query."""
    return {
        "id": row.tenant_id,
        "companyProfile": {
            "tenantId": row.tenant_id,
            "domain": row.tenant__domain,
            "companyName": row.company_name,
            "attributes": PROFILE_KIND,
        },
        "relationshipToPartner": mapping.RESELLER,
        "links": {"self": {"uri": f"/customers/{row.tenant_id}", "method": "GET", "headers": []}},
        "attributes": KIND,
    }


@customers.get("/customers/{customer_id}", response=out(schemas.Customer), operation_id="getCustomer")
@needs(Permission.CUSTOMERS_VIEW)
def get(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """One customer with its profiles."""
    return answer(mapping.customer_out(customer_of(request, customer_id)))


@customers.patch("/customers/{customer_id}", response=out(schemas.RemovedCustomer), operation_id="removeRelationship")
@needs(Permission.CUSTOMERS_REMOVE, callers=Callers.USER)
def change(request: ApiRequest, customer_id: UUID, body: schemas.CustomerChange) -> HttpResponse:
    """Remove the reseller relationship: relationshipToPartner none, once all subscriptions are suspended."""
    row = customer_of(request, customer_id)
    if body.relationship_to_partner != "none":
        told = "relationshipToPartner: only none can be set, which removes the relationship."
        raise Fault(400, INVALID, told, data=["relationshipToPartner"])
    _remove(request, row)
    return HttpResponse(schemas.RemovedCustomer().model_dump_json(by_alias=True), content_type=JSON)


@customers.delete("/customers/{customer_id}", response=out(None, 204), operation_id="deleteCustomer")
@needs(Permission.CUSTOMERS_REMOVE)
def delete(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """Delete a customer of the integration sandbox, with its subscriptions. The records stay."""
    row = customer_of(request, customer_id)
    if not row.partner.is_sandbox:
        told = (
            "Customers can be deleted in a sandbox only. Remove the relationship: PATCH, relationshipToPartner none."
        )
        raise Fault(400, WRONG_PLACE, told)
    _remove(request, row)
    return no_content()


def _remove(request: ApiRequest, row: Row) -> None:
    remove_customer(by=request.caller.actor, customer=row, submit_key=uuid.uuid4().hex)


# What is nobody's stands first, so that no id is looked for in its names.
router = Router()
for part in (qualifications.codes, profiles.requests, customers, profiles.router, qualifications.router):
    router.add_router("", part)
