"""The answers of a form as Review shows them."""

from collections.abc import Container, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from phonenumber_field.phonenumber import PhoneNumber

from portal.common.fields import PhoneField
from portal.common.forms import PortalForm, page_order


def answers(form: PortalForm) -> list[tuple[str, str]]:
    """(label, what was answered) of a valid form's questions that count, in page order, in words."""
    return [
        (str(form[name].label), _shown(form.fields[name], form.cleaned_data[name]))
        for name in page_order(form)
        if name in form.cleaned_data
    ]


def warnings(form: PortalForm, *, besides: Container[str] = ()) -> list[tuple[str, str]]:
    """(label, what is odd about the answer) of a valid form, in page order; besides: fields that are left out."""
    return [
        (str(form[name].label), str(words))
        for name in page_order(form)
        if name not in besides
        for words in form.warnings.get(name, ())
    ]


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        words: Mapping[str, Any] = {str(key): label for key, label in field.choices}
        return str(words.get(str(value), value))
    if isinstance(value, date):
        return date_format(value)
    if isinstance(field, PhoneField) and value:
        return str(PhoneNumber.from_string(value))
    return str(value or "")
