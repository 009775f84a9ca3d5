"""Subscriptions inside New customer: chosen on a page of the draft, made into one cart at Submit."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import AgreementTemplate
from agreements.services import NewCustomer
from customers.models import Customer, OnboardingDraft
from customers.tests.factories import OnboardingDraftFactory, company, contact
from customers.tests.test_new_customer import answers, submit
from orders.models import Availability, Cart
from orders.services import Item, LinesRefused, onboard_with_cart, save_price, withdraw_availability
from orders.shelf import key_of, plan_of
from orders.tests.factories import AvailabilityFactory
from portal.common.actor import Actor, Door
from portal.common.errors import NotPermitted
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[..., Actor]
NEW = reverse("customers:new")


@pytest.fixture
def premium(template: AgreementTemplate) -> Availability:
    """Sold in Sweden, where the wizard's customer of these tests is."""
    return AvailabilityFactory(market="SE", currency="SEK", sku__title="Business Premium", sku__max_quantity=300)


def name_of(sold: Availability, kind: str = "quantity") -> str:
    """Of a line that was chosen."""
    return f"products-{kind}-{key_of(sold)}"


def chosen(sold: Availability, quantity: str) -> dict[str, str]:
    """A line as the page sends it back."""
    return {name_of(sold): quantity, name_of(sold, "seen"): f"{sold.currency} 1:50.4000"}


def added(sold: Availability, quantity: str) -> dict[str, str]:
    """An offer as the page sends it back, with a quantity typed beside it."""
    code = sold.sku.catalog_code
    typed = {f"products-plan-{code}": plan_of(sold), f"products-add-{code}": quantity}
    return {**typed, name_of(sold, "seen"): f"{sold.currency} 1:50.4000"}


def begin(client: Client, **changed: str) -> str:
    """Account info filled in; the address of the Subscriptions page."""
    url: str = client.post(NEW, {**answers(**changed), "action": "subscriptions"}).url
    return url


def review_url() -> str:
    return reverse("customers:review", args=[OnboardingDraft.objects.get(customer=None).pk])


def test_account_info_offers_it_to_those_who_order(
    client_of: ClientOf, sales_agent: Membership, global_admin: Membership, premium: Availability
) -> None:
    assert "Add subscriptions" in client_of(sales_agent).get(NEW).content.decode()
    assert "Add subscriptions" not in client_of(global_admin).get(NEW).content.decode()
    url = begin(client_of(sales_agent))
    assert url == reverse("customers:subscriptions", args=[OnboardingDraft.objects.get().pk])


def test_the_page_shows_what_is_sold_in_the_customers_country(
    client_of: ClientOf, sales_agent: Membership, premium: Availability
) -> None:
    AvailabilityFactory(market="PL", sku__title="Only In Poland")
    client = client_of(sales_agent)
    page = client.get(begin(client)).content.decode()
    assert "Business Premium" in page
    assert "Only In Poland" not in page
    assert "SEK\u00a050.40" in page


def test_where_nothing_is_sold_the_page_says_so_and_leads_on(
    client_of: ClientOf, sales_agent: Membership, template: AgreementTemplate
) -> None:
    client = client_of(sales_agent)
    url = begin(client)
    assert "Nothing is sold in this country yet" in client.get(url).content.decode()
    assert client.post(url, {}).url == review_url()


def test_submit_makes_the_customer_and_one_cart(
    client_of: ClientOf, sales_agent: Membership, premium: Availability
) -> None:
    client = client_of(sales_agent)
    url = begin(client)
    assert client.post(url, chosen(premium, "5")).url == review_url()
    review = client.get(review_url()).content.decode()
    assert "Business Premium" in review
    assert "SEK\u00a0252.00" in review
    assert url in review, "with its Change link"
    _sent, page = submit(client, review_url())
    cart = Cart.objects.get()
    assert (cart.owner, cart.customer) == (sales_agent.user, Customer.objects.get())
    assert [(line.availability, line.quantity) for line in cart.lines.all()] == [(premium, 5)]
    assert reverse("orders:review", args=[cart.pk]) in page
    assert "Review the order to place it." in page
    later = reverse("customers:confirmation", args=[OnboardingDraft.objects.get().pk])
    assert reverse("orders:review", args=[cart.pk]) in client.get(later).content.decode()


def test_a_double_click_on_submit_makes_one_cart(
    client_of: ClientOf, sales_agent: Membership, premium: Availability
) -> None:
    client = client_of(sales_agent)
    client.post(begin(client), chosen(premium, "5"))
    review = review_url()
    sent, _page = submit(client, review)
    again = client.post(review, sent).content.decode()
    cart = Cart.objects.get()
    assert cart.lines.get().quantity == 5
    assert reverse("orders:review", args=[cart.pk]) in again


def test_for_an_invited_customer_the_cart_waits(
    client_of: ClientOf, sales_agent: Membership, premium: Availability
) -> None:
    client = client_of(sales_agent)
    client.post(begin(client, agreement__choice="invited"), chosen(premium, "5"))
    _sent, page = submit(client, review_url())
    assert "wait in a cart. Review the order when" in page
    order = client.get(reverse("orders:review", args=[Cart.objects.get().pk]), follow=True)
    assert order.status_code == 200
    assert Cart.objects.get().order is None


