"""Rows of the catalog as Partner Center's resources."""

from collections.abc import Iterable

from orders.models import Availability, BillingPlan, Product, Segment, Sku
from portal.api.v1.catalog.names import (
    availability_id,
    catalog_item_id,
    currency_symbol,
    cycle_of,
    offer_id,
    sku_link,
)
from portal.api.v1.catalog.schemas import (
    AvailabilityOut,
    CategoryOut,
    CurrencyOut,
    ItemType,
    OfferOut,
    OfferProductOut,
    ProductOut,
    SkuOut,
    TermOut,
)
from portal.api.v1.catalog.shops import Shop
from portal.api.v1.wire import Attributes, link

# Under which name Partner Center has licences since its new commerce.
LICENCES = ItemType(id="OnlineServicesNCE", display_name="OnlineServicesNCE")
QUALIFICATIONS = {Segment.EDUCATION: "Education", Segment.GOVERNMENT: "GovernmentCommunityCloud"}


def product_out(product: Product, shop: Shop) -> ProductOut:
    path = f"{shop.root}/products/{product.code}"
    return ProductOut.model_construct(
        id=product.code,
        title=product.title,
        description=product.description or product.title,
        product_type=LICENCES,
        is_microsoft_product=product.publisher.casefold().startswith("microsoft"),
        publisher_name=product.publisher,
        links={"skus": link(f"{path}/skus{shop.query()}"), "self": link(f"{path}{shop.query()}")},
        attributes=Attributes(object_type="Product"),
    )


def sku_out(sku: Sku, shop: Shop) -> SkuOut:
    """sku: read by `skus_of`."""
    path = f"{shop.root}/products/{sku.product.code}/skus/{sku.code}"
    return SkuOut.model_construct(
        id=sku.code,
        product_id=sku.product.code,
        title=sku.title,
        description=sku.description or sku.title,
        minimum_quantity=sku.min_quantity,
        maximum_quantity=sku.max_quantity,
        is_trial=_is_trial(_sold_here(sku)),
        supported_billing_cycles=_cycles(_sold_here(sku)),
        inventory_variables=[],
        provisioning_variables=[],
        dynamic_attributes={
            "isAddon": bool(sku.add_on_to.all()),
            "hasAddOns": _has_add_ons(sku),
            "prerequisiteSkus": [offer_id(base) for base in sku.add_on_to.all()],
            "unitOfMeasure": sku.unit,
        },
        links={
            "availabilities": link(f"{path}/availabilities{shop.query()}"),
            "self": sku_link(sku, shop.root, shop.query()),
        },
        attributes=Attributes(object_type="Sku"),
    )


def _sold_here(sku: Sku) -> list[Availability]:
    rows: list[Availability] = sku.sold_here  # type: ignore[attr-defined]  # read along by `skus_of`
    return rows


def _has_add_ons(sku: Sku) -> bool:
    return bool(sku.has_add_ons)  # type: ignore[attr-defined]  # annotated by `skus_of`


def _cycles(rows: Iterable[Availability]) -> list[str]:
    return sorted({cycle_of(row.billing_plan) for row in rows})


def _is_trial(rows: Iterable[Availability]) -> bool:
    return all(row.billing_plan == BillingPlan.NONE for row in rows)


def availability_out(row: Availability, sku: Sku, shop: Shop) -> AvailabilityOut:
    """row: of this SKU; sku: read by `skus_of`."""
    row.sku = sku
    path = f"{shop.root}/products/{sku.product.code}/skus/{sku.code}/availabilities/{availability_id(row)}"
    return AvailabilityOut.model_construct(
        id=availability_id(row),
        product_id=sku.product.code,
        sku_id=sku.code,
        catalog_item_id=catalog_item_id(row),
        default_currency=CurrencyOut(code=row.currency, symbol=currency_symbol(row.currency)),
        segment=row.segment,
        country=str(row.market),
        is_purchasable=True,
        is_renewable=row.billing_plan != BillingPlan.NONE,
        terms=[
            TermOut.model_construct(
                duration=row.term,
                description=f"{row.get_term_display()}, {row.get_billing_plan_display()}",
                billing_cycle=cycle_of(row.billing_plan),
            )
        ],
        product=product_out(sku.product, shop),
        sku=sku_out(sku, shop),
        links={"self": link(f"{path}{shop.query()}")},
        attributes=Attributes(object_type="Availability"),
    )


def availabilities_out(sku: Sku, shop: Shop) -> list[AvailabilityOut]:
    return [availability_out(row, sku, shop) for row in _sold_here(sku)]


def category_out(segment: str, shop: Shop) -> CategoryOut:
    """Older clients sort offers by category; here that is whom they are sold to."""
    return CategoryOut.model_construct(
        id=str(segment),
        name=str(Segment(segment).label),
        rank=Segment.values.index(segment),
        locale=shop.locale,
        country=shop.country,
        attributes=Attributes(object_type="OfferCategory"),
    )


def offer_out(sku: Sku, shop: Shop, rank: int) -> OfferOut:
    """sku: read by `skus_of`."""
    rows, name = _sold_here(sku), offer_id(sku)
    segments = sorted({row.segment for row in rows}, key=Segment.values.index)
    path = f"{shop.root}/offers/{name}{shop.query()}"
    bases = [offer_id(base) for base in sku.add_on_to.all()]
    unit = sku.unit or "Licenses"
    return OfferOut.model_construct(
        id=name,
        name=sku.title,
        description=sku.description or sku.title,
        minimum_quantity=sku.min_quantity,
        maximum_quantity=sku.max_quantity,
        rank=rank,
        uri=path,
        locale=shop.locale,
        country=shop.country,
        category=category_out(segments[0], shop),
        prerequisite_offers=bases,
        is_add_on=bool(bases),
        has_add_ons=_has_add_ons(sku),
        is_available_for_purchase=True,
        billing="license",
        supported_billing_cycles=_cycles(rows),
        is_auto_renewable=not _is_trial(rows),
        upgrade_target_offers=[],
        conversion_target_offers=[],
        resellee_qualifications=_qualifications(segments),
        reseller_qualifications=[],
        limit_unit_of_measure="None",
        limit=0,
        sales_group_id=sku.product.code,
        is_trial=_is_trial(rows),
        product=OfferProductOut.model_construct(id=sku.product.code, name=sku.product.title, unit=unit),
        unit_type=unit,
        links={"self": link(path)},
        attributes=Attributes(object_type="Offer"),
    )


def _qualifications(segments: list[str]) -> list[str]:
    """What a customer has to be; nothing where it is sold to everybody."""
    if Segment.COMMERCIAL in segments:
        return []
    return [QUALIFICATIONS[Segment(each)] for each in segments if Segment(each) in QUALIFICATIONS]
