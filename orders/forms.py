"""What is typed while ordering. Bounds of quantities are the rules' business; forms ask for whole numbers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Cart, CartLine, OrderStatus, Price
from portal.common.forms import PortalForm, Section, dress

SEND_AGAIN = _("This page was not complete. Look at it again and send it once more")

#: Where a quantity's name ends and the price's id begins.
QUANTITY = "quantity-"


class QuantityField(forms.IntegerField):
    """A whole number of licences, typed in any digits; an empty field is None."""

    default_error_messages = {
        "invalid": _("Enter the number of licences as a whole number, for example 5"),
        "min_value": _("Enter the number of licences as a whole number, for example 5"),
    }

    def __init__(self, **kwargs: Any) -> None:
        # A number box swallows what it cannot read; a text box keeps it, so that the message fits what is seen.
        widget = forms.TextInput(attrs={"inputmode": "numeric", "size": "5", "class": "w-auto"})
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> int | None:
        """Blanks alone are nothing typed."""
        return super().to_python(value.strip() if isinstance(value, str) else value)


class CartForm(PortalForm):
    """Every quantity on the cart's page: of the lines in the cart, and of the prices shown beside it.

    Whatever button is pressed, all that was typed counts. Fields are named by the price's id, so a quantity
    typed beside a price that came into the cart meanwhile, in another tab, still means that price.
    """

    def __init__(self, *args: Any, lines: Sequence[CartLine], prices: Sequence[Price], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.prices = lines, prices
        self.price_of: dict[str, Price] = {}
        if self.is_bound and self.data.get("remove"):
            self._remove(f"{QUANTITY}{self.data['remove']}")
        for line in lines:
            # A line that the sent page did not show yet stays as it is.
            was_shown = not self.is_bound or f"{QUANTITY}{line.price.public_id}" in self.data
            self._add(line.price, required=was_shown, initial=line.quantity, min_value=0)
        for price in prices:
            self._add(price, required=False, min_value=1)
        dress(self)

    def _remove(self, name: str) -> None:
        """A Remove button was pressed: whatever stands in the line's field, it is 0 now; beside a price, nothing."""
        is_line = any(name == f"{QUANTITY}{line.price.public_id}" for line in self.lines)
        self.data[name] = "0" if is_line else ""

    def _add(self, price: Price, **options: Any) -> None:
        name = f"{QUANTITY}{price.public_id}"
        label = _("Quantity of %(sku)s, %(term)s, %(plan)s") % {
            "sku": price.sku,
            "term": price.get_term_display(),
            "plan": price.get_billing_plan_display(),
        }
        required = {"required": _("Enter a quantity, or remove the product")}
        field = QuantityField(label=label, error_messages=required, **options)
        field.widget.attrs["class"] = "form-control w-auto"
        self.fields[name] = field
        self.price_of[name] = price

    def wanted(self) -> dict[Price, int]:
        """Price -> quantity, wherever the valid form says something else than the cart."""
        typed = {name: self.cleaned_data.get(name) for name in self.changed_data}
        return {self.price_of[name]: quantity for name, quantity in typed.items() if quantity is not None}

    def show_refusals(self, refusals: Mapping[UUID, str | Promise]) -> None:
        """Each at its field."""
        for public_id, message in refusals.items():
            self.add_error(f"{QUANTITY}{public_id}", str(message))

    @property
    def line_rows(self) -> list[tuple[CartLine, forms.BoundField]]:
        return [(line, self[f"{QUANTITY}{line.price.public_id}"]) for line in self.lines]

    @property
    def price_rows(self) -> list[tuple[Price, forms.BoundField]]:
        return [(price, self[f"{QUANTITY}{price.public_id}"]) for price in self.prices]


class SubmitOrderForm(PortalForm):
    """The Review page: nothing to type; it carries what was reviewed, and the key of the one submission.

    reviewed: "<price id>:<quantity>" of each line, separated by blanks.
    """

    submit_key = forms.CharField(max_length=64, widget=forms.HiddenInput, error_messages={"required": SEND_AGAIN})
    reviewed = forms.CharField(max_length=20_000, widget=forms.HiddenInput, error_messages={"required": SEND_AGAIN})
    submit_label = _("Submit order")

    def clean_reviewed(self) -> list[tuple[str, int]]:
        """What cannot be read was not shown by us, so it matches no cart and the service refuses it."""
        try:
            pairs = [part.split(":") for part in self.cleaned_data["reviewed"].split()]
            return [(str(UUID(price)), int(quantity)) for price, quantity in pairs]
        except ValueError:
            return []


def as_reviewed(lines: Sequence[CartLine]) -> str:
    """The `reviewed` of a Review page that shows these lines."""
    return " ".join(f"{line.price.public_id}:{line.quantity}" for line in lines)


class LicenceCountForm(PortalForm):
    """The new licence count of a subscription."""

    quantity = QuantityField(
        label=_("New licence count"), error_messages={"required": _("Enter the new licence count")}
    )
    submit_key = forms.CharField(max_length=64, widget=forms.HiddenInput, error_messages={"required": SEND_AGAIN})
    sections = (Section("count", "", ("quantity",)),)
    submit_label = _("Change licence count")


class OrderFilterForm(forms.Form):
    """The list's query string. What cannot be read filters nothing."""

    q = forms.CharField(required=False, max_length=200)
    customer = forms.UUIDField(required=False)
    status = forms.ChoiceField(required=False, choices=OrderStatus.choices)

    def chosen(self) -> Mapping[str, Any]:
        self.is_valid()
        return self.cleaned_data


def cart_form(data: Mapping[str, Any] | None, *, cart: Cart, search: str) -> CartForm:
    """The form of a cart's page: its lines, and the prices of the customer's market that match the search."""
    lines = list(cart.lines.select_related("price__sku__product"))
    in_cart = [line.price_id for line in lines]
    prices = Price.objects.sold_to(cart.customer).search(search).exclude(pk__in=in_cart)
    return CartForm(data, lines=lines, prices=list(prices))
