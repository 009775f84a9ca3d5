"""Companies that live through all that happens to records, by the services; and what plain Python remembers of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agreements.models import AgreementTemplate, AgreementType, Attestation, Invitation
from agreements.services import (
    attest_on_behalf,
    confirm_acceptance,
    decline_invitation,
    refresh_standing,
    renew_invitation,
    resolve_dispute,
    revoke_invitation,
    take_dispute_back,
    withdraw_acceptance,
)
from agreements.tests.factories import (
    DocumentFactory,
    TemplateFactory,
    acceptance,
    accepted_directly,
    invited,
    job_actor,
    person,
)
from agreements.tests.invitation_factories import THE_PERSON, disputed
from customers.models import Customer
from customers.services import lock_tenant
from customers.services.relationships import accept_claimed_relationship
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import RuleViolation

STAFF = Actor(kind=ActorKind.STAFF, name="Staff", door=Door.ADMIN_SITE)
DIRECT = 0


@dataclass
class Entry:
    """The last record of a line, as plain Python remembers it."""

    reference: UUID
    agreed_on: date
    is_withdrawn: bool = False
    is_disputed: bool = False

    @property
    def is_current(self) -> bool:
        return not self.is_withdrawn and not self.is_disputed


@dataclass
class Company:
    """customers: the same company at each of its partners; lines: scope -> the last record of the MCA there."""

    rng: Random
    customers: list[Customer]
    lines: dict[int, Entry] = field(default_factory=dict)
    step_count: int = 0

    def step(self, *, also: tuple[str, ...] = ()) -> None:
        """Something happens, or is refused and has not happened. also: names of further kinds of steps."""
        self.step_count += 1
        usual = ("confirm", "confirm", "confirm", "attest", "correct", "withdraw", "dispute", "resolve", "accept")
        act: Callable[[Customer], None] = getattr(self, f"_{self.rng.choice((*usual, *also))}")
        try:
            act(self.rng.choice(self.customers))
        except RuleViolation:
            return

    def _said(self, **changed: Any) -> Any:
        signer = person(first_name=f"Jan{self.step_count}", email=f"jan{self.step_count}@customer.example")
        back = self.rng.choice((0, 1, 30, 200, 400, 700))
        agreed_on = timezone.now().date() - timedelta(days=back)
        return acceptance(**{"person": signer, "agreed_on": agreed_on, **changed})

    def _keep(self, record: Attestation) -> None:
        self.lines[record.scope] = Entry(record.reference, record.agreed_on)

    def _record(self, scope: int) -> Attestation | None:
        entry = self.lines.get(scope)
        return Attestation.objects.get(reference=entry.reference) if entry else None

    def _confirm(self, customer: Customer) -> None:
        self._keep(confirm_acceptance(by=job_actor(), customer=customer, acceptance=self._said()))

    def _attest(self, customer: Customer) -> None:
        self._keep(attest_on_behalf(by=job_actor(), customer=customer, acceptance=self._said(), scenario=1))

    def _correct(self, customer: Customer) -> None:
        entry = self.lines.get(customer.partner_id)
        if entry is not None:
            said = self._said(correction_of=entry.reference, reason_note="Wrong date")
            self._keep(confirm_acceptance(by=job_actor(), customer=customer, acceptance=said))

    def _withdraw(self, customer: Customer) -> None:
        record = self._record(customer.partner_id)
        if record is not None:
            withdraw_acceptance(by=job_actor(), customer=customer, attestation=record, reason="Wrong customer")
            self.lines[record.scope].is_withdrawn = True

    def _dispute(self, customer: Customer) -> None:
        record = self._record(self.rng.choice((customer.partner_id, DIRECT)))
        if record is not None:
            disputed(record)
            self.lines[record.scope].is_disputed = True

    def _resolve(self, customer: Customer) -> None:
        record = self._record(self.rng.choice((customer.partner_id, DIRECT)))
        if record is None:
            return
        entry, is_upheld = self.lines[record.scope], self.rng.random() < 0.3
        if self.rng.random() < 0.3:
            take_dispute_back(by=THE_PERSON, receipt=record.receipt)
        else:
            resolve_dispute(by=STAFF, attestation=record, is_upheld=is_upheld, reason="Looked into it.")
            entry.is_withdrawn = entry.is_withdrawn or is_upheld
        entry.is_disputed = False

    def _accept(self, customer: Customer) -> None:
        said = self._said(agreed_on=timezone.now().date() - timedelta(days=self.rng.choice((0, 200, 500))))
        self._keep(accepted_directly(customer, **{name: getattr(said, name) for name in ("person", "agreed_on")}))

    def _cloud(self, customer: Customer) -> None:
        """A record of the legacy agreement, which never covers."""
        legacy = {"agreement_type": AgreementType.CLOUD, "by": job_actor(), "customer": customer}
        confirm_acceptance(**legacy, acceptance=self._said())

    def _claim(self, customer: Customer) -> None:
        """The company says that a relationship holds which its partner only claimed."""
        with transaction.atomic():
            lock_tenant(customer.tenant_id)
            row = Customer.objects.select_for_update().get(pk=customer.pk)
            accept_claimed_relationship(by=THE_PERSON, customer=row)
            refresh_standing(tenant_id=customer.tenant_id)

    def _invite(self, customer: Customer) -> None:
        invited(Customer.objects.select_related("partner").get(pk=customer.pk))

    def _last_invitation(self, customer: Customer) -> Invitation | None:
        found: Invitation | None = Invitation.objects.of_customer(customer).with_details().order_by("-id").first()
        return found

    def _decline(self, customer: Customer) -> None:
        if (invitation := self._last_invitation(customer)) is not None:
            decline_invitation(by=THE_PERSON, invitation=invitation, reason="Not now")

    def _revoke(self, customer: Customer) -> None:
        if (invitation := self._last_invitation(customer)) is not None:
            revoke_invitation(by=job_actor(), invitation=invitation)

    def _renew(self, customer: Customer) -> None:
        if (invitation := self._last_invitation(customer)) is not None:
            renew_invitation(by=job_actor(), invitation=invitation)


def new_version(**dates: Any) -> AgreementTemplate:
    """A version of the agreement, with its text for Poland."""
    template: AgreementTemplate = TemplateFactory(**dates)
    DocumentFactory(template=template, country="PL")
    return template
