"""Tokens of pages come back from browsers, whole or not."""

import base64
import json

import pytest
from django.test import RequestFactory

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.keyset import keyset_page


def token(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "broken",
    [
        "x",
        "%%%",
        token("foo", 1),
        token("2026-01-01T00:00:00", 1),
        token(None, 1),
        token(1, 1),
        token("2026-01-01T00:00:00+00:00", "1"),
        token("2026-01-01T00:00:00+00:00", 10**30),
        token("2026-13-01T00:00:00+00:00", 1),
        token("a\x00", 1),
        token({"a": 1}, 1),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_token_that_no_page_made_shows_the_first_page(db: None, broken: str) -> None:
    customer = CustomerFactory()
    request = RequestFactory().get("/", {"after": broken})
    for_dates = keyset_page(request, Customer.objects.all(), field="created_at", descending=True)
    assert for_dates.rows == [customer]


def test_a_nul_in_a_text_token_shows_the_first_page(db: None) -> None:
    customer = CustomerFactory()
    request = RequestFactory().get("/", {"after": token("a\x00", 1)})
    assert keyset_page(request, Customer.objects.all(), field="company_name").rows == [customer]
