"""What carts look like on the wire (facts, 3.2). What only answers have is left aside in requests."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from portal.api.v1.catalog.names import BillingCycle, TermDuration
from portal.api.v1.wire import Attributes, Links, Wire, WireTime, choice

MOST_LINES = 200
ParticipantKey = choice("unknown", "transaction_reseller", "consumption_reseller", "additional_transaction_reseller")


class Participant(Wire):
    """value: an MPN ID."""

    key: ParticipantKey
    value: str = Field("", max_length=20)


class RenewsTo(Wire):
    term_duration: TermDuration | None = None


class CartLineIn(Wire):
    """catalogItemId: of an availability, "product:SKU:availability"; orderGroup: lines of one group become one order;
    participants: transaction_reseller names the indirect reseller by its MPN ID.
    """

    id: int | None = Field(None, ge=0, le=2**31 - 1)
    catalog_item_id: str = Field("", max_length=100)
    friendly_name: str = Field("", max_length=200)
    quantity: int = Field(0, le=2**31 - 1, ge=-(2**31))
    currency_code: str = Field("", max_length=3)
    billing_cycle: BillingCycle | None = None
    term_duration: TermDuration | None = None
    renews_to: RenewsTo | list[RenewsTo] | None = None
    promotion_id: str = Field("", max_length=100)
    participants: list[Participant] = Field(default_factory=list, max_length=20)
    provisioning_context: dict[str, Any] = Field(default_factory=dict)
    order_group: str = Field("", max_length=50)
    custom_term_end_date: WireTime | None = None
    attestation_accepted: bool | None = None
    addon_items: list["CartLineIn"] = Field(default_factory=list, max_length=MOST_LINES)


class CartIn(Wire):
    """partnerOnRecordAttestationAccepted: that the partner acts as the kind of partner it is."""

    partner_on_record_attestation_accepted: bool | None = None
    line_items: list[CartLineIn] = Field(default_factory=list, max_length=MOST_LINES)


class CartError(Wire):
    error_code: str
    error_description: str


class CartLineOut(Wire):
    """error: why it cannot be ordered as it is."""

    id: int
    catalog_item_id: str
    friendly_name: str | None = None
    quantity: int
    currency_code: str | None = None
    billing_cycle: str
    term_duration: str | None = None
    renews_to: RenewsTo | None = None
    promotion_id: str | None = None
    participants: list[Participant] | None = None
    provisioning_context: dict[str, Any] | None = None
    order_group: str
    custom_term_end_date: str | None = None
    attestation_accepted: bool | None = None
    addon_items: list["CartLineOut"] | None = None
    error: CartError | None = None


class CartOut(Wire):
    """lastModifiedUser: id of the member or of the API client; status: Active or Ordered."""

    id: UUID
    creation_timestamp: WireTime
    last_modified_timestamp: WireTime
    expiration_timestamp: WireTime
    last_modified_user: str
    status: str
    partner_on_record_attestation_accepted: bool | None = None
    line_items: list[CartLineOut]
    links: Links
    attributes: Attributes


def moment_text(moment: datetime) -> str:
    """As kept and answered; years before 1900 stand for no date at all."""
    return moment.isoformat().replace("+00:00", "Z") if moment.year > 1900 else ""
