"""The database itself refuses an order without the acceptance it relied on, on both engines, by plain SQL."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.db.models import Model
from django.utils import timezone

from agreements.models import AgreementType, Attestation, AttestationEvent
from agreements.services import confirm_acceptance, withdraw_acceptance
from agreements.tests.factories import (
    DocumentFactory,
    TemplateFactory,
    acceptance,
    accepted_directly,
    confirmed,
    job_actor,
    person,
)
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import LicenceChange, Order
from orders.services import change_licence_count
from orders.tests.factories import filled_cart, placed
from orders.tests.plain_sql import column, insert_like
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import PartnerFactory

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[..., Actor]


@pytest.fixture
def made(customer: Customer) -> Attestation:
    return confirmed(customer)


@pytest.fixture(params=["order", "licence_change"])
def gated(
    request: pytest.FixtureRequest, made: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act
) -> Model:
    """A row that the gate let through: an order, then a change of its licence count."""
    by = actor_for(sales_agent)
    order = placed(filled_cart(customer, sales_agent), by)
    if request.param == "order":
        return order
    subscription = order.lines.get().subscription
    return change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k")


def test_a_true_copy_goes_in(gated: Model) -> None:
    """Otherwise the refusals below would prove nothing."""
    insert_like(gated)
    assert type(gated)._default_manager.count() == 2


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_not_without_an_acceptance(gated: Model, customer: Customer) -> None:
    for changed in (
        {"acceptance_id": None, "acceptance_scope": None},
        {"acceptance_id": None},
        {"acceptance_scope": None},
    ):
        with pytest.raises(IntegrityError):
            insert_like(gated, **changed)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_not_with_another_tenants_acceptance(gated: Model, customer: Customer) -> None:
    other = confirmed(CustomerFactory(partner=customer.partner))
    with pytest.raises(IntegrityError):
        insert_like(gated, acceptance_id=other.pk)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_not_with_another_tenants_direct_acceptance(gated: Model, customer: Customer) -> None:
    other = accepted_directly(CustomerFactory(partner=customer.partner))
    with pytest.raises(IntegrityError):
        insert_like(gated, acceptance_id=other.pk, acceptance_scope=0)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_not_with_another_partners_acceptance(gated: Model, customer: Customer) -> None:
    theirs = confirmed(CustomerFactory(tenant=customer.tenant))
    for scope in (theirs.scope, customer.partner_id, 0):
        with pytest.raises(IntegrityError):
            insert_like(gated, acceptance_id=theirs.pk, acceptance_scope=scope)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_not_by_calling_a_confirmation_direct(gated: Model) -> None:
    with pytest.raises(IntegrityError):
        insert_like(gated, acceptance_scope=0)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_not_by_claiming_another_cloud(gated: Model) -> None:
    with pytest.raises(IntegrityError):
        insert_like(gated, cloud="us_government", acceptance_id=None, acceptance_scope=None)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_not_by_claiming_another_partner_or_customer(gated: Model, customer: Customer) -> None:
    elsewhere = PartnerFactory(government=True)
    with pytest.raises(IntegrityError):
        insert_like(gated, partner_id=elsewhere.pk, cloud="us_government", acceptance_id=None, acceptance_scope=None)
    with pytest.raises(IntegrityError):
        insert_like(gated, customer_id=CustomerFactory(partner=customer.partner).pk)
    with pytest.raises(IntegrityError):
        insert_like(gated, tenant_id=column(CustomerFactory(), "tenant_id"))


def test_the_customers_own_acceptance_will_do(gated: Model, customer: Customer) -> None:
    direct = accepted_directly(customer)
    insert_like(gated, acceptance_id=direct.pk, acceptance_scope=0)


@pytest.mark.parametrize(
    "name",
    [
        "number",
        "partner_id",
        "cloud",
        "customer_id",
        "tenant_id",
        "acceptance_id",
        "acceptance_scope",
        "currency",
        "total",
        "placed_at",
        "placed_by_id",
        "placed_by_name",
        "purchase_order_number",
        "transacted_as",
    ],
)
def test_only_the_status_of_an_order_changes(
    made: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act, name: str
) -> None:
    order = placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    with pytest.raises(DatabaseError, match="only the status"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_order SET {name} = NULL")  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET status = 'cancelled'")
    order.refresh_from_db()
    assert (order.status, order.acceptance) == ("cancelled", made)


def test_orders_lines_and_changes_stay(
    made: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(sales_agent)
    order = placed(filled_cart(customer, sales_agent), by)
    change_licence_count(by=by, subscription=order.lines.get().subscription, quantity=6, submit_key="k")
    for sql in (
        "DELETE FROM orders_order",
        "DELETE FROM orders_orderline",
        "UPDATE orders_orderline SET quantity = 99",
        "DELETE FROM orders_licencechange",
        "UPDATE orders_licencechange SET to_quantity = 99",
    ):
        with pytest.raises(DatabaseError, match="never"), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Order.objects.count() == LicenceChange.objects.count() == 1


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_refuses_a_withdrawn_acceptance(gated: Model, made: Attestation, customer: Customer) -> None:
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason="Wrong customer.")
    with pytest.raises(DatabaseError, match="must be current"):
        insert_like(gated)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_refuses_a_superseded_acceptance(gated: Model, customer: Customer) -> None:
    confirmed(customer, person=person(first_name="Jan"))
    with pytest.raises(DatabaseError, match="must be current"):
        insert_like(gated)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_refuses_a_disputed_acceptance_until_it_is_resolved(gated: Model, made: Attestation) -> None:
    said = {
        "attestation": made,
        "at": timezone.now(),
        "actor_kind": "customer",
        "actor_name": "C",
    }
    AttestationEvent.objects.create(kind="disputed", **said)
    with pytest.raises(DatabaseError, match="must be current"):
        insert_like(gated)
    AttestationEvent.objects.create(kind="dispute_resolved", **said)
    insert_like(gated)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_the_last_word_of_a_dispute_counts(gated: Model, made: Attestation) -> None:
    """As the gate judges it: said twice and resolved once is resolved; said again, it is open again."""
    said = {
        "attestation": made,
        "at": timezone.now(),
        "actor_kind": "customer",
        "actor_name": "C",
    }
    for kind in ("disputed", "disputed", "dispute_resolved"):
        AttestationEvent.objects.create(kind=kind, **said)
    insert_like(gated)
    AttestationEvent.objects.create(kind="disputed", **said)
    with pytest.raises(DatabaseError, match="must be current"):
        insert_like(gated)


@pytest.mark.scenario("R1")
@pytest.mark.scenario("R2")
def test_refuses_the_legacy_agreement(gated: Model, customer: Customer) -> None:
    cloud = TemplateFactory(type=AgreementType.CLOUD, template_id=uuid4())
    DocumentFactory(template=cloud, country="PL")
    legacy = confirm_acceptance(
        by=job_actor(), customer=customer, acceptance=acceptance(), agreement_type=AgreementType.CLOUD
    )
    with pytest.raises(DatabaseError, match="must be current"):
        insert_like(gated, acceptance_id=legacy.pk)


def test_a_change_is_of_the_subscriptions_own_customer(
    made: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(sales_agent)
    other = CustomerFactory(partner=customer.partner)
    confirmed(other)
    theirs = placed(filled_cart(other, sales_agent), by).lines.get().subscription
    mine = placed(filled_cart(customer, sales_agent), by).lines.get().subscription
    change = change_licence_count(by=by, subscription=mine, quantity=6, submit_key="k")
    with pytest.raises(IntegrityError):
        insert_like(change, subscription_id=theirs.pk.hex if connection.vendor == "sqlite" else str(theirs.pk))


@pytest.mark.parametrize("what", ["cart", "subscription"])
def test_a_row_is_of_a_customer_of_its_partner(
    made: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act, what: str
) -> None:
    cart = filled_cart(customer, sales_agent)
    order = placed(cart, actor_for(sales_agent))
    row = cart if what == "cart" else order.lines.get().subscription
    elsewhere = PartnerFactory()
    with pytest.raises(IntegrityError):
        type(row).objects.filter(pk=row.pk).update(partner=elsewhere)
