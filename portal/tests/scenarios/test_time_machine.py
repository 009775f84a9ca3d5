"""The time machine answers for every day what the portal said on the evening of that day."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate, InvitationPolicy
from agreements.services import look_after_invitations
from agreements.time_machine import end_of, standing_on
from customers.models import Customer
from customers.rules import Standing, standing
from customers.tests.factories import CustomerFactory
from portal.partners.tests.factories import PartnerFactory
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.record_histories import Company, new_version

pytestmark = pytest.mark.django_db
ZONES = ("Europe/Warsaw", "Pacific/Kiritimati")
FIRST = date(2026, 1, 5)
DAYS = 9
ALSO = ("claim", "invite", "invite", "decline", "revoke", "renew", "renew")


class World:
    """A few companies at two partners on far sides of the earth; the clock moves from moment to moment."""

    def __init__(self, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rng, self.now = Random(count), datetime(2026, 1, 1, 12, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: self.now)
        self.partners = [PartnerFactory(time_zone=zone) for zone in ZONES]
        for partner in self.partners:
            InvitationPolicy.objects.create(partner=partner, valid_days=5, customer_days=[], staff_days=[])
        self.companies = [self._company(number) for number in range(count)]
        self.said: dict[tuple[int, date], Standing] = {}

    def _company(self, number: int) -> Company:
        made = {"country": "PL", "created_at": self.now, "relationship_accepted_at": self.now}
        first = CustomerFactory(partner=self.partners[0], **made)
        claimed = made if number % 2 else made | {"relationship_accepted_at": None}
        second = CustomerFactory(partner=self.partners[1], tenant=first.tenant, **claimed)
        return Company(Random(number), [first, second])

    def live(self, day: date) -> None:
        """One UTC day: something happens to most companies, and each partner's evening comes."""
        midnight = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
        moments: list[tuple[datetime, int, int]] = [
            (midnight + timedelta(seconds=self.rng.randrange(86_000)), number, -1)
            for number in range(len(self.companies))
            for _ in range(self.rng.choice((0, 1, 1)))
        ]
        for place, partner in enumerate(self.partners):
            evening = end_of(day, ZoneInfo(partner.time_zone)) - timedelta(seconds=1)
            moments.append((evening, -1, place))
        for at, number, place in sorted(moments):
            self.now = at
            if place < 0:
                self.companies[number].step(also=ALSO)
            else:
                self._note(place, day)
        self.now = midnight + timedelta(hours=23, minutes=59)
        look_after_invitations()

    def _note(self, place: int, day: date) -> None:
        partner = self.partners[place]
        assert partner.today == day
        stale_before = AgreementTemplate.objects.stale_before(today=day)
        for customer in Customer.objects.filter(partner=partner):
            self.said[customer.pk, day] = standing(customer, has_agreement=True, stale_before=stale_before)


def test_every_day_is_as_it_was_said_then(template: AgreementTemplate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random histories day by day: asked later, the standing on every day is what it was that evening"""
    AgreementTemplate.objects.update(created_at=datetime(2019, 10, 1, tzinfo=UTC))
    world = World(scale(10, 300), monkeypatch)
    for number in range(DAYS):
        day = FIRST + timedelta(days=3 * number)
        if number in (3, 6):
            # Enforced two working days later; an earlier one asks for less.
            before = day - timedelta(days=350 if number == 3 else 100)
            new_version(
                effective_on=day,
                created_at=world.now,
                renew_before=before,
                renewal_enforced_on=day + timedelta(days=6),
            )
        world.live(day)
    world.now += timedelta(days=30)
    found = {
        (customer.pk, day): standing_on(customer, day).standing
        for customer in Customer.objects.select_related("partner")
        for day in sorted({day for _pk, day in world.said})
    }
    wrong = {key: (said, found[key]) for key, said in world.said.items() if found[key] != said}
    assert not wrong
    assert set(world.said.values()) == set(Standing) - {Standing.NOT_APPLICABLE}


def test_negative_control_rows_of_today_do_not_know(
    template: AgreementTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """negative control: read from the row of today, other days come out wrong"""
    AgreementTemplate.objects.update(created_at=datetime(2019, 10, 1, tzinfo=UTC))
    world = World(4, monkeypatch)
    for number in range(3):
        world.live(FIRST + timedelta(days=3 * number))
    today = {row.pk: standing(row, has_agreement=True, stale_before=None) for row in Customer.objects.all()}
    assert any(said != today[pk] for (pk, _day), said in world.said.items())
