"""A worker that is killed in the middle of an order: what is left is nothing of the submit, or all of it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from agreements.proving import verify
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from customers.tests.forms_on_page import form_of
from orders.tests.factories import CartFactory, CartLineFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.crashing import State, difference, post_and_die, state

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]


@dataclass
class Submit:
    """The prompt's submit, or the order's: made ready as often as it is to be killed."""

    name: str
    client: Client
    seller: Membership

    def ready(self) -> tuple[str, dict[str, str]]:
        """Where to send it, and what, for a customer of its own with three products in the cart."""
        customer = CustomerFactory(partner=self.seller.partner)
        cart = CartFactory(customer=customer, owner=self.seller.user)
        for _ in range(3):
            CartLineFactory(cart=cart)
        if self.name == "order":
            confirmed(customer)
            path = reverse("orders:review", args=[cart.pk])
            return path, self.filled(path, having="reviewed", is_attested="on")
        path = reverse("orders:agreement", args=[cart.pk])
        today = self.seller.partner.today.isoformat()
        said = {"agreed_on": today, "evidence_kind": "email", "signer": "contact"}
        return path, self.filled(path, having="evidence_kind", **said)

    def filled(self, path: str, having: str, **typed: str) -> dict[str, str]:
        return {**form_of(self.client.get(path), having=having), **typed}


@pytest.fixture(params=["confirm", "order"])
def submit(
    request: pytest.FixtureRequest, customer: Customer, sales_agent: Membership, client_of: ClientOf, actor_for: Act
) -> Submit:
    # The month has begun: otherwise the first order would write one row more than the others.
    confirmed(customer)
    placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    return Submit(request.param, client_of(sales_agent), sales_agent)


def undisturbed(submit: Submit) -> tuple[int, State]:
    """How many steps the submit takes, and everything that it does."""
    path, form = submit.ready()
    before = state()
    count = post_and_die(submit.client, path, form, 0)
    return count, difference(before, state())


@pytest.mark.scenario("D1")
@pytest.mark.scenario("R5")
def test_a_worker_killed_at_any_statement_leaves_all_or_nothing(submit: Submit, tmp_path: Path) -> None:
    """A worker killed at each statement of an order with its confirmation: all or nothing; again makes exactly one"""
    every = scale(8, 1)
    with shared_by_threads(tmp_path):
        count, everything = undisturbed(submit)
        wanted = {"confirm": "agreements.Attestation", "order": "orders.Order"}[submit.name]
        assert everything[wanted] == everything["jobs.Submission"] == 1
        kept = 0
        # The last one is behind COMMIT, before the answer.
        for at in sorted({*range(1, count + 1, every), count - 1, count}):
            path, form = submit.ready()
            before = state()
            post_and_die(submit.client, path, form, at)
            left = difference(before, state())
            assert left in ({}, everything), f"killed at statement {at} of {count}"
            kept += left == everything
            again = submit.client.post(path, form)
            assert (again.status_code, difference(before, state())) == (302, everything), f"again, after {at}"
        assert not verify(chain=f"partner:{submit.seller.partner.tenant_id}").findings
        assert kept
        sys.stdout.write(f"{submit.name}: {count} steps, killed at every {every}., {kept} times behind COMMIT\n")


@pytest.mark.scenario("D1")
def test_negative_control_without_a_transaction_parts_are_left(submit: Submit, tmp_path: Path) -> None:
    """negative control: with every statement committed by itself, the same kills leave parts of a submit behind"""
    with shared_by_threads(tmp_path):
        count, everything = undisturbed(submit)
        # From the middle on, where there is something to leave behind; one part is enough.
        for at in range(count // 2, count, 7):
            path, form = submit.ready()
            before = state()
            post_and_die(submit.client, path, form, at, is_each_committed=True)
            if difference(before, state()) not in ({}, everything):
                return
        raise AssertionError("No kill left a part behind.")
