"""Fifty agents who create the same customer in the same moment."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from customers.models import Customer, Tenant
from customers.services import accounts
from customers.tests.test_new_customer import answers
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner, User
from portal.partners.tests.factories import MembershipFactory
from portal.tests.scenario_plugin import scale

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("template")]
ClientOf = Callable[[Membership], Client]
NEW = "/customers/new/"


@pytest.fixture
def wide_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has passed the checks before the first one writes. SQLite lets one in at a time anyway."""
    if connection.vendor != "postgresql":
        return
    make = accounts.one_time_credentials

    def slowly(domain: str, seed: str) -> accounts.AdminCredentials:
        time.sleep(1)
        return make(domain, seed)

    monkeypatch.setattr(accounts, "one_time_credentials", slowly)


def at_review(client: Client) -> tuple[str, dict[str, str]]:
    """A New customer filled in up to Submit: where to send it, and what."""
    where = client.post(NEW, answers()).url
    page = client.get(where).content.decode()
    return where, {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("submit_key", "reviewed")}


def create_at_once(partner: Partner, client_of: ClientOf, count: int) -> list[Any]:
    """What so many agents are answered."""
    ready = []
    for _ in range(count):
        client = client_of(MembershipFactory(partner=partner, roles=["sales_agent"]))
        client.raise_request_exception = False
        ready.append((client, *at_review(client)))

    def submit(number: int) -> Any:
        client, where, sent = ready[number]
        return client.post(where, sent, follow=True)

    made, errors = together(count, submit)
    assert not errors
    return made


@pytest.mark.scenario("I6")
@pytest.mark.usefixtures("wide_window")
def test_one_customer_whoever_is_first(partner: Partner, client_of: ClientOf, tmp_path: Path) -> None:
    """50 agents create the same domain at once: 1 customer, 49 are told and can open it"""
    count = scale(8, 50)
    with shared_by_threads(tmp_path):
        made = create_at_once(partner, client_of, count)
        (customer,) = Customer.objects.all()
        pages = [answer.content.decode() for answer in made]
        assert {answer.status_code for answer in made} == {200}
        assert sum('id="admin-password"' in page for page in pages) == 1
        told = [page for page in pages if "already" in page and f"/customers/{customer.tenant_id}/account/" in page]
        assert len(told) == count - 1


@contextmanager
def without_unique_domains() -> Iterator[None]:
    """Within, PostgreSQL takes any number of tenants and users of one name. What was made meanwhile goes again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'u' AND pg_get_constraintdef(oid) IN ('UNIQUE (domain)', 'UNIQUE (email)')"
        )
        constraints = cursor.fetchall()
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'user_email_once'")
        (index,) = cursor.fetchone()
        for table, name, _definition in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute("DROP INDEX user_email_once")
    try:
        yield
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("DELETE FROM customers_customeruser")
            cursor.execute("DELETE FROM partners_user WHERE email LIKE 'admin@%'")
            cursor.execute("UPDATE customers_tenant SET domain = id::text")
            for table, name, definition in constraints:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            cursor.execute(index)


@pytest.mark.scenario("I6")
@pytest.mark.usefixtures("wide_window")
def test_negative_control_without_the_constraint_there_are_many(
    partner: Partner, client_of: ClientOf, tmp_path: Path
) -> None:
    """negative control: without the unique constraint the same agents make many customers"""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite cannot drop a constraint, and lets one writer in at a time.")
    with without_unique_domains():
        create_at_once(partner, client_of, scale(4, 50))
        assert Customer.objects.count() > 1
        assert Tenant.objects.count() == User.objects.filter(email__startswith="admin@").count() > 1
