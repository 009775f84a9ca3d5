"""Audit records as they go over the wire."""

from uuid import UUID

from pydantic import Field

from portal.api.v1.wire import Attributes, Wire, WireTime


class Pair(Wire):
    key: str
    value: str


class AuditRecord(Wire):
    id: str
    partner_id: UUID
    customer_id: UUID | None = None
    customer_name: str | None = None
    user_principal_name: str | None = Field(None, description="Address of the member who did it.")
    application_id: str = Field(description="Id of the API client, PartnerPortal for the portal's own pages.")
    resource_type: str
    resource_old_value: str | None = Field(None, description="JSON with names in PascalCase.")
    resource_new_value: str | None = Field(None, description="JSON with names in PascalCase.")
    operation_type: str
    original_correlation_id: str | None = None
    operation_date: WireTime
    operation_status: str
    customized_data: list[Pair]
    attributes: Attributes = Attributes(object_type="AuditRecord")
