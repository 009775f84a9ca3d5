"""Records to renew leave the portal in a file: the activity log says who took what."""

from django.db import transaction

from agreements.models import AgreementTemplate
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def log_stale_export(*, by: Actor, partner: Partner, template: AgreementTemplate, customer_count: int) -> None:
    """Write down an export before its first byte leaves. Raises NotPermitted.

    customer_count: of how many customers the file has records, when it began.
    """
    ensure_may(by=by, partner=partner, permission=Permission.AGREEMENTS_EXPORT)
    record_event(
        by=by,
        code="agreements.stale_records_exported",
        partner_id=partner.pk,
        facts={"version": template.version, "customer_count": customer_count},
    )
