"""Searching customers: one box on the list and one in the top bar; what was typed stands in no address."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import search_index
from customers.listing import ListQuery, listed, tiers
from customers.models import Customer, CustomerTag, Tag
from customers.services import push_words
from customers.tests.factories import ContactFactory, CustomerFactory
from customers.tests.many import fill
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
LIST, SEARCH, ORDER = reverse("customers:list"), reverse("customers:search"), reverse("orders:new")


def names(response: Any) -> list[str]:
    return [row.customer.company_name for row in response.context["rows"]]


def found(client: Client, text: str, **keeps: str) -> list[str]:
    response = client.post(SEARCH, {"q": text, **keeps}, follow=True)
    assert response.status_code == 200
    return names(response)


@pytest.fixture
def cast(partner: Partner) -> dict[str, Customer]:
    """Customers that a search can tell apart."""
    rows = {
        "zabka": CustomerFactory(
            partner=partner, company_name="Żabka Nowa Sp. z o.o.", registration_number="5260250274"
        ),
        "lodz": CustomerFactory(partner=partner, company_name="Bank Łódź", tenant__domain="lodzbank.onmicrosoft.com"),
        "nowa": CustomerFactory(partner=partner, company_name="Nowak i Synowie"),
        "percent": CustomerFactory(partner=partner, company_name="100% Juice_Bar \\ Co"),
        "emoji": CustomerFactory(partner=partner, company_name='Pizza 🍕 O\'Brien "Best"'),
        "kanji": CustomerFactory(partner=partner, company_name="株式会社サンプル"),
        "aland": CustomerFactory(partner=partner, company_name="Åland Straße AB"),
    }
    ContactFactory(customer=rows["nowa"], first_name="Łucja", last_name="Ångström", email="lu@example.org")
    for row in rows.values():
        push_words(customer=row, words=["ORD-7788XY"] if row == rows["kanji"] else [])
    return rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zabka", ["zabka"]),
        ("ŻABKA", ["zabka"]),
        ("abk", ["zabka"]),
        ("5260250274", ["zabka"]),
        ("lodz", ["lodz"]),
        ("zbank.onmicro", ["lodz"]),
        ("angstrom", ["nowa"]),
        ("LU@EXAMPLE", ["nowa"]),
        ("nowa", ["nowa", "zabka"]),
        ("o.o. nowa", ["zabka"]),
        ("7788xy", ["kanji"]),
        ("式会社", ["kanji"]),
        ("aland strasse", ["aland"]),
        ("ba", ["lodz"]),
        ("%", []),
        ("100%", ["percent"]),
        ("00% juice", ["percent"]),
        ("juice_bar", ["percent"]),
        ("juice-bar", []),
        ("juice \\", ["percent"]),
        ("\\ co", []),
        ("o'brien", ["emoji"]),
        ('"best"', ["emoji"]),
        ("🍕", []),
        ("pizza 🍕", ["emoji"]),
        ("zab\x00ka", []),
        ("zabka\x00", ["zabka"]),
        ("' OR 1=1 --", []),
        ("zabka nothing", []),
        ("x" * 10_000, []),
        ("zabka " * 2_000, ["zabka"]),
        ("\u200b", []),
    ],
    ids=lambda value: ascii(value)[:24],
)
@pytest.mark.scenario("F2")
@pytest.mark.scenario("P7")
def test_finds_the_right_rows_whatever_is_typed(
    client_of: ClientOf, sales_agent: Membership, cast: dict[str, Customer], text: str, expected: list[str]
) -> None:
    assert found(client_of(sales_agent), text) == [cast[name].company_name for name in expected]


@pytest.mark.parametrize("blank", ["", " ", "\t \n", "\x00"])
def test_only_blanks_are_no_search(
    client_of: ClientOf, sales_agent: Membership, cast: dict[str, Customer], blank: str
) -> None:
    assert len(found(client_of(sales_agent), blank)) == len(cast)


def test_finds_the_microsoft_id(client_of: ClientOf, sales_agent: Membership, cast: dict[str, Customer]) -> None:
    assert found(client_of(sales_agent), f" {cast['lodz'].tenant_id} ") == ["Bank Łódź"]


def test_the_best_match_comes_first(client_of: ClientOf, sales_agent: Membership, partner: Partner) -> None:
    for name in ("Alpha Contoso", "Zed", "Contoso West", "Precontoso"):
        domain = "mycontoso.onmicrosoft.com" if name == "Zed" else f"{name.split()[0].lower()}{len(name)}.example"
        CustomerFactory(partner=partner, company_name=name, tenant__domain=domain)
    client = client_of(sales_agent)
    best = ["Contoso West", "Alpha Contoso", "Precontoso", "Zed"]
    assert found(client, "contoso") == best
    sealed = client.post(SEARCH, {"q": "contoso"})["Location"]
    assert names(client.get(f"{sealed}&sort=-name")) == ["Zed", "Precontoso", "Contoso West", "Alpha Contoso"]


def test_pages_run_on_through_better_and_worse_matches(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    fill(partner, 55, name="Contoso {number:02d}")
    fill(partner, 30, name="The Contoso {number:02d}")
    fill(partner, 40, name="Precontoso {number:02d}")
    client = client_of(sales_agent)
    url, pages = client.post(SEARCH, {"q": "contoso"})["Location"], []
    while url:
        response = client.get(url)
        pages.append(names(response))
        url = LIST + response.context["page"].next_url if response.context["page"].next_url else ""
    first, second, third = pages
    assert [name.split()[0] for name in (first[0], first[-1], second[4], second[5], second[-1])] == [
        *("Contoso", "Contoso", "Contoso", "The", "Precontoso")
    ]
    assert len({*first, *second, *third}) == 125
    back = client.get(LIST + response.context["page"].previous_url)
    assert names(back) == second


def test_what_was_typed_stands_in_no_address(
    client_of: ClientOf, sales_agent: Membership, cast: dict[str, Customer]
) -> None:
    client = client_of(sales_agent)
    answer = client.post(SEARCH, {"q": "Secret Nowa", "country": "PL"})
    page = client.get(client.post(SEARCH, {"q": "Nowa", "country": "PL"})["Location"])
    html = page.content.decode()
    links = re.findall(r'(?:href|action)="([^"]*)"', html)
    assert answer.status_code == 302
    for address in (answer["Location"], *links):
        assert "nowa" not in address.lower()
    assert "country=PL" in answer["Location"]
    assert 'name="q" value="Nowa"' in html
    token = re.search(r"find=([\w-]+)", page.wsgi_request.get_full_path())
    assert token is not None
    kept = [link for link in links if link.startswith("?") and f"find={token[1]}" not in link.replace("&amp;", "&")]
    assert len(kept) == 1  # the one that clears the search


def test_the_other_filters_stay_while_searching(
    client_of: ClientOf, sales_agent: Membership, cast: dict[str, Customer]
) -> None:
    german = CustomerFactory(partner=cast["nowa"].partner, company_name="Nowa GmbH", country="DE")
    assert found(client_of(sales_agent), "nowa", country="DE") == [german.company_name]


def test_a_forged_token_is_no_search(client_of: ClientOf, sales_agent: Membership, cast: dict[str, Customer]) -> None:
    client = client_of(sales_agent)
    for forged in ("x", "A" * 60, client.post(SEARCH, {"q": "nowa"})["Location"].split("find=")[1][:-2]):
        assert len(names(client.get(LIST, {"find": forged}))) == len(cast)


def test_strangers_and_resellers_find_only_theirs(
    client_of: ClientOf,
    stranger: Membership,
    reseller_agent: Membership,
    provider: Partner,
    cast: dict[str, Customer],
) -> None:
    CustomerFactory(partner=provider, company_name="Nowa resold", reseller=reseller_agent.partner)
    CustomerFactory(partner=provider, company_name="Nowa kept")
    assert found(client_of(stranger), "nowa") == []
    assert found(client_of(reseller_agent), "nowa") == ["Nowa resold"]


def test_the_customer_of_a_new_order_is_found_alike(
    client_of: ClientOf, sales_agent: Membership, cast: dict[str, Customer]
) -> None:
    client = client_of(sales_agent)
    answer = client.post(SEARCH, {"q": "nowa", "for": "order"})
    assert answer["Location"].startswith(f"{ORDER}?find=")
    page = client.get(answer["Location"])
    assert [row[0].company_name for row in page.context["rows"]] == ["Nowak i Synowie", "Żabka Nowa Sp. z o.o."]
    assert 'name="q" value="nowa"' in page.content.decode()


def test_the_top_bar_posts_to_the_list(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    page = client_of(sales_agent).get("/").content.decode()
    form = re.search(r'<form class="global-search".*?</form>', page, re.DOTALL)
    assert form is not None
    assert f'method="post" action="{SEARCH}"' in form[0]
    assert "csrfmiddlewaretoken" in form[0]


def test_where_no_index_helps_the_first_are_looked_through_and_the_page_says_so(
    client_of: ClientOf, sales_agent: Membership, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "is_indexed", lambda: False)
    monkeypatch.setattr(search_index, "BOUND", 3)
    for name in ("Aa Nowa", "Bb Nowa", "Cc Nowa", "Dd Nowa"):
        CustomerFactory(partner=partner, company_name=name)
    client = client_of(sales_agent)
    page = client.post(SEARCH, {"q": "nowa"}, follow=True)
    assert names(page) == ["Aa Nowa", "Bb Nowa", "Cc Nowa"]
    assert "first 3 customers by name" in page.content.decode()
    assert len(names(client.get(LIST))) == 4
    monkeypatch.setattr(search_index, "BOUND", 4)
    every = client.post(SEARCH, {"q": "nowa"}, follow=True)
    assert len(names(every)) == 4
    assert "customers by name" not in every.content.decode()


def test_a_question_survives_the_way_through_an_address(sales_agent: Membership) -> None:
    asked = ListQuery(text="Zażółć & co", country="PL", sort="updated", descending=True)
    params = QueryDict(mutable=True)
    params.update(asked.as_params())
    assert ListQuery.parse(params) == asked
    assert ListQuery.from_stored(asked.as_stored()) == asked


def test_parts_and_whole_are_the_same_rows(sales_agent: Membership, cast: dict[str, Customer]) -> None:
    for text in ("nowa", "a", "o", "onmicrosoft", "com", "com zabka", "an st", "zabka"):
        query = ListQuery(text=text)
        parts = [row.pk for part in tiers(sales_agent, query, stale_before=None) for row in part]
        whole = {row.pk for row in listed(sales_agent, query, stale_before=None)}
        assert len(parts) == len(set(parts))
        assert set(parts) == whole


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no search index")
def test_postgresql_answers_from_indexes(sales_agent: Membership, partner: Partner) -> None:
    """At 20,000 customers the planner uses them by itself; a scan of the whole table would show as "Seq Scan"."""
    fill(partner, 20_000, name="Filler {number:05d} Ltd")
    CustomerFactory(partner=partner, company_name="Needle Works")
    with connection.cursor() as cursor:
        # As the autovacuum would leave the index, and the statistics.
        cursor.execute("SELECT gin_clean_pending_list(%s)", [search_index.NAME])
        cursor.execute("ANALYZE")
    asked = [
        (ListQuery(), 0, "customer_partner_name_key"),
        (ListQuery(sort="updated", descending=True), 0, "customer_partner_updated"),
        (ListQuery(sort="agreement"), 0, "customer_partner_agreed"),
        (ListQuery(sort="subscriptions"), 0, "customer_partner_subs"),
        (ListQuery(country="DE"), 0, "customer_partner_country"),
        (ListQuery(text="needle works"), 0, "customer_partner_name_key"),
        (ListQuery(text="needle works"), 1, search_index.NAME),
        (ListQuery(text="eedl"), 2, search_index.NAME),
        (ListQuery(text="ltd"), 1, "customer_partner_name_key"),  # found in every row: the first come at once
        (ListQuery(text="fi"), 0, "customer_partner_name_key"),
    ]
    for query, place, index in asked:
        part, sign = tiers(sales_agent, query, stale_before=None)[place], "-" if query.descending else ""
        plan = part.order_by(f"{sign}{query.sort_field}", f"{sign}pk")[:51].explain()
        assert index in plan, (query, plan)
        assert "Seq Scan on customers_customer" not in plan, (query, plan)
    # Negative control: what no index serves shows as a scan.
    assert "Seq Scan on customers_customer" in Customer.objects.filter(company_name__icontains="eedl").explain()


@pytest.mark.scenario("P2")
def test_searching_asks_as_often_for_many_as_for_few(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    client = client_of(sales_agent)
    tag = Tag.objects.create(partner=partner, name="Gold", name_key="gold")

    def cost() -> int:
        url = client.post(SEARCH, {"q": "filler"})["Location"]
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        return len(asked)

    # SQLite asks once more how far it may look.
    how_far = connection.vendor == "sqlite"
    fill(partner, 2)
    assert cost() <= 8 + how_far
    fill(partner, 60)
    more_than_a_page = cost()
    for row in fill(partner, 300, name="The Filler {number}"):
        CustomerTag.objects.create(partner=partner, customer=row, tag=tag)
    assert cost() <= more_than_a_page <= 10 + how_far


@pytest.mark.parametrize("text", ["con", "contoso", "contoso ab", "ab", "com", "example"])
def test_a_few_are_sorted_as_many_are_walked(partner: Partner, text: str) -> None:
    for name in ("Contoso AB", "Abacus", "AB Contoso", "Falcon", "contoso ab", "Bacon Example"):
        CustomerFactory(partner=partner, company_name=name)
    rows = Customer.objects.filter(partner=partner)
    walked = [row for part in rows.search_tiers(text) for row in part.order_by("name_key", "pk")]
    assert walked
    assert list(rows.search(text).best_first(text)) == walked
