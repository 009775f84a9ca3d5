"""The list of customers: rows, filters with counts, order, pages, and who sees what."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import AgreementTemplate
from agreements.tests.factories import confirmed
from customers import facets
from customers.models import Customer, CustomerCounts, CustomerTag, Tag
from customers.services import count_customers, lists, recount_customers
from customers.tests.factories import CustomerFactory
from customers.tests.many import fill
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
URL = reverse("customers:list")


def names(response: Any) -> list[str]:
    return [row.customer.company_name for row in response.context["rows"]]


def counts(response: Any, code: str) -> dict[str, int | None]:
    """What a filter offers, "All" aside."""
    found = [menu for menu in response.context["menus"] if menu.code == code]
    return {str(choice.label): choice.number for menu in found for choice in menu.choices[1:]}


def text_of(response: Any) -> str:
    """The page's words, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def tagged(customer: Customer, name: str) -> Tag:
    tag, _is_new = Tag.objects.get_or_create(
        partner=customer.partner, name_key=name.casefold(), defaults={"name": name}
    )
    CustomerTag.objects.create(partner=customer.partner, customer=customer, tag=tag)
    return tag


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def lower(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than five customers are too many to count while somebody waits."""
    monkeypatch.setattr(lists, "LIVE", 5)
    monkeypatch.setattr(facets, "LIVE", 5)


def test_shows_the_partners_customers_with_their_standing(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    confirmed(customer, agreed_on=date(2024, 5, 6))
    response = client_of(helpdesk_agent).get(URL)
    assert names(response) == [customer.company_name]
    cells = response.context["rows"][0].markup
    assert "<span>Accepted</span>" in cells
    assert 'datetime="2024-05-06"' in cells


def test_what_people_typed_is_shown_as_text(client_of: ClientOf, admin_agent: Membership, partner: Partner) -> None:
    evil = '"><script>alert(1)</script>'
    customer = CustomerFactory(partner=partner, company_name=evil, registration_number="<i>")
    tagged(customer, "<b>bold</b>")
    client = client_of(admin_agent)
    client.post(reverse("customers:columns"), {"column": ["tags", "registration_number", "contact", "microsoft_id"]})
    page = client.get(URL).content.decode()
    for danger in ("<script>alert", "<b>bold", "<i>"):
        assert danger not in page
    assert "&lt;b&gt;bold" in page


def test_a_stranger_sees_none_of_them(client_of: ClientOf, stranger: Membership, customer: Customer) -> None:
    tagged(customer, "Canary tag")
    response = client_of(stranger).get(URL)
    assert names(response) == []
    assert customer.company_name not in response.content.decode()
    assert "Canary" not in response.content.decode()


def test_a_reseller_sees_the_customers_it_resells_to(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner
) -> None:
    resold = CustomerFactory(partner=provider, company_name="Resold", reseller=reseller_agent.partner)
    tagged(resold, "Provider's own tag")
    CustomerFactory(partner=provider, company_name="Not resold")
    response = client_of(reseller_agent).get(URL)
    assert names(response) == ["Resold"]
    assert {menu.code for menu in response.context["menus"]} == {"standing", "country"}
    assert "own tag" not in response.content.decode()


def test_every_filter_counts_what_the_others_leave(
    client_of: ClientOf, admin_agent: Membership, partner: Partner
) -> None:
    covered = {"attested_on": date(2024, 1, 1)}
    gold = tagged(CustomerFactory(partner=partner, company_name="A", country="PL", **covered), "Gold")
    CustomerFactory(partner=partner, company_name="B", country="DE", **covered)
    tagged(CustomerFactory(partner=partner, company_name="C", country="DE"), "Gold")
    client = client_of(admin_agent)
    every = client.get(URL)
    assert counts(every, "standing") == {"Accepted": 2, "Not provided": 1}
    assert counts(every, "country") == {"Germany": 2, "Poland": 1}
    assert counts(every, "tag") == {"Gold": 2}
    german = client.get(URL, {"country": "DE"})
    assert names(german) == ["B", "C"]
    assert counts(german, "standing") == {"Accepted": 1, "Not provided": 1}
    assert counts(german, "country") == {"Germany": 2, "Poland": 1}
    assert counts(german, "tag") == {"Gold": 1}
    both = client.get(URL, {"country": "DE", "standing": "missing", "tag": str(gold.public_id)})
    assert names(both) == ["C"]
    assert both.context["facets"].total == 1


def test_a_provider_filters_by_reseller(client_of: ClientOf, reseller_agent: Membership, provider: Partner) -> None:
    reseller = reseller_agent.partner
    CustomerFactory(partner=provider, company_name="Resold", reseller=reseller)
    CustomerFactory(partner=provider, company_name="Own")
    client = client_of(MembershipFactory(partner=provider, roles=["admin_agent"]))
    assert counts(client.get(URL), "reseller") == {"Corner Reseller": 1}
    assert names(client.get(URL, {"reseller": str(reseller.tenant_id)})) == ["Resold"]
    assert names(client.get(URL, {"reseller": str(uuid.uuid4())})) == []


@pytest.mark.parametrize("standing", ["covered", "disputed", "stale", "pending", "missing", "not_applicable"])
@pytest.mark.parametrize("is_stale_known", [True, False])
def test_each_standing_is_filtered_as_it_is_shown(
    client_of: ClientOf, admin_agent: Membership, template: AgreementTemplate, standing: str, is_stale_known: bool
) -> None:
    if is_stale_known:
        template.renew_before, template.renewal_enforced_on = date(2022, 1, 1), date(2022, 6, 1)
        AgreementTemplate.objects.filter(pk=template.pk).update(
            renew_before=date(2022, 1, 1), renewal_enforced_on=date(2022, 6, 1)
        )
    moment = timezone.now()
    for attested in (None, date(2021, 1, 1), date(2023, 1, 1)):
        for disputed in (None, moment):
            for invited in (None, moment):
                facts = {"attested_on": attested, "disputed_at": disputed, "invited_at": invited}
                CustomerFactory(partner=admin_agent.partner, **facts)
    client = client_of(admin_agent)
    every = {row.customer.pk: row.markup for row in client.get(URL).context["rows"]}
    filtered = client.get(URL, {"standing": standing})
    word = {
        "covered": "Accepted",
        "disputed": "Disputed",
        "stale": "Renewal needed",
        "pending": "Invited",
        "missing": "Not provided",
        "not_applicable": "Not applicable",
    }[standing]
    shown = {pk for pk, cells in every.items() if f"<span>{word}</span>" in cells}
    assert {row.customer.pk for row in filtered.context["rows"]} == shown
    assert filtered.context["facets"].total == len(shown)


def test_removed_relationships_are_a_list_of_their_own(
    client_of: ClientOf, admin_agent: Membership, customer: Customer
) -> None:
    gone = CustomerFactory(partner=customer.partner, company_name="Gone", removed_at=timezone.now())
    CustomerFactory(
        partner=customer.partner, company_name="Deleted", removed_at=timezone.now(), deleted_at=timezone.now()
    )
    client = client_of(admin_agent)
    assert names(client.get(URL)) == [customer.company_name]
    assert names(client.get(URL, {"relationship": "removed"})) == [gone.company_name]


@pytest.mark.parametrize(
    "params",
    [
        {"standing": "nonsense", "country": "ZZ", "reseller": "x", "tag": "\x00", "sort": "-id", "relationship": "?"},
        {"find": "forged", "view": "x", "after": "%%%"},
        {"tag": str(uuid.uuid4()), "before": str(uuid.uuid4())},
    ],
)
def test_values_that_mean_nothing_do_no_harm(
    client_of: ClientOf, admin_agent: Membership, customer: Customer, params: dict[str, str]
) -> None:
    response = client_of(admin_agent).get(URL, params)
    assert response.status_code == 200
    assert names(response) == (
        [] if "tag" in params and "find" not in params and "sort" not in params else [str(customer)]
    )


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", "ABC"),
        ("-name", "CBA"),
        ("agreement", "BCA"),
        ("-agreement", "ACB"),
        ("subscriptions", "CAB"),
        ("-updated", "CBA"),
    ],
)
def test_sorts_by_what_its_head_says(
    client_of: ClientOf, admin_agent: Membership, partner: Partner, sort: str, expected: str
) -> None:
    now = timezone.now()
    facts = {"A": (date(2024, 3, 1), 2), "B": (None, 3), "C": (date(2023, 3, 1), 1)}
    for place, (name, (agreed, number)) in enumerate(facts.items()):
        row = CustomerFactory(partner=partner, company_name=name, attested_on=agreed, subscription_count=number)
        Customer.objects.filter(pk=row.pk).update(updated_at=now + timedelta(minutes=place))
    response = client_of(admin_agent).get(URL, {"sort": sort})
    assert "".join(names(response)) == expected
    (head,) = [head for head in response.context["headings"] if head.order]
    assert (head.code, head.order) == (sort.removeprefix("-"), "descending" if sort[0] == "-" else "ascending")
    turned = sort.removeprefix("-") if sort[0] == "-" else f"-{sort}"
    assert head.url == f"?sort={turned}"


def test_walks_pages_both_ways_without_gap_or_repetition(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    fill(partner, 120, name="Same")
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


@pytest.mark.scenario("P5")
def test_customers_that_come_meanwhile_hide_none(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    there = {row.pk for row in fill(partner, 130, name="Old {number:03d}")}
    client, url, seen = client_of(sales_agent), URL, []
    while url:
        response = client.get(url)
        seen += [row.customer.pk for row in response.context["rows"]]
        for name in ("Old 000a", "Old 060a", "Old 129a"):
            CustomerFactory(partner=partner, company_name=name)
        url = URL + response.context["page"].next_url if response.context["page"].next_url else ""
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_the_links_to_other_pages_tell_no_names(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    made = fill(partner, 51)
    page = client_of(sales_agent).get(URL).context["page"]
    assert page.next_url == f"?after={made[49].tenant_id}"


@pytest.mark.scenario("P2")
@pytest.mark.scenario("P3")
def test_neither_bytes_nor_queries_grow_with_the_customers(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    client = client_of(sales_agent)
    fill(partner, 60)
    client.get(URL)
    few, small = queries(client, URL), len(client.get(URL).content)
    fill(partner, 1940)
    client.get(URL)
    many, large = queries(client, URL), len(client.get(URL).content)
    assert many <= few <= 10
    assert abs(large - small) < 0.05 * small


@pytest.mark.usefixtures("lower")
def test_many_are_counted_in_the_background_and_the_page_says_when(
    client_of: ClientOf, sales_agent: Membership, partner: Partner, at: Callable[[datetime], None]
) -> None:
    Partner.objects.filter(pk=partner.pk).update(time_zone="Europe/Warsaw")
    fill(partner, 4, country="PL")
    fill(partner, 4, name="German {number}", country="DE", attested_on=date(2024, 1, 1))
    at(datetime(2026, 3, 4, 9, 32, tzinfo=UTC))
    client = client_of(sales_agent)
    page = client.get(URL)
    assert CustomerCounts.objects.get().customer_count == 8
    assert "counted at 10:32" in text_of(page)
    assert counts(page, "country") == {"Germany": 4, "Poland": 4}
    at(datetime(2026, 3, 4, 9, 33, tzinfo=UTC))
    narrowed = client.get(URL, {"country": "DE"})
    assert narrowed.context["facets"].total == 4
    assert counts(narrowed, "standing") == {"Accepted": 4, "Not provided": 4}
    assert "are of all customers, counted at 10:32" in text_of(narrowed)


@pytest.mark.usefixtures("lower")
def test_of_very_many_found_the_number_is_open(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner
) -> None:
    """A reseller's customers are counted while it waits, and no further than that."""
    fill(provider, 8, reseller=reseller_agent.partner)
    response = client_of(reseller_agent).get(URL)
    assert response.context["facets"].is_more
    assert set(counts(response, "standing").values()) == {None}
    assert not CustomerCounts.objects.exists()


def test_counts_anew_after_a_change_at_most_once_a_minute(partner: Partner, at: Callable[[datetime], None]) -> None:
    fill(partner, 3)
    start = timezone.now()

    def recount(seconds: int) -> int:
        at(start + timedelta(seconds=seconds))
        return recount_customers(stale_before=lambda today: None)

    assert recount(0) == 0  # nobody has asked for these numbers yet
    count_customers(partner=partner, stale_before=None)
    assert recount(70) == 0
    CustomerFactory(partner=partner)
    assert recount(71) == 1
    assert CustomerCounts.objects.get().customer_count == 4
    CustomerFactory(partner=partner)
    assert recount(100) == 0
    assert recount(140) == 1
    assert recount(2000) == 1  # standings change by date alone


def test_rows_can_be_picked_for_what_is_done_to_many(
    client_of: ClientOf, admin_agent: Membership, customer: Customer
) -> None:
    page = client_of(admin_agent).get(URL).content.decode()
    (box,) = re.findall(r"<input[^>]*name=\"customer\"[^>]*>", page)
    assert f'value="{customer.tenant_id}"' in box
    assert 'form="bulk-form"' in box
    assert f'aria-label="Select {customer.company_name}"' in box
    assert 'id="bulk-form"' in page


@pytest.mark.usefixtures("lower")
def test_very_many_that_a_filter_leaves_are_not_told_as_a_number(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    fill(partner, 9, country="PL")
    fill(partner, 2, name="German {number}", country="DE")
    client = client_of(sales_agent)
    assert "11 customers" in text_of(client.get(URL))
    narrowed = client.get(URL, {"country": "PL"})
    assert narrowed.context["facets"].is_more
    assert "6 customers" not in text_of(narrowed)
    assert "1,000+ customers" in text_of(narrowed)


@pytest.mark.usefixtures("lower")
def test_very_many_removed_ones_have_no_numbers_and_are_not_counted_with_every_page(
    client_of: ClientOf, sales_agent: Membership, partner: Partner, at: Callable[[datetime], None]
) -> None:
    fill(partner, 2, country="PL")
    fill(partner, 9, country="PL", removed_at=datetime(2024, 1, 1, tzinfo=UTC))
    client, asked = client_of(sales_agent), {"relationship": "removed"}
    page = client.get(URL, asked)
    assert counts(page, "country")["Poland"] is None
    assert set(counts(page, "standing").values()) == {None}
    assert "counted at" not in text_of(page)
    counted_at = CustomerCounts.objects.get().counted_at
    at(counted_at + timedelta(seconds=5))
    client.get(URL, asked)
    assert CustomerCounts.objects.get().counted_at == counted_at
