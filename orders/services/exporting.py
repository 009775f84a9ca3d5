"""Orders leave the portal in a file: the activity log says who took what."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def log_export(
    *,
    by: Actor,
    partner: Partner,
    file_format: str,
    columns: Sequence[str],
    order_count: int,
    filters: Mapping[str, str],
) -> None:
    """Write down an export before its first byte leaves. Raises NotPermitted.

    columns: codes; filters: as `OrderQuery.as_stored` has them, the searched text among them.
    """
    ensure_may(by=by, partner=partner, permission=Permission.ORDERS_EXPORT)
    text = filters.get("text", "")
    record_event(
        by=by,
        code="orders.orders_exported",
        partner_id=partner.pk,
        facts={
            "format": file_format,
            "columns": list(columns),
            "order_count": order_count,
            "filters": {name: value for name, value in filters.items() if name != "text"},
        },
        # What somebody searches for may be a person's name.
        changes={"text": (None, text)} if text else None,
    )
