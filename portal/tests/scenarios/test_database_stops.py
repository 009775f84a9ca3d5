"""PostgreSQL stops in the middle of everything: what was answered as done is there, and nothing is there by half."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import Error, connection, connections
from django.db.models import Count, F, Q, Sum
from django.test import Client
from django.urls import reverse

from agreements.models import AgreementTemplate, Attestation
from agreements.proving import verify
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.forms import as_reviewed
from orders.models import Cart, MonthTotal, Order, OrderLine, Subscription, SubscriptionEvent
from orders.pricing import priced_cart
from orders.tests.factories import AvailabilityFactory, CartFactory, CartLineFactory
from portal.audit.models import AuditEvent, ChainEntry
from portal.jobs.models import Submission
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.cluster import Cluster, own_cluster, programs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scenario("D4")]
ClientOf = Callable[[Membership], Client]
WRITERS = 4
# Commits are answered before they are written.
CARELESS = "-c synchronous_commit=off -c bgwriter_lru_maxpages=0"


@dataclass
class Journal:
    """What clients were told: the orders' numbers, and the companies whose acceptance was recorded."""

    orders: list[str] = field(default_factory=list)
    confirmed: list[object] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.orders) + len(self.confirmed)


@dataclass
class Writers:
    """Agents who confirm and order for one new customer after the other, whatever happens to the database."""

    seller: Membership
    clients: list[Client]
    journal: Journal = field(default_factory=Journal)
    is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.sold = AvailabilityFactory()
        self.threads = [threading.Thread(target=self.work, args=(client,)) for client in self.clients]

    def work(self, client: Client) -> None:
        client.raise_request_exception = False
        while not self.is_over.is_set():
            try:
                self.sell(client)
            except Error:
                connections.close_all()
                time.sleep(0.1)
        connections.close_all()

    def sell(self, client: Client) -> None:
        customer = CustomerFactory(partner=self.seller.partner)
        cart = CartFactory(customer=customer, owner=self.seller.user)
        CartLineFactory(cart=cart, availability=self.sold)
        today = str(self.seller.partner.today)
        said = {"agreed_on": today, "evidence_kind": "email", "signer": "contact", "language": "en-US"}
        answer = client.post(reverse("orders:agreement", args=[cart.pk]), {**said, "submit_key": f"c{cart.pk}"})
        if answer.status_code == 302 and "review" in answer.headers["Location"]:
            self.journal.confirmed.append(customer.tenant_id)
        said = {"reviewed": as_reviewed(priced_cart(cart)), "is_attested": "on", "submit_key": f"o{cart.pk}"}
        answer = client.post(reverse("orders:review", args=[cart.pk]), said)
        if answer.status_code == 302 and "review" not in (to := answer.headers["Location"]) and "new" not in to:
            self.journal.orders.append(to.strip("/").rpartition("/")[2])

    def run(self, cluster: Cluster, stops: int) -> None:
        """The database is stopped that often while they work; each time it is put up again and they go on."""
        for thread in self.threads:
            thread.start()
        try:
            for _ in range(stops):
                self.wait_for_more()
                cluster.stop("immediate")
                time.sleep(0.2)
                cluster.start()
        finally:
            self.is_over.set()
            for thread in self.threads:
                thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in self.threads)

    def wait_for_more(self) -> None:
        wanted, deadline = len(self.journal) + 8, time.monotonic() + 60
        while len(self.journal) < wanted:
            assert time.monotonic() < deadline, "Nobody gets anything done any more."
            time.sleep(0.01)


@pytest.fixture
def writers(sales_agent: Membership, client_of: ClientOf, template: AgreementTemplate) -> Writers:
    return Writers(sales_agent, [client_of(sales_agent) for _ in range(WRITERS)])


@pytest.fixture
def server() -> Path:
    found = programs()
    if connection.vendor != "postgresql" or found is None:
        pytest.skip("This is about PostgreSQL's own crash recovery.")
    return found


def lost(journal: Journal) -> list[str]:
    """What somebody was told and is not there."""
    orders = set(Order.objects.values_list("number", flat=True))
    tenants = set(Attestation.objects.filter(person__isnull=False).values_list("tenant_id", flat=True))
    gone = [f"order {number}" for number in journal.orders if number not in orders]
    return gone + [f"acceptance of {tenant}" for tenant in journal.confirmed if tenant not in tenants]


def halves() -> dict[str, int]:
    """What is there without what belongs to it: name -> how many; none of them where all is well."""
    orders = Order.objects.count()
    sums = MonthTotal.objects.aggregate(count=Sum("order_count"), amount=Sum("amount"))
    records = Attestation.objects.count()
    found = {
        "orders without lines": Order.objects.filter(lines__isnull=True).count(),
        "orders without a cart": Order.objects.filter(cart__isnull=True).count(),
        "orders without an event": orders - AuditEvent.objects.filter(code="orders.order_placed").count(),
        "orders not in the month": orders - (sums["count"] or 0),
        "sums that are not the month's": (Order.objects.aggregate(sum=Sum("total"))["sum"] or 0)
        - (sums["amount"] or 0),
        "lines without a subscription": OrderLine.objects.filter(subscription__isnull=True).count(),
        "subscriptions without a history": Subscription.objects.exclude(
            pk__in=SubscriptionEvent.objects.filter(kind="purchased").values("subscription")
        ).count(),
        "customers that count wrongly": Customer.objects.alias(known=Count("subscriptions"))
        .exclude(subscription_count=F("known"))
        .count(),
        "carts ordered by half": Cart.objects.filter(Q(order__isnull=False, ordered_as="")).count(),
        "records without a person": Attestation.objects.filter(person__isnull=True).count(),
        "records without a chain entry": records - ChainEntry.objects.filter(kind="attestation").count(),
        "submits without a result": Submission.objects.filter(result="").count(),
    }
    return {name: count for name, count in found.items() if count}


def test_what_was_answered_survives_an_immediate_stop(writers: Writers, server: Path) -> None:
    """`pg_ctl -m immediate stop` during writes, again and again: no answer lost, nothing half, the chain verifies"""
    stops = scale(2, 12)
    with own_cluster(server) as cluster:
        writers.run(cluster, stops)
        assert not lost(writers.journal)
        assert not halves()
        assert not verify(chain=f"partner:{writers.seller.partner.tenant_id}").findings
        sys.stdout.write(f"{stops} stops, {len(writers.journal)} answers, {Order.objects.count()} orders\n")


def hold_the_writer() -> None:
    """From now on nobody writes what was only promised, as where the machine loses power in time."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
        os.kill(cursor.fetchone()[0], signal.SIGSTOP)
    connection.close()


def test_negative_control_a_careless_database_loses_answers(writers: Writers, server: Path) -> None:
    """negative control: where commits are answered before they are written, the same stop loses some, and it shows"""
    with own_cluster(server, CARELESS) as cluster:
        hold_the_writer()
        writers.run(cluster, 1)
        assert lost(writers.journal)
