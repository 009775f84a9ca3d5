"""Invoices: none, in the shape that every client reads."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.partners.models import Membership

Api = Callable[..., Any]


@pytest.mark.parametrize("query", ["", "?size=10&offset=0", "?offset=5&size=0"])
def test_an_empty_collection(query: str, api: Api, admin_agent: Membership) -> None:
    said = api(admin_agent).get(f"/invoices{query}").json()
    assert (said["totalCount"], said["items"], said["attributes"]) == (0, [], {"objectType": "Collection"})
    assert list(said["links"]) == ["self"]


def test_nothing_is_owed(api: Api, admin_agent: Membership) -> None:
    said = api(admin_agent).get("/invoices/summary").json()
    assert (said["balanceAmount"], said["attributes"]["objectType"]) == (0.0, "InvoiceSummary")
    assert api(admin_agent).get("/invoices/summaries").json()["items"] == []


@pytest.mark.parametrize(
    ("path", "status"), [("/invoices/D030001IZ4", 404), ("/invoices?size=-1", 400), ("/invoices?offset=many", 400)]
)
def test_refusals(path: str, status: int, api: Api, admin_agent: Membership) -> None:
    answer = api(admin_agent).get(path)
    assert (answer.status_code, "description" in answer.json()) == (status, True)


def test_is_for_programs_too(api: Api, admin_agent: Membership) -> None:
    assert api(partner=admin_agent.partner).get("/invoices").status_code == 200
