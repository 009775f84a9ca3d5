"""Where a second person is needed: every door asks for it, and the pages on which they decide."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements import evidence_store
from agreements.models import Approval, Attestation, EvidenceUpload
from agreements.services import (
    Acceptance,
    attest_on_behalf,
    record_imported,
    refuse_approval,
    withdraw_acceptance,
)
from agreements.tests.approval_factories import needs_second_person, new_signer, waiting
from agreements.tests.factories import PDF, acceptance, confirmed, job_actor
from agreements.tests.invitation_factories import ConfirmationRequestFactory
from customers.models import Customer
from orders.tests.factories import filled_cart
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
SENT = "Sent to a second person. The present record stays until then."


def stated(**changed: Any) -> dict[str, Any]:
    answers = {
        "submit_key": uuid4().hex,
        "agreed_on": timezone.now().date().isoformat(),
        "signer": "other",
        "first_name": "Jan",
        "last_name": "Nowak",
        "email": "jan@customer.example",
        "phone": "",
        "evidence_kind": "email",
        "evidence_note": "Subject: Tak",
        "language": "pl-PL",
        "purpose": "new",
    }
    return {**answers, **changed}


def page_of(asked: Approval) -> str:
    return reverse("agreements:approval", args=[asked.public_id])


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def asked(customer: Customer, sales_agent: Membership, actor_for: Act) -> Approval:
    return waiting(customer, actor_for(sales_agent))


def test_update_sends_it_to_a_second_person(customer: Customer, sales_agent: Membership, client_of: ClientOf) -> None:
    confirmed(customer)
    needs_second_person(customer.partner)
    client, url = client_of(sales_agent), reverse("agreements:confirm", args=[customer.tenant_id])
    page = client.post(url, stated(), follow=True).content.decode()
    assert SENT in page
    asked = Approval.objects.get()
    assert page_of(asked) in page
    assert Attestation.objects.count() == 1
    again = client.post(url, stated()).content.decode()
    assert "waits for a second person already" in again
    assert page_of(asked) in again
    assert "Nowak" in again


def test_attesting_on_behalf_sends_it_with_its_scenario(
    customer: Customer, helpdesk_agent: Membership, actor_for: Act, client_of: ClientOf
) -> None:
    attest_on_behalf(by=actor_for(helpdesk_agent), customer=customer, acceptance=acceptance(), scenario=1)
    needs_second_person(customer.partner)
    url = reverse("agreements:attest", args=[customer.tenant_id])
    client = client_of(helpdesk_agent)
    assert SENT in client.post(url, stated(scenario="2"), follow=True).content.decode()
    asked = Approval.objects.get()
    assert asked.statement["scenario"] == 2
    assert "Jan" in text(client, page_of(asked))


def test_the_order_prompt_keeps_the_cart_until_it_is_approved(
    customer: Customer, sales_agent: Membership, admin_agent: Membership, actor_for: Act, client_of: ClientOf
) -> None:
    first = confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    withdraw_acceptance(by=actor_for(admin_agent), customer=customer, attestation=first, reason="Wrong customer")
    needs_second_person(customer.partner)
    agent, prompt = client_of(sales_agent), reverse("orders:agreement", args=[cart.pk])
    page = agent.post(prompt, stated(), follow=True).content.decode()
    assert SENT in page
    asked = Approval.objects.get()
    assert page_of(asked) in page
    assert cart.lines.exists()
    # What it would replace is withdrawn already, and stays so.
    client_of(admin_agent).post(reverse("agreements:approve", args=[asked.public_id]))
    assert Attestation.objects.count() == 2
    assert agent.get(prompt).headers["Location"] == reverse("orders:review", args=[cart.pk])


def test_a_provider_confirms_a_request_with_a_second_person(
    provider: Partner, template: object, client_of: ClientOf
) -> None:
    request = ConfirmationRequestFactory(customer__partner=provider)
    confirmed(request.customer)
    needs_second_person(provider)
    asker, approver = (MembershipFactory(partner=provider, roles=["admin_agent"]) for _ in range(2))
    url = reverse("agreements:confirmation_request", args=[request.public_id])
    assert SENT in client_of(asker).post(url, stated(), follow=True).content.decode()
    client_of(approver).post(reverse("agreements:approve", args=[Approval.objects.get().public_id]))
    request.refresh_from_db()
    assert request.outcome == "confirmed"


def test_a_row_of_a_sheet_says_that_a_second_person_is_needed(customer: Customer, sales_agent: Membership) -> None:
    confirmed(customer)
    needs_second_person(customer.partner)
    said: dict[int, Acceptance] = {1: new_signer()}
    with transaction.atomic():
        refused = record_imported(by=job_actor(), customers={1: customer}, acceptances=said)
    assert refused[1].code == "approval_required"
    assert not Approval.objects.exists()


def test_both_records_stand_side_by_side_with_what_differs(
    asked: Approval, admin_agent: Membership, client_of: ClientOf
) -> None:
    page = text(client_of(admin_agent), page_of(asked))
    for words in ("Wiśniewska", "Nowak", "zofia@customer.example", "jan@customer.example", "Approve and record it"):
        assert words in page
    # First name, last name, address and date; the method and how we know are the same.
    assert page.count("Different") == 4


def test_the_file_is_read_before_it_is_approved(
    customer: Customer,
    sales_agent: Membership,
    admin_agent: Membership,
    helpdesk_agent: Membership,
    actor_for: Act,
    client_of: ClientOf,
) -> None:
    upload = EvidenceUpload.objects.create(
        partner=customer.partner,
        owner=sales_agent.user,
        name="contract.pdf",
        sha256=evidence_store.store(customer.partner.tenant_id, PDF),
        size=len(PDF),
        media_type="application/pdf",
    )
    asked, client = waiting(customer, actor_for(sales_agent), evidence=(upload.public_id,)), client_of(admin_agent)
    url = reverse("agreements:approval_file", args=[asked.public_id, upload.public_id])
    assert url in text(client, page_of(asked))
    response: Any = client.get(url)
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert client_of(helpdesk_agent).get(url).status_code == 404
    client.post(reverse("agreements:approve", args=[asked.public_id]))
    assert client.get(url).status_code == 404


def test_an_admin_agent_approves(asked: Approval, admin_agent: Membership, client_of: ClientOf) -> None:
    client = client_of(admin_agent)
    assert "Waiting for your approval" in text(client, "/")
    done = client.post(reverse("agreements:approve", args=[asked.public_id]), follow=True).content.decode()
    assert "Approved. The acceptance is recorded." in done
    record = Attestation.objects.latest("id")
    assert reverse("agreements:record", args=[record.tenant_id, record.reference]) in done
    assert "Nowak" not in done
    assert "Waiting for your approval" not in text(client, "/")
    again = client.post(reverse("agreements:refuse_approval", args=[asked.public_id]), {"reason": "No"}, follow=True)
    assert "decided or taken back meanwhile" in again.content.decode()


@pytest.mark.parametrize("action", ["approve", "take_approval_back"])
def test_an_answer_that_comes_too_late_is_in_the_log(
    asked: Approval,
    sales_agent: Membership,
    admin_agent: Membership,
    client_of: ClientOf,
    actor_for: Act,
    action: str,
) -> None:
    refuse_approval(by=actor_for(admin_agent), approval=asked, reason="No")
    member = admin_agent if action == "approve" else sales_agent
    said = client_of(member).post(reverse(f"agreements:{action}", args=[asked.public_id]), follow=True)
    assert "decided or taken back meanwhile" in said.content.decode()
    refused = AuditEvent.objects.get(code="partners.action_refused")
    assert (refused.actor_user_id, refused.facts["route"]) == (member.user_id, f"agreements:{action}")


def test_an_admin_agent_refuses_with_a_reason(
    asked: Approval, admin_agent: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    client, url = client_of(admin_agent), reverse("agreements:refuse_approval", args=[asked.public_id])
    assert "Say why you do not approve it" in client.post(url, {"reason": ""}).content.decode()
    client.post(url, {"reason": "The email is about something else."})
    assert "The email is about something else." in text(client_of(sales_agent), page_of(asked))


def test_who_asked_sees_that_it_waits_and_takes_it_back(
    asked: Approval, sales_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(sales_agent)
    assert "asked by Sam Sales" in text(client, reverse("customers:account", args=[asked.customer.tenant_id]))
    page = text(client, page_of(asked))
    assert "Approve and record it" not in page
    assert "Take it back" in page
    client.post(reverse("agreements:take_approval_back", args=[asked.public_id]))
    asked.refresh_from_db()
    assert asked.outcome == "taken_back"


def test_an_admin_agent_does_not_decide_about_their_own(
    customer: Customer, admin_agent: Membership, actor_for: Act, client_of: ClientOf
) -> None:
    asked = waiting(customer, actor_for(admin_agent))
    client = client_of(admin_agent)
    assert "Waiting for your approval" not in text(client, "/")
    assert "You asked for this yourself" in text(client, page_of(asked))
    assert client.post(reverse("agreements:approve", args=[asked.public_id])).status_code == 403


def test_a_changed_record_is_said_and_cannot_be_approved(
    asked: Approval, customer: Customer, admin_agent: Membership, actor_for: Act, client_of: ClientOf
) -> None:
    withdraw_acceptance(
        by=actor_for(admin_agent), customer=customer, attestation=asked.record, reason="Wrong customer"
    )
    client = client_of(admin_agent)
    page = text(client, page_of(asked))
    assert "replaced or withdrawn meanwhile" in page
    assert "Approve and record it" not in page
    done = client.post(reverse("agreements:approve", args=[asked.public_id]), follow=True).content.decode()
    assert "Refuse this, and let it be stated anew" in done


def test_the_list_shows_first_what_waits(
    asked: Approval, partner: Partner, sales_agent: Membership, admin_agent: Membership, client_of: ClientOf
) -> None:
    Approval.objects.create(
        partner=partner,
        customer=asked.customer,
        record=asked.record,
        reason_code="correction",
        asked_by=sales_agent.user,
        asked_by_name="Olga Older",
        asked_at=timezone.now() + timedelta(hours=1),
        outcome="refused",
        decided_at=timezone.now(),
    )
    client = client_of(admin_agent)
    page = text(client, reverse("agreements:approvals"))
    assert page.index("Sam Sales") < page.index("Olga Older")
    assert "Olga Older" not in text(client, reverse("agreements:approvals") + "?state=open")


def test_who_only_attests_sees_their_own_alone(
    asked: Approval, helpdesk_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(helpdesk_agent)
    assert "Nothing waits" in text(client, reverse("agreements:approvals"))
    assert client.get(page_of(asked)).status_code == 404
