"""What a notice says and how it is signed (facts, section 6.7)."""

import json
from datetime import UTC

from django.conf import settings

from portal.webhooks.models import Delivery
from portal.webhooks.signing import certificate_url, current_key, sign

AUDIT_PATH = "/auditactivity/v1/auditrecords"


def body_of(delivery: Delivery) -> bytes:
    """The raw JSON that is signed. Resources by address alone: nobody's data."""
    audit_uri = f"{settings.PORTAL_URL}{AUDIT_PATH}/{delivery.audit_id}" if delivery.audit_id else None
    said = {
        "EventName": delivery.event,
        "ResourceUri": f"{settings.PORTAL_URL}{delivery.resource_uri}",
        "ResourceName": delivery.resource_name,
        "AuditUri": audit_uri,
        "ResourceChangeUtcDate": f"{delivery.occurred_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
    }
    return json.dumps(said, separators=(",", ":")).encode()


def headers_of(body: bytes, *, has_own_header: bool) -> dict[str, str]:
    """Those that a receiver checks the body by. has_own_header: the signature in `x-ms-signature`."""
    key = current_key()
    signature = sign(key, body)
    where = {"x-ms-signature": signature} if has_own_header else {"Authorization": f"Signature {signature}"}
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-MS-Certificate-Url": certificate_url(key),
        "X-MS-Signature-Algorithm": "rsa-sha256",
        **where,
    }
