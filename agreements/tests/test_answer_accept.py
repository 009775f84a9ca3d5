"""/accept/…/agreement/: the agreement is read and accepted, by the link or as the company's administrator."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from agreements.models import AgreementTemplate, Attestation, Invitation, InvitationState, Outcome
from agreements.services import ask_partner_to_confirm, require_acceptance
from agreements.tests.answering import (
    FROM_HERE,
    accept,
    administrator,
    agreement,
    asked,
    at_partner,
    counts,
    errors,
    filled,
    opened,
)
from agreements.tests.factories import (
    DocumentFactory,
    TemplateFactory,
    accepted_directly,
    confirmed,
    job_actor,
)
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.errors import AcceptanceRequired
from portal.partners.tests.factories import PartnerFactory


def bought(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(bought_at=timezone.now())


def test_by_the_link_to_the_receipt(customer: Customer) -> None:
    invitation = asked(customer, language="pl-PL")
    client = opened(invitation)
    page = client.post(at_partner(customer.partner), {"asked": str(invitation.public_id)}, follow=True)
    assert page.redirect_chain == [(at_partner(customer.partner, "agreement/"), 302)]
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.OPENED
    assert page.context["page"].shown.language == "pl-PL"
    done = client.post(at_partner(customer.partner, "agreement/"), filled(page), follow=True)
    assert done.redirect_chain == [(at_partner(customer.partner, "receipt/"), 302)]
    record = Attestation.objects.get()
    for fact in (
        "Zofia Wiśniewska",
        "Prezes zarządu",
        str(record.reference),
        record.document.sha256,
        "Europe/Warsaw",
    ):
        assert fact in done.content.decode()
    assert (record.method, record.door, record.actor_kind) == ("customer_direct", "customer_page", "customer")
    assert (record.recorded_by, record.person.email) == ("Zofia Wiśniewska", "zofia@customer.example")
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.ACCEPTED
    assert require_acceptance(customer=customer).acceptance == record


def test_the_link_names_the_address(customer: Customer) -> None:
    client = opened(asked(customer))
    assert "email" not in agreement(client, customer.partner).context["page"].statement.fields
    accept(client, customer.partner, person__email="thief@elsewhere.example", person__first_name="Jan")
    person = Attestation.objects.get().person
    assert (person.first_name, person.email) == ("Jan", "zofia@customer.example")


def test_as_the_administrator_with_and_without_an_invitation(customer: Customer) -> None:
    client = administrator(customer.tenant)
    assert accept(client, customer.partner).headers["Location"] == at_partner(customer.partner, "receipt/")
    record = Attestation.objects.get()
    user = customer.tenant.customer_users.get().user
    assert (record.actor_user_id, record.recorded_by) == (user.pk, user.name)
    assert client.get(at_partner(customer.partner, "receipt/")).status_code == 200

    other = CustomerFactory()
    invitation = asked(other)
    accept(administrator(other.tenant), other.partner)
    invitation.refresh_from_db()
    assert invitation.outcome == Outcome.ACCEPTED


def test_what_is_missing_is_said_and_nothing_typed_is_lost(customer: Customer) -> None:
    client = opened(asked(customer))
    page = accept(client, customer.partner, person__agrees="", person__authority="", person__phone="22 123 45 67")
    assert page.status_code == 200
    assert errors(page) == [
        "Enter your position in the company, such as Managing director",
        "Tick the box to accept, or decline instead",
    ]
    text = page.content.decode()
    assert "There is a problem" in text
    assert 'value="22 123 45 67"' in text
    assert counts() == (0, 0, 0)


@pytest.mark.parametrize("name", ["\x00", "‮Zofia", "x" * 51, "  "])
def test_odd_input_is_refused_in_words(customer: Customer, name: str) -> None:
    page = accept(opened(asked(customer)), customer.partner, person__first_name=name)
    assert page.status_code == 200
    assert errors(page)


def test_the_text_is_in_the_language_of_the_page_where_nobody_chose_one(customer: Customer) -> None:
    client = opened(asked(customer))
    assert agreement(client, customer.partner).context["page"].shown.language == "en-US"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "pl"
    assert agreement(client, customer.partner).context["page"].shown.language == "pl-PL"


def test_the_text_in_another_language(customer: Customer) -> None:
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner), person__language="pl-PL", person__authority="Prokurent")
    path = at_partner(customer.partner, "agreement/")
    shown = client.post(path, typed | {"action": "show"})
    assert shown.context["page"].shown.language == "pl-PL"
    assert not errors(shown)
    assert 'value="Prokurent"' in shown.content.decode()
    assert "checked" not in shown.content.decode()
    assert agreement(client, customer.partner, language="pl-PL").context["page"].shown.language == "pl-PL"
    # Chosen, but never looked at: the tick was about the English one.
    refused = client.post(path, typed)
    assert "You chose another language" in refused.content.decode()
    assert counts() == (0, 0, 0)
    assert client.post(path, filled(refused)).headers["Location"] == at_partner(customer.partner, "receipt/")
    assert Attestation.objects.get().document.language == "pl-PL"


def test_the_text_stands_on_the_page(customer: Customer, template: AgreementTemplate) -> None:
    document = template.documents.get(country="PL", language="pl-PL")
    document.file.storage.save(document.file.name, ContentFile("Umowa <script>żółta</script>".encode()))
    text = agreement(opened(asked(customer)), customer.partner, language="pl-PL").content.decode()
    assert "Umowa &lt;script&gt;żółta&lt;/script&gt;" in text
    assert 'lang="pl-PL"' in text


def test_a_text_that_was_replaced_while_it_was_read(customer: Customer) -> None:
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner), person__authority="Prokurent")
    newer = TemplateFactory(version="2026-01", effective_on=date(2026, 1, 1))
    document = DocumentFactory(template=newer, country="PL", language="en-US")
    page = client.post(at_partner(customer.partner, "agreement/"), typed)
    assert "another text than the one that you opened" in page.content.decode()
    assert page.context["page"].shown == document
    assert 'value="Prokurent"' in page.content.decode()
    assert counts() == (0, 0, 0)
    client.post(at_partner(customer.partner, "agreement/"), filled(page))
    assert Attestation.objects.get().document == document


def test_a_text_replaced_in_the_very_moment(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the page's look and the service's: the service has the last word."""
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner), person__authority="Prokurent")
    monkeypatch.setattr("agreements.services.accepting.documents_for", lambda country, partner: [])
    page = client.post(at_partner(customer.partner, "agreement/"), typed)
    assert "The agreement has a new text since you opened it." in page.content.decode()
    assert 'value="Prokurent"' in page.content.decode()
    assert counts() == (0, 0, 0)


