import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.tests.factories import filled_cart, placed
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.dashboard.actions import ACTIONS, OF_THE_PORTAL
from portal.partners.models import Membership
from portal.partners.services import add_member, change_member, edit_profile

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[..., Actor]
ROOMS = ("portal", "customers", "agreements", "orders")
WRITES = re.compile(r"\b(?:record_events?|log_(?:event|invitation|request))\(")
CODE = re.compile(
    r"(?<!form=)(?<!kind=)(?<!_FORM = )(?<!MAIL = )(?<!PURPOSE = )"
    r'"((?:partners|customers|agreements|orders|audit|tokens|webhooks)\.[a-z_]+)"'
)
EVENTS = Path(settings.BASE_DIR) / "templates" / "dashboard" / "events"


def codes_in_the_services() -> set[str]:
    """Every audit code that the domain writes: what looks like one in a module that writes to the log.

    The names of forms and the kinds of letters look alike and are left out.
    """
    found: set[str] = set()
    for room in ROOMS:
        for file in (settings.BASE_DIR / room).rglob("*.py"):
            text = file.read_text()
            if "tests" in file.parts or "migrations" in file.parts or not WRITES.search(text):
                continue
            found |= set(CODE.findall(text))
    return found


def test_the_search_for_codes_finds_them() -> None:
    found = codes_in_the_services()
    assert {"partners.member_added", "agreements.acceptance_recorded", "orders.order_placed"} <= found
    assert len(found) >= 15


def test_every_code_has_its_words() -> None:
    missing = [code for code in sorted(codes_in_the_services()) if not (EVENTS / f"{code}.html").exists()]
    assert not missing, f"write templates/dashboard/events/<code>.html for {missing}"


def test_every_code_can_be_asked_for() -> None:
    missing = codes_in_the_services() - {*ACTIONS, *OF_THE_PORTAL}
    assert not missing, f"give {sorted(missing)} a label in portal/dashboard/actions.py"
    assert not {*ACTIONS, *OF_THE_PORTAL} - codes_in_the_services(), "labels of codes that nothing writes"


def test_no_words_are_left_over() -> None:
    worded = {file.stem for file in EVENTS.glob("*.html")} - {"other"}
    assert worded <= codes_in_the_services()
    for code in worded:
        get_template(f"dashboard/events/{code}.html")


def log(client: Client, **query: str) -> str:
    response = client.get(reverse("dashboard:activity"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_it_says_when_which_customer_what_by_whom_in_which_role(
    admin_agent: Membership, sales_agent: Membership, customer: Customer, client_of: ClientOf, actor_for: ActorFor
) -> None:
    confirmed(customer, by=actor_for(sales_agent))
    order = placed(filled_cart(customer, sales_agent), actor_for(sales_agent, Door.ORDER))
    page = log(client_of(admin_agent))
    assert page.index(f"Order {order.number} placed") < page.index("Acceptance confirmed"), "newest first"
    assert f'<a href="{reverse("customers:account", args=[customer.tenant_id])}">{customer.company_name}</a>' in page
    assert "Sam Sales" in page
    assert "Sales agent" in page


def test_changes_of_members_name_them_and_their_roles(
    global_admin: Membership, admin_agent: Membership, client_of: ClientOf, actor_for: ActorFor
) -> None:
    by = actor_for(global_admin)
    member = add_member(by=by, partner=by.membership.partner, email="n@p.example", name="Nina", roles=["sales_agent"])
    change_member(by=by, membership=member, roles=["helpdesk_agent"], is_active=False)
    page = log(client_of(admin_agent))
    assert "Member added: n@p.example (Sales agent)" in page
    assert "Member changed: n@p.example (Helpdesk agent; deactivated)" in page


def test_edits_name_the_fields_that_changed(
    global_admin: Membership, admin_agent: Membership, client_of: ClientOf, actor_for: ActorFor
) -> None:
    kept = {"country": "PL", "time_zone": "Europe/Warsaw", "default_language": "en-US"}
    edit_profile(by=actor_for(global_admin), partner=global_admin.partner, name="New", mpn_id="42", **kept)
    assert "Company profile changed: name, MPN ID" in log(client_of(admin_agent))


def test_other_partners_affairs_are_not_in_it(
    admin_agent: Membership, stranger: Membership, customer: Customer, client_of: ClientOf, actor_for: ActorFor
) -> None:
    confirmed(customer, by=actor_for(admin_agent))
    page = log(client_of(stranger))
    assert "Nothing has happened in the last 30 days" in page
    assert "Show all days" in page
    assert "Nothing has happened yet" in log(client_of(stranger), days="all")


@pytest.mark.parametrize("member", ["global_admin", "sales_agent", "helpdesk_agent"])
def test_it_is_the_admin_agents(member: str, request: pytest.FixtureRequest, client_of: ClientOf) -> None:
    response = client_of(request.getfixturevalue(member)).get(reverse("dashboard:activity"))
    assert response.status_code == 403
    assert "Admin agent" in response.content.decode()


def test_an_event_of_a_forgotten_sort_still_shows(admin_agent: Membership, client_of: ClientOf) -> None:
    by = Actor(kind=ActorKind.JOB, name="<b>Old</b> worker", door=Door.JOB)
    record_event(by=by, code="old.thing_done", partner_id=admin_agent.partner_id)
    page = log(client_of(admin_agent))
    assert "Action old.thing_done" in page
    assert "Background work" in page
    assert "&lt;b&gt;Old&lt;/b&gt; worker" in page


def test_it_pages_by_keyset_at_the_same_cost(
    admin_agent: Membership, client_of: ClientOf, customer: Customer
) -> None:
    by = Actor(kind=ActorKind.JOB, name="Worker", door=Door.JOB)
    client = client_of(admin_agent)
    code, scope = (
        "customers.company_edited",
        {"partner_id": admin_agent.partner_id, "customer_id": customer.tenant_id},
    )
    record_event(by=by, code=code, **scope)
    log(client)
    with CaptureQueriesContext(connection) as one:
        log(client)
    for number in range(70):
        record_event(by=by, code=f"test.number{number}", **scope)
    with CaptureQueriesContext(connection) as many:
        page = log(client)
    assert len(many) == len(one)
    assert "test.number69" in page
    assert not re.search(r"test\.number3\b", page)
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    second = client.get(older[1].replace("&amp;", "&")).content.decode()
    assert re.search(r"test\.number3\b", second)
    assert "test.number69" not in second
