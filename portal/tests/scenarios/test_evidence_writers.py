"""Who writes into a chain at once, twice the same, or while the clock steps back: the chain is whole all the same."""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate, Attestation
from agreements.proving import verify
from agreements.tests.factories import confirmed, job_actor, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import ChainEntry
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner
from portal.tests.scenario_plugin import scale

WRITERS = 32


@pytest.mark.scenario("I9")
@pytest.mark.django_db(transaction=True)
def test_many_writers_share_a_chain(
    sales_agent: Membership, actor_for: Callable[..., Actor], template: AgreementTemplate, tmp_path: Path
) -> None:
    """32 writers attest for one partner at once, for a while: no gap, no fork, no deadlock, the chain verifies"""
    partner, seconds = sales_agent.partner, scale(2, 60)
    chain, by = f"partner:{partner.tenant_id}", actor_for(sales_agent)
    customers = [CustomerFactory(partner=partner) for _ in range(WRITERS)]
    end = time.monotonic() + seconds

    def attest(number: int) -> int:
        count = 0
        while time.monotonic() < end:
            confirmed(customers[number], by, person=person(first_name=f"Zofia {number} {count}"))
            count += 1
        return count

    with shared_by_threads(tmp_path):
        counts, errors = together(WRITERS, attest)
        assert errors == []
        seqs = list(ChainEntry.objects.filter(chain=chain).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, sum(counts) + 1))
        assert Attestation.objects.count() == len(seqs)
        assert min(counts) > 0
        assert not verify(chain=chain).findings
    sys.stdout.write(f"{len(seqs)} entries in {seconds} s by {WRITERS} writers: {len(seqs) / seconds:.0f} a second\n")


@pytest.mark.scenario("E5")
def test_the_same_said_twice_has_two_digests(partner: Partner, template: AgreementTemplate) -> None:
    """Two records of the same content, at the same moment, have different digests and a fixed order"""
    customers = [CustomerFactory(partner=partner, company_name="Twice Ltd") for _ in range(2)]
    moment = timezone.now()
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(timezone, "now", lambda: moment)
        first, second = (confirmed(customer) for customer in customers)
        again = confirmed(customers[0], person=person(first_name="Jan"))
        back = confirmed(customers[0])
    assert len({record.person_digest for record in (first, second, again, back)}) == 4
    entries = list(ChainEntry.objects.order_by("seq"))
    assert [entry.subject for entry in entries] == [str(r.reference) for r in (first, second, again, back)]
    for unique in ("payload", "payload_digest", "digest", "prev"):
        assert len({getattr(entry, unique) for entry in entries}) == 4, unique
    assert {entry.at for entry in entries} == {moment}
    assert not verify().findings


@pytest.mark.scenario("E7")
def test_a_clock_that_steps_back_rejects_nobody(
    customer: Customer, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock steps back 1 h during writes: numbers go on, the times are noted, no honest write is refused"""
    now = timezone.now()
    times: list[datetime] = [now, now + timedelta(seconds=5), now - timedelta(hours=1), now - timedelta(minutes=59)]
    for number, moment in enumerate(times):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        confirmed(customer, job_actor(), person=person(first_name=f"Zofia {number}"), agreed_on=_day_before(now))
    monkeypatch.undo()
    entries = ChainEntry.objects.order_by("seq")
    assert list(entries.values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert list(entries.values_list("at", flat=True)) == times
    verdict = verify()
    assert not verdict.findings
    assert [(note.chain, note.seq) for note in verdict.notes] == [(f"partner:{partner.tenant_id}", 3)]
    assert Attestation.objects.latest_of_line().get().person.first_name == "Zofia 3"


def _day_before(moment: datetime) -> object:
    return moment.date() - timedelta(days=1)
