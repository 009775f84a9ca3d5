"""Random histories of customers, acceptances and orders, in which portal and oracle must always agree."""

import functools
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agreements.models import AgreementTemplate, AgreementType, Attestation, AttestationEvent
from agreements.services import (
    attest_on_behalf,
    confirm_acceptance,
    create_template,
    refresh_standing,
    require_acceptance,
    withdraw_acceptance,
)
from agreements.tests.factories import DocumentFactory, acceptance, accepted_directly, person
from customers.models import AccountStatus, Customer
from customers.rules import Standing, standing
from customers.services import RelationshipEnded, relate_customer, set_account_status
from customers.tests.factories import company
from orders.models import CartLine, LicenceChange, Order, Subscription
from orders.services import (
    advance_subscription,
    cancel_subscription,
    change_licence_count,
    reactivate_subscription,
    remove_customer,
    suspend_subscription,
)
from orders.tests.factories import CartFactory, placed
from orders.tests.oracle import DIRECT, Licences, Oracle, Record, Relationship
from orders.tests.oracle_world import BEGINNING, PARTNERS, RELATIONSHIPS, Clock, World
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import AcceptanceRequired, NotPermitted, PortalError, RuleViolation

STAFF = Actor(kind=ActorKind.STAFF, name="Staff", door=Door.JOB)
numbers = st.integers(0, 3)
moments = st.integers(0, 200)
DAYS_AGO = (0, 0, 1, 3, 10, 30, -1)
# How many licences more, or fewer.
MORE = (1, -1, 7, -4, -15)
# Half a day, so that calendars part; around the seven days of a refund; around a month's term.
HOURS = (1, 12, 24, 167, 169, 300, 745)
# After the last moment in which licences can be given back.
LATER = (timedelta(), timedelta(seconds=1), timedelta(hours=1), timedelta(hours=20))


