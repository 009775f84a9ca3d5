"""The products that a customer is to begin with: what was chosen so far, and what a search offers beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import rules
from orders.forms.cart import PlanField, plan_label, quantity_label
from orders.forms.fields import QuantityField
from orders.models import Availability, Price, Sku
from orders.offers import Offer
from orders.rules import Tier
from orders.services import Item
from orders.shelf import ADD, CHOSEN, PLAN, REMOVE, SEEN, Shelf, plan_of
from portal.common.forms import PortalForm, dress
from portal.common.templatetags.portal_tags import exact_money


@dataclass(frozen=True)
class Chosen:
    """So many licences, None for what cannot be read; price: of each, amount: of all for one billing period, both
    None where so many are not sold.
    """

    availability: Availability
    quantity: int | None
    price: Price | None
    amount: Decimal | None


#: (name, value) of a hidden field: the prices that the page shows.
SeenField = tuple[str, str]
#: (what a SKU is available for, its prices of today by quantity).
Plans = list[tuple[Availability, list[Tier[Price]]]]


@dataclass(frozen=True)
class ChosenRow:
    """key: what the line's Remove button sends; offer, plans: as of an `OfferedRow`, with the one plan chosen."""

    key: str
    chosen: Chosen
    offer: Offer
    plans: Plans
    field: forms.BoundField
    seen: SeenField


@dataclass(frozen=True)
class OfferedRow:
    """An offer as `orders/_offer.html` draws it."""

    offer: Offer
    plans: Plans
    plan: forms.BoundField
    quantity: forms.BoundField


