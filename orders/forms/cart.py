"""Everything that is typed on the page of a cart: one form, so that no button loses any of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from orders.forms.fields import QUANTITY, QuantityField
from orders.models import Availability, Cart, CartLine, Price, Segment, Subscription
from orders.offers import Offer
from orders.pricing import PricedLine, price_day
from orders.rules import Tier
from orders.services import Item
from portal.common.forms import PortalForm, dress
from portal.common.ids import parse_uuid
from portal.common.templatetags.portal_tags import exact_money

#: Beside an offer: the plan chosen, and how many licences of it to add. The SKU's catalog code follows.
PLAN, ADD = "plan-", "add-"


def item_key(item: Item) -> str:
    """What the quantity of a line is named by: the availability's id, and its subscription's for an add-on."""
    key = str(item.availability.public_id)
    return f"{key}.{item.parent.pk}" if item.parent else key


class PlanField(forms.ChoiceField):
    """Which plan is meant; whether it is still sold is asked only where a quantity is typed beside it."""

    def validate(self, value: Any) -> None:
        """Anything may stand here."""


@dataclass(frozen=True)
class LineRow:
    """A line with its quantity, and the value that its Remove button sends."""

    priced: PricedLine
    field: forms.BoundField
    key: str


@dataclass(frozen=True)
class OfferRow:
    """An offer; plan and quantity are None where it cannot be added here (an add-on).

    plans: (what it is available for, its prices of today by quantity); in_cart: the cart's lines of this SKU;
    bases: the customer's subscriptions that an add-on can be for.
    """

    offer: Offer
    plans: list[tuple[Availability, list[Tier[Price]]]]
    plan: forms.BoundField | None
    quantity: forms.BoundField | None
    in_cart: Sequence[CartLine]
    bases: Sequence[Subscription] = ()


class CartForm(PortalForm):
    """Every quantity on the cart's page: of the lines in the cart, and of the offers shown beside it.

    Whatever button is pressed, all that was typed counts. A line's quantity is named by what it is a quantity of
    and comes with the one that was shown: what another tab changed meanwhile stays, unless it was typed over here.
    bases: primary key of an add-on's SKU -> the customer's subscriptions that it can be for.
    """

    purchase_order_number = forms.CharField(
        label=_("Purchase-order number"),
        required=False,
        max_length=50,
        show_hidden_initial=True,
        help_text=_("The customer's own number for this order"),
    )

    def __init__(
        self,
        data: Any,
        *,
        cart: Cart,
        lines: Sequence[PricedLine],
        offers: Sequence[Offer],
        bases: Mapping[int, Sequence[Subscription]],
    ) -> None:
        super().__init__(data, initial={"purchase_order_number": cart.purchase_order_number})
        self.lines, self.offers, self.bases = lines, offers, bases
        self.is_open = cart.order_id is None
        self.item_of: dict[str, Item] = {}
        if self.is_bound and self.data.get("remove"):
            self.data[f"{QUANTITY}{self.data['remove']}"] = "0"
        for each in lines:
            self._add_line(each.line)
        for offer in offers:
            if not offer.is_add_on:
                self._add_offer(offer)
        dress(self)

    def _add_line(self, line: CartLine) -> None:
        item = Item(line.availability, line.parent)
        name = f"{QUANTITY}{item_key(item)}"
        self.item_of[name] = item
        self.fields[name] = self._quantity(
            line.availability,
            # A line that the sent page did not show yet stays as it is.
            required=not self.is_bound or name in self.data,
            initial=line.quantity or None,
            min_value=0,
            show_hidden_initial=True,
        )

    def _add_offer(self, offer: Offer) -> None:
        code = offer.sku.catalog_code
        choices = [(str(plan.public_id), plan_label(plan)) for plan in offer.plans]
        widget = forms.Select(attrs={"class": "form-select"}) if len(choices) > 1 else forms.HiddenInput()
        label = _("Term and billing plan of %(sku)s") % {"sku": offer.sku}
        self.fields[f"{PLAN}{code}"] = PlanField(
            label=label, choices=choices, initial=choices[0][0], required=False, widget=widget
        )
        self.fields[f"{ADD}{code}"] = self._quantity(offer.sku, required=False, min_value=1)

    def _quantity(self, of: Any, **options: Any) -> QuantityField:
        required = {"required": _("Enter a quantity, or remove the product")}
        field = QuantityField(label=quantity_label(of), error_messages=required, **options)
        field.widget.attrs["class"] = "form-control w-auto"
        return field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, item in self._added(cleaned):
            if item is None:
                self.add_error(name, str(_("This is no longer sold for that term. Choose another one.")))
                continue
            line = f"{QUANTITY}{item_key(item)}"
            if line in self.changed_data and cleaned.get(line) != cleaned[name]:
                self.add_error(name, str(_("This is in the cart already. Change its quantity there.")))
        for code in self._unknown_codes():
            message = _(
                "%(code)s is not sold here any more. Nothing was changed yet: check the rest and send it again."
            )
            self.add_error(None, str(message % {"code": code}))
        if self.is_open and self._is_a_line_gone():
            message = _(
                "A product whose quantity you changed is not sold here any more. "
                "Nothing was changed yet: check the rest and send it again."
            )
            self.add_error(None, str(message))
        return cleaned

    def _added(self, cleaned: Mapping[str, Any]) -> Iterator[tuple[str, Item | None]]:
        """Each offer with a quantity: (the quantity's name, what is meant; None where that is not sold any more)."""
        for offer in self.offers:
            code = offer.sku.catalog_code
            if cleaned.get(f"{ADD}{code}") is None:
                continue
            plans = {str(plan.public_id): plan for plan in offer.plans}
            chosen = plans.get(cleaned.get(f"{PLAN}{code}") or str(offer.plans[0].public_id))
            yield f"{ADD}{code}", Item(chosen) if chosen else None

    def _unknown_codes(self) -> list[str]:
        return [code for code in typed_codes(self.data) if f"{ADD}{code}" not in self.fields]

    def _is_a_line_gone(self) -> bool:
        """Whether the quantity of a line that the sent page showed was typed over, and the line cannot be had now."""
        shown = {name: self.data.get(f"initial-{name}") for name in self.data if name.startswith(QUANTITY)}
        return any(
            was is not None and name not in self.fields and str(self.data[name]).strip() not in ("", "0", was)
            for name, was in shown.items()
        )

    def wanted(self) -> dict[Item, int]:
        """Item -> quantity, wherever the valid form says something else than the page that it came from."""
        changed = set(self.changed_data)
        lines = {item: self.cleaned_data[name] for name, item in self.item_of.items() if name in changed}
        added = {item: self.cleaned_data[name] for name, item in self._added(self.cleaned_data) if item}
        return {item: count for item, count in {**lines, **added}.items() if count is not None}

    def new_purchase_order_number(self) -> str | None:
        """None where it was not touched."""
        is_new = "purchase_order_number" in self.changed_data
        return str(self.cleaned_data["purchase_order_number"]) if is_new else None

    def content(self) -> dict[Item, int]:
        """Item -> quantity of what is in the cart once the valid form is kept."""
        return {item: count for item, count in {**self._in_cart(), **self.wanted()}.items() if count}

    def said(self) -> dict[Item, int]:
        """Item -> quantity of everything that the valid form says, changed or not."""
        lines = {item: self.cleaned_data[name] for name, item in self.item_of.items() if name in self.data}
        return {item: count for item, count in {**lines, **self.wanted()}.items() if count}

    def is_news(self) -> bool:
        """Whether the valid form wants anything to be otherwise than it is in the cart."""
        in_cart = self._in_cart()
        return any(in_cart.get(item, 0) != count for item, count in self.wanted().items())

    def _in_cart(self) -> dict[Item, int]:
        return {Item(each.line.availability, each.line.parent): each.line.quantity for each in self.lines}

    def show_refusals(self, refusals: Mapping[Item, str | Promise]) -> None:
        """Each at its field."""
        fields = {item: name for name, item in self._added(self.cleaned_data) if item}
        for item, message in refusals.items():
            self.add_error(fields.get(item, f"{QUANTITY}{item_key(item)}"), str(message))

    @property
    def line_rows(self) -> list[LineRow]:
        keys = [item_key(Item(each.line.availability, each.line.parent)) for each in self.lines]
        return [LineRow(each, self[f"{QUANTITY}{key}"], key) for each, key in zip(self.lines, keys, strict=True)]

    @property
    def offer_rows(self) -> list[OfferRow]:
        today = price_day()
        return [
            self._offer_row(offer, [(plan, plan.tiers(on=today)) for plan in offer.plans]) for offer in self.offers
        ]

    def _offer_row(self, offer: Offer, plans: list[tuple[Availability, list[Tier[Price]]]]) -> OfferRow:
        in_cart = [each.line for each in self.lines if each.line.availability.sku_id == offer.sku.pk and each.line.pk]
        if offer.is_add_on:
            return OfferRow(offer, plans, None, None, in_cart, self.bases.get(offer.sku.pk, ()))
        code = offer.sku.catalog_code
        return OfferRow(offer, plans, self[f"{PLAN}{code}"], self[f"{ADD}{code}"], in_cart)


def quantity_label(of: Any) -> str | Promise:
    """of: a SKU, or what it is available for."""
    if not isinstance(of, Availability):
        return _("Quantity of %(sku)s") % {"sku": of}
    words = {"sku": of.sku, "term": of.get_term_display(), "plan": of.get_billing_plan_display()}
    return _("Quantity of %(sku)s, %(term)s, %(plan)s") % words


def plan_label(plan: Availability) -> str | Promise:
    """One choice: the term, the plan, and what the smallest quantity costs."""
    first = next(iter(plan.tiers(on=price_day())), None)
    price = exact_money(first.price.unit_price if first else None, plan.currency)
    words = [plan.get_term_display(), plan.get_billing_plan_display()]
    if plan.segment != Segment.COMMERCIAL:
        words.append(plan.get_segment_display())
    return format_lazy("{}: {}", ", ".join(words), price)


def typed_codes(data: Mapping[str, Any]) -> list[str]:
    """The catalog codes beside which something was typed."""
    typed = [name.removeprefix(ADD) for name, value in data.items() if name.startswith(ADD) and str(value).strip()]
    return [code for code in typed if code.isascii() and "\x00" not in code]


def stray_keys(data: Mapping[str, Any], lines: Sequence[PricedLine]) -> list[tuple[UUID, UUID | None]]:
    """(availability, subscription) of quantities typed over lines that are not in the cart (any more)."""
    known = {f"{QUANTITY}{item_key(Item(each.line.availability, each.line.parent))}" for each in lines}
    strays = []
    for name, value in data.items():
        was = data.get(f"initial-{name}", "")
        if not name.startswith(QUANTITY) or name in known or str(value).strip() in ("", "0", was):
            continue
        first, _dot, second = name.removeprefix(QUANTITY).partition(".")
        sold, parent = parse_uuid(first), parse_uuid(second) if second else None
        if sold is not None and (parent is None) == (not second):
            strays.append((sold, parent))
    return strays
