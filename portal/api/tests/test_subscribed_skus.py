"""GET /customers/{id}/subscribedskus: licences by SKU, from the subscriptions."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from orders.models import Subscription, SubscriptionStatus
from orders.tests.factories import AvailabilityFactory
from orders.tests.lives import copies, subscribed
from portal.api.tests.sessions import Session
from portal.partners.models import Membership

Api = Callable[..., Session]


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership) -> Subscription:
    sold = AvailabilityFactory(sku__title="Office 365 E3", sku__code="0001", sku__product__code="CFQ7TTC0LF8R")
    return subscribed(customer, sales_agent, availability=sold)


def test_counts_the_licences_of_every_status(
    api: Api, customer: Customer, subscription: Subscription, helpdesk_agent: Membership
) -> None:
    units = {
        SubscriptionStatus.SUSPENDED: 10,
        SubscriptionStatus.EXPIRED: 20,
        SubscriptionStatus.DISABLED: 40,
        SubscriptionStatus.DELETED: 80,
    }
    for status, quantity in units.items():
        copies(subscription, 1, status=status, quantity=quantity)
    session = api(helpdesk_agent)
    path = f"/customers/{customer.tenant_id}/subscribedskus"
    body = session.get(path).json()
    assert body["totalCount"] == 1
    assert body["items"][0] == {
        "availableUnits": 25,
        "activeUnits": 5,
        "consumedUnits": 0,
        "suspendedUnits": 50,
        "totalUnits": 25,
        "warningUnits": 20,
        "productSku": {
            "id": "CFQ7TTC0LF8R:0001",
            "name": "Office 365 E3",
            "skuPartNumber": "CFQ7TTC0LF8R-0001",
            "targetType": "User",
            "licenseGroupId": "group1",
        },
        "servicePlans": [],
        "capabilityStatus": "Enabled",
        "attributes": {"objectType": "SubscribedSku"},
    }
    assert session.get(f"{path}?licenseGroupIds=group2").json()["items"] == []
    assert session.get(f"{path}?licenseGroupIds=group1&licenseGroupIds=group2").json()["totalCount"] == 1


@pytest.mark.parametrize(("status", "told"), [("suspended", "Suspended"), ("expired", "Warning")])
def test_says_what_still_works(
    api: Api, customer: Customer, subscription: Subscription, sales_agent: Membership, status: str, told: str
) -> None:
    subscription.status = status
    subscription.save(update_fields=["status"])
    body = api(sales_agent).get(f"/customers/{customer.tenant_id}/subscribedskus").json()
    assert body["items"][0]["capabilityStatus"] == told


def test_members_only_and_in_as_many_queries(
    api: Api, customer: Customer, subscription: Subscription, sales_agent: Membership
) -> None:
    path = f"/customers/{customer.tenant_id}/subscribedskus"
    refused = api(partner=customer.partner).get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, 900329)
    session = api(sales_agent)
    session.get(path)
    with CaptureQueriesContext(connection) as one:
        session.get(path)
    for _ in range(2):
        subscribed(customer, sales_agent)
    with CaptureQueriesContext(connection) as three:
        assert session.get(path).json()["totalCount"] == 3
    assert len(three) == len(one)
