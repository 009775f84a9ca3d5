"""The catalog on orders:cart: what is offered to whom, and that looking around loses nothing that was typed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, BillingPlan, Cart, Segment, Sku, Term
from orders.pricing import price_day
from orders.tests.factories import (
    AvailabilityFactory,
    CartFactory,
    CartLineFactory,
    PriceFactory,
    SkuFactory,
    placed,
)
from orders.views.catalog import OFFERS_A_PAGE
from portal.common.actor import Actor
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return CartFactory(customer=customer, owner=sales_agent.user)


@pytest.fixture
def client(sales_agent: Membership, client_of: SignIn) -> Client:
    return client_of(sales_agent)


def url(cart: Cart) -> str:
    return reverse("orders:cart", args=[cart.pk])


def page(client: Client, cart: Cart, **asked: str) -> str:
    return client.get(url(cart), asked).content.decode()


def added(sold: Availability, count: str) -> dict[str, str]:
    code = sold.sku.catalog_code
    return {f"plan-{code}": str(sold.public_id), f"add-{code}": count}


def asked_for(answer: object) -> dict[str, str]:
    """The query of the page that an answer leads to."""
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def a_year_or_a_month() -> tuple[Availability, Availability]:
    sku = SkuFactory(title="Business Basic", description="Mail and files.", product__publisher="Fabrikam")
    year = AvailabilityFactory(sku=sku)
    month = AvailabilityFactory(sku=sku, term=Term.MONTH, price__unit_price=Decimal("60.48"))
    return year, month


def test_one_offer_a_sku_with_a_choice_of_plans(cart: Cart, client: Client) -> None:
    year, month = a_year_or_a_month()
    shown = page(client, cart)
    assert shown.count('<li class="offer">') == 1
    for words in (
        "Business Basic",
        "Mail and files.",
        "Fabrikam",
        year.sku.catalog_code,
        "1 to 300 licences",
        "1 year, billed monthly: PLN\u00a050.40",
        "1 month, billed monthly: PLN\u00a060.48",
    ):
        assert words in shown
    client.post(url(cart), added(month, "4"))
    line = cart.lines.get()
    assert (line.availability, line.quantity) == (month, 4)
    assert "In the cart: 4, 1 month, billed monthly" in page(client, cart)


def test_prices_by_quantity_are_read_without_a_script(cart: Cart, client: Client) -> None:
    sold = AvailabilityFactory(price=None)
    day = price_day()
    PriceFactory(availability=sold, tier_max=24, unit_price=Decimal("50.4050"), erp_price=Decimal("55.00"))
    PriceFactory(availability=sold, tier_min=25, unit_price=Decimal("48"), effective_until=day + timedelta(days=9))
    PriceFactory(availability=sold, effective_from=day + timedelta(days=1), unit_price=Decimal("99"))
    shown = page(client, cart)
    for words in (
        "1 to 24: PLN\u00a050.405",
        "retail price PLN\u00a055.00",
        "25 or more: PLN\u00a048.00",
        "until <time",
    ):
        assert words in shown
    assert "99.00" not in shown, "not in effect yet"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "basic"}, True),
        ({"q": "fabrikam basic"}, True),
        ({"q": "zzz"}, False),
        ({"term": "P1M"}, True),
        ({"term": "P3Y"}, False),
        ({"term": "P1Y", "billing_plan": "annual"}, False),
        ({"billing_plan": "monthly"}, True),
        ({"term": "nonsense", "currency": "XXX", "after": "x y", "q": "\x00"}, True),
        ({"q": "b" * 5000}, False),
    ],
)
def test_searches_and_filters(cart: Cart, client: Client, asked: dict[str, str], found: bool) -> None:
    a_year_or_a_month()
    shown = page(client, cart, **asked)
    assert ("Business Basic" in shown) is found
    assert ("No products match" in shown) is not found


def test_a_filter_leaves_the_plans_that_match(cart: Cart, client: Client) -> None:
    a_year_or_a_month()
    shown = page(client, cart, term="P1M")
    assert "PLN\u00a060.48" in shown
    assert "PLN\u00a050.40" not in shown


def test_the_catalog_code_finds_its_product(cart: Cart, client: Client) -> None:
    year, _month = a_year_or_a_month()
    AvailabilityFactory(sku__title="Another one")
    shown = page(client, cart, q=year.sku.catalog_code)
    assert "Business Basic" in shown
    assert "Another one" not in shown


@pytest.mark.parametrize("button", [{"show": "first"}, {}], ids=["button", "Enter"])
def test_searching_keeps_what_was_typed(cart: Cart, client: Client, button: dict[str, str]) -> None:
    year, _month = a_year_or_a_month()
    answer = client.post(f"{url(cart)}?after=X-1", {**added(year, "3"), "q": "basic", "term": "P1Y", **button})
    assert asked_for(answer) == {"q": "basic", "term": "P1Y"}
    assert answer.headers["Location"].endswith("#catalog")
    assert cart.lines.get().quantity == 3


def test_adding_stays_where_one_is(cart: Cart, client: Client) -> None:
    year, _month = a_year_or_a_month()
    answer = client.post(f"{url(cart)}?q=basic&before=X-1", {**added(year, "3"), "q": "basic"})
    assert asked_for(answer) == {"q": "basic", "before": "X-1"}
    answer = client.post(f"{url(cart)}?q=basic", {"q": "basic", "show": "all"})
    assert asked_for(answer) == {}


def test_a_refused_quantity_comes_back_with_the_search_that_was_typed(cart: Cart, client: Client) -> None:
    year, _month = a_year_or_a_month()
    shown = client.post(url(cart), {**added(year, "many"), "q": "visio", "show": "first"}).content.decode()
    assert "as a whole number" in shown
    assert 'value="many"' in shown
    assert 'value="visio"' in shown


def test_pages_hold_so_many_and_paging_keeps_what_was_typed(cart: Cart, client: Client) -> None:
    count = OFFERS_A_PAGE * 2 + 3
    sold = [AvailabilityFactory(sku__title=f"Product {n:03}") for n in range(count)]
    seen: list[str] = []
    answer = client.get(url(cart))
    for turn in range(3):
        shown = [offer.sku.title for offer in answer.context["form"].offers]
        seen += shown
        if turn == 2:
            break
        last = answer.context["page"].rows[-1].catalog_code
        assert f'value="after:{last}"' in answer.content.decode()
        typed = added(next(each for each in sold if each.sku.title == shown[0]), str(turn + 2))
        moved = client.post(answer.wsgi_request.get_full_path(), {**typed, "show": f"after:{last}"})
        answer = client.get(moved.headers["Location"])
    assert seen == sorted(each.sku.title for each in sold)
    assert sorted(cart.lines.values_list("quantity", flat=True)) == [2, 3]
    first = answer.context["page"].rows[0].catalog_code
    back = client.get(client.post(url(cart), {"show": f"before:{first}"}).headers["Location"])
    assert [offer.sku.title for offer in back.context["form"].offers] == seen[OFFERS_A_PAGE : 2 * OFFERS_A_PAGE]


def test_a_quantity_beside_an_offer_that_the_page_shows_no_more_still_counts(cart: Cart, client: Client) -> None:
    year, _month = a_year_or_a_month()
    client.post(f"{url(cart)}?q=visio", {**added(year, "6"), "q": "visio"})
    assert cart.lines.get().quantity == 6
    other = AvailabilityFactory()
    shown = client.post(f"{url(cart)}?q=visio", added(other, "many")).content.decode()
    assert 'value="many"' in shown


def test_what_is_not_sold_any_more_is_said_and_the_rest_is_kept(cart: Cart, client: Client) -> None:
    year, month = a_year_or_a_month()
    gone = SkuFactory(title="Gone")
    typed = {**added(year, "6"), f"add-{gone.catalog_code}": "2", "add-\u0660": "1", "add-": "1"}
    shown = client.post(url(cart), typed).content.decode()
    assert f"{gone.catalog_code} is not sold here any more" in shown
    assert 'value="6"' in shown
    assert not cart.lines.exists()
    month.delete()
    shown = client.post(url(cart), added(month, "6")).content.decode()
    assert "This is no longer sold for that term" in shown


def test_two_quantities_for_one_thing_are_asked_about(cart: Cart, client: Client) -> None:
    year, _month = a_year_or_a_month()
    CartLineFactory(cart=cart, availability=year, quantity=5)
    name = f"quantity-{year.public_id}"
    typed = {**added(year, "3"), name: "7", f"initial-{name}": "5"}
    assert "This is in the cart already" in client.post(url(cart), typed).content.decode()
    client.post(url(cart), {**typed, name: "5"})
    assert cart.lines.get().quantity == 3, "what was typed beside the offer"


def test_only_the_segments_of_the_customer_are_offered(cart: Cart, customer: Customer, client: Client) -> None:
    AvailabilityFactory(sku__title="For schools", segment=Segment.EDUCATION)
    AvailabilityFactory(sku__title="For all")
    shown = page(client, cart)
    assert "For schools" not in shown
    assert 'name="segment"' not in shown
    Customer.objects.update(qualification="education", qualification_status="approved")
    shown = page(client, cart)
    assert "1 year, billed monthly, Education: PLN" in shown
    assert 'name="segment"' in shown
    assert "For all" not in page(client, cart, segment="education")


def test_the_currency_is_the_carts_else_the_last_orders_else_the_usual_one(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    for _ in range(2):
        AvailabilityFactory(sku__title="In zloty")
    euros = AvailabilityFactory(sku__title="In euros", currency="EUR")
    shown = page(client, cart)
    assert "In zloty" in shown
    assert "In euros" not in shown
    assert 'name="currency"' in shown
    assert "In euros" in page(client, cart, currency="EUR")
    confirmed(customer)
    ordered = CartFactory(customer=customer, owner=sales_agent.user)
    CartLineFactory(cart=ordered, availability=euros)
    placed(ordered, actor_for(sales_agent))
    assert "In euros" in page(client, cart), "as in the last order"
    CartLineFactory(cart=cart, availability=Availability.objects.filter(currency="PLN").first())
    assert "In euros" not in page(client, cart), "as in the cart"


def test_plans_of_three_kinds_come_shortest_first(cart: Cart, client: Client) -> None:
    sku: Sku = SkuFactory()
    for term in (Term.THREE_YEARS, Term.MONTH, Term.YEAR):
        AvailabilityFactory(sku=sku, term=term, billing_plan=BillingPlan.MONTHLY)
    (offer,) = client.get(url(cart)).context["form"].offers
    assert [plan.term for plan in offer.plans] == ["P1M", "P1Y", "P3Y"]
