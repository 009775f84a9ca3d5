"""Random histories against the oracle: who may order by the one may order by the other, on the same record."""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from agreements import querysets
from agreements.models import Attestation
from agreements.querysets import AttestationQuerySet, TemplateQuerySet
from agreements.services import Clearance, require_acceptance
from customers.models import Customer
from orders.rules import lifecycle
from orders.services import licences, ordering
from orders.tests import oracle
from orders.tests.oracle_machine import History
from orders.tests.oracle_world import Clock, World
from portal.partners.models import Partner
from portal.tests.scenario_plugin import IN_FULL, scale

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("R8")]
# The longest history; Hypothesis ends some earlier.
LENGTH = 50
# Each goes its share of the way, so that one that fails is soon run again; the first comes across everything soonest.
SEEDS = (0, 1, 2, 3) if IN_FULL else (0,)
HISTORIES_FOR_A_MISTAKE = 60
# So often as many steps are gone again, with others drawn, until everything expected was come across.
MORE_SEEDS = 8
# What every run must have come across, or it would prove less than it says.
EXPECTED = (
    "order done",
    "order refused: acceptance",
    "order refused: account",
    "order refused: ended",
    "increase done",
    "increase refused: acceptance",
    "decrease done",
    "decrease refused: acceptance",
    "decrease refused: count",
)


def forgets_enforcement(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TemplateQuerySet, "stale_before", lambda self, *, today: None)


def forgets_withdrawals(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AttestationQuerySet, "current", AttestationQuerySet.latest_of_line)


def counts_every_partners_records(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(querysets, "scopes_of", lambda customer: range(1000))


def counts_direct_ones_of_a_claimed_relationship(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(querysets, "scopes_of", lambda customer: [0, customer.partner_id])


def takes_utc_for_every_partner(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Partner, "today", property(lambda partner: timezone.now().date()))


def asks_nobody_about_licences(patch: pytest.MonkeyPatch) -> None:
    def anything(*, customer: Customer) -> Clearance:
        last = Attestation.objects.current().filter(tenant_id=customer.tenant_id, scope=customer.partner_id).first()
        return require_acceptance(customer=customer) if last is None else Clearance(last, "")

    patch.setattr(licences, "require_acceptance", anything)


def vets_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ordering, "why_cannot_transact", lambda status: None)


def takes_back_for_eight_days(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lifecycle, "REFUND_WINDOW", timedelta(days=8))


QUICKLY_FOUND = [forgets_withdrawals, vets_nobody]
MISTAKES = [
    *QUICKLY_FOUND,
    forgets_enforcement,
    counts_every_partners_records,
    counts_direct_ones_of_a_claimed_relationship,
    takes_utc_for_every_partner,
    asks_nobody_about_licences,
    takes_back_for_eight_days,
]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Counter[str]]:
    """Run so many histories, always the same ones; what happened in them, and how often."""
    clock, world = Clock(monkeypatch), World()

    def run_histories(
        count: int, phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink), number: int = 0
    ) -> Counter[str]:
        seen: Counter[str] = Counter()
        machine = type("Histories", (History,), {"world": world, "clock": clock, "seen": seen})
        run_state_machine_as_test(
            seed(number)(machine),
            settings=settings(
                max_examples=count,
                stateful_step_count=LENGTH,
                derandomize=True,
                database=None,
                deadline=None,
                phases=phases,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
        return seen

    return run_histories


@pytest.mark.parametrize("number", SEEDS)
def test_portal_and_oracle_agree_at_every_step(run: Callable[..., Counter[str]], number: int) -> None:
    """Random histories against an oracle of "may this order be placed?": equal at every step, with the same record"""
    steps = scale(80, 10_000) // len(SEEDS)
    seen: Counter[str] = Counter()
    # What Hypothesis draws depends on the modules that are loaded, so that few steps may not come across everything.
    for further in range(MORE_SEEDS):
        seen += run(steps // 40, number=number + 100 * further)
        if seen["steps"] >= steps and all(seen[each] for each in EXPECTED):
            break
    assert seen["steps"] >= steps
    assert all(seen[each] for each in EXPECTED), seen
    sys.stdout.write(f"{dict(seen)}\n")


@pytest.mark.parametrize("mistake", MISTAKES if IN_FULL else QUICKLY_FOUND, ids=lambda mistake: mistake.__name__)
def test_negative_control_a_mistake_of_the_portal_is_found(
    run: Callable[..., Counter[str]], monkeypatch: pytest.MonkeyPatch, mistake: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """negative control: a gate with one mistake is found by the same histories"""
    mistake(monkeypatch)
    with pytest.raises(AssertionError):
        run(HISTORIES_FOR_A_MISTAKE, (Phase.generate,))


def test_the_oracle_is_small_and_knows_nothing_of_the_portal() -> None:
    """The oracle stays within 100 lines and imports nothing of the product"""
    lines = Path(oracle.__file__).read_text().splitlines()
    imported = [line for line in lines if line.startswith(("import ", "from "))]
    assert len(lines) <= 100
    assert {line.split()[1] for line in imported} == {"dataclasses", "datetime", "zoneinfo"}
