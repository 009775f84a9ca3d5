"""The catalog as people read it: a SKU, and the terms and billing plans for which it can be had."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from customers.models import Customer
from orders import rules
from orders.models import Availability, Order, Sku
from orders.pricing import PricedLine
from orders.querysets import AvailabilityQuerySet


@dataclass(frozen=True)
class Offer:
    """plans: what the SKU is available for, the shortest term first."""

    sku: Sku
    plans: tuple[Availability, ...]

    @property
    def is_add_on(self) -> bool:
        """Reads the SKU's `add_on_to`; prefetch it."""
        return bool(self.sku.add_on_to.all())


def offers_of(availabilities: Iterable[Availability]) -> list[Offer]:
    """One offer a SKU, in the order in which the SKUs come."""
    plans: dict[Sku, list[Availability]] = defaultdict(list)
    for each in availabilities:
        plans[each.sku].append(each)
    return [Offer(sku, tuple(of_sku)) for sku, of_sku in plans.items()]


@dataclass(frozen=True)
class CatalogQuery:
    """A question to the catalog; "" asks for nothing. currency: ISO 4217, the one that prices are shown in."""

    q: str = ""
    term: str = ""
    billing_plan: str = ""
    segment: str = ""
    currency: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.term or self.billing_plan or self.segment)

    def as_params(self) -> dict[str, str]:
        """For an address: only what is asked for."""
        return {name: value for name, value in asdict(self).items() if value}

    def sold_to(self, customer: Customer, *, on: date) -> AvailabilityQuerySet:
        """What the customer can buy on this day of what is asked for, whatever it is called."""
        plans = {name: value for name, value in self.as_params().items() if name != "q"}
        return Availability.objects.sold_to(customer, on=on).filter(**plans)


def offered(skus: Iterable[Sku], sold: AvailabilityQuerySet, *, on: date) -> list[Offer]:
    """The offers of these SKUs, in their order; those without any plan among `sold` left out."""
    wanted = list(skus)
    found = {offer.sku.pk: offer for offer in offers_of(sold.filter(sku__in=wanted).with_prices(on=on))}
    return [Offer(sku, found[sku.pk].plans) for sku in wanted if sku.pk in found]


def currencies_for(customer: Customer, *, on: date) -> list[str]:
    """ISO 4217 codes in which the customer can buy anything on this day, the one with most availabilities first."""
    segments = segments_of(customer)
    known = Availability.objects.filter(market=str(customer.country), segment__in=segments).currencies()
    return those_sold(known, Availability.objects.sold_to(customer, on=on))


def those_sold(currencies: Iterable[str], sold: AvailabilityQuerySet) -> list[str]:
    """Those in which anything is sold. Of each, one product with a price is looked for: a market has thousands.

    In the order of the market's index, else PostgreSQL reads all availabilities until it comes to the currency.
    """
    in_order = sold.order_by("sku_id").values_list("pk", flat=True)
    return [currency for currency in currencies if in_order.filter(currency=currency).first() is not None]


def segments_of(customer: Customer) -> tuple[str, ...]:
    """The segments whose products the customer can buy."""
    return rules.segments_of(qualification=customer.qualification, qualification_status=customer.qualification_status)


def usual_currency(customer: Customer, lines: Iterable[PricedLine], sold_in: list[str]) -> str:
    """The currency of the cart, else of the customer's last order, else that in which most is sold; "" for none.

    sold_in: the currencies of what the customer can buy.
    """
    in_cart = next((each.line.availability.currency for each in lines), "")
    if in_cart or len(sold_in) < 2:
        return in_cart or next(iter(sold_in), "")
    last = Order.objects.filter(customer=customer).newest_first().values_list("currency", flat=True).first()
    return last if last in sold_in else sold_in[0]
