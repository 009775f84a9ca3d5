"""/hosted/…: the signatory whom a program named reads the agreement, and accepts or declines it."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from agreements.links import FILE_SECONDS, file_link, hosted_link, invitation_token
from agreements.models import (
    AgreementDocument,
    AgreementTemplate,
    Attestation,
    EnhancedAttestation,
    HostedState,
    Invitation,
)
from agreements.services import accept_hosted, confirm_hosted, decline_hosted, erase_person, forget_unused_signatories
from agreements.tests.answering import everything, stored_text
from agreements.tests.enhanced_factories import FROM_HERE, EnhancedAttestationFactory, accept, signatory
from agreements.tests.factories import DocumentFactory, TemplateFactory, invited, job_actor, person
from customers.models import Customer
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Membership, Partner


@pytest.fixture
def asked(partner: Partner, template: AgreementTemplate) -> EnhancedAttestation:
    return EnhancedAttestationFactory(partner=partner)


def test_from_the_link_to_the_receipt(asked: EnhancedAttestation) -> None:
    client = signatory(asked)
    first = client.get("/hosted/")
    assert "Zofia Wiśniewska" in (words := first.content.decode())
    assert asked.company_name in words
    assert asked.partner.name in words
    assert client.post("/hosted/", {"about": asked.public_id})["Location"] == "/hosted/agreement/"
    asked.refresh_from_db()
    assert asked.state == HostedState.OPENED
    assert accept(client)["Location"] == "/hosted/"
    asked.refresh_from_db()
    assert (asked.state, asked.document.language) == (HostedState.ACCEPTED, "en-US")
    receipt = client.get("/hosted/").content.decode()
    assert asked.document.sha256 in receipt
    assert str(asked.public_id) in receipt
    assert not Attestation.objects.exists()
    codes = AuditEvent.objects.order_by("id").values_list("code", flat=True)
    assert list(codes) == ["agreements.attestation_opened", "agreements.attestation_accepted"]


def test_opening_the_link_changes_nothing_and_keeps_it_nowhere(asked: EnhancedAttestation) -> None:
    """Mail scanners open links too, and whoever reads the database opens none."""
    before, token = everything(), urlsplit(hosted_link(asked)).path.split("/")[-2]
    client = signatory(asked)
    client.get("/hosted/")
    client.get("/hosted/agreement/")
    assert everything() == before
    assert token not in stored_text()


def test_a_text_is_read_in_another_language(asked: EnhancedAttestation) -> None:
    client = signatory(asked)
    english = client.get("/hosted/agreement/").context["page"].shown
    shown = client.post("/hosted/agreement/", {"language": "pl-PL", "action": "show", "about": asked.public_id})
    assert shown.context["page"].shown.language == "pl-PL"
    # What is ticked is what stood on the page.
    other = accept(client, language="pl-PL", shown=str(english.public_id))
    assert "another text" in other.content.decode()
    polish = str(shown.context["page"].shown.public_id)
    assert accept(client, language="pl-PL", shown=polish)["Location"] == "/hosted/"
    asked.refresh_from_db()
    assert asked.document.language == "pl-PL"


def test_without_a_tick_nothing_is_accepted(asked: EnhancedAttestation) -> None:
    page = accept(signatory(asked), agrees="")
    assert "Tick the box" in page.content.decode()
    asked.refresh_from_db()
    assert asked.outcome == ""


def test_declining_needs_a_reason(asked: EnhancedAttestation) -> None:
    client = signatory(asked)
    sent = {"about": str(asked.public_id), "reason": " "}
    assert "Say why" in client.post("/hosted/decline/", sent).content.decode()
    assert client.post("/hosted/decline/", sent | {"reason": "Not us"})["Location"] == "/hosted/"
    asked.refresh_from_db()
    assert (asked.state, asked.decline_reason) == (HostedState.DECLINED, "Not us")
    assert client.get("/hosted/agreement/")["Location"] == "/hosted/"
    assert client.get("/hosted/decline/")["Location"] == "/hosted/"


def test_once_its_time_is_over(asked: EnhancedAttestation) -> None:
    client = signatory(asked)
    EnhancedAttestation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "Expired" in client.get("/hosted/").content.decode()
    assert client.post("/hosted/agreement/", {"about": asked.public_id})["Location"] == "/hosted/"
    asked.refresh_from_db()
    with pytest.raises(RuleViolation, match="expired"):
        accept_hosted(by=job_actor(), asked=asked, document_id=uuid4())
    with pytest.raises(RuleViolation, match="expired"):
        decline_hosted(by=job_actor(), asked=asked, reason="Late")


def test_a_text_replaced_while_it_was_read(asked: EnhancedAttestation) -> None:
    old = AgreementDocument.objects.get(country="PL", language="en-US")
    newer = TemplateFactory(version="newer", effective_on=date(2020, 1, 1))
    DocumentFactory(template=newer, country="PL")
    with pytest.raises(RuleViolation, match="new text"):
        accept_hosted(by=job_actor(), asked=asked, document_id=old.public_id)


@pytest.mark.parametrize("link", ["x" * 43, "short", "x" * 200])
def test_links_that_nobody_has(asked: EnhancedAttestation, link: str) -> None:
    answer = Client().get(f"/hosted/{link}/", follow=True)
    assert answer.redirect_chain == [("/hosted/?link=unknown", 302)]
    assert "This link does not work" in answer.content.decode()


def test_an_invitations_link_opens_no_hosted_page(customer: Customer, asked: EnhancedAttestation) -> None:
    invited(customer)
    token = invitation_token(Invitation.objects.get())
    assert Client().get(f"/hosted/{token}/")["Location"] == "/hosted/?link=unknown"


def test_agents_do_not_accept(
    asked: EnhancedAttestation, admin_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    agent = client_of(admin_agent)
    agent.get(urlsplit(hosted_link(asked)).path)
    assert "Ada Admin" in agent.get("/hosted/").content.decode()
    refused = accept(agent)
    assert refused.status_code == 403
    asked.refresh_from_db()
    assert asked.outcome == ""


def test_a_form_without_its_link_is_kept(asked: EnhancedAttestation) -> None:
    answer = Client().post(
        "/hosted/decline/", {"about": str(asked.public_id), "reason": "Typed at length"}, headers=FROM_HERE
    )
    assert answer.status_code == 403
    assert "Typed at length" in answer.content.decode()


def test_only_its_own_texts_are_handed_out(asked: EnhancedAttestation) -> None:
    client = signatory(asked)
    own = AgreementDocument.objects.get(country="PL", language="pl-PL")
    own.file.storage.save(own.file.name, ContentFile(b"The text"))
    assert b"".join(client.get(f"/hosted/documents/{own.public_id}/").streaming_content) == b"The text"
    other = AgreementDocument.objects.get(country="US")
    assert client.get(f"/hosted/documents/{other.public_id}/").status_code == 404
    assert Client().get(f"/hosted/documents/{own.public_id}/").status_code == 200
    client.post("/accept/leave/")
    assert b"The text" not in client.get(f"/hosted/documents/{own.public_id}/").content


def test_a_file_link_works_for_five_minutes(template: AgreementTemplate, monkeypatch: pytest.MonkeyPatch) -> None:
    text = AgreementDocument.objects.get(country="US")
    text.file.storage.save(text.file.name, ContentFile(b"\x00 the very bytes"))
    link, now = urlsplit(file_link(text)).path, timezone.now().timestamp()
    answer = Client().get(link)
    assert b"".join(answer.streaming_content) == b"\x00 the very bytes"
    assert answer["Content-Disposition"].startswith("attachment")
    assert Client().get(f"{link[:-3]}AA/").status_code == 404
    monkeypatch.setattr("agreements.links.time.time", lambda: now + FILE_SECONDS + 1)
    assert Client().get(link).status_code == 404


def test_erasing_the_person_erases_what_was_asked(
    customer: Customer, asked: EnhancedAttestation, admin_agent: Membership, actor_for: Callable[..., Actor]
) -> None:
    accept(signatory(asked))
    EnhancedAttestationFactory(partner=asked.partner, expires_at=timezone.now())
    by = actor_for(admin_agent)
    record = confirm_hosted(by=by, customer=customer, attestation_id=asked.public_id, person=person())
    erase_person(by=by, attestation=record, reason="Asked for it")
    assert "zofia@customer.example" not in repr(EnhancedAttestation.objects.values())


def test_who_was_asked_is_forgotten_once_nothing_can_come_of_it(asked: EnhancedAttestation) -> None:
    hour = timezone.now().replace(minute=0)
    assert forget_unused_signatories(now=hour + timedelta(days=119)) == 0
    assert forget_unused_signatories(now=(hour + timedelta(days=122)).replace(minute=1)) == 0
    assert forget_unused_signatories(now=hour + timedelta(days=122)) == 1
    asked.refresh_from_db()
    assert (asked.first_name, asked.email, asked.company_name) == ("", "", "")
