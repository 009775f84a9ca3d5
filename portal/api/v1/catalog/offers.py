"""Offers and their categories: the catalog as older clients know it. There are no promotions."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from orders.models import Segment
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.callers import ApiRequest
from portal.api.v1.catalog.mapping import category_out, offer_out
from portal.api.v1.catalog.names import offer_id as name_of
from portal.api.v1.catalog.schemas import CategoryOut, OfferOut, OffersAsked
from portal.api.v1.catalog.shops import Shop, country_shop, customer_shop, offer_of, skus_of
from portal.api.v1.faults import NOT_THERE, Fault
from portal.api.v1.paging import size_of
from portal.api.v1.wire import Collection, Wire, link
from portal.partners.permissions import Permission

router = Router(tags=["Offers"])


class Promotion(Wire):
    """There is none."""

    id: str = ""


def _offers(shop: Shop, asked: OffersAsked) -> HttpResponse:
    rows, category = skus_of(shop), asked.offer_category_id.strip().lower()
    if category:
        is_one = category in Segment.values and (not shop.root or category in shop.segments)
        rows = skus_of(shop.of_segment(category)) if is_one else rows.none()
    size, start = size_of(asked.size), asked.offset
    found = list(rows[start : start + size + 1])
    items = [offer_out(row, shop, start + place) for place, row in enumerate(found[:size])]
    said = {"offer_category_id": category} if category else {}
    path = f"{shop.root}/offers"
    page = collection(items, self_uri=f"{path}{shop.query(**said, offset=start, size=size)}")
    if len(found) > size and page.links is not None:
        page.links["next"] = link(f"{path}{shop.query(**said, offset=start + size, size=size)}")
    return answer(page)


def _categories(shop: Shop) -> HttpResponse:
    known = set(shop.sold.order_by().values_list("segment", flat=True).distinct())
    items = [category_out(segment, shop) for segment in Segment.values if segment in known]
    return answer(collection(items, self_uri=f"{shop.root}/offercategories{shop.query()}"))


@router.get("/offers", response=out(Collection[OfferOut]), operation_id="listOffers")
@needs(None)
def list_offers(request: ApiRequest, asked: Query[OffersAsked]) -> HttpResponse:
    """What is sold in a country, one offer a SKU, by title."""
    return _offers(country_shop(request, asked.country), asked)


@router.get("/offers/{offer_id}", response=out(OfferOut), operation_id="getOffer")
@needs(None)
def get_offer(request: ApiRequest, offer_id: str, country: str = "") -> HttpResponse:
    """One offer, "product:SKU"."""
    shop = country_shop(request, country)
    return answer(offer_out(offer_of(shop, offer_id), shop, 0))


@router.get("/offers/{offer_id}/addons", response=out(Collection[OfferOut]), operation_id="listOfferAddOns")
@needs(None)
def list_offer_add_ons(request: ApiRequest, offer_id: str, country: str = "") -> HttpResponse:
    """The add-ons to an offer that are sold in a country."""
    shop = country_shop(request, country)
    base = offer_of(shop, offer_id)
    rows = skus_of(shop).filter(add_on_to=base)
    items = [offer_out(row, shop, place) for place, row in enumerate(rows)]
    return answer(collection(items, self_uri=f"/offers/{name_of(base)}/addons{shop.query()}"))


@router.get("/offercategories", response=out(Collection[CategoryOut]), operation_id="listOfferCategories")
@needs(None)
def list_offer_categories(request: ApiRequest, country: str = "") -> HttpResponse:
    """Whom offers of a country are sold to."""
    return _categories(country_shop(request, country))


@router.get("/customers/{customer_id}/offers", response=out(Collection[OfferOut]), operation_id="listCustomerOffers")
@needs(Permission.CUSTOMERS_VIEW)
def list_customer_offers(request: ApiRequest, customer_id: UUID, asked: Query[OffersAsked]) -> HttpResponse:
    """What a customer can buy, one offer a SKU, by title."""
    return _offers(customer_shop(request, customer_id), asked)


@router.get(
    "/customers/{customer_id}/offercategories",
    response=out(Collection[CategoryOut]),
    operation_id="listCustomerOfferCategories",
)
@needs(Permission.CUSTOMERS_VIEW)
def list_customer_offer_categories(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """The categories of what a customer can buy."""
    return _categories(customer_shop(request, customer_id))


@router.get("/productpromotions", response=out(Collection[Promotion]), operation_id="listPromotions")
@needs(None)
def list_promotions(request: ApiRequest, country: str = "", segment: str = "") -> HttpResponse:
    """The portal knows of no promotions: always empty."""
    none: list[Promotion] = []
    return answer(collection(none, self_uri="/productpromotions"))


@router.get("/productpromotions/{promotion_id}", response=out(Promotion), operation_id="getPromotion")
@needs(None)
def get_promotion(request: ApiRequest, promotion_id: str) -> HttpResponse:
    """The portal knows of no promotions: always 404."""
    raise Fault(404, NOT_THERE, "There is no such promotion.")
