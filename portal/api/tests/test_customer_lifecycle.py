"""How customers go (facts, 2.8): the relationship is removed in production, the customer deleted in the sandbox."""

from collections.abc import Callable
from typing import Any

import pytest

from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Subscription
from orders.services import suspend_subscription
from orders.tests.factories import filled_cart, placed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

REMOVAL = {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}


def there(customer: Customer) -> str:
    return f"/customers/{customer.tenant_id}"


@pytest.fixture
def sandbox(db: None) -> Partner:
    return PartnerFactory(sandbox=True)


def test_the_documented_removal(api: Any, customer: Customer, admin_agent: Membership) -> None:
    session = api(admin_agent)
    got = session.patch(there(customer), REMOVAL)
    assert got.status_code == 200
    assert got.json() == {
        "Id": None,
        "CommerceId": None,
        "CompanyProfile": None,
        "BillingProfile": None,
        "RelationshipToPartner": "none",
        "AllowDelegatedAccess": None,
        "UserCredentials": None,
        "CustomDomains": None,
        "AssociatedPartnerId": None,
        "Attributes": {"ObjectType": "Customer"},
    }
    customer.refresh_from_db()
    assert customer.removed_at is not None
    assert AuditEvent.objects.filter(code="customers.relationship_removed").exists()
    for again in (session.get(there(customer)), session.patch(there(customer), REMOVAL)):
        assert (again.status_code, again.json()["code"]) == (404, 60003)
    assert session.get("/customers").json()["items"] == []


def test_not_while_a_subscription_runs(
    api: Any, customer: Customer, admin_agent: Membership, actor_for: Callable[..., Actor]
) -> None:
    confirmed(customer)
    placed(filled_cart(customer, admin_agent), actor_for(admin_agent))
    session = api(admin_agent)
    got = session.patch(there(customer), {"RelationshipToPartner": "None"})
    assert (got.status_code, got.json()["code"]) == (400, 800002)
    assert "Suspend" in got.json()["description"]
    suspend_subscription(by=actor_for(admin_agent), subscription=Subscription.objects.get())
    assert session.patch(there(customer), REMOVAL).status_code == 200


@pytest.mark.parametrize("body", [{}, {"relationshipToPartner": "reseller"}, {"relationshipToPartner": "unknown"}])
def test_nothing_else_can_be_set(api: Any, customer: Customer, admin_agent: Membership, body: Any) -> None:
    got = api(admin_agent).patch(there(customer), body)
    assert (got.status_code, got.json()["code"]) == (400, 800002)


def test_who_may_remove(api: Any, customer: Customer, sales_agent: Membership, global_admin: Membership) -> None:
    program = api(partner=customer.partner).patch(there(customer), REMOVAL)
    assert (program.status_code, program.json()["code"]) == (403, 900329)
    refused = api(sales_agent).patch(there(customer), REMOVAL)
    assert (refused.status_code, refused.json()["code"]) == (403, 900150)
    assert api(global_admin).patch(there(customer), REMOVAL).status_code == 200


def test_a_sandbox_customer_is_deleted(api: Any, sandbox: Partner) -> None:
    customer = CustomerFactory(partner=sandbox, tenant__domain="gone.onmicrosoft.com")
    session = api(partner=sandbox)
    assert session.head("/domains/gone.onmicrosoft.com").status_code == 200
    got = session.delete(there(customer))
    assert (got.status_code, got.content) == (204, b"")
    assert session.get(there(customer)).json()["code"] == 60003
    assert session.delete(there(customer)).status_code == 404
    assert session.head("/domains/gone.onmicrosoft.com").status_code == 404


def test_removing_in_a_sandbox_is_deleting(api: Any, sandbox: Partner) -> None:
    customer = CustomerFactory(partner=sandbox)
    assert api(MembershipFactory(partner=sandbox)).patch(there(customer), REMOVAL).status_code == 200
    customer.refresh_from_db()
    assert customer.deleted_at is not None


def test_production_deletes_nobody(api: Any, customer: Customer, stranger: Membership) -> None:
    got = api(partner=customer.partner).delete(there(customer))
    assert (got.status_code, got.json()["code"]) == (400, 900127)
    assert api(stranger).delete(there(customer)).json()["code"] == 60003
