"""How often a page asks the database has nothing to do with how much there is."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Contact, Customer, CustomerImport, Tag
from orders.tests.factories import filled_cart, placed
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.support import add_customers, statements

Grow = Callable[[str, int, int], None]
# Orders are made by the services, which takes its time.
MOST_ORDERS = 50
MOST_STATEMENTS_OF_THE_LIST = 10


@pytest.fixture
def grow(customer: Customer, admin_agent: Membership, actor_for: Callable[..., Actor]) -> Grow:
    """Add what a page lists: the rows numbered from first to before end."""
    partner, by = customer.partner, actor_for(admin_agent)

    def add(page: str, first: int, end: int) -> None:
        numbers = range(first, end)
        if page == "list":
            add_customers(partner, end - first, first=1_000_000 + first)
        elif page == "account":
            people = {"customer": customer, "first_name": "Zofia", "email": "zofia@customer.example"}
            Contact.objects.bulk_create(Contact(last_name=f"Nowak {n}", **people) for n in numbers)
            for _ in range(first, min(end, MOST_ORDERS)):
                placed(filled_cart(customer, admin_agent), by)
        elif page == "history":
            for n in numbers:
                about = {"partner_id": partner.pk, "customer_id": customer.tenant_id}
                record_event(by=by, code="customers.company_edited", changes={"city": (f"{n}", f"{n + 1}")}, **about)
        elif page == "tags":
            Tag.objects.bulk_create(Tag(partner=partner, name=f"Tag {n}", name_key=f"tag {n}") for n in numbers)
        elif page == "imports":
            made = (CustomerImport(partner=partner, owner=admin_agent.user, file_name=f"{n}.csv") for n in numbers)
            CustomerImport.objects.bulk_create(made)

    return add


@pytest.mark.scenario("P2")
@pytest.mark.parametrize("name", ["list", "account", "history", "tags", "imports"])
def test_statements_do_not_grow(
    client_of: Callable[[Membership], Client],
    customer: Customer,
    admin_agent: Membership,
    grow: Grow,
    name: str,
) -> None:
    """As many SQL statements for many rows as for 50 and for one; at most 10 for the list"""
    confirmed(customer)
    url = reverse(f"customers:{name}", args=[customer.tenant_id] if name in ("account", "history") else [])
    client, counts = client_of(admin_agent), []
    for first, end in ((0, 1), (1, 50), (50, scale(200, 5_000))):
        grow(name, first, end)
        counts.append(statements(client, url))
    one, fifty, many = (len(each) for each in counts)
    assert many <= fifty <= one, "\n".join(counts[2])
    assert name != "list" or one <= MOST_STATEMENTS_OF_THE_LIST, "\n".join(counts[2])


@pytest.mark.scenario("P2")
def test_negative_control_a_statement_for_each_row_is_seen(
    client_of: Callable[[Membership], Client],
    customer: Customer,
    admin_agent: Membership,
    grow: Grow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """negative control: without the join to the tenant the list asks once for each row"""
    monkeypatch.setattr("django.db.models.query.QuerySet.select_related", lambda rows, *names: rows)
    client = client_of(admin_agent)
    few = statements(client, reverse("customers:list"))
    grow("list", 0, 20)
    assert len(statements(client, reverse("customers:list"))) >= len(few) + 20
