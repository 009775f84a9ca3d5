"""E6: a time-stamp authority that is honest, away, slow or lying. Nobody waits for it, and nobody speaks for it."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from agreements.services import look_after_checkpoints
from agreements.stamping import look_after_stamps
from agreements.tests.checkpoint_factories import CheckpointFactory
from agreements.tests.factories import confirmed
from customers.models import Customer
from portal.audit import timestamps
from portal.audit.checkpoints import stamped_bytes
from portal.audit.models import Checkpoint, StampState, TimeStamp
from portal.dashboard.demo.told import told
from portal.jobs.tests.workers import work
from portal.partners.models import Membership, Partner
from portal.tests.scenarios.authority import (
    Answer,
    Authority,
    make_certificates,
    running,
    with_other_imprint,
    with_other_nonce,
)
from portal.tests.scenarios.live import free_port

pytestmark = [pytest.mark.scenario("E6"), pytest.mark.django_db(transaction=True)]
ClientOf = Callable[[Membership], Client]
PAGE = "/agreements/evidence/"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    make_certificates(folder)
    return folder


@pytest.fixture
def authority(certificates: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Honest, until a test says otherwise."""
    monkeypatch.setenv("no_proxy", "*")
    made = Authority(certificates, behaviour=lambda query: made.stamped(query))
    with running(made):
        settings.TSA_URL, settings.TSA_CERTIFICATES = made.url, made.roots
        yield made


@pytest.fixture
def agent(customer: Customer, admin_agent: Membership, client_of: ClientOf) -> Client:
    """At a partner that has a record."""
    confirmed(customer)
    return client_of(admin_agent)


def take(agent: Client) -> str:
    """Take a checkpoint on the page; what the page shows then."""
    answer = agent.post(f"{PAGE}checkpoints/", {"submit_key": uuid4().hex}, follow=True)
    assert "The checkpoint is taken" in answer.content.decode()
    return answer.content.decode()


def stamp() -> TimeStamp:
    return TimeStamp.objects.select_related("checkpoint").get()


def make_due() -> None:
    TimeStamp.objects.filter(state=StampState.PENDING).update(next_try_at=timezone.now())


def replayed(authority: Authority, query: bytes) -> Answer:
    """The answer to an earlier question about the same."""
    return authority.stamped(with_other_nonce(query))


def about_something_else(authority: Authority, query: bytes) -> Answer:
    return authority.stamped(with_other_imprint(query))


def signed_by(signer: str, authority: Authority, query: bytes) -> Answer:
    return authority.stamped(query, signer=signer)


def refusing(authority: Authority, query: bytes) -> Answer:
    return authority.stamped(query, digests="sha512")


def saying(status: int, body: bytes, authority: Authority, query: bytes) -> Answer:
    return status, body


def slow(authority: Authority, query: bytes) -> Answer:
    time.sleep(0.5)
    return authority.stamped(query)


LIES = {
    "wrong nonce": (replayed, "it is that to another question"),
    "wrong imprint": (about_something_else, "it is about something else"),
    "certificate expired": (partial(signed_by, "expired"), "certificate has expired"),
    "unknown root": (partial(signed_by, "unknown"), "no trust in its certificate"),
}
TROUBLE = {
    **LIES,
    "refused": (refusing, "The authority gave no stamp (status 2)"),
    "garbage": (partial(saying, 200, b"\x30\x82\x01\x00garbage"), "it is no time stamp"),
    "empty": (partial(saying, 200, b""), "it is no time stamp"),
    "a web page": (partial(saying, 200, b"<!doctype html><title>Welcome</title>"), "it is no time stamp"),
    "broken": (partial(saying, 503, b"no"), "HTTP status 503"),
    "slow": (slow, "did not answer in time"),
}


def test_an_honest_authority_stamps(agent: Client, authority: Authority) -> None:
    """An honest authority stamps what it is asked for, openssl agrees, and nobody waited for it"""
    shown = take(agent)
    assert authority.asked == []
    assert "Pending" in shown
    before = timezone.now().replace(microsecond=0)
    work("bulk")
    found = stamp()
    assert (found.state, found.problem, found.authority) == (StampState.STAMPED, "", authority.url)
    assert found.stamped_at is not None
    assert before <= found.stamped_at <= timezone.now()
    token, data = bytes(found.token or b""), stamped_bytes(found.checkpoint)
    assert authority.holds(data, token)
    assert not authority.holds(data + b" ", token)
    assert "Stamped" in agent.get(PAGE).content.decode()
    work("bulk")
    assert len(authority.asked) == 1


