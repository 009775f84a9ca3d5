"""Orders, as Partner Center names their members (facts, 3.3)."""

from typing import Any
from uuid import UUID

from pydantic import Field

from portal.api.v1.carts.schemas import RenewsTo
from portal.api.v1.catalog.names import BillingCycle, TermDuration
from portal.api.v1.subscriptions.schemas import AttributesIn
from portal.api.v1.wire import Amount, Attributes, Links, Wire, WireTime, choice

BillingType = choice("license", "usage", "none")


class Pricing(Wire):
    """Per licence and billing period, and for all of the line."""

    list_price: Amount
    price: Amount
    extended_price: Amount


class OrderLineOut(Wire):
    """One position. quantity: as ordered; the licences by now are the subscription's."""

    line_item_number: int
    offer_id: str
    subscription_id: UUID
    parent_subscription_id: UUID | None = None
    term_duration: str
    transaction_type: str
    promotion_id: str | None = None
    friendly_name: str
    quantity: int
    pricing: Pricing | None = None
    partner_id_on_record: str | None = None
    provisioning_context: dict[str, Any]
    links: Links


class OrderOut(Wire):
    """A placed order. totalPrice: of the first billing periods, where prices are asked for."""

    id: str
    reference_customer_id: UUID
    billing_cycle: str
    transaction_type: str = "UserPurchase"
    line_items: list[OrderLineOut]
    currency_code: str
    currency_symbol: str
    creation_date: WireTime
    status: str
    total_price: Amount | None = None
    partner_on_record_attestation_accepted: bool
    links: Links
    attributes: Attributes


class OrderLineIn(Wire):
    """What is ordered. offerId: of an offer, or a catalogItemId; lineItemNumber: its place, from 0."""

    line_item_number: int | None = None
    offer_id: str = ""
    subscription_id: str = ""
    parent_subscription_id: str = ""
    term_duration: TermDuration | None = None
    renews_to: RenewsTo | list[RenewsTo] | None = None
    friendly_name: str = Field("", max_length=200)
    promotion_id: str = Field("", max_length=100)
    partner_id_on_record: str = Field("", max_length=20)
    custom_term_end_date: WireTime | None = None
    quantity: int | None = None


class OrderIn(Wire):
    """An order. billingCycle may be left out or unknown: then the usual one of each offer."""

    reference_customer_id: str = ""
    billing_cycle: BillingCycle | None = None
    line_items: list[OrderLineIn] = Field(default_factory=list, max_length=200)
    currency_code: str = ""
    status: str = ""
    partner_on_record_attestation_accepted: bool | None = None
    attributes: AttributesIn = Field(default_factory=AttributesIn)


class QuantityProvisioning(Wire):
    quantity: int
    status: str


class LineProvisioningOut(Wire):
    """status: Fulfilled, Unfulfilled or PrefulfillmentPending."""

    line_item_number: int
    status: str
    quantity_provisioning_information: list[QuantityProvisioning]
    attributes: Attributes
