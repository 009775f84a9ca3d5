"""In which part of the catalog a request looks: a country's, or what one customer can buy."""

from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from orders import rules
from orders.models import Availability, Product, Segment, Sku
from orders.pricing import price_day
from orders.querysets import AvailabilityQuerySet, SkuQuerySet
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import INVALID, NOT_THERE, Fault
from portal.api.v1.fetching import customer_of
from portal.api.v1.wire import spelled

NO_VIEW, NO_SEGMENT, NO_PRODUCT, NO_SKU = 400036, 400030, 400013, 400018
# What Partner Center knows; this catalog holds licences, and nothing of the others.
VIEWS = {
    spelled(view): view
    for view in (
        "Azure",
        "AzureReservations",
        "AzureReservationsVM",
        "AzureReservationsSQL",
        "AzureReservationsCosmosDb",
        "MicrosoftAzure",
        "OnlineServices",
        "Software",
        "SoftwareSUSELinux",
        "SoftwarePerpetual",
        "MarketplaceSaaS",
    )
}
OURS = "OnlineServices"
# What is only told to who asks for it stands at the end (facts, 3.1).
ALWAYS = (Segment.COMMERCIAL, Segment.EDUCATION, Segment.GOVERNMENT)


@dataclass(frozen=True)
class Shop:
    """segments: whose prices count; root: of its addresses, "" for a country's; asked: what of the query goes on in
    links; locale: of the caller.
    """

    country: str
    segments: tuple[str, ...]
    root: str
    asked: tuple[tuple[str, str], ...]
    locale: str

    @property
    def sold(self) -> AvailabilityQuerySet:
        """What can be bought today."""
        return Availability.objects.sold_in(self.country, on=price_day(), segments=self.segments)

    def query(self, **more: object) -> str:
        """The query of a link, with its question mark, or nothing."""
        said = (*self.asked, *((name, str(value)) for name, value in more.items()))
        return f"?{urlencode(said)}" if said else ""

    def of_segment(self, name: str) -> Self:
        """Its part for one segment; all of it where none is named. Raises Fault 403/400030."""
        if not name:
            return self
        segment = next((each for each in Segment.values if spelled(each) == spelled(name)), "")
        if not segment or (self.root and segment not in self.segments):
            raise Fault(403, NO_SEGMENT, "That segment is not sold here. Ask for one that is, or for none.")
        return replace(self, segments=(segment,), asked=(*self.asked, ("targetSegment", segment)))


def country_shop(request: ApiRequest, country: str) -> Shop:
    """Raises Fault 400 where no country is named."""
    code = country.strip().upper()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise Fault(400, INVALID, "Name the country: country=US, two letters of ISO 3166.", data=["country"])
    segments = tuple(str(each) for each in ALWAYS)
    return Shop(code, segments, "", (("country", code),), request.caller.locale)


def customer_shop(request: ApiRequest, customer_id: UUID) -> Shop:
    """What the customer can buy, by its country and its qualification."""
    customer = customer_of(request, customer_id)
    segments = rules.segments_of(
        qualification=customer.qualification, qualification_status=customer.qualification_status
    )
    return Shop(str(customer.country), segments, f"/customers/{customer_id}", (), request.caller.locale)


def has_view(name: str) -> bool:
    """Whether the catalog holds anything of that view. Raises Fault 400 without a name, 403/400036 for no view."""
    if not name:
        raise Fault(400, INVALID, "Say what to look at: targetView=OnlineServices.", data=["targetView"])
    view = VIEWS.get(spelled(name))
    if view is None:
        raise Fault(403, NO_VIEW, f"There is no such view. There are: {', '.join(VIEWS.values())}.")
    return view == OURS


def products_of(shop: Shop) -> QuerySet[Product]:
    here = shop.sold.order_by().filter(sku__product=OuterRef("pk"))
    return Product.objects.filter(Exists(here))


def product_of(shop: Shop, product_id: str) -> Product:
    """Raises Fault 404/400013."""
    found = products_of(shop).filter(code=product_id).first()
    if found is None:
        raise Fault(404, NO_PRODUCT, "There is no such product here.")
    return found


def skus_of(shop: Shop) -> SkuQuerySet:
    """Those that are sold, with what is shown of them; `sold_here` are their availabilities."""
    here = shop.sold.filter(sku=OuterRef("pk")).order_by()
    extended = shop.sold.filter(sku__add_on_to=OuterRef("pk")).order_by()
    rows = Sku.objects.filter(Exists(here)).select_related("product").annotate(has_add_ons=Exists(extended))
    shown = Prefetch("availabilities", queryset=shop.sold.order_by("term", "billing_plan", "pk"), to_attr="sold_here")
    return rows.prefetch_related(shown, "add_on_to__product").order_by("title", "pk")


def sku_of(shop: Shop, product_id: str, sku_id: str) -> Sku:
    """Raises Fault 404: 400013 where there is no such product, 400018 where it has no such SKU."""
    found = skus_of(shop).filter(product__code=product_id, code=sku_id).first()
    if found is None:
        product_of(shop, product_id)
        raise Fault(404, NO_SKU, "This product has no such SKU here.")
    return found


def offer_of(shop: Shop, offer_id: str) -> Sku:
    """The SKU that is this offer, "product:SKU". Raises Fault 404."""
    product, _, rest = offer_id.partition(":")
    found = skus_of(shop).filter(product__code=product, code=rest.partition(":")[0]).first()
    if found is None:
        raise Fault(404, NOT_THERE, "There is no such offer here.")
    return found