def test_left_out_it_asks_nothing_and_makes_no_cart(
    client_of: ClientOf, sales_agent: Membership, premium: Availability
) -> None:
    client = client_of(sales_agent)
    _sent, page = submit(client, client.post(NEW, answers()).url)
    assert Customer.objects.exists()
    assert not Cart.objects.exists()
    assert "Review the order" not in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("301", "Enter 300 or fewer licences"),
        ("five", "as a whole number"),
        ("-1", "as a whole number"),
        ("2.5", "as a whole number"),
        ("9" * 5000, "licences"),
    ],
    ids=range(5),
)
def test_a_wrong_quantity_is_said_at_its_field_and_kept(
    client_of: ClientOf, sales_agent: Membership, premium: Availability, typed: str, words: str
) -> None:
    client = client_of(sales_agent)
    response = client.post(begin(client), chosen(premium, typed))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert f'href="#id_{name_of(premium)}"' in page
    assert f'id="id_{name_of(premium)}"' in page
    assert f'value="{typed[:4000]}"' in page
    assert "/subscriptions/" in client.get(review_url()).url


def test_two_currencies_are_two_orders(client_of: ClientOf, sales_agent: Membership, premium: Availability) -> None:
    other = AvailabilityFactory(market="SE", currency="EUR")
    client = client_of(sales_agent)
    page = client.post(begin(client), {**chosen(premium, "1"), **chosen(other, "2")}).content.decode()
    assert "another currency" in page


def test_a_price_that_changed_meanwhile_is_shown_and_agreed_to(
    client_of: ClientOf, sales_agent: Membership, actor_for: ActorFor, premium: Availability
) -> None:
    client = client_of(sales_agent)
    url = begin(client)
    seen = chosen(premium, "5")
    client.post(url, seen)
    price = premium.prices.get()
    price.unit_price = Decimal("60.00")
    save_price(by=actor_for(sales_agent), price=price)
    stopped = client.get(review_url())
    assert stopped.url.startswith(url)
    page = client.get(stopped.url).content.decode()
    assert "The price is now SEK\u00a060.00" in page
    assert 'value="5"' in page
    shown = re.search(rf'name="{re.escape(name_of(premium, "seen"))}" value="([^"]+)"', page)
    assert shown is not None
    assert client.post(url, {name_of(premium): "5", name_of(premium, "seen"): shown[1]}).url == review_url()


def test_a_product_that_was_withdrawn_is_said_and_the_rest_is_kept(
    client_of: ClientOf, sales_agent: Membership, actor_for: ActorFor, premium: Availability
) -> None:
    other = AvailabilityFactory(market="SE", currency="SEK")
    client = client_of(sales_agent)
    url = begin(client)
    client.post(url, {**chosen(premium, "5"), **chosen(other, "7")})
    withdraw_availability(by=actor_for(sales_agent), availability=premium)
    stopped = client.get(review_url())
    page = client.get(stopped.url).content.decode()
    assert "no longer sold here" in page
    assert 'value="7"' in page
    assert client.post(url, chosen(other, "7")).url == review_url()


def test_another_country_has_another_catalog(
    client_of: ClientOf, sales_agent: Membership, premium: Availability
) -> None:
    client = client_of(sales_agent)
    typed = answers(agreement__choice="invited")
    url = client.post(NEW, {**typed, "action": "subscriptions"}).url
    client.post(url, chosen(premium, "5"))
    account = reverse("customers:draft", args=[OnboardingDraft.objects.get().pk])
    client.post(account, {**typed, "company-country": "FI", "company-postal_code": "00100"})
    stopped = client.get(review_url())
    assert stopped.url.startswith(url)
    assert "no longer sold here" in client.get(stopped.url).content.decode()


def test_what_the_service_refuses_makes_nothing(
    sales_agent: Membership, actor_for: ActorFor, premium: Availability
) -> None:
    draft = OnboardingDraftFactory(membership=sales_agent)
    new = NewCustomer(domain="a.onmicrosoft.com", company=company(country="SE"), contact=contact())
    with pytest.raises(LinesRefused):
        onboard_with_cart(
            by=actor_for(sales_agent, Door.WIZARD), draft=draft, new=new, quantities={premium: 301}, submit_key="k"
        )
    assert not Customer.objects.exists()
    assert not Cart.objects.exists()
    draft.refresh_from_db()
    assert draft.submitted_at is None


def test_who_may_not_order_makes_neither(
    global_admin: Membership, actor_for: ActorFor, premium: Availability
) -> None:
    draft = OnboardingDraftFactory(membership=global_admin)
    new = NewCustomer(domain="a.onmicrosoft.com", company=company(country="SE"), contact=contact())
    by = actor_for(global_admin, Door.WIZARD)
    with pytest.raises(NotPermitted):
        onboard_with_cart(by=by, draft=draft, new=new, quantities={premium: 1}, submit_key="k")
    assert not Customer.objects.exists()


def test_a_refusal_between_review_and_submit_comes_back_on_the_page(
    client_of: ClientOf, sales_agent: Membership, premium: Availability, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(sales_agent)
    client.post(begin(client), chosen(premium, "5"))
    review = review_url()
    page = client.get(review).content.decode()
    sent = {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("submit_key", "reviewed")}

    def refuse(**_anything: object) -> None:
        raise LinesRefused({Item(premium): "This is no longer sold. Choose another product."})

    monkeypatch.setattr("customers.views.onboarding.onboard_with_cart", refuse)
    answer = client.post(review, sent).content.decode()
    assert "This is no longer sold" in answer
    assert 'value="5"' in answer
    assert not Customer.objects.exists()
