"""What a cart comes to on a day. Prices change; whoever reviewed one price never orders at another unseen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from orders import rules
from orders.models import Cart, CartLine, Price

#: (availability id, id of the subscription that an add-on is for or "", quantity, unit price) of a line, as texts:
#: what a person saw of it.
Seen = tuple[str, str, str, str]


def price_day(moment: datetime | None = None) -> date:
    """The day that prices are judged by: UTC, as all days of Partner Center."""
    return (moment or timezone.now()).astimezone(UTC).date()


@dataclass(frozen=True)
class PricedLine:
    """A cart's line with its price of a day; None where so many are not sold then.

    base: place, among the lines of the same order, of the one that it is an add-on to; friendly_name: the partner's
    own name for what comes of it; said: what an API client told beside that, JSON.
    """

    line: CartLine
    price: Price | None
    base: int | None = field(default=None, kw_only=True)
    friendly_name: str = field(default="", kw_only=True)
    said: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    @property
    def amount(self) -> Decimal | None:
        return rules.amount(self.price.unit_price, self.line.quantity) if self.price else None

    @property
    def seen(self) -> Seen:
        unit_price = f"{self.price.unit_price:.4f}" if self.price else ""
        line = self.line
        return str(line.availability.public_id), str(line.parent_id or ""), str(line.quantity), unit_price


def priced(lines: Iterable[CartLine], *, on: date) -> list[PricedLine]:
    """lines: read `with_prices`."""
    return [PricedLine(line, line.availability.price_for(line.quantity, on=on)) for line in lines]


def priced_cart(cart: Cart) -> list[PricedLine]:
    """The cart's lines at today's prices."""
    today = price_day()
    return priced(cart.lines.with_prices(on=today), on=today)


def total(lines: Iterable[PricedLine]) -> Decimal:
    """What the first billing periods come to; lines without a price add nothing."""
    return sum((line.amount for line in lines if line.amount is not None), Decimal(0))
