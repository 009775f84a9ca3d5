"""Reading subscriptions by API: what clients need of them, and what the portal honestly has none of."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.tests.factories import confirmed, job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Subscription, SubscriptionStatus
from orders.services import change_licence_count, set_auto_renew
from orders.tests.factories import AvailabilityFactory
from orders.tests.lives import add_on_of, add_on_sold, at, copies, subscribed
from portal.api.tests.readers import SUBSCRIPTION_STATUS
from portal.api.tests.sessions import Session
from portal.audit.models import AuditEvent
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

Api = Callable[..., Session]
WEEK = timedelta(days=7)


@pytest.fixture
def session(api: Api, sales_agent: Membership) -> Session:
    return api(sales_agent)


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership) -> Subscription:
    return subscribed(customer, sales_agent)


def path_of(subscription: Subscription, rest: str = "") -> str:
    return f"/customers/{subscription.customer.tenant_id}/subscriptions/{subscription.pk}{rest}"


def iso(moment: Any) -> str:
    return str(moment.astimezone(UTC).isoformat()).replace("+00:00", "Z")


def test_tells_what_clients_read(session: Session, customer: Customer, subscription: Subscription) -> None:
    subscription.refresh_from_db()
    told = session.get(path_of(subscription)).json()
    line = subscription.order_line
    offer, until = f"{line.sku.product.code}:{line.sku.code}", iso(subscription.started_at + WEEK)
    links = told.pop("links")
    month = told.pop("billingCycleEndDate")
    assert told == {
        "id": str(subscription.pk),
        "offerId": offer,
        "offerName": subscription.title,
        "friendlyName": subscription.title,
        "quantity": 5,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": iso(subscription.started_at),
        "effectiveStartDate": iso(subscription.started_at),
        "commitmentEndDate": iso(subscription.term_ends_at),
        "cancellationAllowedUntilDate": until,
        "status": "active",
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        "renewalTermDuration": "P1Y",
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft",
        "actions": ["edit", "cancel"],
        "contractType": "subscription",
        "refundOptions": [{"type": "Full", "expiresAt": until}],
        "refundableQuantity": {"totalQuantity": 5, "details": [{"quantity": 5, "allowedUntilDateTime": until}]},
        "orderId": line.order.number,
        "attributes": {"objectType": "Subscription", "etag": subscription.version},
    }
    assert iso(subscription.started_at) < month < iso(subscription.term_ends_at)
    assert links["self"] == {"uri": path_of(subscription), "method": "GET", "headers": []}
    assert links["offer"]["uri"] == f"/offers/{offer}?country=PL"
    add_on_sold(subscription)
    assert session.get(path_of(subscription)).json()["hasPurchasableAddons"] is True


def test_what_can_be_given_back_shrinks(session: Session, subscription: Subscription) -> None:
    later = subscription.started_at + WEEK + timedelta(hours=1)
    with at(later):
        change_licence_count(by=job_actor(), subscription=subscription, quantity=8, submit_key="k")
        told = session.get(path_of(subscription)).json()
    assert told["refundableQuantity"] == {
        "totalQuantity": 3,
        "details": [{"quantity": 3, "allowedUntilDateTime": iso(later + WEEK)}],
    }
    assert not {"refundOptions", "cancellationAllowedUntilDate"} & told.keys()
    assert told["actions"] == ["edit"]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("pending", "none"),
        ("active", "active"),
        ("suspended", "suspended"),
        ("expired", "suspended"),
        ("disabled", "suspended"),
        ("deleted", "deleted"),
    ],
)
def test_every_status_is_one_that_the_oldest_clients_know(
    session: Session, subscription: Subscription, status: str, told: str
) -> None:
    assert {value for value, _label in SubscriptionStatus.choices} >= {status}
    row = copies(subscription, 1, status=status)[0]
    body = session.get(path_of(row)).json()
    assert body["status"] == told
    assert told in SUBSCRIPTION_STATUS
    assert body.get("suspensionReasons") == ([status.capitalize()] if status in ("expired", "disabled") else None)


@pytest.mark.parametrize(
    ("plan", "term", "cycle", "is_trial"),
    [("annual", "P1Y", "annual", False), ("triennial", "P3Y", "one_time", False), ("none", "P1M", "none", True)],
)
def test_every_plan_is_a_cycle_that_the_oldest_clients_know(
    session: Session, customer: Customer, sales_agent: Membership, plan: str, term: str, cycle: str, is_trial: bool
) -> None:
    row = subscribed(customer, sales_agent, billing_plan=plan, term=term)
    row.refresh_from_db()
    told = session.get(path_of(row)).json()
    assert (told["billingCycle"], told["termDuration"], told["isTrial"]) == (cycle, term, is_trial)
    assert told["billingCycleEndDate"] == told["commitmentEndDate"] == iso(row.term_ends_at)
    set_auto_renew(by=job_actor(), subscription=row, is_on=False)
    told = session.get(path_of(row)).json()
    assert (told["autoRenewEnabled"], "renewalTermDuration" in told) == (False, False)


def test_lists_all_those_of_an_order_and_those_of_a_reseller(
    api: Api, provider: Partner, template: object, stranger: Membership
) -> None:
    reseller = PartnerLinkFactory(provider=provider, reseller__mpn_id="1234567").reseller
    seller = MembershipFactory(partner=provider, roles=["sales_agent"])
    customer = CustomerFactory(partner=provider, reseller=reseller)
    first, second = subscribed(customer, seller), subscribed(customer, seller)
    path, session = f"/customers/{customer.tenant_id}/subscriptions", api(seller)
    body = session.get(path).json()
    assert [each["id"] for each in body["items"]] == [str(second.pk), str(first.pk)]
    assert (body["totalCount"], body["items"][0]["partnerId"]) == (2, "1234567")
    of_order = session.get(f"{path}?order_id={first.order_line.order.number}").json()
    assert [each["id"] for each in of_order["items"]] == [str(first.pk)]
    assert session.get(f"{path}?mpn_id=1234567").json()["totalCount"] == 2
    for nothing in ("mpn_id=7", "order_id=NOSUCHNUMB"):
        assert session.get(f"{path}?{nothing}").json()["items"] == []
    # The reseller sees its customer's; nobody else does.
    reader = api(MembershipFactory(partner=reseller, roles=["helpdesk_agent"]))
    assert reader.get(path).json()["totalCount"] == 2
    for missing, code in ((api(stranger).get(path), 60003), (session.get(f"{path}/{customer.tenant_id}"), 20003)):
        assert (missing.status_code, missing.json()["code"]) == (404, code)
    malformed = session.get(f"{path}/12")
    assert (malformed.status_code, malformed.json()["code"]) == (400, 900118)


def test_lists_by_pages_and_in_as_many_queries(
    session: Session, customer: Customer, subscription: Subscription, sales_agent: Membership
) -> None:
    path = f"/customers/{customer.tenant_id}/subscriptions"
    session.get(path)
    with CaptureQueriesContext(connection) as one:
        session.get(path)
    subscribed(customer, sales_agent)
    copies(subscription, 4, parent=subscription)
    with CaptureQueriesContext(connection) as six:
        assert session.get(path).json()["totalCount"] == 6
    assert len(six) == len(one)
    seen, uri, headers = [], f"{path}?size=4", {}
    while uri:
        page = session.get(uri, **headers).json()
        seen += [each["id"] for each in page["items"]]
        onward = page["links"].get("next", {})
        uri, headers = onward.get("uri"), {each["key"]: each["value"] for each in onward.get("headers", ())}
    assert len(set(seen)) == len(seen) == 6
    # A token of one list is none of another.
    token = {"MS_ContinuationToken": session.get(f"{path}?size=1").json()["continuationToken"]}
    assert session.get(f"{path}?mpn_id=1", **token).status_code == 400


def test_add_ons(session: Session, subscription: Subscription, sales_agent: Membership) -> None:
    add_on = add_on_of(subscription, sales_agent)
    body = session.get(path_of(subscription, "/addons")).json()
    assert [each["id"] for each in body["items"]] == [str(add_on.pk)]
    assert body["items"][0]["parentSubscriptionId"] == str(subscription.pk)
    assert body["items"][0]["links"]["parentSubscription"]["uri"] == path_of(subscription)
    assert session.get(path_of(add_on, "/addons")).json()["items"] == []


def test_provisioning_is_for_members_only(
    session: Session, api: Api, customer: Customer, subscription: Subscription
) -> None:
    told = session.get(path_of(subscription, "/provisioningstatus")).json()
    assert (told["status"], told["quantity"]) == ("success", 5)
    assert told["endDate"] == session.get(path_of(subscription)).json()["commitmentEndDate"]
    program = api(partner=customer.partner)
    for rest in (
        "/provisioningstatus",
        "/supportcontact",
        "/transitions",
        "/transitionEligibilities",
        "/conversions",
    ):
        refused = program.get(path_of(subscription, rest))
        assert (refused.status_code, refused.json()["code"]) == (403, 900329), rest
    assert program.get(path_of(subscription)).status_code == 200


def test_what_there_is_nothing_of(session: Session, subscription: Subscription) -> None:
    for rest in ("upgrades", "transitions", "transitionEligibilities", "conversions", "activationlinks"):
        body = session.get(path_of(subscription, f"/{rest}")).json()
        assert (body["totalCount"], body["items"]) == (0, []), rest
    told = session.get(path_of(subscription, "/registrationstatus")).json()
    assert told == {"subscriptionId": str(subscription.pk), "status": "notregistered"}
    refused = session.post(path_of(subscription, "/registrations"))
    assert (refused.status_code, refused.json()["code"]) == (400, 900141)


def test_the_support_contact_is_the_partner_or_one_of_its_resellers(
    api: Api, provider: Partner, template: object, stranger: Membership
) -> None:
    reseller = PartnerLinkFactory(provider=provider, reseller__mpn_id="1234567", reseller__name="Corner").reseller
    seller = MembershipFactory(partner=provider, roles=["admin_agent"])
    customer = CustomerFactory(partner=provider)
    confirmed(customer)
    path, session = (
        path_of(subscribed(customer, seller, availability=AvailabilityFactory()), "/supportcontact"),
        api(seller),
    )
    told = session.get(path).json()
    assert (told["supportTenantId"], told["name"]) == (str(provider.tenant_id), provider.name)
    body = {**told, "SupportTenantId": str(reseller.tenant_id), "SupportMpnId": None, "Name": None}
    del body["supportTenantId"]
    for _twice in range(2):
        told = session.put(path, body).json()
        assert (told["supportTenantId"], told["supportMpnId"]) == (str(reseller.tenant_id), "1234567")
    assert session.get(path).json()["name"] == "Corner"
    assert AuditEvent.objects.filter(code="orders.support_contact_changed").count() == 1
    refused = session.put(path, {"supportTenantId": str(stranger.partner.tenant_id)})
    assert (refused.status_code, refused.json()["code"]) == (404, 800015)
    unknown = session.put(path, {"supportMpnId": "7"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, 800015)
