"""The few template helpers that plain Django templates cannot express: `{% load portal_tags %}`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django import forms, template
from django.template.context import Context
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.common.forms import Problem, error_list

register = template.Library()


@register.filter
def date_tag(value: datetime.date | datetime.datetime | None) -> SafeString | str:
    """Show a date or a moment in the reader's locale inside `<time>` with its ISO form; "" for nothing.

    A moment is shown in the current time zone (the partner's), with hours and minutes.
    """
    if not value:
        return ""
    if isinstance(value, datetime.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        shown = formats.date_format(local, "DATETIME_FORMAT")
        return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)
    return _day_tag(value, get_language())


@lru_cache(maxsize=4096)
def _day_tag(value: datetime.date, language: str | None) -> SafeString:
    """Kept, as a list shows a hundred days and formatting one takes longer than all else in its cell.

    language: the one in force.
    """
    shown = formats.date_format(value, "DATE_FORMAT")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its ISO 4217 currency code in the reader's number format, like "EUR 1,204.00"."""
    if amount is None:
        return ""
    # Django cuts surplus decimals off; an amount is rounded.
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    number = formats.number_format(cents, decimal_pos=2, use_l10n=True, force_grouping=True)
    # A no-break space keeps the code and the number on one line.
    return f"{currency}\u00a0{number}"


@register.filter
def exact_money(amount: Decimal | None, currency: str) -> str:
    """A unit price: as `money`, with its third and fourth decimal where they are not 0."""
    if amount is None or amount == amount.quantize(Decimal("0.01")):
        return money(amount, currency)
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    number = formats.number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{currency}\u00a0{number}"


@register.filter
def widget_kind(field: forms.BoundField) -> str:
    """How `components/field.html` draws a field: checkbox, group, select or text."""
    widget = field.field.widget
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.Select):
        return "select"
    return "text"


@register.filter
def is_radio(field: forms.BoundField) -> bool:
    """Whether exactly one of the field's options can be chosen by radio button."""
    return isinstance(field.field.widget, forms.RadioSelect)


@register.simple_tag
def problems_of(form: object = None, forms_on_page: object = None) -> list[Problem]:
    """The problems of one form, or of several in page order; an empty list when there are none."""
    return [problem for each in _forms(form, forms_on_page) for problem in error_list(each)]


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    """ "Error: " for the start of the page title when a form on the page was refused, else ""."""
    refused = bool(context.get("page_has_errors")) or any(
        each.errors for each in _forms(context.get("form"), context.get("forms"))
    )
    return _("Error: ") if refused else ""


def _forms(form: object, several: object) -> list[forms.BaseForm]:
    # A template passes "" for a variable it does not have.
    every = list(several) if isinstance(several, Iterable) and not isinstance(several, str) else [form]
    return [each for each in every if isinstance(each, forms.BaseForm)]
