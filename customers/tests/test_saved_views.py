"""Saved views: a member's own named ways to look at the list."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer, SavedView
from customers.services.lists import MOST_VIEWS
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
LIST, SAVE, SEARCH = reverse("customers:list"), reverse("customers:save_view"), reverse("customers:search")


def save(client: Client, name: str, url: str = LIST, **changed: Any) -> Any:
    """Press "Save view" on the page at this address."""
    page = client.get(url).content.decode()
    form = re.search(rf'<form[^>]*action="{SAVE}".*?</form>', page, re.DOTALL)
    assert form is not None
    sent: dict[str, Any] = {"column": re.findall(r'name="column" value="([^"]*)"', form[0])}
    sent |= dict(re.findall(r'type="hidden" name="(?!column)([^"]+)" value="([^"]*)"', form[0]))
    return client.post(SAVE, {**sent, "name": name, **changed}, follow=True)


def names(response: Any) -> list[str]:
    return [row.customer.company_name for row in response.context["rows"]]


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> Client:
    CustomerFactory(partner=customer.partner, company_name="Contoso GmbH", country="DE")
    CustomerFactory(partner=customer.partner, company_name="Contoso AG", country="DE")
    return client_of(sales_agent)


def test_keeps_search_filters_order_and_columns(client: Client) -> None:
    client.post(reverse("customers:columns"), {"column": ["domain", "created"]})
    found = client.post(SEARCH, {"q": "contoso", "country": "DE"})["Location"]
    page = save(client, "Ours in Germany", f"{found}&sort=-name")
    assert names(page) == ["Contoso GmbH", "Contoso AG"]
    assert page.context["opened"].name == "Ours in Germany"
    view = SavedView.objects.get()
    assert view.filters == {"text": "contoso", "country": "DE", "sort": "-name"}
    client.post(reverse("customers:columns"), {"reset": "1"})
    opened = client.get(reverse("customers:view", args=[view.pk]), follow=True)
    assert names(opened) == ["Contoso GmbH", "Contoso AG"]
    assert [head.code for head in opened.context["headings"]] == ["name", "domain", "created"]
    address = opened.redirect_chain[-1][0]
    assert "contoso" not in address
    assert 'value="contoso"' in opened.content.decode()


def test_the_views_are_tabs_above_the_list(client: Client) -> None:
    save(client, "Germany", f"{LIST}?country=DE")
    view = SavedView.objects.get()
    page = client.get(reverse("customers:view", args=[view.pk]), follow=True).content.decode()
    (tab,) = re.findall(r'<a class="tab"[^>]*aria-current="page">([^<]*)</a>', page)
    assert tab == "Germany"


def test_a_name_is_taken_once_and_nothing_typed_is_lost(client: Client) -> None:
    save(client, "Germany", f"{LIST}?country=DE")
    again = save(client, "Germany", f"{LIST}?standing=missing")
    page = again.content.decode()
    assert again.status_code == 200
    assert "You have a view of this name already" in page
    assert 'value="Germany"' in page
    assert '<input type="hidden" name="standing" value="missing">' in page
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "\x00"])
def test_a_name_has_to_be_one(client: Client, name: str) -> None:
    answer = save(client, name)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not SavedView.objects.exists()


def test_twenty_views_are_enough(client: Client, sales_agent: Membership) -> None:
    for number in range(MOST_VIEWS):
        SavedView.objects.create(partner=sales_agent.partner, owner=sales_agent.user, name=f"View {number}")
    assert "Delete one first" in save(client, "One more").content.decode()
    assert SavedView.objects.count() == MOST_VIEWS


def test_sent_twice_is_one_view(client: Client) -> None:
    key = uuid.uuid4().hex
    first, second = (save(client, "Twice", submit_key=key) for _ in range(2))
    assert first.redirect_chain == second.redirect_chain
    assert SavedView.objects.count() == 1


def test_deleting_asks_first(client: Client) -> None:
    save(client, "Germany", f"{LIST}?country=DE")
    url = reverse("customers:delete_view", args=[SavedView.objects.get().pk])
    assert "Delete the view “Germany”?" in client.get(url).content.decode()
    assert SavedView.objects.exists()
    after = client.post(url, follow=True)
    assert "is deleted" in after.content.decode()
    assert not SavedView.objects.exists()


def test_views_are_their_owners_alone(
    client: Client, client_of: ClientOf, admin_agent: Membership, sales_agent: Membership, partner: Partner
) -> None:
    save(client, "Mine alone")
    view = SavedView.objects.get()
    colleague = client_of(admin_agent)
    assert "Mine alone" not in colleague.get(LIST, {"view": str(view.pk)}).content.decode()
    for name in ("view", "delete_view"):
        assert colleague.get(reverse(f"customers:{name}", args=[view.pk])).status_code == 404
    assert colleague.post(reverse("customers:delete_view", args=[view.pk])).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()
    elsewhere = MembershipFactory(user=sales_agent.user, roles=["sales_agent"])
    client.post(reverse("partners:switch"), {"partner": str(elsewhere.partner.tenant_id)})
    assert "Mine alone" not in client.get(LIST).content.decode()


def test_what_a_view_asked_for_may_be_gone(client: Client, sales_agent: Membership) -> None:
    odd = {"country": "ZZ", "tag": str(uuid.uuid4()), "standing": 7, "text": None, "sort": "-gone"}
    view = SavedView.objects.create(
        partner=sales_agent.partner, owner=sales_agent.user, name="Old", filters=odd, columns=["gone", 3]
    )
    page = client.get(reverse("customers:view", args=[view.pk]), follow=True)
    assert page.status_code == 200
    assert names(page) == []
    assert [head.code for head in page.context["headings"]] == ["name"]


def test_only_columns_that_there_are_are_kept(client: Client) -> None:
    save(client, "Crafted", column=["domain", "\x00", "x" * 10_000, "domain"])
    assert SavedView.objects.get().columns == ["name", "domain"]
