"""Products, SKUs and availabilities of a country, and of what one customer can buy."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.callers import ApiRequest
from portal.api.v1.catalog.mapping import availabilities_out, product_out, sku_out
from portal.api.v1.catalog.schemas import (
    AvailabilityOut,
    InventoryCheckIn,
    InventoryItemOut,
    ProductOut,
    ProductsAsked,
    SkuOut,
    SkusAsked,
)
from portal.api.v1.catalog.shops import (
    Shop,
    country_shop,
    customer_shop,
    has_view,
    product_of,
    products_of,
    sku_of,
    skus_of,
)
from portal.api.v1.faults import NOT_THERE, Fault
from portal.api.v1.paging import keyset, size_of
from portal.api.v1.wire import Collection
from portal.common.ids import parse_uuid
from portal.partners.permissions import Permission

router = Router(tags=["Catalog"])
OF = "/customers/{customer_id}"
PRODUCT, SKU = "/products/{product_id}", "/products/{product_id}/skus/{sku_id}"
ONE = f"{SKU}/availabilities/{{availability_id}}"


def _products(request: ApiRequest, shop: Shop, asked: ProductsAsked) -> HttpResponse:
    shop = shop.of_segment(asked.target_segment)
    rows = products_of(shop) if has_view(asked.target_view) else products_of(shop).none()
    size, token = size_of(asked.size), request.headers.get("MS-ContinuationToken", "")
    path = f"{shop.root}/products"
    purpose = f"{path} {shop.country} {shop.segments}"
    page, onward = keyset(rows, ("title", "pk"), size=size, token=token, purpose=purpose)
    said = shop.query(targetView=asked.target_view)
    more = shop.query(targetView=asked.target_view, size=size, seekOperation="Next")
    items = [product_out(row, shop) for row in page]
    return answer(collection(items, self_uri=f"{path}{said}", next_uri=f"{path}{more}", token=onward))


def _skus(shop: Shop, product_id: str, segment: str) -> HttpResponse:
    shop = shop.of_segment(segment)
    rows = list(skus_of(shop).filter(product__code=product_id))
    if not rows:
        product_of(shop, product_id)
    items = [sku_out(row, shop) for row in rows]
    return answer(collection(items, self_uri=f"{shop.root}/products/{product_id}/skus{shop.query()}"))


def _availabilities(shop: Shop, product_id: str, sku_id: str, segment: str) -> HttpResponse:
    shop = shop.of_segment(segment)
    sku = sku_of(shop, product_id, sku_id)
    path = f"{shop.root}/products/{product_id}/skus/{sku_id}/availabilities{shop.query()}"
    return answer(collection(availabilities_out(sku, shop), self_uri=path))


def _availability(shop: Shop, product_id: str, sku_id: str, availability_id: str) -> HttpResponse:
    wanted = parse_uuid(availability_id)
    name = wanted.hex.upper() if wanted else ""
    for each in availabilities_out(sku_of(shop, product_id, sku_id), shop):
        if each.id == name:
            return answer(each)
    raise Fault(404, NOT_THERE, "This SKU has no such availability here.")


@router.get("/products", response=out(Collection[ProductOut]), operation_id="listProducts")
@needs(None)
def list_products(request: ApiRequest, asked: Query[ProductsAsked]) -> HttpResponse:
    """The products of a country. Of the views only OnlineServices holds any."""
    return _products(request, country_shop(request, asked.country), asked)


@router.get(PRODUCT, response=out(ProductOut), operation_id="getProduct")
@needs(None)
def get_product(request: ApiRequest, product_id: str, asked: Query[SkusAsked]) -> HttpResponse:
    """One product, as sold in a country."""
    shop = country_shop(request, asked.country).of_segment(asked.target_segment)
    return answer(product_out(product_of(shop, product_id), shop))


@router.get(f"{PRODUCT}/skus", response=out(Collection[SkuOut]), operation_id="listSkus")
@needs(None)
def list_skus(request: ApiRequest, product_id: str, asked: Query[SkusAsked]) -> HttpResponse:
    """The SKUs of a product that are sold in a country."""
    return _skus(country_shop(request, asked.country), product_id, asked.target_segment)


@router.get(SKU, response=out(SkuOut), operation_id="getSku")
@needs(None)
def get_sku(request: ApiRequest, product_id: str, sku_id: str, asked: Query[SkusAsked]) -> HttpResponse:
    """One SKU, as sold in a country."""
    shop = country_shop(request, asked.country).of_segment(asked.target_segment)
    return answer(sku_out(sku_of(shop, product_id, sku_id), shop))


@router.get(f"{SKU}/availabilities", response=out(Collection[AvailabilityOut]), operation_id="listAvailabilities")
@needs(None)
def list_availabilities(request: ApiRequest, product_id: str, sku_id: str, asked: Query[SkusAsked]) -> HttpResponse:
    """For which terms and billing cycles a SKU is sold in a country; catalogItemId is what carts name."""
    return _availabilities(country_shop(request, asked.country), product_id, sku_id, asked.target_segment)


@router.get(ONE, response=out(AvailabilityOut), operation_id="getAvailability")
@needs(None)
def get_availability(
    request: ApiRequest, product_id: str, sku_id: str, availability_id: str, asked: Query[SkusAsked]
) -> HttpResponse:
    """One availability."""
    shop = country_shop(request, asked.country).of_segment(asked.target_segment)
    return _availability(shop, product_id, sku_id, availability_id)


@router.get(f"{OF}/products", response=out(Collection[ProductOut]), operation_id="listCustomerProducts")
@needs(Permission.CUSTOMERS_VIEW)
def list_customer_products(request: ApiRequest, customer_id: UUID, asked: Query[ProductsAsked]) -> HttpResponse:
    """The products that a customer can buy."""
    return _products(request, customer_shop(request, customer_id), asked)


@router.get(f"{OF}{PRODUCT}", response=out(ProductOut), operation_id="getCustomerProduct")
@needs(Permission.CUSTOMERS_VIEW)
def get_customer_product(request: ApiRequest, customer_id: UUID, product_id: str) -> HttpResponse:
    """One product that a customer can buy."""
    shop = customer_shop(request, customer_id)
    return answer(product_out(product_of(shop, product_id), shop))


@router.get(f"{OF}{PRODUCT}/skus", response=out(Collection[SkuOut]), operation_id="listCustomerSkus")
@needs(Permission.CUSTOMERS_VIEW)
def list_customer_skus(
    request: ApiRequest, customer_id: UUID, product_id: str, asked: Query[SkusAsked]
) -> HttpResponse:
    """The SKUs of a product that a customer can buy."""
    return _skus(customer_shop(request, customer_id), product_id, asked.target_segment)


@router.get(f"{OF}{SKU}", response=out(SkuOut), operation_id="getCustomerSku")
@needs(Permission.CUSTOMERS_VIEW)
def get_customer_sku(request: ApiRequest, customer_id: UUID, product_id: str, sku_id: str) -> HttpResponse:
    """One SKU that a customer can buy."""
    shop = customer_shop(request, customer_id)
    return answer(sku_out(sku_of(shop, product_id, sku_id), shop))


@router.get(
    f"{OF}{SKU}/availabilities",
    response=out(Collection[AvailabilityOut]),
    operation_id="listCustomerAvailabilities",
)
@needs(Permission.CUSTOMERS_VIEW)
def list_customer_availabilities(
    request: ApiRequest, customer_id: UUID, product_id: str, sku_id: str, asked: Query[SkusAsked]
) -> HttpResponse:
    """For which terms and billing cycles a customer can buy a SKU."""
    return _availabilities(customer_shop(request, customer_id), product_id, sku_id, asked.target_segment)


@router.get(f"{OF}{ONE}", response=out(AvailabilityOut), operation_id="getCustomerAvailability")
@needs(Permission.CUSTOMERS_VIEW)
def get_customer_availability(
    request: ApiRequest, customer_id: UUID, product_id: str, sku_id: str, availability_id: str
) -> HttpResponse:
    """One availability that a customer can buy."""
    return _availability(customer_shop(request, customer_id), product_id, sku_id, availability_id)


@router.post(
    "/extensions/product/checkinventory",
    response=out(list[InventoryItemOut]),
    operation_id="checkInventory",
)
@needs(None)
def check_inventory(request: ApiRequest, asked: InventoryCheckIn, country: str = "") -> HttpResponse:
    """Which of these are sold in a country: licences have no inventory, so none is restricted. What the catalog does
    not have is left out.
    """
    shop = country_shop(request, country)
    every = {each.product_id for each in asked.target_items if not each.sku_id}
    named = {(each.product_id, each.sku_id) for each in asked.target_items}
    rows = skus_of(shop).filter(product__code__in={product for product, _sku in named})
    found = [row for row in rows if row.product.code in every or (row.product.code, row.code) in named]
    return answer(
        [
            InventoryItemOut(product_id=row.product.code, sku_id=row.code, is_restricted=False, restrictions=[])
            for row in found
        ]
    )
