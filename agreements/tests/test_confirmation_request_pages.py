"""A reseller asks on Account info; its provider decides on a page of its own."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation, ConfirmationRequest
from agreements.tests.factories import confirmed
from agreements.tests.invitation_factories import ConfirmationRequestFactory
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
pytestmark = pytest.mark.usefixtures("template")


@pytest.fixture
def resold(provider: Partner, reseller_agent: Membership) -> Customer:
    return CustomerFactory(partner=provider, reseller=reseller_agent.partner, company_name="Resold Ltd")


@pytest.fixture
def provider_agent(provider: Partner) -> Membership:
    return MembershipFactory(partner=provider, roles=["sales_agent"], user__name="Petra Provider")


@pytest.fixture
def asked(resold: Customer) -> ConfirmationRequest:
    return ConfirmationRequestFactory(customer=resold, first_name="Bożena", phone="+48221234567")


def stated(**changed: Any) -> dict[str, Any]:
    answers = {
        "submit_key": uuid4().hex,
        "agreed_on": timezone.now().date().isoformat(),
        "signer": "other",
        "first_name": "Bożena",
        "last_name": "Dźwigała",
        "email": "bozena@customer.example",
        "phone": "",
        "evidence_kind": "email",
        "evidence_note": "Subject: Tak",
        "language": "pl-PL",
    }
    return {**answers, **changed}


def page_of(asked: ConfirmationRequest) -> str:
    return reverse("agreements:confirmation_request", args=[asked.public_id])


def test_a_reseller_asks_from_account_info(
    resold: Customer, reseller_agent: Membership, provider: Partner, client_of: ClientOf
) -> None:
    client, url = client_of(reseller_agent), reverse("agreements:ask_provider", args=[resold.tenant_id])
    account = client.get(reverse("customers:account", args=[resold.tenant_id])).content.decode()
    assert f"Ask {provider.name} to confirm" in account
    assert url in account
    said = stated(partner=reseller_agent.partner.tenant_id)
    for _again in range(2):
        response = client.post(url, said)
        asked = ConfirmationRequest.objects.get()
        assert response["Location"] == page_of(asked)
    assert (asked.first_name, asked.language, asked.asked_by_name) == ("Bożena", "pl-PL", "Rita Reseller")
    account = client.get(reverse("customers:account", args=[resold.tenant_id])).content.decode()
    assert "Waiting for an answer" in account
    assert url not in account
    assert not Attestation.objects.exists()


def test_what_was_typed_comes_back_with_what_to_do(
    resold: Customer, reseller_agent: Membership, client_of: ClientOf
) -> None:
    url = reverse("agreements:ask_provider", args=[resold.tenant_id])
    page = client_of(reseller_agent).post(url, stated(evidence_kind="", last_name="O'Brien-Żak")).content.decode()
    assert "Choose how you know that the customer accepted" in page
    assert "O&#x27;Brien-Żak" in page
    assert not ConfirmationRequest.objects.exists()


def test_a_second_question_waits_for_the_first(
    asked: ConfirmationRequest, resold: Customer, reseller_agent: Membership, client_of: ClientOf
) -> None:
    url = reverse("agreements:ask_provider", args=[resold.tenant_id])
    page = client_of(reseller_agent).post(url, stated()).content.decode()
    assert "has not decided about your last request" in page
    assert ConfirmationRequest.objects.get() == asked


def test_the_provider_confirms_what_is_filled_in(
    asked: ConfirmationRequest, provider_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(provider_agent)
    home = client.get("/").content.decode()
    assert "Your resellers ask" in home
    assert page_of(asked) in home
    form = client.get(page_of(asked)).context["form"]
    assert (form.initial["first_name"], form.initial["evidence_note"]) == ("Bożena", "Subject: Akceptacja")
    said = stated(last_name="Put-Right", submit_key=uuid4().hex)
    for _again in range(2):
        response = client.post(page_of(asked), said)
        assert response["Location"] == page_of(asked)
    record = Attestation.objects.get()
    assert record.person.last_name == "Put-Right"
    page = client.get(page_of(asked)).content.decode()
    assert str(record.reference) in page
    assert "Your resellers ask" not in client.get("/").content.decode()


def test_the_primary_contact_is_chosen_where_it_was_stated(
    resold: Customer, provider_agent: Membership, client_of: ClientOf
) -> None:
    same = ConfirmationRequestFactory(customer=resold, phone="+48 22 123 45 67")
    form = client_of(provider_agent).get(page_of(same)).context["form"]
    assert form.initial["signer"] == "contact"


def test_the_provider_refuses_with_a_reason(
    asked: ConfirmationRequest, provider_agent: Membership, reseller_agent: Membership, client_of: ClientOf
) -> None:
    client, url = client_of(provider_agent), reverse("agreements:refuse_request", args=[asked.public_id])
    assert "Say why you do not confirm it" in client.post(url, {"reason": " "}).content.decode()
    assert client.post(url, {"reason": "The email names nobody."})["Location"] == page_of(asked)
    assert client.post(url, {"reason": "Again"})["Location"] == page_of(asked)
    seen = client_of(reseller_agent).get(page_of(asked)).content.decode()
    assert "The email names nobody." in seen
    assert "Refused" in seen
    account = client_of(reseller_agent).get(reverse("customers:account", args=[asked.customer.tenant_id]))
    assert "The email names nobody." in account.content.decode()


def test_a_decision_after_it_was_taken_back_records_nothing(
    asked: ConfirmationRequest, provider_agent: Membership, reseller_agent: Membership, client_of: ClientOf
) -> None:
    taken = client_of(reseller_agent).post(reverse("agreements:take_request_back", args=[asked.public_id]))
    assert taken["Location"] == page_of(asked)
    page = client_of(provider_agent).post(page_of(asked), stated(), follow=True).content.decode()
    assert "Nothing is recorded." in page
    assert not Attestation.objects.exists()
    again = client_of(reseller_agent).post(
        reverse("agreements:take_request_back", args=[asked.public_id]), follow=True
    )
    assert "decided or taken back meanwhile" in again.content.decode()


def test_the_reseller_never_sees_the_providers_records(
    asked: ConfirmationRequest, resold: Customer, reseller_agent: Membership, client_of: ClientOf
) -> None:
    record = confirmed(resold)
    asked.outcome, asked.attestation, asked.decided_at = "confirmed", record, timezone.now()
    asked.save()
    client = client_of(reseller_agent)
    for url in (page_of(asked), reverse("customers:account", args=[resold.tenant_id])):
        assert str(record.reference) not in client.get(url).content.decode()
    assert client.post(page_of(asked), stated()).status_code == 403
    address = reverse("agreements:record", args=[resold.tenant_id, record.reference])
    assert client.get(address).status_code == 404


def test_to_strangers_a_request_does_not_exist(
    asked: ConfirmationRequest, stranger: Membership, client_of: ClientOf
) -> None:
    helpdesk = MembershipFactory(partner=asked.partner, roles=["helpdesk_agent"])
    for member in (stranger, helpdesk, MembershipFactory(partner__kind="indirect_reseller")):
        client = client_of(member)
        assert client.get(page_of(asked)).status_code == 404
        assert client.post(page_of(asked), stated()).status_code == 404
        for name in ("refuse_request", "take_request_back"):
            url = reverse(f"agreements:{name}", args=[asked.public_id])
            assert client.post(url, {"reason": "x"}).status_code == 404
        assert asked.customer.company_name not in client.get("/agreements/requests/").content.decode()


def test_both_sides_find_it_in_their_list(
    asked: ConfirmationRequest, provider_agent: Membership, reseller_agent: Membership, client_of: ClientOf
) -> None:
    for member, other in ((provider_agent, asked.reseller), (reseller_agent, asked.partner)):
        page = client_of(member).get("/agreements/requests/").content.decode()
        assert page_of(asked) in page
        assert other.name in page


def test_the_list_costs_the_same_for_many(
    asked: ConfirmationRequest, provider_agent: Membership, reseller_agent: Membership, client_of: ClientOf
) -> None:
    def queries(client: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    clients = [client_of(provider_agent), client_of(reseller_agent)]
    pages = [(client, url) for client in clients for url in ("/agreements/requests/", "/")]
    few = [queries(*page) for page in pages]
    for _each in range(12):
        resold = CustomerFactory(partner=asked.partner, reseller=asked.reseller)
        ConfirmationRequestFactory(customer=resold)
    assert [queries(*page) for page in pages] == few


def test_a_helpdesk_agent_of_the_reseller_is_told_who_can_ask(resold: Customer, client_of: ClientOf) -> None:
    helpdesk = MembershipFactory(partner=resold.reseller, roles=["helpdesk_agent"])
    client = client_of(helpdesk)
    account = client.get(reverse("customers:account", args=[resold.tenant_id])).content.decode()
    assert "Sales agent" in account
    assert client.get(reverse("agreements:ask_provider", args=[resold.tenant_id])).status_code == 403
