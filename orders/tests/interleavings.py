"""Orders and licence changes against whatever ends the acceptance that they rely on, both at the same time.

What came first is judged afterwards by SQL over the history alone. Each row keeps a time that was taken while its
transaction held the tenant's lock, which it keeps until it is committed; so under the lock these times are in the
order of the commits. Where PostgreSQL keeps the times of the commits themselves (`track_commit_timestamp = on`),
they are judged as well, and nothing about locks has to be believed.
"""

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from agreements.models import AgreementDocument, AgreementTemplate, Attestation, EventKind
from agreements.services import (
    attest_on_behalf,
    confirm_acceptance,
    dispute_acceptance,
    records,
    require_acceptance,
    resolve_dispute,
    withdraw_acceptance,
)
from agreements.tests.factories import (
    DocumentFactory,
    TemplateFactory,
    acceptance,
    accepted_directly,
    confirmed,
    job_actor,
    person,
)
from customers.models import Customer
from orders.models import Availability, LicenceChange, Order, Subscription
from orders.services import change_licence_count, licences, ordering, place_order
from orders.tests.factories import AvailabilityFactory, CartFactory, CartLineFactory, placed, reviewed
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import together
from portal.partners.models import Membership


def somebody() -> Any:
    """A signer that no record names yet."""
    return person(email=f"{uuid.uuid4().hex}@customer.example")


@dataclass
class Scene:
    """One customer whose acceptance comes and goes. subscription: of 100 licences, all bought just now."""

    customer: Customer
    agent: Membership
    by: Actor
    sold: Availability
    subscription: Subscription = field(init=False)

    def __post_init__(self) -> None:
        confirmed(self.customer)
        cart = CartFactory(customer=self.customer, owner=self.agent.user)
        CartLineFactory(cart=cart, availability=self.sold, quantity=100)
        self.subscription = placed(cart, self.by).lines.get().subscription

    @property
    def current(self) -> Attestation:
        return Attestation.objects.covering(customer=self.customer, stale_before=None)[0]

    def cover(self) -> None:
        """The partner's own record is current, and nobody disputes it any more."""
        last = Attestation.objects.filter(partner=self.customer.partner).latest_of_line().with_state()
        for record in last.filter(tenant=self.customer.tenant, dispute=EventKind.DISPUTED):
            resolve_dispute(by=job_actor(), attestation=record, is_upheld=False, reason="Signed after all")
        confirmed(self.customer, person=somebody())

    def correction(self, **changed: Any) -> Any:
        return acceptance(correction_of=self.current.reference, reason_note="Read it wrongly", **changed)


def scene_of(customer: Customer, agent: Membership, by: Actor) -> Scene:
    return Scene(customer, agent, by, AvailabilityFactory(market=str(customer.country)))


# What ends an acceptance ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ending:
    """until: makes the state before; act: what happens at the same time as the transaction; replaces: whether
    another acceptance covers at once, so that the transaction is never refused.
    """

    act: Callable[[Scene], object]
    until: Callable[[Scene], object] = Scene.cover
    replaces: bool = True


def correct(scene: Scene) -> None:
    confirm_acceptance(by=job_actor(), customer=scene.customer, acceptance=scene.correction(person=somebody()))


def attest_instead(scene: Scene) -> None:
    statement = scene.correction(person=somebody())
    attest_on_behalf(by=job_actor(), customer=scene.customer, scenario=1, acceptance=statement)


def become_stale(scene: Scene) -> None:
    scene.cover()
    days_ago = timezone.now().date() - timedelta(days=5)
    confirm_acceptance(by=job_actor(), customer=scene.customer, acceptance=scene.correction(agreed_on=days_ago))


def rely_on_the_customers_own(scene: Scene) -> None:
    scene.cover()
    withdraw(scene)
    accepted_directly(scene.customer, person=somebody())


def withdraw(scene: Scene) -> None:
    withdraw_own(scene.customer)


def withdraw_own(customer: Customer) -> None:
    """Take back the partner's own record."""
    own = Attestation.objects.filter(partner=customer.partner).latest_of_line().get(tenant=customer.tenant)
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=own, reason="Wrong customer")


def dispute(scene: Scene) -> None:
    dispute_acceptance(by=job_actor(), receipt=scene.current.receipt, reason="Never signed")


ENDINGS = {
    "corrected": Ending(correct),
    "another signer": Ending(Scene.cover),
    "attested on behalf": Ending(attest_instead),
    "renewed": Ending(Scene.cover, until=become_stale, replaces=False),
    "withdrawn": Ending(withdraw, replaces=False),
    "disputed": Ending(dispute, replaces=False),
}
# Played last: once the customer has accepted by itself, there is always something to rely on.
ACCEPTED_AGAIN = Ending(
    lambda scene: accepted_directly(scene.customer, person=somebody()), until=rely_on_the_customers_own
)


def enforce_renewal() -> None:
    """Acceptances of more than three days ago are stale from now on."""
    today = timezone.now().date()
    earlier = AgreementTemplate.objects.get()
    newer = TemplateFactory(
        version="2020-02",
        effective_on=earlier.effective_on + timedelta(days=1),
        renew_before=today - timedelta(days=3),
        renewal_enforced_on=today - timedelta(days=2),
    )
    for text in AgreementDocument.objects.filter(template=earlier):
        DocumentFactory(template=newer, country=text.country, language=text.language)