class ProductsForm(PortalForm):
    """Quantities of what was chosen and of what is offered; what stays empty is not ordered.

    The prices that were shown travel along: who typed a quantity beside other ones is asked to agree to today's.
    """

    search = forms.CharField(
        label=gettext_lazy("Product, publisher or SKU"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )
    submit_label = gettext_lazy("Next: Review")

    def __init__(self, *args: Any, shelf: Shelf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shelf = shelf
        #: Where the quantity of what a valid form orders was typed.
        self.name_of: dict[Availability, str] = {}
        for key, availability in shelf.lines.items():
            self.fields[f"{CHOSEN}{key}"] = _quantity(availability)
        # Problems are listed in the order of the page.
        self.fields["search"] = self.fields.pop("search")
        for offer in shelf.offers:
            self._add_offer(offer)
        dress(self)

    def _add_offer(self, offer: Offer) -> None:
        code = offer.sku.catalog_code
        label = _("Term and billing plan of %(sku)s") % {"sku": offer.sku}
        choices = [(plan_of(plan), plan_label(plan)) for plan in offer.plans]
        widget = forms.Select(attrs={"class": "form-select"}) if len(choices) > 1 else forms.HiddenInput()
        self.fields[f"{PLAN}{code}"] = PlanField(
            label=label, choices=choices, initial=choices[0][0], required=False, widget=widget
        )
        self.fields[f"{ADD}{code}"] = _quantity(offer.sku)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        asked = {f"{CHOSEN}{key}": availability for key, availability in self.shelf.lines.items()}
        asked |= {f"{ADD}{offer.sku.catalog_code}": self._plan_chosen(offer, cleaned) for offer in self.shelf.offers}
        self.name_of = {}
        for name, availability in asked.items():
            if cleaned.get(name) and availability is not None:
                self._judge(name, availability, cleaned[name])
                self.name_of[availability] = name
        count = len(self.name_of)
        if full := rules.why_no_more_subscriptions(is_sandbox=self.shelf.is_sandbox, count=count):
            self.add_error(None, str(full))
        if self._is_anything_gone():
            message = _("Some products that you chose are no longer sold here. Check the others, then continue.")
            self.add_error(None, message)
        return cleaned

    def _plan_chosen(self, offer: Offer, cleaned: Mapping[str, Any]) -> Availability | None:
        code = offer.sku.catalog_code
        chosen = next((plan for plan in offer.plans if plan_of(plan) == cleaned.get(f"{PLAN}{code}")), None)
        if cleaned.get(f"{ADD}{code}") and chosen is None:
            self.add_error(f"{ADD}{code}", _("This is no longer sold for that term. Choose another one."))
        return chosen

    def _judge(self, name: str, availability: Availability, quantity: int) -> None:
        price = availability.price_for(quantity, on=self.shelf.on)
        reason: str | Promise | None = rules.why_not_quantity(availability.sku, quantity)
        reason = reason or rules.why_not_in_sandbox(is_sandbox=self.shelf.is_sandbox, quantity=quantity)
        if reason is None and price is None:
            reason = _("This is not sold in that quantity today. Try another quantity")
        if reason is not None:
            self.add_error(name, str(reason))
        if price is not None and self._is_new_to_reader(availability):
            amount = exact_money(price.unit_price, availability.currency)
            self.add_error(name, _("The price is now %(price)s. Continue if you agree") % {"price": amount})

    def _is_new_to_reader(self, availability: Availability) -> bool:
        seen = self.data.get(self._seen_name(availability), "")
        return bool(seen) and seen != self.shelf.seen(availability)

    def _seen_name(self, availability: Availability) -> str:
        return self.add_prefix(f"{SEEN}{availability.sku.catalog_code}.{plan_of(availability)}")

    def _is_anything_gone(self) -> bool:
        """A quantity was typed beside something that is withdrawn, or not sold in the country chosen since."""
        asked = (self.add_prefix(CHOSEN), self.add_prefix(ADD))
        known = {self.add_prefix(name) for name in self.fields}
        return any(
            name.startswith(asked) and name not in known and str(value).strip() not in ("", "0")
            for name, value in self.data.items()
        )

    def wanted(self) -> dict[Availability, int]:
        """Availability -> quantity of what a valid form orders."""
        return {availability: self.cleaned_data[name] for availability, name in self.name_of.items()}

    @property
    def chosen(self) -> list[Chosen]:
        """What a valid form orders."""
        return [self._priced(availability, quantity) for availability, quantity in self.wanted().items()]

    def _priced(self, availability: Availability, quantity: int | None) -> Chosen:
        is_sold = quantity and rules.why_not_quantity(availability.sku, quantity) is None
        price = availability.price_for(quantity, on=self.shelf.on) if quantity and is_sold else None
        amount = rules.amount(price.unit_price, quantity) if price and quantity else None
        return Chosen(availability, quantity, price, amount)

    @property
    def total(self) -> Decimal:
        """What the first billing periods of a valid form's products come to."""
        return sum((each.amount for each in self.chosen if each.amount is not None), Decimal(0))

    @property
    def search_field(self) -> forms.BoundField:
        return self["search"]

    @property
    def line_rows(self) -> list[ChosenRow]:
        """What was chosen so far."""
        rows = []
        for key, availability in self.shelf.lines.items():
            field, offer = self[f"{CHOSEN}{key}"], Offer(availability.sku, (availability,))
            chosen = self._priced(availability, _number(field))
            rows.append(ChosenRow(key, chosen, offer, self._plans(offer), field, self._seen(availability)))
        return rows

    @property
    def offer_rows(self) -> list[OfferedRow]:
        """What can be chosen besides."""
        return [
            OfferedRow(
                offer,
                self._plans(offer),
                self[f"{PLAN}{offer.sku.catalog_code}"],
                self[f"{ADD}{offer.sku.catalog_code}"],
            )
            for offer in self.shelf.offers
        ]

    def _plans(self, offer: Offer) -> Plans:
        return [(plan, plan.tiers(on=self.shelf.on)) for plan in offer.plans]

    @property
    def offers_seen(self) -> list[SeenField]:
        return [self._seen(plan) for offer in self.shelf.offers for plan in offer.plans]

    def _seen(self, availability: Availability) -> SeenField:
        return self._seen_name(availability), self.shelf.seen(availability)

    @property
    def remove_name(self) -> str:
        """The name of the buttons that take a line out; their value is its key."""
        return self.add_prefix(REMOVE)

    def show_refusals(self, refusals: Mapping[Item, str | Promise]) -> None:
        """What a service refused, each at its field."""
        for item, reason in refusals.items():
            self.add_error(self.name_of.get(item.availability), str(reason))


def _quantity(of: Availability | Sku) -> QuantityField:
    field = QuantityField(label=quantity_label(of), required=False, min_value=0)
    field.widget.attrs["class"] = "form-control w-auto"
    return field


def _number(field: forms.BoundField) -> int | None:
    """The quantity as typed, None where it cannot be read."""
    try:
        number: int | None = field.field.clean(field.value())
    except ValidationError:
        return None
    return number
