"""PATCH of an order: the samples' quantity, add-ons, cancelling, and what an order cannot become."""

from collections.abc import Callable
from typing import Any

import pytest

from agreements.tests.factories import job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Subscription
from orders.services import change_licence_count
from orders.tests.lives import add_on_sold, subscribed
from portal.api.tests.sessions import Session
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Api = Callable[..., Session]


@pytest.fixture
def session(api: Api, sales_agent: Membership) -> Session:
    return api(sales_agent)


def path_of(subscription: Subscription) -> str:
    """Of the order that made it."""
    return f"/customers/{subscription.customer.tenant_id}/orders/{subscription.order_line.order.number}"


@pytest.fixture
def bought(customer: Customer, sales_agent: Membership) -> Subscription:
    return subscribed(customer, sales_agent)


def test_the_sample_adds_one_to_a_full_order(session: Session, bought: Subscription) -> None:
    own = path_of(bought)
    body = session.get(own).json()
    assert session.patch(own, body).json() == body, "an order sent back as it came changes nothing"
    assert session.patch(own, {"lineItems": [{"lineItemNumber": 0}]}).json() == body, "no count is no other count"
    body["lineItems"][0]["quantity"] += 1
    told = session.patch(own, body).json()["lineItems"][0]
    assert (told["quantity"], told["transactionType"]) == (6, "addQuantity")
    bought.refresh_from_db()
    assert bought.quantity == 6
    assert session.patch(own, body).status_code == 200, "said again, it is so already"
    # What was ordered stays what was ordered.
    assert session.get(own).json()["lineItems"][0]["quantity"] == 5
    body["lineItems"][0]["quantity"] = 8
    refused = session.patch(own, body)
    assert (refused.status_code, refused.json()["code"]) == (400, 800095)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"status": "cancelled"}, 400, 800063),
        ({"status": "pending"}, 400, 800042),
        ({"billingCycle": "annual"}, 400, 6001),
        ({"lineItems": [{"lineItemNumber": 3, "quantity": 1}]}, 400, 800071),
        ({"lineItems": [{"lineItemNumber": 0, "quantity": 5000}]}, 400, 2002),
        ({"attributes": {"etag": "another"}}, 400, 2055),
    ],
)
def test_what_an_order_cannot_become(
    session: Session, bought: Subscription, body: dict[str, Any], status: int, code: int
) -> None:
    refused = session.patch(path_of(bought), body)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.content


def test_add_ons_are_bought_through_the_order(session: Session, customer: Customer, bought: Subscription) -> None:
    """As the SDK's sample does it: line 0 with a parent."""
    sku = add_on_sold(bought).sku
    line = {
        "lineItemNumber": 0,
        "offerId": f"{sku.product.code}:{sku.code}",
        "friendlyName": "more",
        "quantity": 2,
        "parentSubscriptionId": str(bought.pk),
    }
    own = path_of(bought)
    told = session.patch(own, {"referenceCustomerId": str(customer.tenant_id), "lineItems": [line]}).json()
    assert told["id"] != bought.order_line.order.number
    assert told["lineItems"][0]["parentSubscriptionId"] == str(bought.pk)
    added = Subscription.objects.get(parent=bought)
    assert (added.quantity, added.name) == (2, "more")


def test_a_sandbox_order_is_cancelled(api: Api, template: object) -> None:
    member = MembershipFactory(partner=PartnerFactory(sandbox=True), roles=["sales_agent"])
    subscription = subscribed(CustomerFactory(partner=member.partner), member)
    own = path_of(subscription)
    session = api(member)
    etag = session.get(own).json()["attributes"]["etag"]
    told = session.patch(own, {"Status": "Cancelled", "Attributes": {"Etag": etag}}).json()
    assert told["status"] == "cancelled"
    assert told["attributes"]["etag"] != etag
    subscription.refresh_from_db()
    assert subscription.status == "deleted"
    refused = session.patch(own, {"lineItems": [{"lineItemNumber": 0, "quantity": 6}]})
    assert (refused.status_code, refused.json()["code"]) == (400, 800040)


def test_a_count_changed_elsewhere_is_not_overwritten(session: Session, bought: Subscription) -> None:
    own = path_of(bought)
    change_licence_count(by=job_actor(), subscription=bought, quantity=9, submit_key="k")
    refused = session.patch(own, {"lineItems": [{"subscriptionId": str(bought.pk), "quantity": 6}]})
    assert (refused.status_code, refused.json()["code"]) == (400, 800095)