# What relies on it ---------------------------------------------------------------------------------------------


def order(scene: Scene) -> Callable[[], Order]:
    """Everything is on the Review page; answers the submit."""
    cart = CartFactory(customer=scene.customer, owner=scene.agent.user)
    CartLineFactory(cart=cart, availability=scene.sold)
    said = {"submit_key": uuid.uuid4().hex, "reviewed": reviewed(cart), "is_attested": True}
    return lambda: place_order(by=scene.by, cart=cart, **said)


def change_licences(scene: Scene) -> Callable[[], LicenceChange]:
    """Some up, some down."""
    subscription = Subscription.objects.with_line().get(pk=scene.subscription.pk)
    quantity = subscription.quantity + (random.choice([-2, 3]) if 50 < subscription.quantity < 250 else 0)
    quantity = 100 if quantity == subscription.quantity else quantity
    said = {"subscription": subscription, "quantity": quantity, "submit_key": uuid.uuid4().hex}
    return lambda: change_licence_count(by=scene.by, **said)


# Both at once --------------------------------------------------------------------------------------------------


@dataclass
class Round:
    """made: the order or change, None where it was refused; errors: of both sides; before: the record until then."""

    made: Order | LicenceChange | None
    errors: list[Exception]
    before: int


def race(scene: Scene, ending: Ending, relying: Callable[[Scene], Callable[[], Any]], *, window: float) -> Round:
    """Both sides start in random order, up to `window` seconds apart."""
    ending.until(scene)
    before, act = Attestation.objects.filter(tenant=scene.customer.tenant).latest("id").pk, relying(scene)
    first, pause = random.randrange(2), random.uniform(0, window)

    def work(number: int) -> Any:
        if number != first:
            time.sleep(pause)
        return act() if number == 0 else ending.act(scene)

    results, errors = together(2, work)
    return Round(next((made for made in results if isinstance(made, (Order, LicenceChange))), None), errors, before)


def widen(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Both sides linger between what they look at and what they write."""

    def slow(function: Callable[..., Any]) -> Callable[..., Any]:
        def lingering(*args: Any, **said: Any) -> Any:
            answer = function(*args, **said)
            time.sleep(random.uniform(0, seconds))
            return answer

        return lingering

    for module in (ordering, licences):
        monkeypatch.setattr(module, "require_acceptance", slow(require_acceptance))
    monkeypatch.setattr(records, "refresh_standing", slow(records.refresh_standing))


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders and licence changes take neither the tenant's lock nor the customer's."""
    for module in (ordering, licences):
        monkeypatch.setattr(module, "lock_tenant", lambda tenant_id: None)
    monkeypatch.setattr(ordering, "lock_customer", lambda customer: customer)


# What the history says -----------------------------------------------------------------------------------------

RELYING = """
SELECT 'order' AS kind, t.id, t.acceptance_id, {placed} AS at FROM orders_order t
UNION ALL SELECT 'licence change', t.id, t.acceptance_id, {changed} FROM orders_licencechange t
"""
NOT_CURRENT = """
SELECT m.kind, m.id FROM ({relying}) m
JOIN agreements_attestation t ON t.id = m.acceptance_id
WHERE {recorded} > m.at
OR EXISTS (SELECT 1 FROM agreements_attestation t WHERE t.supersedes_id = m.acceptance_id AND {recorded} <= m.at)
OR EXISTS (SELECT 1 FROM agreements_attestationevent t WHERE t.attestation_id = m.acceptance_id
    AND t.kind = 'withdrawn' AND {happened} <= m.at)
OR (SELECT COUNT(*) FROM agreements_attestationevent t WHERE t.attestation_id = m.acceptance_id
    AND t.kind = 'disputed' AND {happened} <= m.at)
 > (SELECT COUNT(*) FROM agreements_attestationevent t WHERE t.attestation_id = m.acceptance_id
    AND t.kind = 'dispute_resolved' AND {happened} <= m.at)
"""
WRITTEN = {"placed": "t.placed_at", "changed": "t.changed_at", "recorded": "t.recorded_at", "happened": "t.at"}
COMMITTED = dict.fromkeys(WRITTEN, "pg_xact_commit_timestamp(t.xmin)")


def relied_on_what_was_not_current(times: dict[str, str]) -> set[tuple[str, int]]:
    """The orders and licence changes whose acceptance was superseded, withdrawn or disputed when they came to be,
    or came after them.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOT_CURRENT.format(relying=RELYING.format(**times), **times))
        return set(cursor.fetchall())


def kept_times() -> list[dict[str, str]]:
    """By which times the history can be judged; the last ones say most."""
    if connection.vendor != "postgresql":
        return [WRITTEN]
    with connection.cursor() as cursor:
        cursor.execute("SHOW track_commit_timestamp")
        return [WRITTEN, COMMITTED] if cursor.fetchone() == ("on",) else [WRITTEN]
