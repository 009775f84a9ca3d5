"""The template helpers, and the pieces of `templates/components/` that hold a decision."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone

from portal.common.templatetags.portal_tags import date_tag, exact_money, money


class NameForm(forms.Form):
    name = forms.CharField()


def title(**context: Any) -> str:
    return Template("{% load portal_tags %}{% error_prefix %}Customers").render(Context(context))


def test_a_date_is_shown_for_people_and_for_machines() -> None:
    html = date_tag(datetime.date(2026, 3, 31))
    assert html == '<time datetime="2026-03-31">March 31, 2026</time>'


def test_a_moment_is_shown_in_the_current_zone() -> None:
    moment = datetime.datetime(2026, 3, 31, 22, 30, tzinfo=datetime.UTC)
    with timezone.override("Europe/Warsaw"):
        assert 'datetime="2026-04-01T00:30:00+02:00"' in date_tag(moment)


def test_no_date_shows_nothing() -> None:
    assert date_tag(None) == ""


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("1204"), "EUR\u00a01,204.00"),
        (Decimal("0.5"), "EUR\u00a00.50"),
        (Decimal("1234567.899"), "EUR\u00a01,234,567.90"),
        (None, ""),
    ],
)
def test_money_has_its_currency_and_two_decimals(amount: Decimal | None, shown: str) -> None:
    assert money(amount, "EUR") == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("1204.0000"), "EUR\u00a01,204.00"),
        (Decimal("50.4050"), "EUR\u00a050.405"),
        (Decimal("0.0042"), "EUR\u00a00.0042"),
        (None, ""),
    ],
)
def test_a_unit_price_keeps_the_decimals_that_it_has(amount: Decimal | None, shown: str) -> None:
    assert exact_money(amount, "EUR") == shown


def test_the_title_says_when_a_form_was_refused() -> None:
    assert title(form=NameForm({})) == "Error: Customers"
    assert title(forms=[NameForm({"name": "x"}), NameForm({})]) == "Error: Customers"
    assert title(page_has_errors=True) == "Error: Customers"


def test_the_title_stays_plain_otherwise() -> None:
    assert title() == "Customers"
    assert title(form=NameForm()) == "Customers"
    assert title(form=NameForm({"name": "x"})) == "Customers"


def test_status_is_icon_and_word() -> None:
    html = render_to_string("components/status.html", {"tone": "ok", "word": "Confirmed"})
    assert "status-ok" in html
    assert "<svg" in html
    assert "Confirmed" in html


def test_refusals_are_announced_at_once_and_successes_politely() -> None:
    assert 'role="alert"' in render_to_string("components/message_bar.html", {"tone": "error", "text": "No"})
    assert 'role="status"' in render_to_string("components/message_bar.html", {"tone": "success", "text": "Yes"})


def test_an_empty_fact_is_spoken() -> None:
    html = render_to_string("components/facts.html", {"facts": [("Phone", ""), ("Licences", 0)]})
    assert "None" in html
    assert "<dd>0</dd>" in html


@pytest.mark.parametrize("template", ["404.html", "500.html", "503.html"])
def test_static_error_pages_hold_nothing_of_the_request(template: str) -> None:
    html = render_to_string(template)
    assert "<form" not in html
    assert "csrf" not in html
    assert "nonce" not in html
