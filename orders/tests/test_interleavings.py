"""An order or a licence change in the moment in which the acceptance that it relies on ends."""

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from customers.models import Customer
from orders.models import LicenceChange, Order
from orders.tests.interleavings import (
    ACCEPTED_AGAIN,
    ENDINGS,
    Scene,
    change_licences,
    enforce_renewal,
    kept_times,
    order,
    race,
    relied_on_what_was_not_current,
    scene_of,
    widen,
    without_locks,
)
from portal.audit import triggers
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired
from portal.jobs.tests.concurrency import shared_by_threads
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[..., Actor]
WINDOW = 0.02
# The control's window is wide, so that a few rounds are enough to hit it.
WIDE_WINDOW, TRIES = 0.2, 40


@pytest.fixture
def scene(customer: Customer, sales_agent: Membership, actor_for: Act) -> Scene:
    enforce_renewal()
    return scene_of(customer, sales_agent, actor_for(sales_agent))


def play(scene: Scene, relying: Callable[[Scene], Callable[[], object]], count: int) -> Counter[str]:
    """So many rounds, every ending in turn; how often each outcome came."""
    outcomes: Counter[str] = Counter()
    endings = itertools.islice(itertools.cycle(ENDINGS.values()), count - count // 7)
    for ending in itertools.chain(endings, itertools.repeat(ACCEPTED_AGAIN, count // 7)):
        played = race(scene, ending, relying, window=WINDOW)
        assert [type(error) for error in played.errors] in ([], [AcceptanceRequired]), played.errors
        assert (played.made is None) is bool(played.errors)
        if played.made is None:
            # Where another acceptance was there at once, nothing is refused.
            assert not ending.replaces
            outcomes["refused"] += 1
        else:
            outcomes["before" if played.made.acceptance_id == played.before else "after"] += 1
    return outcomes


def check(scene: Scene, relying: Callable[[Scene], Callable[[], object]]) -> None:
    outcomes = play(scene, relying, scale(24, 1000))
    for times in kept_times():
        assert relied_on_what_was_not_current(times) == set()
    # Each side came first now and then, else nothing was tried.
    assert set(outcomes) == {"before", "after", "refused"}, outcomes


@pytest.mark.scenario("I7")
def test_no_order_relies_on_what_was_not_current(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An order against supersede, withdrawal or dispute of its acceptance: it was current at commit, always"""
    widen(monkeypatch, WINDOW)
    with shared_by_threads(tmp_path):
        check(scene, order)
        assert not LicenceChange.objects.exists()


@pytest.mark.scenario("I11")
def test_no_licence_change_relies_on_what_was_not_current(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Licence counts up and down against the same: the acceptance was current at commit, always"""
    widen(monkeypatch, WINDOW)
    with shared_by_threads(tmp_path):
        check(scene, change_licences)
        assert Order.objects.count() == 1


def rounds_until_noticed(scene: Scene, relying: Callable[[Scene], Callable[[], object]]) -> int:
    """How many rounds it takes until the history shows a violation; 0 where it never does."""
    endings = itertools.cycle(ENDINGS[name] for name in ("another signer", "withdrawn"))
    for tried, ending in enumerate(itertools.islice(endings, TRIES), start=1):
        race(scene, ending, relying, window=WIDE_WINDOW / 2)
        if relied_on_what_was_not_current(kept_times()[-1]):
            return tried
    return 0


def needs_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time, whatever the portal locks.")


@pytest.mark.scenario("I7")
def test_negative_control_orders_without_locks(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: without the locks and the trigger, an order relies on what was replaced or withdrawn"""
    needs_postgresql()
    widen(monkeypatch, WIDE_WINDOW)
    without_locks(monkeypatch)
    with triggers.lifted(connection):
        assert rounds_until_noticed(scene, order)


@pytest.mark.scenario("I11")
def test_negative_control_licence_changes_without_locks(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: without the locks and the trigger, a licence change does"""
    needs_postgresql()
    widen(monkeypatch, WIDE_WINDOW)
    without_locks(monkeypatch)
    with triggers.lifted(connection):
        assert rounds_until_noticed(scene, change_licences)
