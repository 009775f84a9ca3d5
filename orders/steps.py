"""What orders ask in New customer: the products that the customer is to begin with."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.steps import COMPANY
from customers.wizard import Step, StepContext, Typed
from orders import rules
from orders.forms import QUANTITY, QuantityField
from orders.models import Price
from portal.common.forms import PortalForm, dress
from portal.common.templatetags.portal_tags import money

PRODUCTS = "products"
# The page of New customer that asks for the country.
ACCOUNT = "account"
# Beside each quantity, the price that was shown with it.
SEEN = "seen-"


class ProductsForm(PortalForm):
    """A quantity for everything that is sold in a market; what stays empty is not ordered.

    Fields are named by SKU, term and billing plan: a quantity stays beside its product when the price changes,
    and the price that was seen with it tells that it did.
    """

    submit_label = gettext_lazy("Next: Review")

    def __init__(self, *args: Any, prices: list[Price], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.price_of: dict[str, Price] = {}
        for price in prices:
            name = f"{QUANTITY}{_key(price)}"
            label = _("Quantity of %(sku)s, %(term)s, %(plan)s") % {
                "sku": price.sku,
                "term": price.get_term_display(),
                "plan": price.get_billing_plan_display(),
            }
            field = QuantityField(label=label, required=False, min_value=0)
            field.widget.attrs["class"] = "form-control w-auto"
            self.fields[name], self.price_of[name] = field, price
        dress(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in [name for name, quantity in cleaned.items() if not quantity]:
            del cleaned[name]
        first = next((self.price_of[name] for name in cleaned), None)
        for name, quantity in list(cleaned.items()):
            price = self.price_of[name]
            reason = rules.why_not_quantity(price.sku, quantity) or rules.why_not_currency(
                currency=price.currency, others={first.currency} if first else ()
            )
            if self._is_new_to_reader(price):
                amount = money(price.unit_price, price.currency)
                reason = _("The price is now %(price)s. Continue if you agree") % {"price": amount}
            if reason is not None:
                self.add_error(name, str(reason))
        if self._is_anything_gone():
            message = _("Some products that you chose are no longer sold here. Check the others, then continue.")
            self.add_error(None, message)
        return cleaned

    def _is_new_to_reader(self, price: Price) -> bool:
        seen = self.data.get(self.add_prefix(f"{SEEN}{_key(price)}"), "")
        return bool(seen) and seen != str(price.public_id)

    def _is_anything_gone(self) -> bool:
        """A quantity was typed beside something that is withdrawn, or not sold in the country chosen since."""
        asked = self.add_prefix(QUANTITY)
        known = {self.add_prefix(name) for name in self.fields}
        return any(
            name.startswith(asked) and name not in known and str(value).strip() not in ("", "0")
            for name, value in self.data.items()
        )

    def wanted(self) -> dict[Price, int]:
        """Price -> quantity of what a valid form orders."""
        return {self.price_of[name]: quantity for name, quantity in self.cleaned_data.items()}

    @property
    def chosen(self) -> list[tuple[Price, int, Decimal]]:
        """(price, quantity, amount for the first billing period) of what a valid form orders."""
        return [(price, quantity, price.unit_price * quantity) for price, quantity in self.wanted().items()]

    @property
    def rows(self) -> list[tuple[Price, Any, str]]:
        """(price, bound quantity, name of the hidden field with the price shown) of everything that is sold."""
        return [(price, self[name], self.add_prefix(f"{SEEN}{_key(price)}")) for name, price in self.price_of.items()]

    def show_refusals(self, refusals: Any) -> None:
        """What a service refused, each at its field. refusals: public id of a price -> why."""
        for name, price in self.price_of.items():
            if price.public_id in refusals:
                self.add_error(name, str(refusals[price.public_id]))


def _key(price: Price) -> str:
    sku = price.sku
    return ".".join((sku.product.code, sku.code, price.term, price.billing_plan))


def build_products(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> ProductsForm:
    country = context.kept.get(ACCOUNT, {}).get(f"{COMPANY}-country", "")
    return ProductsForm(typed, prefix=PRODUCTS, initial=initial, prices=list(Price.objects.sold_in(country)))


PRODUCTS_STEP = Step(PRODUCTS, build_products)
