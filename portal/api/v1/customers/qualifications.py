"""Special qualifications of customers (facts, 5.2)."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from customers.models import Qualification as Kind
from customers.services import set_qualification
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, out
from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.customers import mapping, schemas
from portal.api.v1.faults import BAD_CHOICE, Fault
from portal.api.v1.fetching import customer_of
from portal.partners.permissions import Permission

router = Router(tags=["Customers"])
codes = Router(tags=["Customers"])


@codes.get(
    "/customers/all/validations", response=out(list[schemas.ValidationCode]), operation_id="listValidationCodes"
)
@needs(Permission.CUSTOMERS_VIEW)
def validations(request: ApiRequest) -> HttpResponse:
    """The partner's codes for the Government Community Cloud. Staff decide without codes here, so there are none."""
    return answer([])


@router.get(
    "/customers/{customer_id}/qualifications",
    response=out(list[schemas.Qualification]),
    operation_id="listQualifications",
)
@needs(Permission.CUSTOMERS_VIEW)
def get(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """The special qualification with where its review stands; an empty list without one."""
    return answer(mapping.qualifications(customer_of(request, customer_id)))


@router.post(
    "/customers/{customer_id}/qualifications",
    response=out(schemas.Qualification, 201),
    operation_id="createQualification",
)
@needs(Permission.CUSTOMERS_EDIT, callers=Callers.USER)
def ask(request: ApiRequest, customer_id: UUID, body: schemas.NewQualification, code: str = "") -> HttpResponse:
    """Ask for a special qualification; the portal's staff review it. A code is not needed."""
    row = customer_of(request, customer_id)
    kind = next((kind for kind, name in mapping.QUALIFICATIONS.items() if name == body.qualification), Kind.NONE)
    if kind == Kind.NONE:
        told = f"qualification: must be one of {', '.join(mapping.QUALIFICATIONS.values())}."
        raise Fault(400, BAD_CHOICE, told, data=["qualification"])
    asked = set_qualification(
        by=request.caller.actor,
        customer=row,
        qualification=kind,
        education_segment=mapping.SEGMENTS.get(body.education_segment or "", ""),
        website=body.website or "",
        version=row.version,
    )
    return answer(mapping.qualifications(asked)[0], 201)
