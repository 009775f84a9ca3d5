"""Files at every door where an acceptance is stated: none is chosen twice, and a policy holds everywhere."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation, Evidence, EvidencePolicy, EvidenceUpload
from agreements.tests.factories import PDF, confirmed, uploaded
from agreements.tests.invitation_factories import ConfirmationRequestFactory
from customers.models import Customer
from customers.tests.factories import CustomerFactory, OnboardingDraftFactory
from orders.tests.factories import filled_cart
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
NEEDED = "Add the file that proves it"


@pytest.fixture(autouse=True)
def agreement(template: Any) -> None:
    """There is something to accept."""


def pdf(name: str = "contract.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def statement(**changed: Any) -> dict[str, Any]:
    typed = {
        "submit_key": "key-1",
        "agreed_on": timezone.now().date().isoformat(),
        "language": "pl-PL",
        "signer": "contact",
        "evidence_kind": "signed_document",
    }
    return {**typed, **changed}


def hidden(page: str, name: str = "evidence") -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def require(partner: Partner, *kinds: str) -> None:
    EvidencePolicy.objects.create(partner=partner, required_kinds=list(kinds))


def confirm_url(customer: Customer) -> str:
    return reverse("agreements:confirm", args=[customer.tenant_id])


@pytest.mark.scenario("W5")
def test_no_file_is_chosen_twice(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    client, url = client_of(sales_agent), confirm_url(customer)
    wrong = statement(agreed_on="", **{"files-evidence": [pdf(), pdf("bad.pdf", b"MZ"), pdf("note.txt", b"At ten")]})
    page = client.post(url, wrong).content.decode()
    assert "“bad.pdf” does not hold what its name says" in page
    assert ("contract.pdf" in page, "note.txt" in page) == (True, True)
    ids = hidden(page)
    assert len(ids.split(",")) == 2
    # Wrong once more, without the note: what was sent before is still there, and nothing is sent again.
    page = client.post(url, statement(agreed_on="", evidence=ids, **{"remove-evidence": ids.split(",")[1]})).content
    assert "note.txt" not in page.decode()
    ids = hidden(page.decode())
    assert client.post(url, statement(evidence=ids)).status_code == 302
    assert [file.name for file in Evidence.objects.all()] == ["contract.pdf"]
    assert str(Evidence.objects.get().public_id) == ids
    assert EvidenceUpload.objects.count() == 1, "the removed one waits for the clock"


def test_a_double_click_with_a_file_makes_one_record(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    client = client_of(sales_agent)
    for _click in range(2):
        answer = client.post(confirm_url(customer), statement(**{"files-evidence": pdf()}))
        assert answer.status_code == 302
    assert Attestation.objects.count() == Evidence.objects.count() == 1


def test_the_same_file_again_is_named_once(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    client, url = client_of(sales_agent), confirm_url(customer)
    ids = hidden(client.post(url, statement(agreed_on="", **{"files-evidence": pdf()})).content.decode())
    page = client.post(url, statement(agreed_on="", evidence=ids, **{"files-evidence": [pdf(), pdf()]}))
    assert hidden(page.content.decode()) == ids


def test_another_persons_file_is_neither_shown_nor_used(
    client_of: ClientOf,
    sales_agent: Membership,
    admin_agent: Membership,
    stranger: Membership,
    customer: Customer,
    actor_for: Callable[..., Actor],
) -> None:
    colleagues = uploaded(actor_for(admin_agent), admin_agent.partner, "secret-a.pdf")
    elsewhere = uploaded(actor_for(stranger), stranger.partner, "secret-b.pdf")
    for upload in (colleagues, elsewhere):
        answer = client_of(sales_agent).post(confirm_url(customer), statement(evidence=str(upload.public_id)))
        page = answer.content.decode()
        assert "A file is no longer here" in page
        assert ("secret" in page, hidden(page)) == (False, "")
    assert not Attestation.objects.exists()
    assert EvidenceUpload.objects.count() == 2


@pytest.mark.parametrize("typed", ["nonsense", "1,2", "x" * 5000, ",".join(["0" * 32] * 3)])
def test_broken_ids_are_refused_in_words(
    client_of: ClientOf, sales_agent: Membership, customer: Customer, typed: str
) -> None:
    answer = client_of(sales_agent).post(confirm_url(customer), statement(evidence=typed))
    assert answer.status_code == 200
    assert not Attestation.objects.exists()


def test_more_than_ten_are_refused(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    files = [pdf(f"{n}.txt", f"note {n}".encode()) for n in range(12)]
    answer = client_of(sales_agent).post(confirm_url(customer), statement(**{"files-evidence": files}))
    assert "A record holds at most 10 files." in answer.content.decode()
    assert EvidenceUpload.objects.count() == 10


@pytest.mark.scenario("S7")
def test_what_is_far_too_large_never_reaches_the_store(
    client_of: ClientOf, sales_agent: Membership, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.common.uploads.MAX_UPLOAD", 100_000)
    monkeypatch.setattr("agreements.receiving.MAX_UPLOAD", 30 * 1024 * 1024)
    answer = client_of(sales_agent).post(
        confirm_url(customer), statement(**{"files-evidence": [pdf(), pdf("big.pdf", PDF + b"\0" * 200_000)]})
    )
    page = answer.content.decode()
    assert "Files of more than 30 MB at once are left out" in page
    assert [upload.name for upload in EvidenceUpload.objects.all()] == ["contract.pdf"]
    assert "contract.pdf" in page


def test_a_question_about_one_field_stores_nothing(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    answer = client_of(sales_agent).post(
        confirm_url(customer), statement(**{"files-evidence": pdf()}), headers={"X-Validate-Field": "agreed_on"}
    )
    assert answer.json() == {"errors": [], "warnings": []}
    assert not EvidenceUpload.objects.exists()


def test_what_was_lost_with_the_session_is_told(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    """A file cannot wait for the sign-in; nothing is recorded behind the person's back without it."""
    client, url = client_of(sales_agent), confirm_url(customer)
    typed_by = re.search(r'name="typed_by" value="([^"]+)"', client.get(url).content.decode())
    assert typed_by is not None
    client.logout()
    typed = statement(typed_by=typed_by[1], **{"files-evidence": pdf()})
    client.post(url, typed, headers={"Origin": "http://testserver"})
    client.force_login(sales_agent.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(url).content.decode()
    assert "Files cannot be kept" in page
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    answer = client.post(url, kept)
    assert "The files you had chosen could not be kept meanwhile" in answer.content.decode()
    assert not Attestation.objects.exists()
    assert client.post(url, statement()).status_code == 302


def test_the_policy_holds_on_account_info(
    client_of: ClientOf, sales_agent: Membership, customer: Customer, partner: Partner
) -> None:
    require(partner, "signed_document")
    client, url = client_of(sales_agent), confirm_url(customer)
    page = client.get(url).content.decode()
    assert "policy asks for a file with: Signed document." in page
    answer = client.post(url, statement())
    assert NEEDED in str(answer.context["form"].errors["evidence"])
    assert client.post(url, statement(evidence_kind="email")).status_code == 302
    other = CustomerFactory(partner=partner)
    assert client.post(confirm_url(other), statement(submit_key="2", **{"files-evidence": pdf()})).status_code == 302
    assert Attestation.objects.count() == 2


def test_the_policy_holds_on_behalf(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, partner: Partner
) -> None:
    require(partner, "signed_document")
    client, url = client_of(helpdesk_agent), reverse("agreements:attest", args=[customer.tenant_id])
    said = statement(scenario="1")
    assert NEEDED in client.post(url, said).content.decode()
    assert client.post(url, {**said, "files-evidence": pdf()}).status_code == 302
    assert Attestation.objects.get().evidence.get().actor_name == "Hela Helpdesk"


def test_the_policy_holds_in_an_order(
    client_of: ClientOf, sales_agent: Membership, customer: Customer, partner: Partner
) -> None:
    require(partner, "signed_document")
    cart = filled_cart(customer, sales_agent)
    client, url = client_of(sales_agent), reverse("orders:agreement", args=[cart.pk])
    assert NEEDED in client.post(url, statement()).content.decode()
    answer = client.post(url, statement(**{"files-evidence": pdf()}))
    assert answer["Location"] == reverse("orders:review", args=[cart.pk])
    assert Attestation.objects.get().evidence.count() == 1


def test_the_policy_holds_for_what_a_reseller_asks(client_of: ClientOf, provider: Partner) -> None:
    require(provider, "signed_document")
    customer = CustomerFactory(partner=provider, country="PL", reseller=PartnerFactory(reseller=True))
    asked = ConfirmationRequestFactory(customer=customer)
    client = client_of(MembershipFactory(partner=provider, roles=["admin_agent"]))
    url = reverse("agreements:confirmation_request", args=[asked.public_id])
    assert NEEDED in client.post(url, statement()).content.decode()
    assert client.post(url, statement(**{"files-evidence": pdf()})).status_code == 302
    assert Attestation.objects.get().evidence.count() == 1


@pytest.fixture
def account(sales_agent: Membership) -> dict[str, str]:
    """Account info of New customer without a mistake, and the address of its draft."""
    acceptance = {f"acceptance-{name}": value for name, value in statement().items() if name != "submit_key"}
    return {
        "company-country": "SE",
        "company-company_name": "Åkeri Öst AB",
        "company-domain_prefix": "akeri",
        "company-address_line1": "Storgatan 1",
        "company-postal_code": "111 22",
        "company-city": "Stockholm",
        "company-qualification": "none",
        "contact-first_name": "Åsa",
        "contact-last_name": "Öberg",
        "contact-email": "asa@akeri.example",
        **acceptance,
        "acceptance-language": "en-US",
        "agreement-choice": "accepted",
        "url": reverse("customers:draft", args=[OnboardingDraftFactory(membership=sales_agent).pk]),
    }


@pytest.mark.scenario("W5")
def test_new_customer_keeps_its_files(
    client_of: ClientOf, sales_agent: Membership, partner: Partner, account: dict[str, str]
) -> None:
    require(partner, "signed_document")
    client, url = client_of(sales_agent), account.pop("url")
    # Needed: said on the page itself, long before Submit.
    page = client.post(url, account).content.decode()
    assert NEEDED in page
    assert 'enctype="multipart/form-data"' in page
    # Sent with "Save and finish later", and found again.
    sent = {**account, "files-acceptance-evidence": [pdf(), pdf("bad.pdf", b"MZ")], "action": "later"}
    assert client.post(url, sent)["Location"] == reverse("customers:drafts")
    page = client.get(url).content.decode()
    ids = hidden(page, "acceptance-evidence")
    assert ("contract.pdf" in page, len(ids)) == (True, 36)
    # An autosave carries what the page names and no file.
    client.post(url, {**account, "acceptance-evidence": ids}, headers={"X-Autosave": "1"})
    answer = client.post(url, {**account, "acceptance-evidence": ids})
    review = client.get(answer["Location"]).content.decode()
    assert ("<dt>Files</dt><dd>contract.pdf</dd>" in review, ids in review) == (True, False)
    found = {name: hidden(review, name) for name in ("submit_key", "reviewed")}
    client.post(answer["Location"], found)
    record = Attestation.objects.get()
    assert [str(file.public_id) for file in record.evidence.all()] == [ids]


def test_two_windows_compare_files_by_name(
    client_of: ClientOf, sales_agent: Membership, account: dict[str, str], actor_for: Callable[..., Actor]
) -> None:
    client, url = client_of(sales_agent), account.pop("url")
    upload = uploaded(actor_for(sales_agent), sales_agent.partner, "other.pdf")
    window = {"draft_version": "0", "draft_window": "a", "draft_turn": "1"}
    client.post(url, {**account, **window, "acceptance-evidence": str(upload.public_id), "action": "later"})
    late = {**account, **window, "draft_window": "b", "files-acceptance-evidence": pdf()}
    page = client.post(url, late).content.decode()
    rows = page[page.index("Answers that differ") : page.index("Keep what is here")]
    assert ("other.pdf" in rows, "contract.pdf" in rows, str(upload.public_id) in rows) == (True, True, False)


def test_nothing_is_asked_of_a_reseller(client_of: ClientOf, provider: Partner, reseller_agent: Membership) -> None:
    """Its words are not the record; the provider's are."""
    require(provider, "signed_document")
    customer = CustomerFactory(partner=provider, country="PL", reseller=reseller_agent.partner)
    url = reverse("agreements:ask_provider", args=[customer.tenant_id])
    assert 'type="file"' not in client_of(reseller_agent).get(url).content.decode()
    assert client_of(reseller_agent).post(url, statement()).status_code == 302


def test_a_record_of_before_needs_nothing(customer: Customer, partner: Partner) -> None:
    record = confirmed(customer, evidence_kind="signed_document")
    require(partner, "signed_document")
    assert list(Attestation.objects.current()) == [record]
