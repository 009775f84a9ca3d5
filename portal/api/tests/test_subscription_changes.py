"""PATCH of a subscription: what changes, what is refused with which number, and that two at once do not both win."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from agreements.models import Attestation
from agreements.services import withdraw_acceptance
from agreements.tests.factories import job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import LicenceChange, Subscription
from orders.services import updating
from orders.tests.lives import add_on_of, at, subscribed
from portal.api.tests.sessions import Session
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Api = Callable[..., Session]


@pytest.fixture
def session(api: Api, sales_agent: Membership) -> Session:
    return api(sales_agent)


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership) -> Subscription:
    return subscribed(customer, sales_agent)


def path_of(subscription: Subscription) -> str:
    return f"/customers/{subscription.customer.tenant_id}/subscriptions/{subscription.pk}"


def pascal(value: Any) -> Any:
    """As .NET writes it."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(each) for key, each in value.items()}
    return value


# How each client writes quantity 6 into what it read.
WRITERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "dotnet-sdk": lambda read: pascal({"error": None, "parentSubscriptionId": None, **read}) | {"Quantity": 6},
    "pc-dotnet": lambda read: pascal(read) | {"Quantity": 6, "BillingCycle": "Monthly", "Status": "Active"},
    "java": lambda read: read | {"quantity": 6, "hasPurchasableAddOns": False},
    "node": lambda read: read | {"quantity": 6},
    "kotlin": lambda read: (
        {name: read[name] for name in ("id", "offerId", "status", "autoRenewEnabled")} | {"quantity": 6}
    ),
    "py": lambda read: read | {"quantity": 6, "links": {"self": {}}},
}


@pytest.mark.parametrize("client", sorted(WRITERS))
def test_every_clients_change_of_the_count(session: Session, subscription: Subscription, client: str) -> None:
    read = session.get(path_of(subscription)).json()
    answered = session.patch(path_of(subscription), WRITERS[client](read))
    assert answered.status_code == 200, answered.content
    assert answered.json()["quantity"] == 6
    assert answered.json()["attributes"]["etag"] != read["attributes"]["etag"]
    assert LicenceChange.objects.get().to_quantity == 6


def test_what_is_sent_back_as_it_came_changes_nothing(session: Session, subscription: Subscription) -> None:
    read = session.get(path_of(subscription)).json()
    before = AuditEvent.objects.count()
    assert session.patch(path_of(subscription), read).json() == read
    assert session.patch(path_of(subscription), {}).json() == read
    assert AuditEvent.objects.count() == before


def test_stops_and_runs_again(session: Session, subscription: Subscription) -> None:
    read = session.get(path_of(subscription)).json()
    stopped = session.patch(path_of(subscription), pascal(read) | {"Status": "Suspended"}, If_Match=_quoted(read))
    assert stopped.json()["status"] == "suspended"
    assert session.patch(path_of(subscription), {"status": "active"}).json()["status"] == "active"
    ended = session.patch(path_of(subscription), {"status": "deleted"}).json()
    assert (ended["status"], ended["actions"]) == ("deleted", [])
    assert session.patch(path_of(subscription), {"status": "deleted"}).status_code == 200, "so it is already"


def _quoted(read: dict[str, Any]) -> str:
    return f'"{read["attributes"]["etag"]}"'


def test_several_changes_at_once(session: Session, subscription: Subscription) -> None:
    told = session.patch(
        path_of(subscription),
        {"quantity": 7, "autoRenewEnabled": False, "friendlyName": " Ours ", "status": "active"},
    ).json()
    assert (told["quantity"], told["autoRenewEnabled"], told["friendlyName"]) == (7, False, "Ours")
    # What is left out stays as it is (Partner Center would reset it).
    told = session.patch(path_of(subscription), {"quantity": 8}).json()
    assert (told["autoRenewEnabled"], told["friendlyName"]) == (False, "Ours")
    assert session.patch(path_of(subscription), {"friendlyName": ""}).json()["friendlyName"] == subscription.title


def test_all_of_them_or_none(session: Session, subscription: Subscription) -> None:
    read = session.get(path_of(subscription)).json()
    refused = session.patch(
        path_of(subscription), {"quantity": 7, "autoRenewEnabled": False, "friendlyName": "\u0001"}
    )
    assert (refused.status_code, refused.json()["data"]) == (400, ["friendlyName"])
    assert session.get(path_of(subscription)).json() == read


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"quantity": 0}, 400, 2002),
        ({"quantity": 301}, 400, 2002),
        ({"quantity": -(10**30)}, 400, 2002),
        ({"quantity": "many"}, 400, 800002),
        ({"quantity": 6, "status": "suspended"}, 400, 2001),
        ({"quantity": 6, "status": "deleted"}, 400, 2001),
        ({"status": "none"}, 400, 800040),
        ({"status": "Expired"}, 400, 800040),
        ({"status": "gone"}, 400, 900126),
        ({"billingCycle": "Annual"}, 400, 2054),
        ({"termDuration": "P3Y"}, 400, 800042),
        ({"partnerId": "7"}, 400, 800098),
        ({"scheduledNextTermInstructions": {"quantity": 2}}, 400, 900141),
        ({"quantity": 6, "attributes": {"etag": "stale"}}, 400, 2055),
        ({"friendlyName": "x" * 201}, 400, 800002),
    ],
)
def test_what_is_refused(
    session: Session, subscription: Subscription, body: dict[str, Any], status: int, code: int
) -> None:
    read = session.get(path_of(subscription)).json()
    refused = session.patch(path_of(subscription), body)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.content
    assert session.get(path_of(subscription)).json() == read


