"""The activity log as audit records (facts, 5.1)."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Header, Query, Router

from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.auditing.asking import asked_for, rows_for
from portal.api.v1.auditing.mapping import event_id_in, records_out
from portal.api.v1.auditing.schemas import AuditRecord
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import NOT_THERE, Fault
from portal.api.v1.paging import keyset
from portal.api.v1.wire import Collection
from portal.audit.models import AuditEvent
from portal.partners.permissions import Permission

router = Router(tags=["Audit records"])


@router.get("/auditrecords", response=out(Collection[AuditRecord]), operation_id="listAuditRecords")
@needs(Permission.ACTIVITY_VIEW)
def list_records(
    request: ApiRequest,
    start: Annotated[str, Query(alias="startDate")] = "",
    end: Annotated[str, Query(alias="endDate")] = "",
    filter: str = "",
    size: int | None = None,
    seek: Annotated[str, Query(alias="seekOperation", description="Next, with the token of a page.")] = "",
    token: Annotated[str, Header(alias="MS-ContinuationToken")] = "",
) -> HttpResponse:
    """What was done in the partner's name, newest first: of 30 days, or from startDate on, at most 90 days ago.

    filter: JSON with Field and Operator CompanyName/substring, CustomerId/equals or ResourceType/equals, and Value.
    """
    asked = asked_for(start=start, end=end, text=filter, size=size)
    rows = rows_for(request, asked)
    purpose = f"auditrecords\n{request.caller.partner.pk}\n{asked.filter}"
    events, after = keyset(rows, ("-at", "-id"), size=asked.size, token=token, purpose=purpose)
    items = records_out(request, events)
    next_uri = f"{asked.uri}&seekOperation=Next"
    return answer(collection(items, self_uri=asked.uri, next_uri=next_uri, token=after))


@router.get("/auditrecords/{record_id}", response=out(AuditRecord), operation_id="getAuditRecord")
@needs(Permission.ACTIVITY_VIEW)
def get_record(request: ApiRequest, record_id: str) -> HttpResponse:
    """One record, by its id or by the id at the end of a notice's AuditUri."""
    event_id = event_id_in(record_id)
    rows = AuditEvent.objects.visible_to(request.caller.membership).with_detail()
    # By its id a line is found that lists leave out, as the wire has no name for it: notices point to it.
    found = rows.filter(event_id=event_id).first() if event_id is not None else None
    if found is None:
        raise Fault(404, NOT_THERE, "There is no such audit record.")
    return answer(records_out(request, [found])[0])
