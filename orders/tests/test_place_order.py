"""orders.services.place_order: exactly one order, and none without the acceptance it relied on."""

import uuid
from collections.abc import Callable

import pytest

from agreements.tests.factories import accepted_directly, confirmed
from customers.models import Customer
from orders.models import Order
from orders.services import place_order
from orders.tests.factories import filled_cart, placed, reviewed
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]


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
    first = place_order(by=by, cart=cart, submit_key=key, reviewed=seen)
    assert place_order(by=by, cart=cart, submit_key=key, reviewed=seen) == first
    assert place_order(by=by, cart=cart, submit_key=uuid.uuid4().hex, reviewed=seen) == first


def test_refuses_a_cart_that_changed_after_review(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    seen = reviewed(cart)
    cart.lines.update(quantity=9)
    with pytest.raises(RuleViolation, match="changed"):
        place_order(by=actor_for(sales_agent), cart=cart, submit_key="k", reviewed=seen)
