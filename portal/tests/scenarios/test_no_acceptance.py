"""Without an acceptance that counts there is no order and no licence change, whichever door somebody tries.

What plain SQL tries is in orders/tests/test_database_holds.py.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import AgreementTemplate, AgreementType, Attestation, AttestationEvent
from agreements.services import confirm_acceptance, withdraw_acceptance
from agreements.tests.factories import (
    DocumentFactory,
    TemplateFactory,
    acceptance,
    accepted_directly,
    confirmed,
    job_actor,
)
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.forms import as_reviewed
from orders.models import Cart, LicenceChange, Order, OrderLine, Subscription, SubscriptionEvent
from orders.pricing import priced_cart
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Cloud, Membership
from portal.partners.tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
ORDERED = (Order, OrderLine, Subscription, SubscriptionEvent, LicenceChange)


def withdrawn(customer: Customer, made: Attestation) -> None:
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason="Wrong customer.")


def stale(customer: Customer, made: Attestation | None) -> None:
    """A version came whose renewal is enforced."""
    today = timezone.now().date()
    version = TemplateFactory(effective_on=today, renew_before=today, renewal_enforced_on=today)
    DocumentFactory(template=version, country="PL")


def disputed(customer: Customer, made: Attestation) -> None:
    said = {"at": timezone.now(), "actor_kind": "customer", "actor_name": "C"}
    AttestationEvent.objects.create(attestation=made, kind="disputed", **said)


def only_elsewhere(customer: Customer, made: Attestation) -> None:
    """Other records there are many of: another partner's, another company's, the legacy agreement's."""
    withdrawn(customer, made)
    confirmed(CustomerFactory(tenant=customer.tenant))
    confirmed(CustomerFactory(partner=customer.partner))
    legacy = AgreementType.CLOUD
    DocumentFactory(template=TemplateFactory(type=legacy, template_id=customer.tenant_id), country="PL")
    confirm_acceptance(by=job_actor(), customer=customer, acceptance=acceptance(), agreement_type=legacy)


def only_of_a_company_that_is_claimed(customer: Customer, made: Attestation) -> None:
    """The company accepted by itself, but never accepted the relationship with this partner."""
    withdrawn(customer, made)
    accepted_directly(customer)
    Customer.objects.filter(pk=customer.pk).update(relationship_accepted_at=None)


LOST = [withdrawn, stale, disputed, only_elsewhere, only_of_a_company_that_is_claimed]
Lose = Callable[[Customer, Attestation], None]


@pytest.fixture(params=LOST, ids=lambda lose: lose.__name__)
def bought(
    request: pytest.FixtureRequest, customer: Customer, sales_agent: Membership, actor_for: Act
) -> Subscription:
    """Bought while there was an acceptance, which then was lost."""
    made = confirmed(customer, agreed_on=timezone.now().date() - timedelta(days=3))
    order = placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    request.param(customer, made)
    return order.lines.get().subscription


@pytest.fixture
def cart(bought: Subscription, sales_agent: Membership) -> Cart:
    return filled_cart(bought.customer, sales_agent)


def rows() -> list[int]:
    return [model._base_manager.count() for model in ORDERED]


def crafted(cart: Cart) -> dict[str, str]:
    """What Review would send if there were one."""
    said = {"submit_key": "crafted", "reviewed": as_reviewed(priced_cart(cart)), "is_attested": "on"}
    return {**said, "partner": str(cart.partner.tenant_id), "purchase_order_number": ""}


@pytest.mark.scenario("R1")
def test_the_browser_is_led_to_the_prompt(cart: Cart, sales_agent: Membership, client_of: ClientOf) -> None:
    """An order without a valid acceptance, through the pages: they lead to the prompt, and nothing is ordered"""
    before, client = rows(), client_of(sales_agent)
    filling = client.get(reverse("orders:cart", args=[cart.pk]))
    assert filling.status_code == 200
    prompt = client.get(reverse("orders:review", args=[cart.pk]), follow=True)
    assert prompt.redirect_chain == [(reverse("orders:agreement", args=[cart.pk]), 302)]
    assert 'name="evidence_kind"' in prompt.content.decode()
    assert rows() == before
    assert cart.lines.count() == 1


@pytest.mark.scenario("R1")
@pytest.mark.parametrize("page", ["review", "cart", "agreement", "new"])
def test_a_crafted_post_that_skips_the_prompt_orders_nothing(
    cart: Cart, sales_agent: Membership, client_of: ClientOf, page: str
) -> None:
    """An order without a valid acceptance, by a crafted POST to any of its pages: never created"""
    before, client = rows(), client_of(sales_agent)
    path = reverse(f"orders:{page}", args=[] if page == "new" else [cart.pk])
    for said in (crafted(cart), {**crafted(cart), "acceptance": "1", "acceptance_id": "1", "acceptance_scope": "0"}):
        answer = client.post(path, said)
        assert answer.status_code < 500
        if page == "review":
            assert answer.headers["Location"] == reverse("orders:agreement", args=[cart.pk])
    assert rows() == before
    assert Cart.objects.filter(pk=cart.pk, order__isnull=True).exists()


