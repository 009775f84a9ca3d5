"""Subscriptions and what belongs to them, as Partner Center names their members (facts, 3.4, 5.4)."""

from uuid import UUID

from pydantic import Field

from portal.api.v1.catalog.names import BillingCycle
from portal.api.v1.wire import Attributes, Links, Wire, WireTime, choice

Status = choice("none", "active", "suspended", "deleted", "expired", "pending", "disabled")


class RefundOption(Wire):
    """That all of it can be given back, until then."""

    type: str
    expires_at: WireTime


class RefundableDetail(Wire):
    """So many licences can be given back until then."""

    quantity: int
    allowed_until_date_time: WireTime


class RefundableQuantity(Wire):
    total_quantity: int
    details: list[RefundableDetail]


class SubscriptionOut(Wire):
    """A subscription. quantity: licences; commitmentEndDate: the end of its present term."""

    id: UUID
    offer_id: str
    offer_name: str
    friendly_name: str
    quantity: int
    unit_type: str
    parent_subscription_id: UUID | None = None
    has_purchasable_addons: bool
    creation_date: WireTime
    effective_start_date: WireTime
    commitment_end_date: WireTime
    cancellation_allowed_until_date: WireTime | None = None
    billing_cycle_end_date: WireTime | None = None
    status: str
    suspension_reasons: list[str] | None = None
    auto_renew_enabled: bool
    is_trial: bool
    billing_type: str = "license"
    billing_cycle: str
    term_duration: str
    renewal_term_duration: str | None = None
    is_microsoft_product: bool
    publisher_name: str
    actions: list[str]
    partner_id: str | None = None
    contract_type: str = "subscription"
    refund_options: list[RefundOption] | None = None
    refundable_quantity: RefundableQuantity
    order_id: str
    links: Links
    attributes: Attributes


class AttributesIn(Wire):
    """What comes back of a resource's attributes: only its version counts."""

    etag: str = ""


class NextTerm(Wire):
    """Instructions for the next term; the portal keeps none."""

    quantity: int | None = None


class SubscriptionIn(Wire):
    """A subscription as it is to be. What is left out stays as it is."""

    quantity: int | None = None
    status: Status | None = None
    auto_renew_enabled: bool | None = None
    friendly_name: str | None = None
    billing_cycle: BillingCycle | None = None
    term_duration: str | None = None
    partner_id: str | None = None
    scheduled_next_term_instructions: NextTerm | None = None
    attributes: AttributesIn = Field(default_factory=AttributesIn)


class ProvisioningOut(Wire):
    """status: success, pending or failed."""

    sku_id: str
    status: str
    quantity: int
    end_date: WireTime
    attributes: Attributes


class SupportContactOut(Wire):
    """The partner that supports a subscription. supportMpnId: absent where none is known."""

    support_tenant_id: UUID
    support_mpn_id: str | None = None
    name: str
    links: Links
    attributes: Attributes


class SupportContactIn(Wire):
    """supportTenantId names the partner; supportMpnId only where that is left out."""

    support_tenant_id: UUID | None = None
    support_mpn_id: str = ""


class RegistrationOut(Wire):
    """status: always notregistered, for nothing of Azure is sold here."""

    subscription_id: UUID
    status: str


class Nothing(Wire):
    """What a collection would hold of which the portal keeps nothing."""


class ProductSku(Wire):
    id: str
    name: str
    sku_part_number: str
    target_type: str = "User"
    license_group_id: str = "group1"


class SubscribedSkuOut(Wire):
    """Licences of one SKU that the customer has, over all of its subscriptions. None is assigned to a user here."""

    available_units: int
    active_units: int
    consumed_units: int
    suspended_units: int
    total_units: int
    warning_units: int
    product_sku: ProductSku
    service_plans: list[Nothing]
    capability_status: str
    attributes: Attributes
