"""What a rule refuses is in the activity log as well: that it was tried, by whom, and by which rule it fell."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed
from agreements.tests.test_confirm_page import confirm_url, statement
from customers.models import Customer
from orders.forms import as_reviewed
from orders.models import Order
from orders.pricing import priced_cart
from orders.tests.factories import filled_cart
from portal.audit.models import AuditEvent
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
CODE = "partners.action_refused"


def only_line(member: Membership) -> AuditEvent:
    line = AuditEvent.objects.get(code=CODE)
    assert (line.partner_id, line.actor_user_id, line.roles) == (member.partner_id, member.user_id, member.roles)
    assert set(line.facts) == {"reason", "route"}
    assert not line.changed
    return line


def test_an_order_that_the_gate_refused(
    customer: Customer, sales_agent: Membership, admin_agent: Membership, client_of: ClientOf
) -> None:
    cart = filled_cart(customer, sales_agent)
    submit = {"submit_key": "k", "reviewed": as_reviewed(priced_cart(cart)), "is_attested": "on"}
    client = client_of(sales_agent)
    client.get(reverse("orders:review", args=[cart.pk]))
    assert not AuditEvent.objects.filter(code=CODE).exists(), "looking is no attempt"
    client.post(reverse("orders:review", args=[cart.pk]), submit)
    assert not Order.objects.exists()
    line = only_line(sales_agent)
    assert line.facts == {"reason": "acceptance_required", "route": "orders:review"}
    assert "the customer’s acceptance is missing" in client_of(admin_agent).get("/activity/").content.decode()
    # Negative control: with an acceptance the same form makes the order and no line.
    confirmed(customer)
    client.post(reverse("orders:review", args=[cart.pk]), submit)
    assert Order.objects.count() == AuditEvent.objects.filter(code=CODE).count() == 1


def test_a_confirmation_that_exists_already(customer: Customer, sales_agent: Membership, client_of: ClientOf) -> None:
    client = client_of(sales_agent)
    client.post(confirm_url(customer), statement())
    again = statement(submit_key="key-2", purpose="new")
    client.post(confirm_url(customer), again, headers={"X-Validate-Field": "email"})
    assert not AuditEvent.objects.filter(code=CODE).exists(), "a script that asks while somebody types"
    client.post(confirm_url(customer), again)
    line = only_line(sales_agent)
    assert (line.facts["reason"], line.customer_id) == ("600061", customer.tenant_id)


def test_what_a_form_itself_finds_wrong_is_no_attempt(
    customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    client_of(sales_agent).post(confirm_url(customer), statement(agreed_on="never"))
    assert not AuditEvent.objects.filter(code=CODE).exists()


@pytest.mark.parametrize("roles", [["global_admin"]])
def test_the_last_global_admin_who_would_leave(
    roles: list[str], global_admin: Membership, client_of: ClientOf
) -> None:
    path = reverse("partners:member", args=[global_admin.public_id])
    client_of(global_admin).post(path, {"roles": ["sales_agent"], "is_active": "on"})
    line = only_line(global_admin)
    assert (line.door, line.facts["route"]) == ("settings", "partners:member")
    assert global_admin.roles == roles
