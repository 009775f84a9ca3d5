"""orders.services.confirm_in_order: the confirmation and the cart's way back, both or neither."""

from collections.abc import Callable
from typing import Any

import pytest

from agreements.models import Attestation, AttestationPerson
from agreements.tests.factories import acceptance, person
from customers.models import Customer
from orders.models import Cart, CartStage, Order
from orders.services import confirm_in_order, discard_cart, prompting
from orders.tests.factories import filled_cart, placed
from portal.audit.models import ChainEntry
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.jobs.models import Submission
from portal.partners.models import Membership

pytestmark = pytest.mark.scenario("R5")
Act = Callable[..., Actor]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return filled_cart(customer, sales_agent)


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(sales_agent)


def confirm(cart: Cart, by: Actor, **said: Any) -> Attestation:
    stated = acceptance(**said)
    return confirm_in_order(by=by, cart=cart, customer=cart.customer, acceptance=stated, submit_key="k")


def left(cart: Cart) -> list[Any]:
    """What a confirmation writes, and where the cart stands."""
    models = (Attestation, AttestationPerson, ChainEntry, Submission, Order)
    return [*(model.objects.count() for model in models), Cart.objects.get(pk=cart.pk).stage]


def test_writes_the_confirmation_and_the_way_back(cart: Cart, by: Actor) -> None:
    """Confirm inside an order: the record and the cart's way back in one go, the cart kept, nothing ordered yet"""
    assert left(cart) == [0, 0, 0, 0, 0, CartStage.FILLING]
    confirm(cart, by)
    assert left(cart) == [1, 1, 1, 1, 0, CartStage.REVIEW]
    assert cart.lines.get().quantity == 5
    assert placed(Cart.objects.get(pk=cart.pk), by).acceptance == Attestation.objects.get()


def test_the_same_submit_again_is_the_same_record(cart: Cart, by: Actor) -> None:
    assert confirm(cart, by) == confirm(cart, by)
    assert left(cart) == [1, 1, 1, 1, 0, CartStage.REVIEW]


def test_no_confirmation_where_the_cart_fails(cart: Cart, by: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cart's part fails, nothing is confirmed, whichever of the two comes first"""

    def fail(**said: Any) -> None:
        raise RuntimeError

    record = prompting.confirm_acceptance
    monkeypatch.setattr(prompting, "keep_cart", fail)
    with pytest.raises(RuntimeError):
        confirm(cart, by)
    assert left(cart) == [0, 0, 0, 0, 0, CartStage.FILLING]
    monkeypatch.setattr(prompting, "keep_cart", lambda **said: None)
    monkeypatch.setattr(prompting, "confirm_acceptance", lambda **said: (record(**said), fail()))
    with pytest.raises(RuntimeError):
        confirm(cart, by)
    assert left(cart) == [0, 0, 0, 0, 0, CartStage.FILLING]


def test_the_cart_stays_where_it_was_where_the_confirmation_fails(cart: Cart, by: Actor) -> None:
    """Where the confirmation is refused, the cart stays where it was"""
    with pytest.raises(RuleViolation):
        confirm(cart, by, person=person(first_name=""))
    assert left(cart) == [0, 0, 0, 0, 0, CartStage.FILLING]


def test_no_confirmation_for_a_cart_that_is_gone_or_ordered(cart: Cart, by: Actor) -> None:
    confirm(cart, by)
    placed(Cart.objects.get(pk=cart.pk), by)
    before = left(cart)
    with pytest.raises(RuleViolation) as refused:
        confirm(cart, by, person=person(first_name="Jan"))
    assert (refused.value.code, left(cart)) == ("cart_ordered", before)
    other = filled_cart(cart.customer, by.membership)
    discard_cart(by=by, cart=other)
    with pytest.raises(NotFound):
        confirm(other, by, person=person(first_name="Jan"))
    assert Attestation.objects.count() == 1


def test_refuses_who_may_not(cart: Cart, helpdesk_agent: Membership, stranger: Membership, actor_for: Act) -> None:
    with pytest.raises(NotPermitted):
        confirm(cart, actor_for(helpdesk_agent))
    with pytest.raises(NotFound):
        confirm(cart, actor_for(stranger))
    assert left(cart) == [0, 0, 0, 0, 0, CartStage.FILLING]
