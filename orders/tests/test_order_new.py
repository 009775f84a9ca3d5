"""orders:new: whom the order is for."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Cart
from orders.tests.factories import CartLineFactory, filled_cart
from portal.partners.models import Membership

SignIn = Callable[[Membership], Client]
URL = "/orders/new/"


def test_opening_the_page_writes_nothing(customer: Customer, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    page = client.get(URL).content.decode()
    assert "Żabka" in page
    assert "Not provided" in page
    client.get(URL, {"customer": str(customer.tenant_id)})
    assert not Cart.objects.exists()


def test_shows_who_is_covered(customer: Customer, sales_agent: Membership, client_of: SignIn) -> None:
    confirmed(customer)
    assert "Accepted" in client_of(sales_agent).get(URL).content.decode()


def test_searches_customers(customer: Customer, sales_agent: Membership, client_of: SignIn) -> None:
    CustomerFactory(partner=customer.partner, company_name="Contoso")
    client = client_of(sales_agent)

    def search(text: str) -> str:
        sent = {"q": text, "for": "order"}
        return client.post(reverse("customers:search"), sent, follow=True).content.decode()

    page = search("contoso")
    assert "Contoso" in page
    assert "Żabka" not in page
    assert "No customers match" in search("zzz")
    assert "Żabka" in search("\x00")


def test_starts_one_cart_and_finds_it_again(customer: Customer, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    first = client.post(URL, {"customer": str(customer.tenant_id)})
    cart = Cart.objects.get()
    assert first.headers["Location"] == reverse("orders:cart", args=[cart.pk])
    again = client.post(URL, {"customer": str(customer.tenant_id)})
    assert again.headers["Location"] == first.headers["Location"]
    assert (cart.customer, cart.owner) == (customer, sales_agent.user)
    assert reverse("orders:cart", args=[cart.pk]) in client.get(URL).content.decode()


def test_carts_to_continue_say_where_they_stand_and_lead_there(
    customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    filling, reviewing = (filled_cart(CustomerFactory(partner=customer.partner), sales_agent) for _ in range(2))
    CartLineFactory(cart=reviewing)
    Cart.objects.filter(pk=reviewing.pk).update(stage="review")
    page = client_of(sales_agent).get(URL).content.decode()
    for shown in (
        f'href="{reverse("orders:cart", args=[filling.pk])}"',
        f'href="{reverse("orders:review", args=[reviewing.pk])}"',
        "Choosing products · 1 product ·",
        "Review · 2 products ·",
    ):
        assert shown in page


def test_a_preselected_customer_takes_one_button(
    customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    page = client_of(sales_agent).get(URL, {"customer": str(customer.tenant_id)}).content.decode()
    assert page.count("Start order") == 1


@pytest.mark.parametrize("customer_id", ["", "x", str(uuid.UUID(int=7))])
def test_an_unknown_customer_is_not_found(sales_agent: Membership, client_of: SignIn, customer_id: str) -> None:
    assert client_of(sales_agent).post(URL, {"customer": customer_id}).status_code == 404


def test_a_stranger_cannot_start_an_order(customer: Customer, stranger: Membership, client_of: SignIn) -> None:
    client = client_of(stranger)
    assert "Żabka" not in client.get(URL, {"customer": str(customer.tenant_id)}).content.decode()
    assert client.post(URL, {"customer": str(customer.tenant_id)}).status_code == 404
    assert not Cart.objects.exists()


def test_a_helpdesk_agent_is_told_who_can(helpdesk_agent: Membership, client_of: SignIn) -> None:
    refused = client_of(helpdesk_agent).get(URL)
    assert refused.status_code == 403
    assert "Sales agent" in refused.content.decode()


def test_a_reseller_is_told_to_ask_its_provider(reseller_agent: Membership, client_of: SignIn) -> None:
    refused = client_of(reseller_agent).post(URL, {"customer": str(uuid.uuid4())})
    assert refused.status_code == 403
    assert "Ask your indirect provider" in refused.content.decode()


def test_no_cart_is_to_continue_once_the_relationship_ended(
    customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    cart = filled_cart(customer, sales_agent)
    link = reverse("orders:cart", args=[cart.pk])
    assert link in client_of(sales_agent).get(URL).content.decode()
    Customer.objects.filter(pk=customer.pk).update(removed_at=timezone.now(), deleted_at=timezone.now())
    page = client_of(sales_agent).get(URL).content.decode()
    assert link not in page
    assert customer.company_name not in page
