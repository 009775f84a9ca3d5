"""The activity log as CSV: what is filtered, streamed, safe to open; and who took it."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.tests.factories import confirmed
from customers.models import Customer
from portal.audit.models import AuditEvent
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.dashboard import activity_export
from portal.dashboard.activity_export import ActivitySheet
from portal.dashboard.activity_query import ActivityQuery, listed
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
URL = "/activity/export/"


def sheet(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.post(URL + query)
    assert response.status_code == 200
    assert response.streaming
    assert response["Content-Disposition"].startswith('attachment; filename="activity-log-')
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_says_what_the_page_says(
    admin_agent: Membership, client_of: ClientOf, customer: Customer, actor_for: Callable[..., Actor]
) -> None:
    confirmed(customer, by=actor_for(admin_agent))
    (row,) = sheet(client_of(admin_agent), "?action=agreements.acceptance_recorded")
    event = AuditEvent.objects.get(code="agreements.acceptance_recorded")
    assert row["Date-Time (UTC)"] == event.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert row["Date-Time (Europe/Warsaw)"].endswith(("+01:00", "+02:00"))
    assert (row["Affected customer"], row["Microsoft ID"]) == (customer.company_name, str(customer.tenant_id))
    assert row["Action"].startswith("Acceptance confirmed")
    assert (row["By"], row["Roles at the time"], row["Where"]) == ("Ada Admin", "Admin agent", "Account info")
    assert "first name" in row["Changed fields"]
    assert "agreed on" in row["Facts"]


def test_it_is_safe_to_open_and_takes_no_markup(admin_agent: Membership, client_of: ClientOf) -> None:
    by = Actor(kind=ActorKind.JOB, name='=HYPERLINK("http://evil.example")', door=Door.JOB)
    record_event(by=by, code="test.<b>&done", partner_id=admin_agent.partner_id, facts={"title": "+1"})
    (row,) = sheet(client_of(admin_agent))
    assert row["By"].startswith("'=")
    assert row["Action"] == "Action test.<b>&done"


def test_who_took_it_is_logged_without_what_was_searched_for(
    admin_agent: Membership, client_of: ClientOf, customer: Customer
) -> None:
    token = ActivityQuery(text="Żabka Nowa", is_all=True).as_params()["find"]
    sheet(client_of(admin_agent), f"?days=all&find={token}")
    event = AuditEvent.objects.get(code="audit.activity_exported")
    assert event.facts == {"event_count": 0, "filters": {"days": "all"}}
    assert "Żabka" not in str(event.changed)
    assert event.detail.values == {"text": [None, "Żabka Nowa"]}
    assert "0 events of the activity log exported" in client_of(admin_agent).get("/activity/").content.decode()


def test_it_is_read_in_parts_of_one_size(admin_agent: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every event once, whatever their times; each further part costs the same few queries."""
    monkeypatch.setattr(activity_export, "CHUNK", 4)
    at = timezone.now() - timedelta(hours=1)
    AuditEvent.objects.bulk_create(
        AuditEvent(at=at, code=f"test.n{n}", partner_id=admin_agent.partner_id, actor_kind="job", door="job")
        for n in range(13)
    )
    events = listed(admin_agent, ActivityQuery(), [])
    with CaptureQueriesContext(connection) as asked:
        rows = list(ActivitySheet(admin_agent).rows(events))
    assert sorted(str(row[5]) for row in rows) == sorted(f"test.n{n}" for n in range(13))
    assert len(asked) <= 4 * 3


@pytest.mark.parametrize("member", ["global_admin", "sales_agent", "helpdesk_agent"])
def test_it_is_the_admin_agents(member: str, request: pytest.FixtureRequest, client_of: ClientOf) -> None:
    assert client_of(request.getfixturevalue(member)).post(URL).status_code == 403
    assert not AuditEvent.objects.filter(code="audit.activity_exported").exists()


def test_a_link_does_not_start_it(admin_agent: Membership, client_of: ClientOf) -> None:
    assert client_of(admin_agent).get(URL).status_code == 405
