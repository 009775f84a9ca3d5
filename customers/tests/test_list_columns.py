"""The columns of the list: chosen by each member, remembered, reset."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.listing import COLUMNS, DEFAULT_COLUMNS
from customers.models import Customer, CustomerTag, ListColumns, Tag
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
LIST, COLUMNS_URL = reverse("customers:list"), reverse("customers:columns")


def shown(client: Client) -> list[str]:
    return [head.code for head in client.get(LIST).context["headings"]]


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> Client:
    return client_of(sales_agent)


def test_the_dashboards_columns_are_shown_at_first(client: Client) -> None:
    wanted = ["name", "domain", "country", "agreement", "reseller", "subscriptions", "updated"]
    assert shown(client) == wanted == list(DEFAULT_COLUMNS)


def test_a_choice_is_remembered_for_the_member(client: Client, client_of: ClientOf, admin_agent: Membership) -> None:
    answer = client.post(COLUMNS_URL, {"column": ["created", "domain", "nonsense"], "country": "PL", "sort": "-name"})
    assert answer["Location"] == f"{LIST}?country=PL&sort=-name"
    assert shown(client) == ["name", "domain", "created"]
    assert shown(client_of(admin_agent)) == list(DEFAULT_COLUMNS)


@pytest.mark.parametrize("sent", [{"reset": "1", "column": ["tags"]}, {}, {"column": list(DEFAULT_COLUMNS)}])
def test_back_to_what_everybody_sees(client: Client, sent: dict[str, Any]) -> None:
    client.post(COLUMNS_URL, {"column": ["tags"]})
    assert ListColumns.objects.count() == 1
    client.post(COLUMNS_URL, sent)
    assert shown(client) == list(DEFAULT_COLUMNS)
    assert not ListColumns.objects.exists()


def test_every_column_can_be_shown(client: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(
        registration_number="5260250274", attested_on=date(2024, 2, 3), subscription_count=17
    )
    tag = Tag.objects.create(partner=customer.partner, name="Gold", name_key="gold")
    CustomerTag.objects.create(partner=customer.partner, customer=customer, tag=tag)
    client.post(COLUMNS_URL, {"column": list(COLUMNS)})
    response = client.get(LIST)
    assert [head.code for head in response.context["headings"]] == list(COLUMNS)
    cells = response.context["rows"][0].markup
    for value in (
        *(
            customer.company_name,
            customer.tenant.domain.replace(".", "<wbr>.", 1),
            "Poland",
            "Accepted",
            "2024-02-03",
            "17",
        ),
        *(str(customer.tenant_id), "Gold", "Zofia Wiśniewska", "5260250274", "Approved", "None"),
    ):
        assert value in cells


@pytest.mark.scenario("P2")
def test_every_column_costs_the_same_for_many_rows(client: Client, customer: Customer) -> None:
    tag = Tag.objects.create(partner=customer.partner, name="Gold", name_key="gold")
    client.post(COLUMNS_URL, {"column": list(COLUMNS)})

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        return len(asked)

    client.get(LIST)
    few = cost()
    for _number in range(30):
        row = CustomerFactory(partner=customer.partner)
        CustomerTag.objects.create(partner=customer.partner, customer=row, tag=tag)
    assert cost() == few <= 10


def test_the_chooser_shows_what_is_on(client: Client) -> None:
    client.post(COLUMNS_URL, {"column": ["tags"]})
    page = client.get(LIST).content.decode()
    assert 'value="tags" checked>' in page
    assert 'value="domain">' in page
    assert 'value="name" checked disabled>' in page
