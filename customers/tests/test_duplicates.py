"""customers.duplicates and the piece of the page that shows it: the partner's own customers, in three queries."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from customers import duplicates
from customers.duplicates import Duplicate, Why
from customers.models import Customer
from customers.tests.factories import CustomerFactory, TenantFactory
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
URL = reverse("customers:duplicates")


def find(membership: Membership, **typed: str) -> list[Duplicate]:
    empty = {"country": "PL", "company_name": "", "domain_prefix": "", "registration_number": ""}
    return duplicates.find(membership, **{**empty, **typed})


def why(found: list[Duplicate]) -> list[tuple[str, str]]:
    return [(each.customer.company_name, str(each.why)) for each in found]


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Contoso Ltd.", "contoso"),
        ("CONTOSO  GmbH & Co. KG", "contoso"),
        ("Contoso Sp. z o.o.", "contoso"),
        ("Contoso, Inc.", "contoso"),
        ("Contoso Pty. Ltd.", "contoso"),
        ("Żabka S.A.", "zabka"),
        ("Åkeri Öst AB", "akeri ost"),
        ("Ltd", "ltd"),
        ("Limited Ltd", "limited"),
        ("", ""),
        ("😀", "😀"),
    ],
)
def test_names_are_compared_without_the_kind_of_company(name: str, bare: str) -> None:
    assert duplicates.bare_name(name) == bare


def test_finds_the_same_company_by_name_domain_and_number(admin_agent: Membership, partner: Partner) -> None:
    CustomerFactory(partner=partner, company_name="Contoso GmbH")
    CustomerFactory(partner=partner, company_name="Contoso Nord AB")
    CustomerFactory(partner=partner, company_name="Elsewhere", tenant__domain="contoso.onmicrosoft.com")
    CustomerFactory(partner=partner, company_name="Numbered", registration_number="5260250274")
    CustomerFactory(partner=partner, company_name="Fabrikam")
    assert why(find(admin_agent, company_name="contoso ltd")) == [
        ("Contoso GmbH", Why.NAME),
        ("Contoso Nord AB", Why.SIMILAR_NAME),
    ]
    assert why(find(admin_agent, domain_prefix=" Contoso.onmicrosoft.com ")) == [("Elsewhere", Why.DOMAIN)]
    assert why(find(admin_agent, registration_number="PL 526-025-02-74")) == [("Numbered", Why.REGISTRATION)]
    everything = find(
        admin_agent, company_name="Contoso", domain_prefix="contoso", registration_number="526-025-02-74"
    )
    assert why(everything) == [
        ("Numbered", Why.REGISTRATION),
        ("Elsewhere", Why.DOMAIN),
        ("Contoso GmbH", Why.NAME),
    ], "three at most, the strongest reason first"


def test_a_customer_is_shown_once_with_its_strongest_reason(admin_agent: Membership, partner: Partner) -> None:
    CustomerFactory(partner=partner, company_name="Contoso", tenant__domain="contoso.onmicrosoft.com")
    assert why(find(admin_agent, company_name="Contoso", domain_prefix="contoso")) == [("Contoso", Why.DOMAIN)]


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [("Con", False), ("Abc", True), ("Abc Ltd", True), ("Ab", False), ("株式", True), ("Cont", True), ("C", False)],
)
def test_short_beginnings_say_little(admin_agent: Membership, partner: Partner, typed: str, is_found: bool) -> None:
    for name in ("Contoso", "Abc GmbH", "株式会社ナデラ"):
        CustomerFactory(partner=partner, company_name=name)
    assert bool(find(admin_agent, company_name=typed)) is is_found


def test_removed_customers_are_found_and_deleted_ones_are_not(admin_agent: Membership, partner: Partner) -> None:
    removed = CustomerFactory(partner=partner, company_name="Contoso")
    deleted = CustomerFactory(partner=partner, company_name="Contoso")
    Customer.objects.filter(pk__in=[removed.pk, deleted.pk]).update(removed_at=timezone.now())
    Customer.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())
    assert [each.customer for each in find(admin_agent, company_name="Contoso")] == [removed]


def test_other_partners_customers_are_never_found(admin_agent: Membership, stranger: Membership) -> None:
    CustomerFactory(
        partner=stranger.partner,
        company_name="Contoso",
        tenant__domain="contoso.onmicrosoft.com",
        registration_number="5260250274",
    )
    typed = {"company_name": "Contoso", "domain_prefix": "contoso", "registration_number": "5260250274"}
    assert find(admin_agent, **typed) == []
    assert find(stranger, **typed) != []


def test_three_queries_however_much_there_is(
    admin_agent: Membership, partner: Partner, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(8):
        CustomerFactory(partner=partner, company_name="Contoso", registration_number="5260250274")
    with django_assert_num_queries(3):
        found = find(admin_agent, company_name="Contoso", domain_prefix="contoso", registration_number="5260250274")
        assert [(each.customer.tenant.domain, each.label) for each in found]
    assert len(found) == 3
    with django_assert_num_queries(0):
        assert find(admin_agent) == []


NONSENSE = ["\x00", "'; DROP", "%", "_" * 300, "\\", "😀", "\u202e", "a" * 10_240, " "]


@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_any_text_is_compared_without_harm(client_of: ClientOf, sales_agent: Membership, text: str) -> None:
    sent = {f"company-{name}": text for name in ("country", "company_name", "domain_prefix", "registration_number")}
    assert client_of(sales_agent).post(URL, sent).status_code == 200


def test_the_piece_names_the_customer_why_and_where(
    client_of: ClientOf, sales_agent: Membership, partner: Partner
) -> None:
    known = CustomerFactory(partner=partner, company_name="Contoso <GmbH>")
    Customer.objects.filter(pk=known.pk).update(removed_at=timezone.now())
    response = client_of(sales_agent).post(URL, {"company-company_name": "contoso"})
    page = response.content.decode()
    assert "You may have this customer already" in page
    assert "Contoso &lt;GmbH&gt;" in page
    assert "relationship removed" in page
    assert "Similar name" in page or "Same name" in page
    assert reverse("customers:account", args=[known.tenant_id]) in page
    assert response["Cache-Control"] == "no-store"
    assert client_of(sales_agent).post(URL, {"company-company_name": "unheard of"}).content.decode().strip() == ""


def test_nothing_personal_travels_in_a_url(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    assert client.get(URL, {"company-company_name": "Contoso"}).status_code == 405
    page = client.get(reverse("customers:new")).content.decode()
    assert f'hx-post="{URL}"' in page
    assert "hx-get" not in page


def test_helpdesk_agents_create_nobody_and_are_not_told(client_of: ClientOf, helpdesk_agent: Membership) -> None:
    assert client_of(helpdesk_agent).post(URL, {"company-company_name": "Contoso"}).status_code == 403


@pytest.mark.parametrize(
    ("taken", "prefix", "free"),
    [
        ([], "contoso", None),
        (["contoso"], "contoso", ["contoso-pl", "contoso1", "contoso2"]),
        (["contoso", "contoso-pl", "contoso2"], "contoso", ["contoso1", "contoso3", "contoso4"]),
        (["a" * 27], "a" * 27, [f"{'a' * 24}-pl", f"{'a' * 24}1", f"{'a' * 24}2"]),
        (["contoso1"], "contoso1", ["contoso1-pl", "contoso11", "contoso12"]),
        (["x", "x-pl", *(f"x{n}" for n in range(1, 6))], "x", []),
    ],
    ids=range(6),
)
def test_free_domains_like_a_taken_one_in_one_query(
    db: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    taken: list[str],
    prefix: str,
    free: list[str] | None,
) -> None:
    for each in taken:
        TenantFactory(domain=f"{each}.onmicrosoft.com")
    with django_assert_num_queries(1):
        assert duplicates.free_prefixes(prefix, "PL") == free