def test_without_any_text_nothing_can_be_accepted(customer: Customer, template: AgreementTemplate) -> None:
    template.documents.all().delete()
    client = opened(asked(customer))
    page = agreement(client, customer.partner)
    assert "There is no text of the agreement for your country yet" in page.content.decode()
    assert client.post(at_partner(customer.partner, "agreement/"), filled(page)).status_code == 200
    assert counts() == (0, 0, 0)


def test_a_link_that_expired_while_it_was_read(customer: Customer) -> None:
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner), person__authority="Prokurent")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = client.post(at_partner(customer.partner, "agreement/"), typed)
    assert errors(page) == ["This invitation has expired. Ask your partner for a new one."]
    assert 'value="Prokurent"' in page.content.decode()
    assert counts() == (0, 0, 0)
    assert client.get(at_partner(customer.partner, "agreement/")).headers["Location"] == at_partner(customer.partner)


@pytest.mark.parametrize("is_administrator", [False, True])
def test_two_clicks_make_one_record(customer: Customer, is_administrator: bool) -> None:
    invitation = asked(customer)
    client = administrator(customer.tenant) if is_administrator else opened(invitation)
    typed = filled(agreement(client, customer.partner))
    for _ in range(2):
        answer = client.post(at_partner(customer.partner, "agreement/"), typed)
        assert answer.headers["Location"] == at_partner(customer.partner, "receipt/")
    assert counts()[:2] == (1, 1)
    assert AuditEvent.objects.filter(code="agreements.invitation_accepted").count() == 1
    assert not AuditEvent.objects.filter(code="agreements.invitation_settled").exists()


def test_a_replay_in_another_browser_makes_nothing(customer: Customer) -> None:
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner))
    client.post(at_partner(customer.partner, "agreement/"), typed)
    assert Client().post(at_partner(customer.partner, "agreement/"), typed).headers["Location"] == "/accept/"
    assert counts()[:2] == (1, 1)


