"""What a client wants of a subscription, read from what it sends."""

from orders.models import Subscription
from orders.services import Wished
from portal.api.v1.callers import ApiRequest
from portal.api.v1.catalog.names import cycle_of
from portal.api.v1.faults import NO_SUCH_OPERATION, Fault
from portal.api.v1.subscriptions.schemas import SubscriptionIn

BILLING_CYCLE, TERM, PARTNER_ON_RECORD = 2054, 800042, 800098


def wished_of(request: ApiRequest, row: Subscription, body: SubscriptionIn) -> tuple[Wished, list[str]]:
    """What is to change, and the versions that the client knows.

    Raises Fault 400 for what the portal cannot change: nothing that was asked for is passed over in silence.
    """
    if body.billing_cycle not in (None, "unknown", cycle_of(row.billing_plan)):
        raise Fault(400, BILLING_CYCLE, "The billing cycle of a subscription stays. Order it anew with another one.")
    if body.term_duration is not None and body.term_duration.upper() not in ("", row.term):
        raise Fault(400, TERM, "The term of a subscription stays. Order it anew with another one.")
    reseller = row.order_line.order.reseller
    if body.partner_id not in (None, "", reseller.mpn_id if reseller else ""):
        raise Fault(400, PARTNER_ON_RECORD, "The partner on record of a subscription stays.")
    if body.scheduled_next_term_instructions is not None:
        raise Fault(
            400, NO_SUCH_OPERATION, "Changes cannot be scheduled for the next term. Make them when it begins."
        )
    wished = Wished(
        quantity=body.quantity,
        status=body.status,
        auto_renew=body.auto_renew_enabled,
        name=body.friendly_name,
    )
    return wished, versions_of(request, body.attributes.etag)


def versions_of(request: ApiRequest, etag: str) -> list[str]:
    """Those named in the body and in If-Match, without quotes; "*" and nothing stand for any."""
    said = [etag, *request.headers.get("If-Match", "").split(",")]
    bare = [each.strip().removeprefix("W/").strip('"') for each in said]
    return [each for each in bare if each and each != "*"]