@pytest.mark.scenario("R2")
@pytest.mark.parametrize("quantity", [3, 8], ids=["fewer", "more"])
def test_licences_are_not_changed_by_the_page_or_past_it(
    bought: Subscription, sales_agent: Membership, client_of: ClientOf, quantity: int
) -> None:
    """Licences up and down without a valid acceptance, by form and by crafted POST: refused, with the way to it"""
    before, client = rows(), client_of(sales_agent)
    path = reverse("orders:licences", args=[bought.pk])
    said = {"quantity": str(quantity), "submit_key": "k", "reason": "customer_asked", "acceptance": "1"}
    answer = client.post(path, {**said, "partner": str(bought.partner.tenant_id)})
    assert answer.status_code == 200
    assert reverse("agreements:confirm", args=[bought.customer.tenant_id]) in answer.content.decode()
    assert rows() == before
    bought.refresh_from_db()
    assert bought.quantity == 5


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
@pytest.mark.parametrize("model", ORDERED, ids=lambda model: model.__name__)
def test_the_staffs_site_adds_and_changes_nothing_that_was_ordered(
    customer: Customer, sales_agent: Membership, actor_for: Act, model: type[Model]
) -> None:
    """By the staff's site, as superuser: orders, lines, subscriptions and changes can only be looked at"""
    confirmed(customer)
    placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    before, client = rows(), Client()
    client.force_login(UserFactory(is_staff=True), backend="allauth.account.auth_backends.AuthenticationBackend")
    name, known = f"admin/orders/{model.__name__.lower()}", model._base_manager.first()
    ways = [f"/{name}/add/", *([f"/{name}/{known.pk}/{way}/" for way in ("change", "delete")] if known else [])]
    for way in ways:
        answer = client.post(way, {"quantity": "9", "status": "cancelled", "post": "yes"})
        assert answer.status_code in (403, 404), way
    assert rows() == before


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_negative_control_with_an_acceptance_the_same_doors_are_open(
    customer: Customer, sales_agent: Membership, client_of: ClientOf, actor_for: Act
) -> None:
    """negative control: with an acceptance the same POSTs order, and change licences up and down"""
    confirmed(customer)
    cart, client = filled_cart(customer, sales_agent), client_of(sales_agent)
    client.post(reverse("orders:review", args=[cart.pk]), crafted(cart))
    subscription = Subscription.objects.get()
    for quantity in (8, 3):
        said = {"quantity": str(quantity), "submit_key": f"k{quantity}", "reason": "customer_asked"}
        client.post(reverse("orders:licences", args=[subscription.pk]), said)
        subscription.refresh_from_db()
        assert subscription.quantity == quantity
    assert [change.acceptance for change in LicenceChange.objects.all()] == [Order.objects.get().acceptance] * 2


@pytest.mark.scenario("R9")
@pytest.mark.parametrize("cloud", [Cloud.CHINA_21VIANET, Cloud.US_GOVERNMENT, Cloud.GERMANY])
def test_where_there_is_no_agreement_the_rule_is_shown_and_nothing_is_asked(
    template: AgreementTemplate, client_of: ClientOf, cloud: Cloud
) -> None:
    """National clouds: Review and the order say that the agreement does not apply; nothing is asked or cited"""
    seller = MembershipFactory(partner__cloud=cloud)
    customer, client = CustomerFactory(partner=seller.partner), client_of(seller)
    # Neither is anything enforced by a renewal, nor refused because another cloud's partner has no record.
    stale(customer, None)
    cart = filled_cart(customer, seller)
    review = client.get(reverse("orders:review", args=[cart.pk]))
    assert "does not apply in this cloud" in review.content.decode()
    placed_at = client.post(reverse("orders:review", args=[cart.pk]), crafted(cart), follow=True)
    order = Order.objects.get()
    assert "does not apply in this cloud" in placed_at.content.decode()
    assert (order.acceptance, order.acceptance_scope, order.cloud) == (None, None, cloud)
    path = reverse("orders:licences", args=[order.lines.get().subscription.pk])
    for quantity in (8, 3):
        client.post(path, {"quantity": str(quantity), "submit_key": f"k{quantity}", "reason": "customer_asked"})
    assert [change.acceptance for change in LicenceChange.objects.all()] == [None, None]
    assert client.get(reverse("orders:agreement", args=[filled_cart(customer, seller).pk])).status_code in (302, 403)
