"""The list of customers: search, filter, pages, and who sees what."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
URL = reverse("customers:list")


def names(response: object) -> list[str]:
    return [row.customer.company_name for row in response.context["rows"]]


def test_shows_the_partners_customers_with_their_standing(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    confirmed(customer)
    response = client_of(helpdesk_agent).get(URL)
    assert names(response) == [customer.company_name]
    assert response.context["rows"][0].word == "Accepted"


def test_a_stranger_sees_none_of_them(client_of: ClientOf, stranger: Membership, customer: Customer) -> None:
    response = client_of(stranger).get(URL)
    assert names(response) == []
    assert customer.company_name not in response.content.decode()


def test_a_reseller_sees_the_customers_it_resells_to(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner
) -> None:
    CustomerFactory(partner=provider, company_name="Resold", reseller=reseller_agent.partner)
    CustomerFactory(partner=provider, company_name="Not resold")
    assert names(client_of(reseller_agent).get(URL)) == ["Resold"]


def test_searches_company_and_domain(client_of: ClientOf, sales_agent: Membership, partner: Partner) -> None:
    CustomerFactory(partner=partner, company_name="Contoso Polska")
    CustomerFactory(partner=partner, company_name="Fabrikam", tenant__domain="contosolike.onmicrosoft.com")
    CustomerFactory(partner=partner, company_name="Tailspin")
    found = names(client_of(sales_agent).get(URL, {"q": "contoso"}))
    assert found == ["Contoso Polska", "Fabrikam"]


@pytest.mark.parametrize("text", ["a b", "'", '"', "%", "_", "\\", "😀", "x" * 10_000, "\x00"])
def test_survives_any_search_text(
    client_of: ClientOf, sales_agent: Membership, customer: Customer, text: str
) -> None:
    assert client_of(sales_agent).get(URL, {"q": text}).status_code == 200


def test_filters_by_standing_and_counts(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    CustomerFactory(partner=customer.partner, company_name="Covered", attested_on=date(2024, 1, 1))
    response = client_of(sales_agent).get(URL, {"standing": "missing"})
    assert names(response) == [customer.company_name]
    assert {code: number for code, _label, number in response.context["filters"]} == {"covered": 1, "missing": 1}


def test_walks_pages_both_ways_without_gap_or_repetition(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    for number in range(120):
        CustomerFactory(partner=partner, company_name=f"Same {number % 7}")
    client, url, seen = client_of(sales_agent), URL, []
    while True:
        response = client.get(url)
        seen += [row.customer.pk for row in response.context["rows"]]
        if not response.context["page"].next_url:
            break
        url = URL + response.context["page"].next_url
    assert len(seen) == len(set(seen)) == 120
    back = client.get(URL + response.context["page"].previous_url)
    assert [row.customer.pk for row in back.context["rows"]] == seen[50:100]


def test_the_links_to_other_pages_tell_no_names(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    made = sorted((CustomerFactory(partner=partner) for _ in range(51)), key=lambda customer: customer.company_name)
    page = client_of(sales_agent).get(URL).context["page"]
    assert page.next_url == f"?after={made[49].tenant_id}"


def test_a_broken_cursor_shows_the_first_page(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    assert names(client_of(sales_agent).get(URL, {"after": "%%%"})) == [customer.company_name]


def test_asks_the_same_number_of_queries_whatever_the_rows(
    client_of: ClientOf,
    sales_agent: Membership,
    customer: Customer,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(sales_agent)
    client.get(URL)
    with django_assert_max_num_queries(10) as one:
        client.get(URL)
    for _number in range(30):
        CustomerFactory(partner=customer.partner)
    with django_assert_max_num_queries(10) as many:
        client.get(URL)
    assert len(one.captured_queries) == len(many.captured_queries)
