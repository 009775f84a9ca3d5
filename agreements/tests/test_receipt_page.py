"""/receipt/: what was recorded in a person's name, and "this was not me"."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from agreements.links import receipt_path
from agreements.mail import dispute_closed
from agreements.mail import receipt as receipt_mail
from agreements.models import Attestation, AttestationEvent, EventKind
from agreements.services import require_acceptance, resolve_dispute, withdraw_acceptance
from agreements.tests.answering import everything, stored_text
from agreements.tests.factories import accepted_directly, confirmed, job_actor
from customers.models import Customer
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory

NOT_ME = {"reason": "I was on holiday"}


def holding(record: Attestation, client: Client | None = None) -> Client:
    """A browser in which the receipt's link was opened."""
    client = client or Client()
    assert client.get(receipt_path(record.receipt)).headers["Location"] == "/receipt/"
    return client


def words(client: Client) -> str:
    return client.get("/receipt/").content.decode()


def test_it_says_what_was_recorded(customer: Customer) -> None:
    record = confirmed(customer, evidence_kind="email", evidence_note="Re: MCA, 12 May")
    page = words(holding(record))
    for fact in (customer.company_name, customer.partner.name, "Email: Re: MCA, 12 May", record.document.sha256):
        assert fact in page
    assert "Zofia Wiśniewska" in page
    assert "(Europe/Warsaw)" in page


def test_opening_it_changes_nothing_and_leaves_no_trace(customer: Customer, caplog: pytest.LogCaptureFixture) -> None:
    record = confirmed(customer)
    path, before = receipt_path(record.receipt), everything()
    for _ in range(10):
        answer = Client().get(path)
        Client().head(path)
    assert everything() == before
    token = path.split("/")[2]
    assert "receipt/<str:token>/" in caplog.text
    assert token not in caplog.text + stored_text()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().post(path).status_code == 405


def test_a_link_that_never_was(customer: Customer) -> None:
    confirmed(customer)
    client = Client()
    assert client.get(f"/receipt/{'a' * 43}/").headers["Location"] == "/receipt/?link=unknown"
    for path in ("/receipt/", "/receipt/?link=unknown"):
        assert "This link does not work" in client.get(path).content.decode()
    assert client.post("/receipt/", NOT_ME).status_code == 200
    assert not AttestationEvent.objects.exists()


def test_an_invitations_link_opens_no_receipt(customer: Customer) -> None:
    path = receipt_path(confirmed(customer).receipt)
    assert Client().get(path.replace("/receipt/", "/accept/")).headers["Location"] == "/accept/?link=unknown"


def test_this_was_not_me(customer: Customer) -> None:
    record = confirmed(customer)
    client = holding(record)
    assert client.post("/receipt/", NOT_ME).headers["Location"] == "/receipt/"
    event = AttestationEvent.objects.get()
    assert (event.kind, event.reason, event.actor_kind) == (EventKind.DISPUTED, "I was on holiday", "customer")
    page = words(client)
    assert "It does not count until this is resolved." in page
    assert "I was on holiday" in page
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=customer)


def test_a_reason_is_needed(customer: Customer) -> None:
    page = holding(confirmed(customer)).post("/receipt/", {"reason": ""})
    assert "Say what is wrong" in page.content.decode()
    assert not AttestationEvent.objects.exists()


def test_saying_it_twice_says_it_once(customer: Customer) -> None:
    client = holding(confirmed(customer))
    for _ in range(2):
        client.post("/receipt/", NOT_ME)
    assert AttestationEvent.objects.count() == 1


def test_it_was_me_after_all(customer: Customer) -> None:
    client = holding(confirmed(customer))
    client.post("/receipt/", NOT_ME)
    page = client.post("/receipt/", {"action": "take_back"}, follow=True).content.decode()
    assert "The record counts again." in page
    assert require_acceptance(customer=customer).acceptance is not None
    again = client.post("/receipt/", {"action": "take_back"}, follow=True).content.decode()
    assert "There is no open dispute about this record any more." in again