class History(RuleBasedStateMachine):
    """One history; what it leaves in the database is taken back at its end. world, clock, seen: set by the test."""

    world: World
    clock: Clock
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.clock.now = BEGINNING
        self.oracle = Oracle()
        self.who = [
            Relationship(name, tenant, PARTNERS[name]["time_zone"], has_agreement=name != "national cloud")  # type: ignore[arg-type]  # a name
            for name, tenant in RELATIONSHIPS
        ]
        self.bought: list[tuple[Licences, UUID]] = []
        self.steps = 0
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def customer(self, number: int) -> Customer:
        return Customer.objects.select_related("tenant", "partner").get(pk=self.world.customers[number].pk)

    @initialize(accepted=st.sets(numbers, min_size=1))
    def begin(self, accepted: set[int]) -> None:
        """Most have bought something already, or nearly all would be refused for the same reason."""
        for number in sorted(accepted):
            self.confirm(number=number, days_ago=0, name="A", way="c")
            self.order(number=number, count=20)

    # What people do with acceptances ------------------------------------------------------------------

    @rule(
        number=numbers, days_ago=st.sampled_from(DAYS_AGO), name=st.sampled_from("AB"), way=st.sampled_from("ccdlx")
    )
    def confirm(self, number: int, days_ago: int, name: str, way: str) -> None:
        """way: a confirmation, on behalf, of the legacy agreement, or a correction of the last record."""
        customer, who = self.customer(number), self.who[number]
        last = self.oracle.last(who.tenant, who.scope)
        said: dict[str, Any] = {"person": person(first_name=name)}
        said["agreed_on"] = customer.partner.today - timedelta(days=days_ago)
        if way == "x" and last is not None:
            said |= {"correction_of": UUID(last.reference), "reason_note": "A typing mistake."}
        call: dict[str, Any] = {
            "by": self.world.actor(number),
            "customer": customer,
            "acceptance": acceptance(**said),
        }
        try:
            if way == "d":
                made = attest_on_behalf(scenario=1, **call)
            else:
                kind = AgreementType.CLOUD if way == "l" else AgreementType.MCA
                made = confirm_acceptance(agreement_type=kind, **call)
        except (RuleViolation, NotPermitted):
            return
        if way != "l":
            self.recorded(who.tenant, who.scope, made)

    @rule(number=numbers, days_ago=st.sampled_from(DAYS_AGO), name=st.sampled_from("AB"))
    def customer_accepts(self, number: int, days_ago: int, name: str) -> None:
        day = self.clock.now.date() - timedelta(days=days_ago)
        try:
            made = accepted_directly(self.customer(number), person=person(first_name=name), agreed_on=day)
        except RuleViolation:
            return
        self.recorded(self.who[number].tenant, DIRECT, made)

    def recorded(self, tenant: str, scope: str, made: Attestation) -> None:
        line = self.oracle.lines.setdefault((tenant, scope), [])
        line.append(Record(str(made.reference), made.agreed_on))

    @rule(number=numbers)
    def withdraw(self, number: int) -> None:
        record = self.oracle.last(self.who[number].tenant, self.who[number].scope)
        # While it is disputed it is not withdrawn: the dispute is resolved first.
        if record is None or record.is_withdrawn or record.is_disputed:
            return
        made = Attestation.objects.get(reference=record.reference)
        by, customer = self.world.actor(number), self.customer(number)
        try:
            withdraw_acceptance(by=by, customer=customer, attestation=made, reason="The wrong customer.")
        except (RelationshipEnded, NotPermitted):
            return
        record.is_withdrawn = True

    @rule(number=numbers, is_direct=st.booleans())
    def dispute_or_resolve(self, number: int, is_direct: bool) -> None:
        """By its event alone, whoever may say so; the event is what counts."""
        scope = DIRECT if is_direct else self.who[number].scope
        record = self.oracle.last(self.who[number].tenant, scope)
        if record is None or record.is_withdrawn:
            return
        record.is_disputed = not record.is_disputed
        made = Attestation.objects.get(reference=record.reference)
        kind = "disputed" if record.is_disputed else "dispute_resolved"
        said = {"actor_kind": "customer", "actor_name": "C", "door": Door.JOB}
        AttestationEvent.objects.create(attestation=made, kind=kind, at=self.clock.now, **said)
        refresh_standing(tenant_id=made.tenant_id)

    @rule(renew_days_ago=st.sampled_from([0, 1, 5, 20]), enforced_in_days=st.sampled_from([0, 1, 7, 15]))
    def new_version(self, renew_days_ago: int, enforced_in_days: int) -> None:
        today, count = self.clock.now.date(), AgreementTemplate.objects.count()
        before, enforced_on = today - timedelta(days=renew_days_ago), today + timedelta(days=enforced_in_days)
        made = create_template(
            by=STAFF,
            type=AgreementType.MCA,
            template_id=uuid4(),
            version=f"version {count}",
            effective_on=date(2020, 1, 1) + timedelta(days=count),
            renew_before=before,
            renewal_enforced_on=enforced_on,
        )
        DocumentFactory(template=made, country="US")
        self.oracle.renewals.append((before, enforced_on))

    # What becomes of the relationship -----------------------------------------------------------------

    @rule(number=numbers, status=st.sampled_from([*AccountStatus.values, *["approved"] * 3]))
    def vet(self, number: int, status: str) -> None:
        try:
            set_account_status(by=STAFF, customer=self.customer(number), status=status)
        except RelationshipEnded:
            return
        self.who[number].account_status = status

    @rule(number=numbers, is_accepted=st.booleans())
    def remove_or_return(self, number: int, is_accepted: bool) -> None:
        customer, who, by = self.customer(number), self.who[number], self.world.actor(number)
        if who.is_removed:
            details = company(registration_number="")
            call: dict[str, Any] = {"partner": customer.partner, "tenant": customer.tenant, "contact": None}
            relate_customer(by=by, company=details, is_accepted=is_accepted, **call)
            who.is_removed, who.is_accepted = False, is_accepted
            return
        try:
            remove_customer(by=by, customer=customer, submit_key=uuid4().hex)
        except RuleViolation:
            assert any(each.of is who and each.status == "active" for each, _id in self.bought)
            return
        who.is_removed = True

    @rule(number=numbers)
    def comes_back_as_a_claim(self, number: int) -> None:
        """Nothing is left that would keep the customer; it goes, and comes back without having accepted."""
        who = self.who[number]
        for which, (each, _made) in enumerate(self.bought):
            if each.of is who and each.status == "active":
                self.suspend_reactivate_or_cancel(which=which, what="deleted")
        if not who.is_removed:
            self.remove_or_return(number=number, is_accepted=False)
        if who.is_removed:
            self.remove_or_return(number=number, is_accepted=False)

    @rule(hours=st.sampled_from(HOURS))
    def time_passes(self, hours: int) -> None:
        self.let_pass(timedelta(hours=hours))

    @precondition(lambda self: self.bought)
    @rule(which=moments, later=st.sampled_from(LATER), more=st.sampled_from(MORE))
    def time_runs_out(self, which: int, later: timedelta, more: int) -> None:
        """Somebody gives back in the last moment, or comes too late."""
        each, _made = self.bought[which % len(self.bought)]
        until = each.returnable[-1][1] + later
        if until > self.clock.now:
            self.let_pass(until - self.clock.now)
            self.change(which=which, more=more)

    def let_pass(self, span: timedelta) -> None:
        """The scheduled job renews what has come to its end; it asks nobody, and relies on nothing."""
        self.clock.now += span
        known = {made: each for each, made in self.bought}
        for due in Subscription.objects.due(at=self.clock.now):
            before = (due.status, LicenceChange.objects.count())
            advance_subscription(by=STAFF, subscription_id=due.pk, now=self.clock.now)
            due.refresh_from_db()
            assert LicenceChange.objects.count() == before[1]
            known[due.pk].status = due.status
            if due.status == before[0] == "active":
                self.oracle.renew(known[due.pk], self.clock.now)

    # What is gated ------------------------------------------------------------------------------------

    @rule(number=numbers, count=st.integers(1, 30))
    def order(self, number: int, count: int) -> None:
        order = self.place(number, count)
        if order is not None:
            made = Subscription.objects.get(order_line__order=order)
            self.bought.append((self.oracle.buy(self.who[number], count, self.clock.now), made.pk))

    def place(self, number: int, count: int) -> Order | None:
        """The order, where both say that it may be placed."""
        customer, who, by = self.customer(number), self.who[number], self.world.actor(number)
        against, cited = self.oracle.against_transacting(who, self.clock.now), self.oracle.cited(who, self.clock.now)
        cart = CartFactory(customer=customer, owner_id=by.user_id)
        CartLine.objects.create(cart=cart, availability=self.world.sold, quantity=count)
        order = self.agree("order", against, lambda: placed(cart, by))
        if order is not None:
            assert (str(order.acceptance.reference) if order.acceptance else None) == cited
        return order

    def agree(self, what: str, against: set[str], act: Callable[[], Any]) -> Any:
        """What was done, or None where both refuse, the portal for one of the oracle's reasons."""
        count = Order.objects.count(), LicenceChange.objects.count()
        done, reason = None, None
        try:
            with transaction.atomic():
                done = act()
        except PortalError as refused:
            reason = reason_of(refused)
            assert count == (Order.objects.count(), LicenceChange.objects.count())
        self.seen[f"{what} refused: {reason}" if reason else f"{what} done"] += 1
        assert reason in against if reason else not against, f"{what}: {reason or 'done'}; the oracle says {against}"
        return done

    @precondition(lambda self: self.bought)
    @rule(which=moments, more=st.sampled_from(MORE))
    def change(self, which: int, more: int) -> None:
        each, _made = bought = self.bought[which % len(self.bought)]
        count = max(each.count + more, 1)
        if self.alter(*bought, count):
            self.oracle.change(each, count, self.clock.now)

    def alter(self, each: Licences, made: UUID, count: int) -> LicenceChange | None:
        """The change, where both say that it may be made."""
        by, now = self.world.actor(self.who.index(each.of)), self.clock.now
        against, cited = self.oracle.against_change(each, count, now), self.oracle.cited(each.of, now)
        subscription = Subscription.objects.with_line().get(pk=made)
        call = {"subscription": subscription, "quantity": count, "submit_key": uuid4().hex}
        what = "increase" if count > each.count else "decrease"
        change = self.agree(what, against, lambda: change_licence_count(by=by, **call))
        if change is not None:
            assert (str(change.acceptance.reference) if change.acceptance else None) == cited
        return change

    # What is not gated --------------------------------------------------------------------------------

    @precondition(lambda self: self.bought)
    @rule(which=moments, what=st.sampled_from(["suspended", "active", "active", "deleted"]))
    def suspend_reactivate_or_cancel(self, which: int, what: str) -> None:
        each, made = self.bought[which % len(self.bought)]
        act = {"suspended": suspend_subscription, "active": reactivate_subscription, "deleted": cancel_subscription}
        subscription = Subscription.objects.with_line().get(pk=made)
        try:
            act[what](by=self.world.actor(self.who.index(each.of)), subscription=subscription)
        except RuleViolation as refused:
            is_ended = isinstance(refused, RelationshipEnded)
            assert is_ended == each.of.is_removed
            return
        each.status = what

    @invariant()
    def both_say_the_same(self) -> None:
        """The gate, what lists show, and one order or change that is tried and taken back."""
        self.steps += 1
        self.seen["steps"] += 1
        now = self.clock.now
        rows = Customer.objects.select_related("tenant", "partner").in_bulk(
            [each.pk for each in self.world.customers]
        )
        stale_before = functools.cache(lambda today: AgreementTemplate.objects.stale_before(today=today))
        for who, known in zip(self.who, self.world.customers, strict=True):
            customer, cited = rows[known.pk], self.oracle.cited(who, now)
            is_open = not who.has_agreement or cited is not None
            assert gate_says(customer) == (is_open, cited), who
            today = customer.partner.today
            shown = standing(customer, has_agreement=who.has_agreement, stale_before=stale_before(today))
            assert (shown == Standing.COVERED) == (who.has_agreement and is_open), who
        with transaction.atomic():
            if self.bought and self.steps % 2:
                each, made = self.bought[self.steps % len(self.bought)]
                self.alter(each, made, max(each.count + MORE[self.steps % len(MORE)], 1))
            else:
                self.place(self.steps // 2 % len(self.who), 1)
            transaction.set_rollback(True)


def gate_says(customer: Customer) -> tuple[bool, str | None]:
    try:
        found = require_acceptance(customer=customer).acceptance
    except AcceptanceRequired:
        return False, None
    return True, str(found.reference) if found else None


def reason_of(refused: PortalError) -> str:
    if refused.field == "quantity":
        return "count"
    codes = {"relationship_ended": "ended", "account_not_approved": "account", "acceptance_required": "acceptance"}
    return codes.get(refused.code, refused.code)
