"""What the catalog looks like on the wire (facts, 3.1)."""

from typing import Any

from ninja import Schema
from pydantic import Field

from portal.api.v1.wire import Attributes, Links, Wire


class ItemType(Wire):
    id: str
    display_name: str


class ProductOut(Wire):
    id: str
    title: str
    description: str
    product_type: ItemType
    is_microsoft_product: bool
    publisher_name: str
    links: Links
    attributes: Attributes


class SkuOut(Wire):
    """dynamicAttributes: what the catalog knows beside: whether it is an add-on, and to which SKUs."""

    id: str
    product_id: str
    title: str
    description: str
    minimum_quantity: int
    maximum_quantity: int
    is_trial: bool
    supported_billing_cycles: list[str]
    inventory_variables: list[str]
    provisioning_variables: list[str]
    dynamic_attributes: dict[str, Any]
    links: Links
    attributes: Attributes


class CurrencyOut(Wire):
    code: str
    symbol: str


class TermOut(Wire):
    duration: str
    description: str
    billing_cycle: str


class AvailabilityOut(Wire):
    """catalogItemId is what carts and orders name; it changes when something is sold anew."""

    id: str
    product_id: str
    sku_id: str
    catalog_item_id: str
    default_currency: CurrencyOut
    segment: str
    country: str
    is_purchasable: bool
    is_renewable: bool
    terms: list[TermOut]
    product: ProductOut
    sku: SkuOut
    links: Links
    attributes: Attributes


class CategoryOut(Wire):
    id: str
    name: str
    rank: int
    locale: str
    country: str
    attributes: Attributes


class OfferProductOut(Wire):
    id: str
    name: str
    unit: str


class OfferOut(Wire):
    """A SKU as older clients know it. id: "product:SKU"."""

    id: str
    name: str
    description: str
    minimum_quantity: int
    maximum_quantity: int
    rank: int
    uri: str
    locale: str
    country: str
    category: CategoryOut
    prerequisite_offers: list[str]
    is_add_on: bool
    has_add_ons: bool
    is_available_for_purchase: bool
    billing: str
    supported_billing_cycles: list[str]
    is_auto_renewable: bool
    upgrade_target_offers: list[str]
    conversion_target_offers: list[str]
    resellee_qualifications: list[str]
    reseller_qualifications: list[str]
    limit_unit_of_measure: str
    limit: int
    sales_group_id: str
    is_trial: bool
    product: OfferProductOut
    unit_type: str
    links: Links
    attributes: Attributes


class InventoryItem(Wire):
    product_id: str = ""
    sku_id: str = ""


class InventoryCheckIn(Wire):
    target_items: list[InventoryItem] = Field(default_factory=list, max_length=100)


class InventoryItemOut(Wire):
    product_id: str
    sku_id: str
    is_restricted: bool
    restrictions: list[str]


class ProductsAsked(Schema):
    """targetView: what kind of products; targetSegment: of one segment only."""

    country: str = ""
    target_view: str = Field("", alias="targetView")
    target_segment: str = Field("", alias="targetSegment")
    size: int = 0


class SkusAsked(Schema):
    country: str = ""
    target_segment: str = Field("", alias="targetSegment")


class OffersAsked(Schema):
    """offset: how many are passed over."""

    country: str = ""
    offer_category_id: str = ""
    offset: int = Field(0, ge=0, le=1_000_000)
    size: int = 0