def test_certificates_that_come_along_lead_to_the_root(agent: Client, authority: Authority) -> None:
    """An authority whose certificate another one signed sends that along, in an order that openssl does not keep"""
    authority.behaviour = partial(authority.stamped, signer="chained", chain="between")
    take(agent)
    work("bulk")
    found = stamp()
    assert (found.state, found.problem) == (StampState.STAMPED, "")
    token = bytes(found.token or b"")
    assert authority.holds(stamped_bytes(found.checkpoint), token)
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        timestamps.decode_timestamp_response(token)


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_is_shown_and_asked_again(
    agent: Client, authority: Authority, trouble: str, settings: Settings
) -> None:
    """Whatever the authority does, the record stands, the state says so, no time is made up, it is retried"""
    settings.TSA_TIMEOUT = 0.2 if trouble == "slow" else 10
    behave, said = TROUBLE[trouble]
    authority.behaviour = partial(behave, authority)
    take(agent)
    assert authority.asked == []
    work("bulk")
    found = stamp()
    assert (found.state, found.token, found.stamped_at, found.attempt_count) == (StampState.PENDING, None, None, 1)
    assert said in found.problem
    assert found.next_try_at is not None
    assert found.next_try_at > timezone.now()
    shown = agent.get(PAGE).content.decode()
    assert "Pending" in shown
    assert "Stamped" not in shown
    authority.behaviour = authority.stamped
    assert not look_after_stamps()
    make_due()
    assert look_after_stamps()
    work("bulk")
    assert stamp().state == StampState.STAMPED


@pytest.mark.parametrize("lie", LIES)
def test_unchecked_a_lie_would_pass(
    agent: Client, authority: Authority, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: with the checking switched off each lie is taken, and openssl calls it one"""

    def believed(response: timestamps.TimeStampResponse, *asked: object) -> datetime:
        return response.tst_info.gen_time

    monkeypatch.setattr(timestamps, "_checked", believed)
    behave, _said = LIES[lie]
    authority.behaviour = partial(behave, authority)
    take(agent)
    work("bulk")
    found = stamp()
    assert found.state == StampState.STAMPED
    # An answer with another nonce is a true stamp of the data all the same, only not of this question.
    assert authority.holds(stamped_bytes(found.checkpoint), bytes(found.token or b"")) is (lie == "wrong nonce")


def test_an_authority_that_is_away_ends_the_round(partner: Partner, authority: Authority, settings: Settings) -> None:
    """Nobody at the address: one attempt a round, not one for each checkpoint, and no attempt less for the others"""
    for _each in range(3):
        timestamps.await_stamp(CheckpointFactory(partner=partner))
    settings.TSA_URL = f"http://127.0.0.1:{free_port()}/"
    assert timestamps.stamp_due() == 0
    assert sorted(TimeStamp.objects.values_list("attempt_count", flat=True)) == [0, 0, 1]
    assert "cannot be reached" in TimeStamp.objects.get(attempt_count=1).problem
    settings.TSA_URL = authority.url
    make_due()
    assert timestamps.stamp_due() == 3


def test_no_transaction_is_open_while_it_is_asked(
    customer: Customer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the authority is asked no transaction is open, and no other worker asks for the same"""
    confirmed(customer)
    look_after_checkpoints()
    ask, seen = timestamps._post, []

    def watched(body: bytes) -> bytes:
        seen.append((connection.in_atomic_block, timestamps.has_due()))
        return ask(body)

    monkeypatch.setattr(timestamps, "_post", watched)
    assert look_after_stamps()
    assert not look_after_stamps()
    work("bulk")
    assert seen == [(False, False)]
    assert stamp().state == StampState.STAMPED


def test_it_is_given_up_in_the_end_and_tried_again_when_asked(agent: Client, authority: Authority) -> None:
    """After the last attempt the stamp has failed and says why; Try again begins anew"""
    authority.behaviour = partial(saying, 200, b"no", authority)
    take(agent)
    pauses = []
    for _each in range(timestamps.MAX_ATTEMPTS):
        make_due()
        asked_at = timezone.now()
        timestamps.stamp_due()
        next_try_at = stamp().next_try_at
        pauses += [round((next_try_at - asked_at).total_seconds() / 60)] if next_try_at else []
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    found = stamp()
    assert (found.state, found.stamped_at, found.next_try_at) == (StampState.FAILED, None, None)
    shown = agent.get(PAGE).content.decode()
    assert "Failed" in shown
    assert "it is no time stamp" in shown
    timestamps.stamp_due()
    assert len(authority.asked) == timestamps.MAX_ATTEMPTS
    authority.behaviour = authority.stamped
    agent.post(f"{PAGE}checkpoints/{Checkpoint.objects.get().public_id}/stamp/")
    work("bulk")
    assert stamp().state == StampState.STAMPED


def test_a_time_that_cannot_be_is_refused(partner: Partner, authority: Authority) -> None:
    """A time of long before the checkpoint is no time of it: a certificate that is over could sign for back then"""
    with told(-3):
        timestamps.await_stamp(CheckpointFactory(partner=partner))
        assert timestamps.stamp_due() == 0
    assert "more than a day off" in stamp().problem
