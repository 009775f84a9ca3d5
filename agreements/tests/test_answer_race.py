"""Many clicks on Accept in the same moment: one record, and every answer leads to its receipt."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from agreements.models import AgreementTemplate, Attestation, Invitation
from agreements.services import accepting
from agreements.tests.answering import agreement, asked, at_partner, counts, filled, opened
from agreements.tests.invitation_factories import RequestInvitationFactory
from agreements.tests.test_answer_join import answers
from customers.models import Customer
from portal.audit.models import AuditEvent
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Partner

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scenario("I2")]
CLICKS = 8


def click_at_once(client: Client, partner: Partner, typed: dict[str, str]) -> tuple[list[str], list[Exception]]:
    """Where each click led to."""

    def click(number: int) -> str:
        same = Client()
        same.cookies = client.cookies
        return str(same.post(at_partner(partner, "agreement/"), typed).headers.get("Location"))

    return together(CLICKS, click)


def test_one_record_by_the_link(customer: Customer, tmp_path: Path) -> None:
    """Accept, as many times at once: 1 record, 1 receipt, every answer leads to it"""
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner))
    with shared_by_threads(tmp_path):
        led, errors = click_at_once(client, customer.partner, typed)
        assert errors == []
        assert set(led) == {at_partner(customer.partner, "receipt/")}
        assert counts()[:2] == (1, 1)
        assert AuditEvent.objects.filter(code="agreements.invitation_accepted").count() == 1


def test_one_customer_by_a_request(partner: Partner, template: AgreementTemplate, tmp_path: Path) -> None:
    """A company that joins, as many times at once: 1 customer, 1 record, every answer leads to the receipt"""
    client = opened(RequestInvitationFactory(partner=partner))
    typed = answers(agreement(client, partner))
    with shared_by_threads(tmp_path):
        led, errors = click_at_once(client, partner, typed)
        assert errors == []
        assert set(led) == {at_partner(partner, "receipt/")}
        assert (Customer.objects.count(), Attestation.objects.count()) == (1, 1)


def test_negative_control_without_the_lock_not_everybody_is_led_there(
    partner: Partner, template: AgreementTemplate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """negative control: who does not wait for the invitation is told that the company is known already"""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time anyway.")

    def unlocked(invitation: Invitation) -> Any:
        found = Invitation.objects.with_details().get(pk=invitation.pk)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(accepting, "_lock_to_accept", unlocked)
    client = opened(RequestInvitationFactory(partner=partner))
    led, _errors = click_at_once(client, partner, answers(agreement(client, partner)))
    assert set(led) != {at_partner(partner, "receipt/")}