@pytest.mark.parametrize("is_upheld", [True, False])
def test_how_it_was_resolved(
    customer: Customer, admin_agent: Membership, actor_for: Callable[..., Actor], is_upheld: bool
) -> None:
    record = confirmed(customer)
    client = holding(record)
    client.post("/receipt/", NOT_ME)
    by = actor_for(admin_agent)
    resolve_dispute(by=by, attestation=record, is_upheld=is_upheld, reason="We called the company")
    page = words(client)
    assert "We called the company" in page
    assert ("This record counts for nothing any more." in page) == is_upheld
    assert ("Is this wrong?" in page) != is_upheld


def test_a_withdrawn_record_is_not_disputed(customer: Customer) -> None:
    record = confirmed(customer)
    client = holding(record)
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=record, reason="Wrong customer")
    assert "Wrong customer" in words(client)
    page = client.post("/receipt/", NOT_ME)
    assert "This record was withdrawn already." in page.content.decode()
    assert "I was on holiday" not in words(client)


def test_the_companys_own_acceptance_is_looked_into_by_staff(customer: Customer) -> None:
    page = words(holding(accepted_directly(customer)))
    assert "The staff of this portal looks into it" in page
    assert "How the partner says it knows" not in page


def test_a_member_in_the_same_browser_says_nothing(
    customer: Customer, sales_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    client = holding(confirmed(customer), client_of(sales_agent))
    assert "Only the person named in the record" in words(client)
    before = everything()
    for typed in (NOT_ME, {"action": "take_back"}):
        assert client.post("/receipt/", typed).status_code == 403
    assert everything() == before


def test_an_erased_person_is_not_shown(customer: Customer) -> None:
    record = confirmed(customer)
    client = holding(record)
    AttestationEvent.objects.create(
        attestation=record,
        kind=EventKind.ERASED,
        at=record.recorded_at,
        actor_kind="staff",
        actor_name="Stefan",
        door="admin_site",
    )
    record.person.delete()
    page = words(client)
    assert "The personal data in this record was erased." in page
    assert "Wiśniewska" not in page
    assert customer.company_name not in page
    assert client.post("/receipt/", NOT_ME).headers["Location"] == "/receipt/"
    assert not AttestationEvent.objects.filter(kind=EventKind.DISPUTED).exists()


def test_the_mail_says_what_was_recorded_and_where_to_object(customer: Customer) -> None:
    record = confirmed(customer)
    message = receipt_mail(record.receipt, company_name=customer.company_name, language="en-US")
    assert message is not None
    text, html = str(message.body), str(message.alternatives[0][0])
    for part in (text, html):
        assert customer.partner.name in part
        assert record.document.sha256 in part
        assert receipt_path(record.receipt) in part
    assert customer.company_name in message.subject
    assert message.to == ["zofia@customer.example"]


def test_the_mail_of_the_companys_own_acceptance_is_its_receipt(customer: Customer) -> None:
    record = accepted_directly(customer)
    message = receipt_mail(record.receipt, company_name=customer.company_name, language="en-US")
    assert message is not None
    assert "it is your receipt" in message.body
    assert "How the partner says it knows" not in message.body


@pytest.mark.parametrize(("is_withdrawn", "said"), [(True, "the record was withdrawn"), (False, "It counts again")])
def test_the_mail_about_the_end_of_a_dispute(customer: Customer, is_withdrawn: bool, said: str) -> None:
    record = confirmed(customer)
    holding(record).post("/receipt/", NOT_ME)
    agent = MembershipFactory(partner=customer.partner)
    event = AttestationEvent.objects.get()
    message = dispute_closed(
        event, record.receipt, is_withdrawn=is_withdrawn, company_name="<b>Company</b>", language="en-US"
    )
    assert message is not None
    assert agent is not None
    assert said in message.body
    assert "I was on holiday" in message.body
    assert "<b>" not in str(message.alternatives[0][0])
    assert not mail.outbox
