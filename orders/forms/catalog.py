"""What the catalog can be asked for, beside a cart."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import BillingPlan, Segment, Term
from orders.offers import CatalogQuery
from portal.common.questions import tidy

_SELECT = {"class": "form-select"}


class CatalogForm(forms.Form):
    """Search and filters. What cannot be read filters nothing; nothing here is ever refused.

    segments, currencies: those that there is a choice of; a field with one answer is left out.
    """

    q = forms.CharField(
        label=_("Product, publisher or SKU"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control", "autocomplete": "off"}),
    )
    term = forms.ChoiceField(label=_("Term"), required=False, widget=forms.Select(attrs=_SELECT))
    billing_plan = forms.ChoiceField(label=_("Billing plan"), required=False, widget=forms.Select(attrs=_SELECT))
    segment = forms.ChoiceField(label=_("Segment"), required=False, widget=forms.Select(attrs=_SELECT))
    currency = forms.ChoiceField(label=_("Currency"), required=False, widget=forms.Select(attrs=_SELECT))

    def __init__(
        self, data: Mapping[str, Any], *, segments: Sequence[str], currencies: Sequence[str], usual: str
    ) -> None:
        texts = {name: str(data.get(name, "")) for name in self.base_fields}
        self.usual = usual
        super().__init__({**texts, "q": tidy(texts["q"]), "currency": texts["currency"] or usual})
        known = [choice for choice in Segment.choices if choice[0] in segments]
        choices: dict[str, Sequence[tuple[str, Any]]] = {
            "term": [("", _("Any term")), *Term.choices],
            "billing_plan": [("", _("Any billing plan")), *BillingPlan.choices],
            "segment": [("", _("Any segment")), *known],
            "currency": [(code, code) for code in currencies],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = offered
        for name, offered in (("segment", known), ("currency", currencies)):
            if len(offered) < 2:
                del self.fields[name]

    def asked(self) -> CatalogQuery:
        """What is asked for; the usual currency where none that is sold in is named."""
        self.is_valid()
        return CatalogQuery(
            **{"currency": self.usual} | {name: value for name, value in self.cleaned_data.items() if value}
        )
