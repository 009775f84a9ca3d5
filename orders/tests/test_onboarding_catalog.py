"""The Subscriptions page of New customer: a catalog of thousands, and what was chosen from it so far."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import OnboardingDraft
from orders.models import Availability, BillingPlan, Cart, Segment, Term
from orders.pricing import price_day
from orders.shelf import MOST_OFFERS, plan_of
from orders.tests.factories import AvailabilityFactory, PriceFactory, SkuFactory
from orders.tests.test_onboarding_cart import added, begin, chosen, name_of, review_url
from portal.common.forms import VALIDATE_HEADER
from portal.partners.models import Environment, Membership

ClientOf = Callable[[Membership], Client]
AUTOSAVE = {"X-Autosave": "1"}

pytestmark = pytest.mark.usefixtures("template")


def sold(title: str, **changed: object) -> Availability:
    made: Availability = AvailabilityFactory(**{"market": "SE", "currency": "SEK", "sku__title": title, **changed})
    return made


def kept() -> dict[str, str]:
    page: dict[str, str] = OnboardingDraft.objects.get(customer=None).data["subscriptions"]
    return page


def text_of(client: Client, url: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(url).content.decode()).split())


def search(client: Client, url: str, words: str, **typed: str) -> str:
    """Press Search; the page that follows."""
    answer = client.post(url, {"products-search": words, "action": "search", **typed})
    assert answer.url == f"{url}#catalog", "a search does not move on"
    return client.get(url).content.decode()


def test_a_page_holds_so_many_offers_and_asks_for_more_words(client_of: ClientOf, sales_agent: Membership) -> None:
    for number in range(MOST_OFFERS + 1):
        sold(f"Teams {number:02}")
    client = client_of(sales_agent)
    url = begin(client)
    page = client.get(url).content.decode()
    assert "Teams 24" in page
    assert "Teams 25" not in page
    assert "Search for more words" in page
    page = search(client, url, "teams 25")
    assert "Teams 25" in page
    assert "Teams 24" not in page
    assert "Search for more words" not in page


def test_a_search_keeps_everything_that_was_typed(client_of: ClientOf, sales_agent: Membership) -> None:
    teams, visio = sold("Teams"), sold("Visio")
    client = client_of(sales_agent)
    url = begin(client)
    page = search(client, url, "visio", **added(teams, "5"))
    assert kept()[name_of(teams)] == "5"
    assert f'name="{name_of(teams)}" value="5"' in page, "chosen, and on the page whatever is searched for"
    assert f"products-add-{teams.sku.catalog_code}" not in page, "and offered no more"
    assert f"products-add-{visio.sku.catalog_code}" in page
    search(client, url, "nothing is called so", **chosen(teams, "six"), **added(visio, "-"))
    assert (kept()[name_of(teams)], kept()[name_of(visio)]) == ("six", "-")
    client.post(url, {**chosen(teams, "6"), **chosen(visio, "2")})
    assert OnboardingDraft.objects.get().data["subscriptions"][name_of(visio)] == "2"
    assert "Amount" in client.get(review_url()).content.decode()


def test_enter_searches(client_of: ClientOf, sales_agent: Membership) -> None:
    """A browser sends the first button of the form."""
    sold("Teams")
    client = client_of(sales_agent)
    page = client.get(begin(client)).content.decode()
    form = page[page.index('id="account-form"') :]
    first = re.search(r"<button[^>]*>", form)
    assert first is not None
    assert 'name="action" value="search"' in first[0]


def test_autosave_keeps_what_stands_beside_an_offer(client_of: ClientOf, sales_agent: Membership) -> None:
    teams = sold("Teams")
    yearly = sold("", sku=teams.sku, billing_plan=BillingPlan.ANNUAL)
    sold("Visio")
    client = client_of(sales_agent)
    url = begin(client)
    typed = {**added(yearly, "7"), "products-search": "visio", "action": "autosave"}
    assert client.post(url, typed, headers=AUTOSAVE).status_code == 200
    page = client.get(url).content.decode()
    code = teams.sku.catalog_code
    assert f'name="products-add-{code}" value="7"' in page, "as typed, though the search would not find it"
    assert f'<option value="{plan_of(yearly)}" selected>' in page
    assert "Visio" in page


def test_a_sku_is_offered_with_its_plans_and_tiers(client_of: ClientOf, sales_agent: Membership) -> None:
    teams = sold("Teams", price__tier_max=9)
    PriceFactory(availability=teams, tier_min=10, unit_price=Decimal("45.1234"))
    sold("", sku=teams.sku, term=Term.MONTH)
    client = client_of(sales_agent)
    url = begin(client)
    page = client.get(url).content.decode()
    assert page.count(f'name="products-add-{teams.sku.catalog_code}"') == 1
    said = text_of(client, url)
    assert "1 month, billed monthly: SEK\u00a050.40" in page
    assert "1 to 9 : SEK 50.40" in said or "1 to 9: SEK 50.40" in said
    assert "10 or more: SEK 45.1234" in said
    client.post(url, {**added(teams, "10"), name_of(teams, "seen"): "SEK 1:50.4000 10:45.1234"})
    review = text_of(client, review_url())
    assert "SEK 45.1234" in review
    assert "Total for the first billing period SEK 451.23" in review


def test_two_plans_of_a_sku_can_be_chosen(client_of: ClientOf, sales_agent: Membership) -> None:
    teams = sold("Teams")
    monthly = sold("", sku=teams.sku, term=Term.MONTH)
    client = client_of(sales_agent)
    url = begin(client)
    page = search(client, url, "", **added(teams, "5"))
    assert f"products-add-{teams.sku.catalog_code}" in page, "with the other plan"
    assert client.post(url, {**chosen(teams, "5"), **added(monthly, "2")}).url == review_url()
    assert {name: value for name, value in kept().items() if "quantity" in name} == {
        name_of(teams): "5",
        name_of(monthly): "2",
    }


def test_remove_takes_a_line_out_and_stays(client_of: ClientOf, sales_agent: Membership) -> None:
    teams, visio = sold("Teams"), sold("Visio")
    client = client_of(sales_agent)
    url = begin(client)
    typed = {**chosen(teams, "5"), **chosen(visio, "2")}
    answer = client.post(url, {**typed, "products-remove": name_of(teams).removeprefix("products-quantity-")})
    assert answer.url == f"{url}#catalog"
    assert name_of(teams) not in kept()
    assert kept()[name_of(visio)] == "2"
    assert "products-remove" not in kept()


def test_a_quantity_of_nothing_takes_a_line_out(client_of: ClientOf, sales_agent: Membership) -> None:
    teams, visio = sold("Teams"), sold("Visio")
    client = client_of(sales_agent)
    url = begin(client)
    assert client.post(url, {**chosen(teams, "0"), **chosen(visio, " ")}).url == review_url()
    assert not any("quantity" in name for name in kept())


def test_only_what_can_be_begun_with_is_offered(client_of: ClientOf, sales_agent: Membership) -> None:
    base = sold("Base")
    add_on = sold("Add-on")
    add_on.sku.add_on_to.add(base.sku)
    schools = sold("For schools", segment=Segment.EDUCATION)
    later = sold("Next year", price__effective_from=price_day() + timedelta(days=1))
    client = client_of(sales_agent)
    url = begin(client)
    page = client.get(url).content.decode()
    assert "Base" in page
    for other in (add_on, schools, later):
        assert other.sku.catalog_code not in page
        crafted = client.post(url, chosen(other, "1")).content.decode()
        assert "no longer sold here" in crafted
        crafted = client.post(url, added(other, "1")).content.decode()
        assert "no longer sold here" in crafted


def test_prices_are_in_the_currency_of_most_or_of_what_was_chosen(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    euro = sold("Teams", currency="EUR")
    sold("Visio")
    sold("Project")
    client = client_of(sales_agent)
    url = begin(client)
    page = client.get(url).content.decode()
    assert "EUR" not in page
    assert "Prices in SEK" in page
    page = search(client, url, "", **chosen(euro, "3"))
    assert "EUR\u00a0151.20" in page
    assert "SEK" not in page


@pytest.mark.parametrize("quantity", ["25", "26"])
def test_a_sandbox_has_room_for_25_licences(client_of: ClientOf, sales_agent: Membership, quantity: str) -> None:
    sandbox(sales_agent)
    teams = sold("Teams")
    client = client_of(sales_agent)
    url = begin(client)
    answer = client.post(url, chosen(teams, quantity))
    if quantity == "25":
        assert answer.url == review_url()
        return
    page = answer.content.decode()
    assert "a sandbox has no room for more" in page
    assert f'href="#id_{name_of(teams)}"' in page


@pytest.mark.parametrize("count", [5, 6])
def test_a_sandbox_has_room_for_5_subscriptions(client_of: ClientOf, sales_agent: Membership, count: int) -> None:
    sandbox(sales_agent)
    typed: dict[str, str] = {}
    for number in range(count):
        typed |= added(sold(f"Teams {number}"), "1")
    client = client_of(sales_agent)
    answer = client.post(begin(client), typed)
    if count == 5:
        assert answer.url == review_url()
    else:
        assert "room for 5 subscriptions" in answer.content.decode()


def sandbox(member: Membership) -> None:
    member.partner.environment = Environment.SANDBOX
    member.partner.save()


def test_without_a_script_beside_an_offer_is_enough(client_of: ClientOf, sales_agent: Membership) -> None:
    teams = sold("Teams")
    client = client_of(sales_agent)
    url = begin(client)
    assert client.post(url, added(teams, "5")).url == review_url()
    assert "SEK\u00a0252.00" in client.get(review_url()).content.decode()


def test_a_field_is_judged_where_it_stands(client_of: ClientOf, sales_agent: Membership) -> None:
    teams = sold("Teams")
    client = client_of(sales_agent)
    url = begin(client)
    name = f"products-add-{teams.sku.catalog_code}"
    answer = client.post(url, added(teams, "301"), headers={VALIDATE_HEADER: name})
    assert answer.json()["errors"] == ["Enter 300 or fewer licences"]
    assert "subscriptions" not in OnboardingDraft.objects.get().data, "a question keeps nothing"
    assert client.post(url, added(teams, "300"), headers={VALIDATE_HEADER: name}).json()["errors"] == []


def test_a_quantity_that_is_not_sold_today_is_said(client_of: ClientOf, sales_agent: Membership) -> None:
    teams = sold("Teams", price__tier_max=9)
    client = client_of(sales_agent)
    page = client.post(begin(client), chosen(teams, "10")).content.decode()
    assert "not sold in that quantity today" in page


@pytest.mark.parametrize(
    "typed",
    [
        {"products-quantity-": "5"},
        {"products-quantity-...": "5"},
        {"products-add-": "5", "products-plan-": "x"},
        {"products-add-X": "5"},
        {"products-search": "\x00" * 300, "products-remove": "\x00"},
        {"products-search": "x" * 300},
        {"products-plan-X": "nonsense", "products-seen-X": "nonsense"},
        {f"products-quantity-X{number}.P1Y.monthly": "1" for number in range(900)},
    ],
    ids=range(8),
)
@pytest.mark.parametrize("action", ["", "search", "later", "country", "autosave"])
def test_survives_what_no_browser_sends(
    client_of: ClientOf, sales_agent: Membership, typed: dict[str, str], action: str
) -> None:
    sold("Teams")
    client = client_of(sales_agent)
    url = begin(client)
    headers = AUTOSAVE if action == "autosave" else {}
    assert client.post(url, {**typed, "action": action}, headers=headers).status_code in (200, 302)
    assert client.get(url).status_code == 200
    assert client.get(f"{url}?check").status_code == 200
    assert not Cart.objects.exists()


def test_asks_the_database_as_often_for_many(client_of: ClientOf, sales_agent: Membership) -> None:
    """Many SKUs, plans, tiers and chosen lines cost no more than one of each."""
    client = client_of(sales_agent)
    counts = {}
    for count in (1, MOST_OFFERS):
        OnboardingDraft.objects.all().delete()
        typed: dict[str, str] = {}
        for _number in range(count):
            line = sold("Chosen", sku=SkuFactory(title="Chosen"))
            PriceFactory(availability=line, tier_min=10)
            sold("", sku=line.sku, term=Term.MONTH)
            sold("Offered")
            typed |= chosen(line, "5") | {name_of(line, "seen"): ""}
        url = begin(client)
        client.post(url, {**typed, "products-search": "", "action": "search"})
        for page in (url, review_url()):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert client.get(page).status_code == 200
            counts[count, page == url] = len(asked)
    assert counts[1, True] == counts[MOST_OFFERS, True]
    assert counts[1, False] == counts[MOST_OFFERS, False]
    assert counts[1, True] < 20