def test_two_tabs_with_two_links_of_one_partner(customer: Customer) -> None:
    """An accountant answers for two companies: each tab answers for its own."""
    other = CustomerFactory(partner=customer.partner, company_name="Other company")
    first, second = asked(customer), asked(other)
    client = opened(first)
    typed = filled(agreement(client, customer.partner))
    opened(second, client)
    assert "Other company" in agreement(client, customer.partner).content.decode()
    client.post(at_partner(customer.partner, "agreement/"), typed)
    assert Attestation.objects.get().tenant == customer.tenant
    gone = client.post(at_partner(customer.partner, "agreement/"), typed | {"asked": "nothing"}, headers=FROM_HERE)
    assert gone.status_code == 403
    assert dict(gone.context["kept"])["person-authority"] == "Prezes zarządu"


def test_a_link_of_another_company_answers_for_that_company(customer: Customer) -> None:
    other = CustomerFactory(partner=customer.partner)
    client = opened(asked(other), administrator(customer.tenant))
    accept(client, other.partner)
    assert Attestation.objects.get().tenant == other.tenant


@pytest.mark.parametrize("is_bought_here", [True, False])
def test_who_bought_before_contacts_its_partner(customer: Customer, is_bought_here: bool) -> None:
    bought(customer if is_bought_here else CustomerFactory(tenant=customer.tenant))
    invitation = asked(customer)
    client = opened(invitation)
    assert client.get(at_partner(customer.partner, "agreement/")).headers["Location"] == at_partner(customer.partner)
    assert Invitation.objects.get().to_confirm_at is None
    page = client.post(at_partner(customer.partner), {"asked": str(invitation.public_id)}, follow=True)
    sentence = "Contact your partner to confirm your acceptance of the Microsoft Customer Agreement"
    assert sentence in page.content.decode()
    assert customer.partner.name in page.content.decode()
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.TO_CONFIRM
    assert invitation.scenario == (1 if is_bought_here else 2)
    assert "Review the agreement" not in page.content.decode()


def test_the_administrator_contacts_a_partner_that_asked_nothing(customer: Customer) -> None:
    bought(customer)
    client = administrator(customer.tenant)
    for _ in range(2):
        client.post(at_partner(customer.partner), {})
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.scenario) == (InvitationState.TO_CONFIRM, 1)
    assert "Contact your partner" in client.get("/accept/").content.decode()


def test_who_buys_while_reading_is_told_to_contact_its_partner(customer: Customer) -> None:
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner))
    bought(customer)
    answer = client.post(at_partner(customer.partner, "agreement/"), typed, follow=True)
    assert answer.redirect_chain == [(at_partner(customer.partner), 302)]
    assert "Contact your partner to confirm" in answer.content.decode()
    assert Invitation.objects.get().to_confirm_at is not None
    assert counts() == (0, 0, 0)


def test_the_partners_confirmation_ends_it(customer: Customer) -> None:
    bought(customer)
    ask_partner_to_confirm(by=job_actor(), customer=customer, email="a@b.example")
    confirmed(customer)
    assert "confirmed by this partner" in administrator(customer.tenant).get("/accept/").content.decode()
    assert Invitation.objects.get().outcome == Outcome.SETTLED


def test_a_claimed_relationship_is_accepted_along(customer: Customer) -> None:
    accepted_directly(customer)
    claimed = CustomerFactory(
        tenant=customer.tenant, partner=PartnerFactory(name="Claims"), relationship_accepted_at=None
    )
    client = administrator(customer.tenant)
    page = agreement(client, claimed.partner)
    assert "That acceptance counts for this partner too." in page.content.decode()
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=claimed)
    answer = client.post(at_partner(claimed.partner, "agreement/"), filled(page))
    assert answer.headers["Location"] == at_partner(claimed.partner, "receipt/")
    claimed.refresh_from_db()
    assert claimed.relationship_accepted_at is not None
    assert claimed.direct_on is not None
    assert require_acceptance(customer=claimed).acceptance == Attestation.objects.get()


def test_a_partner_that_only_claims_cannot_name_who_speaks_for_the_company(customer: Customer) -> None:
    claimed = CustomerFactory(
        tenant=customer.tenant, partner=PartnerFactory(name="Claims"), relationship_accepted_at=None
    )
    page = accept(opened(asked(claimed)), claimed.partner)
    assert "Sign in as the administrator of your company" in errors(page)[0]
    assert "/accounts/login/?next=/accept/" in page.content.decode()
    assert counts() == (0, 0, 0)
