"""The date of acceptance is at most today on the partner's own calendar, wherever on earth that is."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from agreements.models import Attestation
from agreements.services import confirm_acceptance
from agreements.tests.factories import acceptance, confirmed, job_actor
from customers.models import Customer
from portal.common.errors import RuleViolation
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("R3")]
ClientOf = Callable[[Membership], Client]
# From the last place on earth that has a day to the first; half and quarter hours; summer time in both halves.
ZONES = [
    "Etc/GMT+12",
    "America/St_Johns",
    "America/New_York",
    "UTC",
    "Europe/Warsaw",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]
SECOND = timedelta(seconds=1)
# Local days around which clocks are put forward or back somewhere above, a leap day, and the turn of a year.
DAYS = ["2026-03-29", "2028-02-29", "2026-03-08", "2026-04-05", "2026-10-25", "2026-01-01"]


def moments(zone: str) -> list[datetime]:
    """Noon, and a second on either side of each midnight, on the zone's own clock."""
    found = []
    for day in DAYS[: scale(1, len(DAYS))]:
        midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        found += [midnight - SECOND, midnight, midnight + SECOND, midnight + timedelta(hours=12)]
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_today_is_the_partners_own(customer: Customer, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Today and yesterday are taken, tomorrow is refused, UTC-12 to UTC+14, around midnight and summer time"""
    customer.partner.time_zone = zone
    customer.partner.save()
    for number, moment in enumerate(moments(zone)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        local = moment.astimezone(ZoneInfo(zone))
        for days in (1, 365):
            with pytest.raises(RuleViolation) as refused:
                confirmed(customer, agreed_on=local.date() + timedelta(days=days))
            assert refused.value.field == "agreed_on"
        for days in (0, 1):
            with transaction.atomic():
                made = confirmed(customer, agreed_on=local.date() - timedelta(days=days))
                assert (made.recorded_on, made.time_zone) == (local.date(), zone), number
                transaction.set_rollback(True)


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Europe/Warsaw", "Pacific/Kiritimati"])
def test_the_database_refuses_what_the_form_would(customer: Customer, zone: str) -> None:
    """By plain inserts: no date after the day of recording, and no day of recording that is nowhere on earth"""
    customer.partner.time_zone = zone
    customer.partner.save()
    made = confirmed(customer, agreed_on=customer.partner.today)
    nowhere = made.recorded_at.astimezone(UTC).date() + timedelta(days=2)
    for agreed_on, recorded_on in (
        (made.recorded_on + timedelta(days=1), made.recorded_on),
        (date.max, made.recorded_on),
        (made.recorded_on, nowhere),
        (nowhere, nowhere),
    ):
        twin = Attestation.objects.get(pk=made.pk)
        twin.pk, twin._state.adding, twin.supersedes, twin.supersede_reason = None, True, made, "correction"
        twin.reference, twin.agreed_on, twin.recorded_on = made.tenant_id, agreed_on, recorded_on
        with pytest.raises(IntegrityError, match="attestation_"), transaction.atomic():
            twin.save()


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    [
        ("0001-01-01", False),
        ("9999-12-31", False),
        ("10000-01-01", False),
        ("0000-01-01", False),
        ("2023-02-29", False),
        ("2024-02-29", True),
        ("2024-02-30", False),
        ("-2024-02-28", False),
    ],
)
def test_dates_at_the_edges_of_the_calendar(
    customer: Customer, sales_agent: Membership, client_of: ClientOf, typed: str, is_taken: bool
) -> None:
    """Years 1 and 9999, 29 February: taken where there is such a day in time, else said, and what was typed stays"""
    said = {"agreed_on": typed, "signer": "contact", "evidence_kind": "email", "language": "en-US", "submit_key": "k"}
    answer = client_of(sales_agent).post(f"/customers/{customer.tenant_id}/agreement/confirm/", said)
    assert answer.status_code == (302 if is_taken else 200)
    assert Attestation.objects.count() == is_taken
    assert is_taken or typed in answer.content.decode()


def test_negative_control_another_calendar_is_noticed(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: taken by UTC, the same moments go wrong"""
    moment = datetime(2026, 3, 29, 11, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    monkeypatch.setattr(type(customer.partner), "zone", UTC)
    customer.partner.time_zone = "Pacific/Kiritimati"
    tomorrow = acceptance(agreed_on=moment.astimezone(ZoneInfo("Pacific/Kiritimati")).date())
    with pytest.raises(RuleViolation):
        confirm_acceptance(by=job_actor(), customer=customer, acceptance=tomorrow)
