"""Choosing an add-on for a subscription."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.forms.fields import QuantityField
from orders.models import Availability
from orders.pricing import price_day
from portal.common.forms import PortalForm, Section
from portal.common.templatetags.portal_tags import exact_money


class AddOnForm(PortalForm):
    """Which add-on, for which term and billing plan, and how many licences of it.

    sold: where add-ons are available, with their prices; wanted: the catalog code of the one that is chosen at first.
    """

    offer = forms.ChoiceField(
        label=gettext_lazy("Add-on"), error_messages={"required": gettext_lazy("Choose an add-on")}
    )
    quantity = QuantityField(
        label=gettext_lazy("Licences"),
        min_value=1,
        error_messages={
            "required": gettext_lazy("Enter the number of licences"),
            "min_value": gettext_lazy("Enter 1 or more licences"),
        },
    )
    sections = (Section("add-on", "", ("offer", "quantity")),)
    submit_label = gettext_lazy("Add to cart")

    def __init__(self, *args: Any, sold: Sequence[Availability], wanted: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sold = {str(each.public_id): each for each in sold}
        by_sku = groupby(self.sold.items(), key=lambda item: item[1].sku.title)
        choices = [(title, [(key, _words(each)) for key, each in items]) for title, items in by_sku]
        self.fields["offer"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField
        self.initial["offer"] = next(
            (key for key, each in self.sold.items() if each.sku.catalog_code == wanted), None
        )

    @property
    def chosen(self) -> Availability:
        """Of a valid form."""
        return self.sold[self.cleaned_data["offer"]]


def _words(sold: Availability) -> str:
    """One line of the list: what a select can show of it."""
    tiers = sold.tiers(on=price_day())
    words = {
        "title": sold.sku.title,
        "term": sold.get_term_display(),
        "plan": sold.get_billing_plan_display(),
        "price": exact_money(tiers[0].price.unit_price, sold.currency) if tiers else "",
    }
    if len(tiers) > 1:
        return _("%(title)s: %(term)s, %(plan)s, %(price)s each, less for more") % words
    return _("%(title)s: %(term)s, %(plan)s, %(price)s each") % words
