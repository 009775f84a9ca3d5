"""Customers leave the portal in a file: the activity log says who took what."""

import uuid
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
    row_count: int,
    filters: Mapping[str, str],
    selected: Sequence[uuid.UUID] = (),
) -> None:
    """Write down an export before its first byte leaves. Raises NotPermitted.

    columns: codes; filters: as a saved view keeps them, the searched text among them; selected: the customers
    that were picked one by one, instead of filters.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_EXPORT)
    text = filters.get("text", "")
    facts: dict[str, object] = {
        "format": file_format,
        "columns": list(columns),
        "row_count": row_count,
        "filters": {name: value for name, value in filters.items() if name != "text"},
    }
    if selected:
        facts["customers"] = [str(each) for each in selected]
    record_event(
        by=by,
        code="customers.customers_exported",
        partner_id=partner.pk,
        facts=facts,
        # What somebody searches for may be a person's name.
        changes={"text": (None, text)} if text else None,
    )
