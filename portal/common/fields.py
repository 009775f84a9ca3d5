"""Form fields that every room shares: people's names, email addresses, phone numbers, past dates.

They keep what was typed (any script, any spelling) and say in plain words what to do when it cannot be used.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from portal.common.text import why_not_a_name

#: The earliest year that a date typed by a person can sensibly mean.
EARLIEST_YEAR = 1900

#: An international number that nobody owns, shown when the region is not known.
INTERNATIONAL_EXAMPLE = "+44 20 7946 0958"


class PersonNameField(forms.CharField):
    """A first or last name in any script, at most 50 characters, stored as typed.

    Joiners, combining marks and signs stay; what could not name anybody is refused (`why_not_a_name`).
    """

    def __init__(self, *, max_length: int = 50, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def validate(self, value: Any) -> None:
        """Refuse names without a letter, and names with characters that change how they read."""
        super().validate(value)
        reason = why_not_a_name(value) if value else None
        if reason is not None:
            raise ValidationError(reason, code="not_a_name")


class EmailAddressField(forms.EmailField):
    """One email address of at most 254 characters (RFC 5321 path limit); the typed spelling is kept."""

    default_error_messages = {
        "invalid": _("Enter an email address in the correct format, like name@example.com"),
    }

    def __init__(self, *, max_length: int = 254, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)


class PhoneField(PhoneNumberField):
    """A phone number typed in national form (of `region`) or international form; cleans to E.164 text or "".

    `region` is an ISO 3166-1 alpha-2 code. A form that learns the country late calls `set_region` before
    validation.
    """

    default_error_messages = {
        "invalid": _("Enter a phone number in national or international form, for example {example}"),
        "extension": _("Enter the phone number without an extension"),
    }

    def __init__(self, *, region: str | None = None, required: bool = False, **kwargs: Any) -> None:
        super().__init__(required=required, **kwargs)
        self.set_region(region)

    def set_region(self, region: str | None) -> None:
        """Read national numbers as numbers of `region`; without one, international form only."""
        known = region if region in phonenumbers.SUPPORTED_REGIONS else None
        self.region = known
        self.widget.region = known
        self.example = self._example(known)

    @staticmethod
    def _example(region: str | None) -> str:
        number = phonenumbers.example_number(region) if region else None
        if number is None:
            return INTERNATIONAL_EXAMPLE
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)

    def clean(self, value: Any) -> str:
        """Return the number as E.164 text, or "" when nothing was typed."""
        try:
            number = super().clean(value)
        except ValidationError as error:
            if any(each.code == "required" for each in error.error_list):
                raise
            message = str(self.error_messages["invalid"]).replace("{example}", self.example)
            raise ValidationError(message, code="invalid") from error
        if not number:
            return ""
        if number.extension:
            # E.164 has no extension: dropping it silently would lose what was typed.
            raise ValidationError(self.error_messages["extension"], code="extension")
        return number.as_e164


class PastDateField(forms.DateField):
    """A calendar date that is not in the future, typed or picked, sent as ISO 8601.

    "Today" is a date of the partner's time zone, which only the caller knows: `PortalForm(today=...)` hands
    it over through `set_today`. Validating without it is a programming error.
    """

    default_error_messages = {
        "invalid": _("Enter a real date as year, month and day, for example 2026-03-31"),
        "future": _("The acceptance date must be today or earlier"),
        "too_early": _("Enter a date with a year of 1900 or later"),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(**kwargs)
        self.today: datetime.date | None = None

    def set_today(self, today: datetime.date) -> None:
        """Judge "future" against `today` and offer it on the Today button."""
        self.today = today
        self.widget.attrs["min"] = datetime.date(EARLIEST_YEAR, 1, 1).isoformat()
        self.widget.attrs["max"] = today.isoformat()
        self.widget.attrs["data-today"] = today.isoformat()

    def validate(self, value: Any) -> None:
        """Refuse dates after today and dates before 1900."""
        super().validate(value)
        if value is None:
            return
        if self.today is None:
            raise ImproperlyConfigured("PastDateField needs today's date: pass today= to the form")
        if value > self.today:
            raise ValidationError(self.error_messages["future"], code="future")
        if value.year < EARLIEST_YEAR:
            raise ValidationError(self.error_messages["too_early"], code="too_early")


class RevealRadioSelect(forms.RadioSelect):
    """Radio buttons of which some show a part of the page while chosen.

    `reveals` maps an option's value to the id of the element it shows. Without JavaScript the element is
    always visible; the server alone decides whether its answers count.
    """

    def __init__(self, *args: Any, reveals: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reveals = dict(reveals or {})

    def create_option(self, name: str, value: Any, label: str | Promise, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add `data-reveal` to the options that show something."""
        option = super().create_option(name, value, label, *args, **kwargs)
        target = self.reveals.get(str(value))
        if target:
            option["attrs"]["data-reveal"] = target
        return option
