"""A disputed record is shown as such, with who decides; deciding takes a reason."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Attestation
from agreements.services import attest_on_behalf, take_dispute_back
from agreements.tests.factories import acceptance, accepted_directly, confirmed
from agreements.tests.invitation_factories import THE_PERSON, disputed
from customers.models import Customer
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
REASON = "I left the company in 2019."


@pytest.fixture
def record(customer: Customer, sales_agent: Membership, actor_for: Act) -> Attestation:
    return disputed(confirmed(customer, actor_for(sales_agent)), REASON)


def urls(customer: Customer, record: Attestation) -> tuple[str, str]:
    of_record = [customer.tenant_id, record.reference]
    return reverse("agreements:record", args=of_record), reverse("agreements:resolve_dispute", args=of_record)


def test_the_record_says_who_disputes_it_and_why(
    record: Attestation, customer: Customer, admin_agent: Membership, client_of: ClientOf
) -> None:
    shown, resolving = urls(customer, record)
    page = client_of(admin_agent).get(shown).content.decode()
    for words in (REASON, "Zofia Wiśniewska", "Disputed", resolving):
        assert words in page
    assert "Withdraw the record" not in page


def test_home_leads_to_it_for_who_resolves(
    record: Attestation, customer: Customer, admin_agent: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    shown, _resolving = urls(customer, record)
    home = client_of(admin_agent).get("/").content.decode()
    assert shown in home
    assert REASON in home
    assert shown not in client_of(sales_agent).get("/").content.decode()


@pytest.mark.parametrize(
    ("decision", "word", "is_current"), [("upheld", "Withdrawn", False), ("rejected", "Current", True)]
)
def test_a_decision_with_its_reason_ends_it(
    record: Attestation,
    customer: Customer,
    admin_agent: Membership,
    client_of: ClientOf,
    decision: str,
    word: str,
    is_current: bool,
) -> None:
    client, (shown, resolving) = client_of(admin_agent), urls(customer, record)
    page = client.post(resolving, {"decision": decision, "reason": " "}).content.decode()
    assert "Say how you decided, and why" in page
    assert "Choose who is right" in client.post(resolving, {"reason": "Because"}).content.decode()
    assert client.post(resolving, {"decision": decision, "reason": "We looked into it."})["Location"] == shown
    page = client.get(shown).content.decode()
    assert word in page
    assert "We looked into it." in page
    assert Attestation.objects.current().filter(pk=record.pk).exists() is is_current
    assert shown not in client.get("/").content.decode()
    again = client.post(resolving, {"decision": decision, "reason": "Again"}, follow=True).content.decode()
    assert "no open dispute" in again


def test_a_decision_is_about_what_was_read(
    record: Attestation, customer: Customer, admin_agent: Membership, client_of: ClientOf
) -> None:
    """Taken back and disputed anew while the page was open: the new words are read before they are answered."""
    client, (shown, resolving) = client_of(admin_agent), urls(customer, record)
    typed = {"decision": "rejected", "reason": "She was there."}
    read = client.get(resolving).context["form"]["opened"].value()
    take_dispute_back(by=THE_PERSON, receipt=record.receipt)
    disputed(record, "The date is wrong.")
    page = client.post(resolving, typed | {"opened": read})
    assert page.status_code == 200
    assert "Read it, then decide" in page.content.decode()
    assert "The date is wrong." in page.content.decode()
    assert page.context["form"]["reason"].value() == "She was there."
    assert not Attestation.objects.current().filter(pk=record.pk).exists()
    again = typed | {"opened": page.context["form"]["opened"].value()}
    assert client.post(resolving, again)["Location"] == shown


def test_who_may_not_decide_is_told_who_can(
    record: Attestation, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    client, (shown, resolving) = client_of(sales_agent), urls(customer, record)
    page = client.get(shown).content.decode()
    assert resolving not in page
    assert "Admin agent" in page
    assert client.post(resolving, {"decision": "rejected", "reason": "Fine"}).status_code == 403


def test_whoever_made_the_record_is_sent_to_a_colleague(
    customer: Customer, admin_agent: Membership, client_of: ClientOf, actor_for: Act
) -> None:
    record = disputed(confirmed(customer, actor_for(admin_agent)))
    client, (shown, resolving) = client_of(admin_agent), urls(customer, record)
    assert "Another Admin agent has to resolve its dispute" in client.get(shown).content.decode()
    refused = client.post(resolving, {"decision": "rejected", "reason": "Fine"})
    assert refused.status_code == 403
    assert "Another Admin agent" in refused.content.decode()
    colleague = MembershipFactory(partner=customer.partner, roles=["admin_agent"])
    assert client_of(colleague).get(resolving).status_code == 200


def test_of_the_customers_own_record_the_portals_staff_decides(
    customer: Customer, admin_agent: Membership, client_of: ClientOf
) -> None:
    Customer.objects.filter(pk=customer.pk).update(relationship_accepted_at=customer.created_at)
    own = disputed(accepted_directly(customer))
    shown, resolving = urls(customer, own)
    client = client_of(admin_agent)
    assert "the portal&#x27;s staff" in client.get(shown).content.decode()
    assert client.get(resolving).status_code == 403


def test_a_helpdesk_agent_sees_the_dispute_of_what_it_attested(
    customer: Customer, helpdesk_agent: Membership, client_of: ClientOf, actor_for: Act
) -> None:
    by = actor_for(helpdesk_agent)
    record = disputed(attest_on_behalf(by=by, customer=customer, acceptance=acceptance(), scenario=1))
    shown, resolving = urls(customer, record)
    client = client_of(helpdesk_agent)
    assert "Admin agent" in client.get(shown).content.decode()
    assert client.get(resolving).status_code == 403


def test_to_a_stranger_it_does_not_exist(
    record: Attestation, customer: Customer, stranger: Membership, client_of: ClientOf
) -> None:
    for url in urls(customer, record):
        assert client_of(stranger).get(url).status_code == 404
