"""Two people answer one question in the same moment: one effect, and the other is told."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connection

from agreements.models import Attestation, Invitation, Receipt
from agreements.proving import verify
from agreements.services import (
    accept_invitation,
    confirm_acceptance,
    decline_invitation,
    invitations,
    invite_customer,
    primary_invitee,
    renew_invitation,
    revoke_invitation,
    send_invitation,
)
from agreements.tests.factories import acceptance, invited, job_actor, person
from agreements.tests.invitation_factories import THE_PERSON, RequestInvitationFactory, statement
from customers.models import Customer
from portal.common.actor import Actor
from portal.common.errors import PortalError, RuleViolation
from portal.jobs.models import Letter
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner
from portal.tests.scenario_plugin import scale

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[..., Actor]
Play = Callable[[], object]
WIDE_WINDOW = 1.0


class Scene(NamedTuple):
    customer: Customer
    invitation: Invitation
    by: Actor

    def accept(self) -> object:
        return accept_invitation(by=THE_PERSON, invitation=self.invitation, statement=statement(self.customer))

    def revoke(self) -> object:
        return revoke_invitation(by=self.by, invitation=self.invitation)

    def decline(self) -> object:
        return decline_invitation(by=THE_PERSON, invitation=self.invitation, reason="No")

    def renew(self) -> object:
        return renew_invitation(by=self.by, invitation=self.invitation)

    def confirm(self) -> object:
        other = person(email="other@customer.example")
        return confirm_acceptance(by=self.by, customer=self.customer, acceptance=acceptance(person=other))

    def outcome(self) -> str:
        return Invitation.objects.get(pk=self.invitation.pk).outcome


@pytest.fixture
def scene(customer: Customer, admin_agent: Membership, actor_for: Act) -> Scene:
    by = actor_for(admin_agent)
    return Scene(customer, invited(customer, by), by)


def race(tmp_path: Path, *plays: Play) -> list[Exception]:
    """All at once; what the slower ones were told, which is a rule and no fault."""
    _done, errors = together(len(plays), lambda number: plays[number]())
    assert all(isinstance(error, RuleViolation) for error in errors), errors
    return errors


def test_accepting_twice_makes_one_record(scene: Scene, tmp_path: Path) -> None:
    """one link opened in two tabs, accepted in both: one record, both are shown it"""
    with shared_by_threads(tmp_path):
        count = scale(4, 12)
        assert race(tmp_path, *([scene.accept] * count)) == []
        assert Attestation.objects.count() == Receipt.objects.count() == 1
        assert scene.outcome() == "accepted"
        assert not verify(chain="portal").findings


@pytest.mark.parametrize("against", ["revoke", "decline"])
def test_accepting_against_its_end(scene: Scene, tmp_path: Path, against: str) -> None:
    """accepted in the moment in which it is taken back or declined: the one or the other, never both"""
    with shared_by_threads(tmp_path):
        errors = race(tmp_path, scene.accept, getattr(scene, against))
        assert len(errors) == 1
        has_record = Attestation.objects.exists()
        assert scene.outcome() == ("accepted" if has_record else {"revoke": "revoked"}.get(against, "declined"))
        assert Customer.objects.get(pk=scene.customer.pk).invited_at is None


def test_accepting_against_a_renewal(scene: Scene, tmp_path: Path) -> None:
    """accepted in the moment in which the link is renewed: an accepted one is not opened again"""
    with shared_by_threads(tmp_path):
        errors = race(tmp_path, scene.accept, scene.renew)
        assert len(errors) <= 1
        assert (scene.outcome() == "accepted") is Attestation.objects.exists()


def test_accepting_against_the_partners_confirmation(scene: Scene, tmp_path: Path) -> None:
    """accepted while the partner confirms: nothing fails for good, and the invitation ended once"""
    with shared_by_threads(tmp_path):
        race(tmp_path, scene.accept, scene.confirm)
        assert Attestation.objects.filter(scope=scene.customer.partner_id).count() == 1
        direct = Attestation.objects.filter(scope=0).count()
        assert scene.outcome() == ("accepted" if direct else "settled")
        assert Customer.objects.get(pk=scene.customer.pk).invited_at is None


def test_two_agents_invite_one_customer(
    customer: Customer, admin_agent: Membership, actor_for: Act, tmp_path: Path
) -> None:
    """two agents invite the same customer at once: one invitation, the other agent is led to it"""
    by, invitee = actor_for(admin_agent), primary_invitee(customer)
    with shared_by_threads(tmp_path):
        count = scale(4, 12)
        plays = [lambda: invite_customer(by=by, customer=customer, invitee=invitee)] * count
        errors = race(tmp_path, *plays)
        assert {error.code for error in errors if isinstance(error, PortalError)} == {"open_invitation"}
        assert len(errors) == count - 1
        assert Invitation.objects.count() == 1


def test_sending_a_request_twice_mails_it_once(partner: Partner, tmp_path: Path) -> None:
    """Send, clicked as often at once, for a request that has no customer yet: one letter"""
    asked, by = RequestInvitationFactory(partner=partner), job_actor()
    with shared_by_threads(tmp_path):
        _done, errors = together(scale(4, 12), lambda number: send_invitation(by=by, invitation=asked))
        assert errors == []
        assert Letter.objects.count() == 1


def test_negative_control_a_revocation_without_locks_undoes_what_was_accepted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """negative control: a revocation that read before it and locked nothing leaves a record and a revoked link"""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time, whatever the portal locks.")

    def read_and_dawdle(invitation: Invitation) -> Invitation:
        found = Invitation.objects.with_details().get(pk=invitation.pk)
        time.sleep(WIDE_WINDOW)
        return found

    monkeypatch.setattr(invitations, "lock_invitation", read_and_dawdle)
    _done, errors = together(2, lambda number: [scene.accept, scene.revoke][number]())
    assert errors == []
    assert Attestation.objects.exists()
    assert scene.outcome() == "revoked"
