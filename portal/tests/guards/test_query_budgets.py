"""A list page asks the database as often for 25 rows as for one."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import AgreementTemplate
from agreements.services import ask_partner_to_confirm, send_invitation
from agreements.tests.approval_factories import waiting
from agreements.tests.checkpoint_factories import CheckpointFactory
from agreements.tests.factories import DocumentFactory, TemplateFactory, confirmed, invited, job_actor
from agreements.tests.invitation_factories import THE_PERSON, disputed
from customers.tests.factories import CustomerFactory, OnboardingDraftFactory
from orders.models import Subscription, Term
from orders.tests.factories import AvailabilityFactory, CartLineFactory, SkuFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory
from portal.tokens.tests.factories import ApiSecretFactory, ConsentFactory
from portal.webhooks.models import DeliveryAttempt
from portal.webhooks.tests.factories import DeliveryFactory, RegistrationFactory

Act = Callable[..., Actor]
MANY = 25
LISTS = (
    "/ /customers/ /customers/?standing=covered /orders/ /orders/new/ /agreements/ /agreements/invitations/ "
    "/agreements/approvals/ /agreements/stale/ /agreements/evidence/ /agreements/evidence/export/ /activity/ "
    "/settings/ /settings/members/ /settings/roles/ /settings/api-clients/ /settings/applications/ "
    "/settings/webhooks/"
).split()


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(url)
    assert response.status_code == 200, f"{url} answered {response.status_code}"
    return [query["sql"] for query in captured.captured_queries]


def grown(few: list[str], many: list[str]) -> list[str]:
    """The queries that came on top, each shape once with how often; empty when there are not more."""
    if len(many) <= len(few):
        return []
    shapes = {sql.split("WHERE")[0]: 0 for sql in many}
    for sql in many:
        shapes[sql.split("WHERE")[0]] += 1
    repeated = sorted(((n, shape) for shape, n in shapes.items() if n > 1), reverse=True)
    advice = (
        f"{len(few)} queries for one row, {len(many)} for {MANY}: use select_related, prefetch_related or a count"
    )
    return [advice, *(f"{n} times {shape[:200]}" for n, shape in repeated)]


def _ask(partner: Partner) -> None:
    """An invitation that could not be delivered, one that is the partner's turn, and a disputed record."""
    invitation = send_invitation(by=job_actor(), invitation=invited(CustomerFactory(partner=partner)))
    Letter.objects.filter(pk=invitation.letter_id).update(bounced_at=timezone.now())
    bought = CustomerFactory(partner=partner, bought_at=timezone.now())
    ask_partner_to_confirm(by=THE_PERSON, customer=bought, email="zofia@customer.example")
    disputed(confirmed(CustomerFactory(partner=partner)))


def _ask_colleague(partner: Partner, act: Act) -> None:
    """A new record that waits for a second person, asked by somebody else."""
    waiting(CustomerFactory(partner=partner), act(MembershipFactory(partner=partner, roles=["sales_agent"])))


@pytest.fixture
def grow(partner: Any, admin_agent: Membership, actor_for: Act, template: Any) -> Callable[[int], None]:
    """Add so many of everything that lists show."""

    # Every record is to be renewed one day.
    far = date(2999, 1, 1)
    TemplateFactory(effective_on=date(2009, 1, 1), renew_before=far, renewal_enforced_on=far)

    webhook = RegistrationFactory(partner=partner, events=[])

    def add(count: int) -> None:
        by = actor_for(admin_agent)
        for _ in range(count):
            customer = CustomerFactory(partner=partner)
            confirmed(customer)
            placed(filled_cart(customer, admin_agent), by)
            filled_cart(customer, admin_agent)
            CustomerFactory(partner=partner)
            _ask(partner)
            _ask_colleague(partner, actor_for)
            OnboardingDraftFactory(membership=admin_agent)
            MembershipFactory(partner=partner, roles=["sales_agent", "helpdesk_agent"])
            CheckpointFactory(partner=partner)
            notice = DeliveryFactory(registration=webhook)
            DeliveryAttempt.objects.create(delivery=notice, status_code=500)
            ConsentFactory(client=ApiSecretFactory(client__partner=partner).client, user=admin_agent.user)
            day = date(2010, 1, 1) + timedelta(days=AgreementTemplate.objects.count())
            DocumentFactory(template=TemplateFactory(effective_on=day), country="PL")

    return add


def test_lists_cost_the_same_for_many_rows(
    grow: Callable[[int], None], admin_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    admin_agent.roles = ["admin_agent", "global_admin"]
    admin_agent.save()
    client = client_of(admin_agent)
    grow(1)
    for url in LISTS:
        client.get(url)  # what is computed once per process is not part of the comparison
    few = {url: queries(client, url) for url in LISTS}
    grow(MANY - 1)
    complaints = [f"{url}: {line}" for url in LISTS for line in grown(few[url], queries(client, url))]
    assert not complaints, "\n" + "\n".join(complaints)


def test_account_info_costs_the_same_for_many_orders(
    customer: Any, admin_agent: Membership, client_of: Callable[[Membership], Client], actor_for: Act
) -> None:
    client, url = client_of(admin_agent), f"/customers/{customer.tenant_id}/account/"
    confirmed(customer)
    placed(filled_cart(customer, admin_agent), actor_for(admin_agent))
    client.get(url)
    few = queries(client, url)
    for _ in range(MANY - 1):
        placed(filled_cart(customer, admin_agent), actor_for(admin_agent))
    complaints = grown(few, queries(client, url))
    assert not complaints, "\n" + "\n".join(complaints)


def test_the_catalog_costs_the_same_for_many_products_and_lines(
    customer: Any, admin_agent: Membership, client_of: Callable[[Membership], Client], actor_for: Act
) -> None:
    confirmed(customer)
    placed(filled_cart(customer, admin_agent), actor_for(admin_agent))
    base, cart = Subscription.objects.get(), filled_cart(customer, admin_agent)

    def grow(count: int) -> None:
        for _ in range(count):
            add_on, sku = AvailabilityFactory(), SkuFactory()
            add_on.sku.add_on_to.add(base.order_line.sku)
            CartLineFactory(cart=cart)
            CartLineFactory(cart=cart, availability=add_on, parent=base)
            for term in Term:
                AvailabilityFactory(sku=sku, term=term)

    client, pages = client_of(admin_agent), [f"/orders/new/{cart.pk}/", f"/orders/new/{cart.pk}/review/"]
    grow(1)
    for url in pages:
        client.get(url)
    few = {url: queries(client, url) for url in pages}
    grow(MANY - 1)
    complaints = [f"{url}: {line}" for url in pages for line in grown(few[url], queries(client, url))]
    assert not complaints, "\n" + "\n".join(complaints)


def test_the_guard_complains(db: None) -> None:
    advice, repeated = grown(["SELECT a WHERE x"], ["SELECT a WHERE x", "SELECT b WHERE 1", "SELECT b WHERE 2"])
    assert "select_related" in advice
    assert repeated.startswith("2 times SELECT b")
    assert grown(["SELECT a", "SELECT b"], ["SELECT a"]) == []
