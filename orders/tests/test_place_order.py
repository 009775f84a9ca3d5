"""orders.services.place_order: exactly one order, and none without the acceptance it relied on."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate
from agreements.services import withdraw_acceptance
from agreements.tests.factories import accepted_directly, confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Cart, CartLine, MonthTotal, Order, Subscription
from orders.pricing import Seen
from orders.services import discard_cart, place_order
from orders.tests.factories import CartFactory, CartLineFactory, filled_cart, placed, reviewed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired, NotFound, NotPermitted, RuleViolation
from portal.partners.models import Cloud, Membership
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]


def submit(cart: Cart, by: Actor, seen: Sequence[Seen], key: str = "", **said: Any) -> Order:
    """What a click on Submit sends; said: further arguments of `place_order`."""
    return place_order(by=by, cart=cart, submit_key=key or uuid.uuid4().hex, reviewed=seen, is_attested=True, **said)


@pytest.mark.scenario("R1")
def test_refuses_without_an_acceptance(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    with pytest.raises(AcceptanceRequired):
        placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    assert not Order.objects.exists()


def test_cites_the_acceptance_it_relied_on(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    made = confirmed(customer)
    order = placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    assert (order.acceptance, order.acceptance_scope, order.cloud) == (made, customer.partner_id, "public")
    assert (order.status, order.lines.get().subscription.status) == ("completed", "active")


def test_relies_on_the_customers_own_acceptance(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    made = accepted_directly(customer)
    order = placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    assert (order.acceptance, order.acceptance_scope) == (made, 0)


def test_a_double_click_makes_one_order(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    confirmed(customer)
    cart, by, key = filled_cart(customer, sales_agent), actor_for(sales_agent), uuid.uuid4().hex
    seen = reviewed(cart)
    first = submit(cart, by, seen, key)
    assert submit(cart, by, seen, key) == first
    assert submit(cart, by, seen) == first


def test_refuses_a_cart_that_changed_after_review(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    seen = reviewed(cart)
    cart.lines.update(quantity=9)
    with pytest.raises(RuleViolation, match="changed"):
        submit(cart, actor_for(sales_agent), seen)


def test_is_logged_without_names(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    made = confirmed(customer)
    order = placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    event = AuditEvent.objects.get(code="orders.order_placed")
    assert (event.subject, event.actor_user_id, event.customer_id) == (
        order.number,
        sales_agent.user_id,
        customer.tenant_id,
    )
    assert event.facts == {"lines": 1, "total": "252.00", "currency": "PLN", "relied_on": str(made.reference)}


@pytest.mark.scenario("R9")
def test_needs_no_acceptance_in_a_national_cloud(db: None, actor_for: Act) -> None:
    for cloud in (Cloud.CHINA_21VIANET, Cloud.GERMANY, Cloud.US_GOVERNMENT):
        seller = MembershipFactory(partner__cloud=cloud)
        order = placed(filled_cart(CustomerFactory(partner=seller.partner), seller), actor_for(seller))
        assert (order.acceptance, order.acceptance_scope, order.cloud) == (None, None, cloud)


def test_a_withdrawn_or_stale_acceptance_does_not_do(
    customer: Customer, sales_agent: Membership, actor_for: Act, template: AgreementTemplate
) -> None:
    by, today = actor_for(sales_agent), timezone.now().date()
    made = confirmed(customer)
    withdraw_acceptance(by=by, customer=customer, attestation=made, reason="Wrong customer")
    with pytest.raises(AcceptanceRequired):
        placed(filled_cart(customer, sales_agent), by)
    confirmed(customer, agreed_on=today - timedelta(days=9))
    AgreementTemplate.objects.create(
        type=template.type,
        template_id=template.template_id,
        version="new",
        effective_on=today,
        renew_before=today - timedelta(days=5),
        renewal_enforced_on=today,
    )
    with pytest.raises(AcceptanceRequired):
        placed(filled_cart(customer, sales_agent), by)


def test_another_partners_confirmation_does_not_do(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(CustomerFactory(tenant=customer.tenant))
    with pytest.raises(AcceptanceRequired):
        placed(filled_cart(customer, sales_agent), actor_for(sales_agent))


def test_refuses_roles_and_partners_that_may_not(
    customer: Customer,
    sales_agent: Membership,
    helpdesk_agent: Membership,
    reseller_agent: Membership,
    stranger: Membership,
    actor_for: Act,
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    with pytest.raises(NotPermitted):
        placed(cart, actor_for(helpdesk_agent))
    for outsider in (stranger, reseller_agent):
        with pytest.raises(NotFound):
            placed(cart, actor_for(outsider))
    assert not Order.objects.exists()


def test_refuses_an_empty_or_discarded_cart(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    confirmed(customer)
    cart, by = filled_cart(customer, sales_agent), actor_for(sales_agent)
    seen = reviewed(cart)
    cart.lines.all().delete()
    with pytest.raises(RuleViolation, match="empty"):
        submit(cart, by, seen)
    discard_cart(by=by, cart=Cart.objects.get(pk=cart.pk))
    with pytest.raises(NotFound):
        submit(cart, by, seen)


def test_checks_again_what_the_cart_was_checked_for(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    cart, by = filled_cart(customer, sales_agent), actor_for(sales_agent)
    sku = cart.lines.get().availability.sku
    sku.max_quantity = 4
    sku.save()
    with pytest.raises(RuleViolation, match=f"{sku}: Enter 4 or fewer licences"):
        placed(cart, by)
    Customer.objects.filter(pk=customer.pk).update(country="DE")
    with pytest.raises(RuleViolation, match="not sold in the customer's country"):
        placed(Cart.objects.get(pk=cart.pk), by)
    assert not Order.objects.exists()


def test_a_failed_submit_may_be_sent_again_with_its_key(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    cart, by = filled_cart(customer, sales_agent), actor_for(sales_agent)
    with pytest.raises(AcceptanceRequired):
        submit(cart, by, reviewed(cart), "k")
    confirmed(customer)
    submit(cart, by, reviewed(cart), "k")
    assert Subscription.objects.get().quantity == 5


def test_refuses_without_the_partner_on_record_statement(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    with pytest.raises(RuleViolation) as refused:
        place_order(by=actor_for(sales_agent), cart=cart, submit_key="k", reviewed=reviewed(cart), is_attested=False)
    assert (refused.value.field, Order.objects.exists()) == ("is_attested", False)


def test_refuses_the_same_cart_with_other_content_once_it_is_ordered(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    cart, by = filled_cart(customer, sales_agent), actor_for(sales_agent)
    seen = reviewed(cart)
    order = submit(cart, by, seen, purchase_order_number="PO-1")
    assert order.purchase_order_number == "PO-1"
    with pytest.raises(RuleViolation, match=order.number) as refused:
        submit(cart, by, seen, purchase_order_number="PO-2")
    assert (refused.value.code, Order.objects.count()) == ("cart_ordered", 1)


def test_keeps_how_the_partner_acted_and_the_month(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    by = actor_for(sales_agent)
    orders = [placed(filled_cart(customer, sales_agent), by) for _ in range(2)]
    month = MonthTotal.objects.get()
    assert (orders[0].transacted_as, orders[0].reseller) == ("direct_bill", None)
    assert (month.partner_id, month.currency, month.order_count) == (customer.partner_id, "PLN", 2)
    assert month.amount == sum(order.total for order in orders)


def test_refuses_more_than_an_order_can_come_to(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    """3 years of a suite cost 50,000,000 dong; the column has room for twelve digits before the point."""
    confirmed(customer)
    cart = CartFactory(customer=customer, owner=sales_agent.user)
    sold = {"currency": "VND", "price__unit_price": "50000000", "sku__max_quantity": 1_000_000}
    line = CartLineFactory(cart=cart, quantity=20_000, **{f"availability__{name}": it for name, it in sold.items()})
    with pytest.raises(RuleViolation, match="Order fewer licences"):
        submit(cart, actor_for(sales_agent), reviewed(cart))
    CartLine.objects.filter(pk=line.pk).update(quantity=19_999)
    assert submit(cart, actor_for(sales_agent), reviewed(cart)).total == Decimal("999950000000")
