"""What there is to say about a cart before it is ordered: lines that cannot be, and prices that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.utils.functional import Promise

from orders.models import Availability, Cart, CartLine, Price
from orders.pricing import PricedLine, Seen, price_day, priced
from orders.refusing import Item
from orders.services.carts import why_not_line
from portal.common.ids import parse_uuid

# No price has so many digits; a few characters can stand for a number that fills the memory when it is written out.
BEYOND_PRICES = Decimal(10**10)


@dataclass(frozen=True)
class CheckedLine(PricedLine):
    """why_not: why it cannot be ordered as it is, or None; former: its price on the day on which the cart was last
    looked after, where that was another one.
    """

    why_not: str | Promise | None = None
    former: Price | None = None


def checked_cart(cart: Cart) -> list[CheckedLine]:
    """The cart's lines at today's prices, each with what stands against it. The services decide again."""
    today = price_day()
    rows = cart.lines.with_prices(on=today).select_related("parent__order_line")
    lines = priced(rows.prefetch_related("availability__sku__add_on_to"), on=today)
    currencies = {each.line.availability.currency for each in lines}
    former = _prices_on(cart, price_day(cart.updated_at), today)
    return [_checked(cart, each, currencies, former.get(each.line.pk)) for each in lines]


def _prices_on(cart: Cart, day: date, today: date) -> dict[int, Price]:
    """Line -> its price then; empty on the day itself."""
    lines = priced(cart.lines.with_prices(on=day), on=day) if day < today else []
    return {each.line.pk: each.price for each in lines if each.price is not None}


def _checked(cart: Cart, each: PricedLine, currencies: set[str], former: Price | None) -> CheckedLine:
    line: CartLine = each.line
    why_not = why_not_line(cart.customer, Item(line.availability, line.parent), line.quantity, currencies=currencies)
    is_other = former is not None and each.price is not None and former.unit_price != each.price.unit_price
    return CheckedLine(line, each.price, why_not, former if is_other else None)


@dataclass(frozen=True)
class SaidLine:
    """A line as a submit named it. unit_price: None where it had none."""

    sold: Availability
    parent_id: UUID | None
    quantity: int
    unit_price: Decimal | None

    @property
    def key(self) -> str:
        """As the quantities of a cart's page are named."""
        return f"{self.sold.public_id}.{self.parent_id}" if self.parent_id else str(self.sold.public_id)


@dataclass(frozen=True)
class Difference:
    """What was reviewed, and what is in the cart now; None for a line that is not there."""

    before: SaidLine | None
    after: PricedLine | None

    @property
    def price_now(self) -> Decimal | None:
        return self.after.price.unit_price if self.after and self.after.price else None


def said_lines(seen: Sequence[Seen]) -> list[SaidLine]:
    """What a submit named, as far as it can be read and is still known."""
    ids = [public_id for each in seen if (public_id := parse_uuid(each[0]))]
    known = {each.public_id: each for each in Availability.objects.filter(public_id__in=ids).select_related("sku")}
    read = [_read(each, known) for each in seen]
    return [each for each in read if each is not None]


def _read(seen: Seen, known: dict[UUID, Availability]) -> SaidLine | None:
    public_id, parent, quantity, unit_price = seen
    sold = known.get(parse_uuid(public_id) or UUID(int=0))
    try:
        price = Decimal(unit_price) if unit_price else None
        if price is not None and not 0 <= price < BEYOND_PRICES:
            return None
        return SaidLine(sold, parse_uuid(parent), int(quantity), price) if sold else None
    except (ValueError, InvalidOperation):
        return None


def differences(seen: Sequence[Seen], lines: Sequence[PricedLine]) -> list[Difference]:
    """Where the cart is another one than was reviewed."""
    now = {each.seen[:2]: each for each in lines}
    changed = [each for each in said_lines(seen) if _as_seen(each) not in {line.seen for line in lines}]
    before = {_as_seen(each)[:2]: each for each in changed}
    known = {each[:2] for each in seen}
    gone_or_other = [Difference(each, now.get(key)) for key, each in before.items()]
    return gone_or_other + [Difference(None, each) for key, each in now.items() if key not in known]


def _as_seen(said: SaidLine) -> Seen:
    price = f"{said.unit_price:.4f}" if said.unit_price is not None else ""
    return str(said.sold.public_id), str(said.parent_id or ""), str(said.quantity), price