@pytest.mark.parametrize(
    ("before", "body", "code"),
    [
        ("suspended", {"quantity": 6}, 800091),
        ("expired", {"quantity": 6}, 800012),
        ("expired", {"status": "active"}, 800040),
        ("expired", {"autoRenewEnabled": False}, 800093),
        ("deleted", {"quantity": 6}, 2011),
        ("deleted", {"status": "active"}, 2011),
    ],
)
def test_what_depends_on_its_status(
    session: Session, subscription: Subscription, before: str, body: dict[str, Any], code: int
) -> None:
    subscription.status = before
    subscription.save(update_fields=["status"])
    refused = session.patch(path_of(subscription), body)
    assert (refused.status_code, refused.json()["code"]) == (400, code), refused.content


def test_a_suspended_one_runs_again_with_another_count(session: Session, subscription: Subscription) -> None:
    session.patch(path_of(subscription), {"status": "suspended"})
    told = session.patch(path_of(subscription), {"status": "active", "quantity": 6}).json()
    assert (told["status"], told["quantity"]) == ("active", 6)


def test_after_seven_days(session: Session, subscription: Subscription) -> None:
    with at(subscription.started_at + timedelta(days=7, seconds=1)):
        fewer = session.patch(path_of(subscription), {"quantity": 4})
        ended = session.patch(path_of(subscription), {"status": "deleted"})
    assert (fewer.status_code, fewer.json()["code"]) == (400, 800090)
    assert (ended.status_code, ended.json()["code"]) == (400, 900117)


def test_an_add_on_waits_for_its_base(session: Session, subscription: Subscription, sales_agent: Membership) -> None:
    add_on = add_on_of(subscription, sales_agent)
    session.patch(path_of(subscription), {"status": "suspended"})
    refused = session.patch(path_of(add_on), {"status": "active"})
    assert (refused.status_code, refused.json()["code"]) == (409, 27009)


def test_only_the_count_is_gated(session: Session, subscription: Subscription, customer: Customer) -> None:
    made = Attestation.objects.get()
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason="Wrong customer")
    for body in ({"quantity": 6}, {"quantity": 4}, {"quantity": 6, "friendlyName": "Ours"}):
        refused = session.patch(path_of(subscription), body)
        assert (refused.status_code, refused.json()["code"]) == (403, 13605)
    for body in (
        {"autoRenewEnabled": False},
        {"friendlyName": "Ours"},
        {"status": "suspended"},
        {"status": "active"},
    ):
        assert session.patch(path_of(subscription), body).status_code == 200, body


def test_a_program_may_and_others_may_not(
    api: Api, subscription: Subscription, helpdesk_agent: Membership, stranger: Membership
) -> None:
    refused = api(helpdesk_agent).patch(path_of(subscription), {"quantity": 6})
    assert (refused.status_code, refused.json()["code"]) == (403, 900150)
    assert api(stranger).patch(path_of(subscription), {"quantity": 6}).json()["code"] == 60003
    program = api(partner=subscription.partner, roles=("sales_agent",))
    assert program.patch(path_of(subscription), {"quantity": 6}).json()["quantity"] == 6
    assert AuditEvent.objects.get(code="orders.licence_count_changed").actor_name == program.client.name


def test_a_sandbox_has_room_for_25(api: Api, template: object) -> None:
    member = MembershipFactory(partner=PartnerFactory(sandbox=True), roles=["sales_agent"])
    subscription = subscribed(CustomerFactory(partner=member.partner), member)
    refused = api(member).patch(path_of(subscription), {"quantity": 26})
    assert (refused.status_code, refused.json()["code"]) == (400, 800018)


def test_pages_show_the_own_name(
    session: Session, subscription: Subscription, client_of: Callable[[Membership], Client], sales_agent: Membership
) -> None:
    session.patch(path_of(subscription), {"friendlyName": "For the <warehouse>"})
    browser = client_of(sales_agent)
    for page in (f"/subscriptions/{subscription.pk}/", f"/customers/{subscription.customer.tenant_id}/account/"):
        assert "For the &lt;warehouse&gt;" in browser.get(page).content.decode()


def race(subscription: Subscription, session: Session, folder: Path) -> list[tuple[int, int]]:
    """Two clients that read the same send another count each; what they were answered: status, count or code."""
    etag = session.get(path_of(subscription)).json()["attributes"]["etag"]

    def work(number: int) -> tuple[int, int]:
        own = Session(session.client, session.member)
        body = {"quantity": 6 + number, "attributes": {"etag": etag}}
        answered = own.patch(path_of(subscription), body)
        told = answered.json()
        return answered.status_code, told.get("quantity", told.get("code"))

    answers, errors = together(2, work)
    assert not errors
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins(session: Session, subscription: Subscription, tmp_path: Path) -> None:
    with shared_by_threads(tmp_path):
        won, lost = race(subscription, session, tmp_path)
        assert won[0] == 200
        assert lost == (400, 2055)
        assert Subscription.objects.get(pk=subscription.pk).quantity == won[1]


@pytest.mark.django_db(transaction=True)
def test_this_would_notice_two_winners(
    session: Session, subscription: Subscription, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared without the lock, both would find their version.

    On SQLite they do not, even so: BEGIN IMMEDIATE lets one writer in at a time, and that is its guard.
    """

    def unlocked(*, by: Actor, subscription: Subscription) -> Subscription:
        found = Subscription.objects.with_line().get(pk=subscription.pk)
        time.sleep(0.5)
        return found

    monkeypatch.setattr(updating, "lock_subscription", unlocked)
    with shared_by_threads(tmp_path):
        statuses = [status for status, _told in race(subscription, session, tmp_path)]
        assert statuses == ([200, 200] if connection.vendor == "postgresql" else [200, 400])
