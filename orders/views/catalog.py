"""What the page of a cart shows: the cart's lines, a page of the catalog, and the form over both."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from orders.checking import CheckedLine, checked_cart
from orders.forms import CartForm, CatalogForm
from orders.forms.cart import stray_keys, typed_codes
from orders.models import Availability, Cart, CartLine, Sku, Subscription
from orders.offers import CatalogQuery, Offer, currencies_for, offered, segments_of, usual_currency
from orders.pricing import PricedLine, price_day, total
from portal.common.keyset import Page, keyset_page
from portal.partners.http import MemberRequest

OFFERS_A_PAGE = 25
# More than a page has offers; what a crafted request names beyond them is not looked up.
MOST_TYPED = 100


@dataclass
class CartPage:
    """Read bit by bit: what is posted needs less than what is shown."""

    request: MemberRequest
    cart: Cart

    def __post_init__(self) -> None:
        self.today = price_day()
        self.typed = self.request.POST if self.request.method == "POST" else None

    @cached_property
    def lines(self) -> list[CheckedLine]:
        return checked_cart(self.cart)

    @cached_property
    def currencies(self) -> list[str]:
        """Those in which anything is sold to the customer, the usual ones of its market first."""
        return currencies_for(self.cart.customer, on=self.today)

    @cached_property
    def usual_currency(self) -> str:
        return usual_currency(self.cart.customer, self.lines, self.currencies)

    def filters(self, said: Any) -> CatalogForm:
        segments = segments_of(self.cart.customer)
        return CatalogForm(said, segments=segments, currencies=self.currencies, usual=self.usual_currency)

    @cached_property
    def asked(self) -> CatalogQuery:
        """What the page that was opened, or sent, shows of the catalog."""
        return self.filters(self.request.GET).asked()

    @cached_property
    def page(self) -> Page[Sku]:
        sold = self.asked.sold_to(self.cart.customer, on=self.today)
        skus = Sku.objects.offered(sold).search(self.asked.q).prefetch_related("add_on_to")
        return keyset_page(self.request, skus, field="title", public="catalog_code", size=OFFERS_A_PAGE)

    @cached_property
    def offers(self) -> list[Offer]:
        """Those of the page, after them others beside which something was typed when the catalog was another."""
        shown = {sku.catalog_code for sku in self.page.rows}
        codes = [code for code in typed_codes(self.typed or {}) if code not in shown][:MOST_TYPED]
        found = offered(self.page.rows, self.asked.sold_to(self.cart.customer, on=self.today), on=self.today)
        if not codes:
            return found
        others = Sku.objects.filter(catalog_code__in=codes).select_related("product").prefetch_related("add_on_to")
        in_currency = CatalogQuery(currency=self.asked.currency).sold_to(self.cart.customer, on=self.today)
        return found + offered(others.order_by("title", "pk"), in_currency, on=self.today)

    @cached_property
    def form(self) -> CartForm:
        lines = [*self.lines, *self._strays()]
        return CartForm(self.typed, cart=self.cart, lines=lines, offers=self.offers, bases=self._bases())

    def _strays(self) -> Sequence[PricedLine]:
        """Lines that are not in the cart, typed over all the same: another tab has taken them out."""
        keys = stray_keys(self.typed or {}, self.lines)[:MOST_TYPED]
        if not keys:
            return []
        rows = Availability.objects.sold_to(self.cart.customer, on=self.today).with_prices(on=self.today)
        sold = {each.public_id: each for each in rows.filter(public_id__in=[key[0] for key in keys])}
        parents = Subscription.objects.living(self.cart.customer).select_related("order_line")
        bases = parents.in_bulk([key[1] for key in keys if key[1]])
        lines = [
            CartLine(cart=self.cart, availability=sold[one], parent=bases.get(two) if two else None, quantity=0)
            for one, two in keys
            if one in sold and (two is None or two in bases)
        ]
        return [PricedLine(line, None) for line in lines]

    def next_address(self) -> str:
        """The page as it is asked for by what was typed: the same one, or another one of the catalog."""
        asked = self.filters(self.typed or {}).asked()
        params = asked.as_params()
        way, _colon, code = (self.typed or {}).get("show", "").partition(":")
        if way == "all":
            params = {"currency": asked.currency}
        elif way in ("after", "before"):
            params[way] = code
        elif way != "first" and asked == self.asked:
            params |= {name: self.request.GET[name] for name in ("after", "before") if name in self.request.GET}
        if params.get("currency") == self.usual_currency:
            del params["currency"]
        address = f"{self.request.path}?{urlencode(params)}" if params else self.request.path
        # Whoever looks for something goes on looking there; whoever adds something sees it in the cart.
        return f"{address}#catalog" if way or asked != self.asked else address

    def context(self) -> dict[str, Any]:
        lines = self.lines
        return {
            "cart": self.cart,
            "form": self.form,
            "filters": self.filters(self.request.GET if self.typed is None else self.typed),
            "asked": self.asked,
            "page": self.page,
            "total": total(lines),
            "currency": lines[0].line.availability.currency if lines else "",
            "is_sold_here": bool(self.currencies or lines),
        }

    def _bases(self) -> dict[int, list[Subscription]]:
        """SKU of an add-on on the page -> the customer's active subscriptions that it can be added to."""
        base_of = {offer.sku.pk: {base.pk for base in offer.sku.add_on_to.all()} for offer in self.offers}
        wanted = {pk for bases in base_of.values() for pk in bases}
        if not wanted:
            return {}
        active = Subscription.objects.filter(
            customer=self.cart.customer, status="active", order_line__sku__in=wanted
        ).select_related("order_line")
        known = list(active.order_by("title", "started_at", "id"))
        return {sku: [each for each in known if each.order_line.sku_id in bases] for sku, bases in base_of.items()}
