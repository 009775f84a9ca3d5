"""Agreements > To renew: the records that a version makes stale, on the page and as a file."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import AgreementTemplate
from agreements.tests.factories import TemplateFactory, accepted_directly, confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
TODAY = timezone.now().date()


def version(name: str, *, before: int, enforced: int) -> AgreementTemplate:
    """before: days ago; enforced: days from today."""
    dates = {
        "renew_before": TODAY - timedelta(days=before),
        "renewal_enforced_on": TODAY + timedelta(days=enforced),
    }
    made: AgreementTemplate = TemplateFactory(version=name, effective_on=TODAY - timedelta(days=before + 1), **dates)
    return made


def page(client: Client, **query: str) -> str:
    response = client.get(reverse("agreements:stale"), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def old(customer: Customer) -> Customer:
    """Its record is 400 days old, and so is what the company accepted by itself."""
    day = TODAY - timedelta(days=400)
    confirmed(customer, agreed_on=day)
    accepted_directly(customer, agreed_on=day)
    return customer


def test_nothing_to_renew_says_so(customer: Customer, sales_agent: Membership, client_of: ClientOf) -> None:
    assert "No version of the agreement asks for a renewal" in page(client_of(sales_agent))


def test_the_newest_version_is_shown_and_another_can_be_chosen(
    old: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    recent = CustomerFactory(partner=old.partner, country="PL", company_name="Recent Sp. z o.o.")
    confirmed(recent, agreed_on=TODAY - timedelta(days=100))
    enforced = version("2025-01", before=300, enforced=-10)
    version("2026-05", before=50, enforced=30)
    client = client_of(sales_agent)
    newest = page(client)
    assert "will be stale from" in newest
    assert "records of 2 customers" in newest
    assert "Recent" in newest
    first = page(client, effective=enforced.effective_on.isoformat())
    assert "do not count since" in first
    assert "Recent" not in first
    assert first.count(old.company_name) == 2
    assert "Renewal needed" in first
    # The old records are stale since the earlier version, whichever is looked at.
    since = f'datetime="{enforced.renewal_enforced_on.isoformat()}"'
    assert since in newest
    for no_date in ("no date", "2026-13-45"):
        assert "Recent" in page(client, effective=no_date)


def test_only_current_records_of_ones_own_customers_are_listed(
    old: Customer, stranger: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    version("2025-01", before=300, enforced=-10)
    claimed = CustomerFactory(partner=stranger.partner, tenant=old.tenant, relationship_accepted_at=None)
    assert "Nothing to renew" in page(client_of(stranger))
    removed = CustomerFactory(partner=old.partner, country="PL", company_name="Removed Sp. z o.o.")
    Customer.objects.filter(pk=removed.pk).update(removed_at=timezone.now(), attested_on=TODAY - timedelta(days=400))
    assert claimed.direct_on is None
    assert "Removed" not in page(client_of(sales_agent))


def test_the_file_has_every_row_and_is_logged(
    old: Customer, partner: Partner, admin_agent: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    Customer.objects.filter(pk=old.pk).update(company_name="=1+1")
    version("2025-01", before=300, enforced=-10)
    client, url = client_of(admin_agent), reverse("agreements:export_stale")
    response: Any = client.post(url, {"effective": ""})
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["Acceptance method"] for row in rows] == [
        "Confirmed by partner",
        "Accepted by the customer directly",
    ]
    assert {row["Customer"] for row in rows} == {"'=1+1"}
    assert rows[0]["Stale from"] == (TODAY - timedelta(days=10)).isoformat()
    assert rows[1]["Recorded by"] == "Customer"
    event = AuditEvent.objects.get(code="agreements.stale_records_exported")
    assert event.facts == {"version": "2025-01", "customer_count": 1}
    assert "Zofia" not in content
    assert client_of(sales_agent).post(url).status_code == 403


def test_pages_follow_one_another(
    partner: Partner, template: object, sales_agent: Membership, client_of: ClientOf
) -> None:
    version("2025-01", before=300, enforced=-10)
    day = date(2024, 1, 1)
    for number in range(51):
        CustomerFactory(partner=partner, company_name=f"C{number:03}", name_key=f"c{number:03}", attested_on=day)
    first = client_of(sales_agent).get(reverse("agreements:stale"))
    assert first.context["page"].next_url
    assert first.context["count"] == 51
