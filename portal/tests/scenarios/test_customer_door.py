"""The customer's own door: links that were tampered with, sessions, who may answer, what is left behind."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from agreements.links import invitation_token, receipt_path
from agreements.models import Attestation, AttestationEvent, Invitation, InvitationPolicy, Place
from agreements.services import decline_invitation, open_invitation, renew_invitation, revoke_invitation
from agreements.tests.answering import (
    FROM_HERE,
    accept,
    administrator,
    agreement,
    asked,
    at_partner,
    everything,
    filled,
    opened,
    path_of,
)
from agreements.tests.factories import confirmed, job_actor
from agreements.tests.invitation_factories import THE_PERSON, RequestInvitationFactory
from agreements.tests.test_answer_join import join
from customers.models import Customer, CustomerUser
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
UNKNOWN = "/accept/?link=unknown"
NOT_ME = "I was on holiday"


def run_out(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(days=2))


# Links ----------------------------------------------------------------------------------------------------------

NOT_THE_LINK: dict[str, Callable[[str], str]] = {
    "cut off": lambda token: token[:-1],
    "longer": lambda token: f"{token}A",
    "other case": lambda token: token.swapcase(),
    "a full stop behind it": lambda token: f"{token}.",
    "a line's end behind it": lambda token: f"{token}%0A",
    "a blank before it": lambda token: f"%20{token}",
    "padding": lambda token: f"{token}=",
    "a NUL": lambda token: f"{token[:-1]}%00",
    "encoded twice": lambda token: quote(quote(token[0].encode().hex(), safe="")) + token[1:],
    "its last character another": lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    "full-width": lambda token: quote("".join(chr(ord(letter) + 0xFEE0) for letter in token)),
}


@pytest.mark.scenario("S3")
@pytest.mark.parametrize("way", NOT_THE_LINK)
def test_nothing_but_the_whole_link_opens(customer: Customer, way: str) -> None:
    """A link that was cut, lengthened or respelled: as one that never was, and the browser holds nothing"""
    client = Client()
    answer = client.get(f"/accept/{NOT_THE_LINK[way](invitation_token(asked(customer)))}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, UNKNOWN)
    assert "portal_session" not in client.cookies


@pytest.mark.scenario("S3")
def test_negative_control_the_link_as_it_was_sent(customer: Customer) -> None:
    """negative control: the same link whole opens, by GET and HEAD, percent-encoded, and without its last slash"""
    token = invitation_token(asked(customer))
    for path in (f"/accept/{token}/", f"/accept/%{ord(token[0]):02X}{token[1:]}/"):
        assert Client().get(path).headers["Location"] == "/accept/"
        assert Client().head(path).headers["Location"] == "/accept/"
    led = Client().get(f"/accept/{token}", follow=True)
    assert led.redirect_chain[-1] == ("/accept/", 302)


@pytest.mark.scenario("S3")
def test_a_link_opens_only_what_it_was_made_for(customer: Customer) -> None:
    """An invitation's token at /receipt/, a receipt's at /accept/, and the digest that the database holds: nothing"""
    invitation, record = asked(customer), confirmed(CustomerFactory(partner=customer.partner))
    receipts = receipt_path(record.receipt).split("/")[2]
    for path in (
        f"/receipt/{invitation_token(invitation)}/",
        f"/accept/{receipts}/",
        f"/accept/{invitation.token_digest}/",
        f"/accept/{invitation.token_digest[:43]}/",
        f"/accept/{invitation.public_id}/",
        f"/receipt/{record.reference}/",
    ):
        assert "link=unknown" in Client().get(path).headers["Location"], path


ENDS: dict[str, Callable[[Invitation], Any]] = {
    "renewed": lambda invitation: renew_invitation(by=job_actor(), invitation=invitation),
    "revoked": lambda invitation: revoke_invitation(by=job_actor(), invitation=invitation),
    "expired": run_out,
    "declined": lambda invitation: decline_invitation(by=THE_PERSON, invitation=invitation, reason="No"),
    "settled": lambda invitation: confirmed(invitation.customer),
    "accepted": lambda invitation: accept(opened(invitation), invitation.partner),
}


def answers_left(client: Client, customer: Customer, typed: dict[str, str]) -> list[str]:
    """Tables that change when each of the forms is sent that the browser had open."""
    before = everything()
    for what in ("", "agreement/", "decline/", "reviewing/"):
        answer = client.post(at_partner(customer.partner, what), {**typed, "reason": "No"}, headers=FROM_HERE)
        assert answer.status_code in (200, 302, 403), what
    return sorted(table for table, digest in everything().items() if digest != before[table])


@pytest.mark.scenario("S3")
@pytest.mark.parametrize("how", ENDS)
def test_what_ended_takes_no_answer(customer: Customer, how: str) -> None:
    """Forms that were open when the invitation ended: sent afterwards, each of them changes nothing at all"""
    invitation = asked(customer)
    open_invitation(by=THE_PERSON, invitation=invitation)
    client = opened(invitation)
    typed = filled(agreement(client, customer.partner))
    ENDS[how](invitation)
    assert answers_left(client, customer, typed) == []


@pytest.mark.scenario("S3")
def test_negative_control_of_what_ended(customer: Customer) -> None:
    """negative control: the same forms while the invitation is open make a record"""
    client = opened(asked(customer))
    changed = answers_left(client, customer, filled(agreement(client, customer.partner)))
    assert "agreements_attestation" in changed


# Sessions -------------------------------------------------------------------------------------------------------


@pytest.mark.scenario("S3")
@pytest.mark.parametrize("how", ["invitation", "receipt", "sign-in"])
def test_whoever_planted_a_session_does_not_get_in(customer: Customer, how: str) -> None:
    """Session fixation: a link, a receipt's link and a sign-in give the session a new key; the planted one is dead"""
    invitation, record = asked(customer), confirmed(CustomerFactory(partner=customer.partner))
    planted, client = SessionStore(), Client()
    planted.create()
    client.cookies["portal_session"] = str(planted.session_key)
    if how == "sign-in":
        user = customer.tenant.customer_users.get().user
        user.set_password(PASSWORD)
        user.save()
        assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    else:
        client.get(path_of(invitation) if how == "invitation" else receipt_path(record.receipt))
    assert client.session.session_key != planted.session_key
    assert not SessionStore().exists(str(planted.session_key))


def receipts_form(client: Client) -> dict[str, str]:
    page = client.get("/receipt/")
    return {"about": str(page.context["about"])}


@pytest.mark.scenario("S3")
def test_two_receipts_in_one_browser(customer: Customer) -> None:
    """ "This was not me" disputes the record on the page, not the one whose link was opened last"""
    first, second = confirmed(customer), confirmed(CustomerFactory(partner=customer.partner))
    client = Client()
    client.get(receipt_path(first.receipt))
    form = receipts_form(client)
    client.get(receipt_path(second.receipt))
    assert client.post("/receipt/", {**form, "reason": NOT_ME}).headers["Location"] == "/receipt/"
    assert AttestationEvent.objects.get().attestation == first
    assert client.get("/receipt/").context["record"] == first
    client.post("/receipt/", {**receipts_form(client), "action": "take_back"})
    assert set(AttestationEvent.objects.values_list("attestation", flat=True)) == {first.pk}
    other = confirmed(CustomerFactory(partner=customer.partner)).receipt
    refused = client.post("/receipt/", {"about": str(other.public_id), "reason": NOT_ME}, headers=FROM_HERE)
    assert refused.status_code == 403
    assert AttestationEvent.objects.count() == 2


@pytest.mark.scenario("S3")
def test_leaving_forgets_every_link(customer: Customer) -> None:
    """Leaving, from a receipt as from an invitation: no page behind the links opens any more, nor does "back" """
    record = confirmed(CustomerFactory(partner=customer.partner))
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner))
    client.get(receipt_path(record.receipt))
    form = receipts_form(client)
    assert 'action="/accept/leave/"' in client.get("/receipt/").content.decode()
    client.post("/accept/leave/")
    page = client.get("/receipt/").content.decode()
    assert "This link does not work" in page
    assert record.person.full_name not in page
    before = everything()
    back = client.post("/receipt/", {**form, "reason": NOT_ME}, headers=FROM_HERE)
    assert back.status_code == 403
    assert NOT_ME in back.content.decode(), "what was typed is kept"
    client.post(at_partner(customer.partner, "agreement/"), typed, headers=FROM_HERE)
    assert everything() == before


# Who answers ----------------------------------------------------------------------------------------------------


@pytest.mark.scenario("T3")
def test_a_crafted_form_is_the_invited_persons_all_the_same(customer: Customer, template: object) -> None:
    """Other addresses, ids and columns in the form of accepting: the invited person's record, for its company"""
    other = CustomerFactory(company_name="Elsewhere GmbH")
    name, country = customer.company_name, customer.country
    invitation, foreign = asked(customer), asked(other)
    extra = {
        **dict.fromkeys(("email", "person-email", "invitation-email"), "mallory@evil.example"),
        **dict.fromkeys(("customer", "customer_id", "tenant", "tenant_id"), str(other.tenant_id)),
        **{"partner": str(other.partner.tenant_id), "partner_id": str(other.partner.pk), "is_administrator": "on"},
        **{"company-company_name": "Taken over", "company-domain": other.tenant.domain, "company-country": "SE"},
        **{"method": "on_behalf", "scope": "9", "agreed_on": "2019-01-01", "outcome": "accepted", "pk": "1"},
        **{"generation": "7", "token_digest": "", "relationship_accepted_at": "2019-01-01", "authority": "Nobody"},
    }
    client = opened(invitation)
    typed = filled(agreement(client, customer.partner)) | extra
    assert client.post(at_partner(customer.partner, "agreement/"), typed).status_code == 302
    record = Attestation.objects.get()
    assert (record.tenant, record.partner, record.method) == (customer.tenant, None, "customer_direct")
    assert (record.person.email, record.person.authority) == (invitation.email, "Prezes zarządu")
    assert record.agreed_on == customer.partner.today
    customer.refresh_from_db()
    foreign.refresh_from_db()
    assert (customer.company_name, customer.country, foreign.outcome) == (name, country, "")


@pytest.mark.scenario("T3")
def test_foreign_ids_at_the_door(customer: Customer, template: object) -> None:
    """Another partner, question or document in place of one's own: it does not exist, and nothing changes"""
    other = CustomerFactory(company_name="Elsewhere GmbH")
    foreign, client = asked(other), opened(asked(customer))
    typed, before = filled(agreement(client, customer.partner)), everything()
    for what in ("", "agreement/", "decline/", "reviewing/"):
        said = {**typed, "reason": "No"}
        for partner_id in (other.partner.tenant_id, uuid.uuid4(), customer.tenant_id):
            assert client.post(f"/accept/partners/{partner_id}/{what}", said).status_code == 404
        for key in (str(foreign.public_id), str(other.tenant_id), "x"):
            assert client.post(at_partner(customer.partner, what), {**said, "asked": key}).status_code == 403
    for document in (str(uuid.uuid4()), "x", ""):
        answer = client.post(at_partner(customer.partner, "agreement/"), {**typed, "shown": document})
        assert "another text" in answer.content.decode()
    assert everything() == before


@pytest.mark.scenario("S3")
@pytest.mark.parametrize("why", ["no such agreement", "at Microsoft"])
def test_a_form_where_nothing_is_accepted_here(customer: Customer, why: str) -> None:
    """The form of accepting sent for a partner without the agreement, or whose customers accept elsewhere: nothing"""
    client = administrator(customer.tenant)
    typed = filled(agreement(client, customer.partner)) | {"asked": ""}
    if why == "at Microsoft":
        InvitationPolicy.objects.create(partner=customer.partner, place=Place.MICROSOFT)
        asked(customer)
    else:
        Partner.objects.filter(pk=customer.partner_id).update(cloud="us_government")
    before = everything()
    sent = client.post(at_partner(customer.partner, "agreement/"), typed)
    assert sent.headers["Location"] == at_partner(customer.partner)
    assert everything() == before


@pytest.mark.scenario("S3")
def test_a_member_signs_in_after_the_link(customer: Customer, sales_agent: Membership) -> None:
    """A link opened, then a member signs in in the same browser: answers nothing, and signing out forgets the link"""
    client = opened(asked(customer))
    typed = filled(agreement(client, customer.partner)) | {"reason": "No"}
    client.post("/accounts/login/", {"login": sales_agent.user.email, "password": PASSWORD})
    before = everything()
    for what in ("", "agreement/", "decline/", "reviewing/"):
        assert client.post(at_partner(customer.partner, what), typed).status_code == 403
    client.post("/accounts/logout/")
    assert client.get(at_partner(customer.partner)).headers["Location"] == "/accept/"
    assert customer.partner.name not in client.get("/accept/").content.decode()
    client.post(at_partner(customer.partner, "agreement/"), typed)
    changed = {table for table, digest in everything().items() if digest != before[table]}
    assert changed <= {"audit_auditevent", "partners_user"}, "but the signing out itself"


def put_off(customer: Customer, how: str) -> None:
    user = customer.tenant.customer_users.get().user
    if how == "disabled":
        user.is_active = False
        user.save()
    elif how == "no administrator":
        CustomerUser.objects.filter(user=user).update(is_admin=False)
    else:
        Customer.objects.filter(pk=customer.pk).update(removed_at=timezone.now())


@pytest.mark.scenario("T8")
@pytest.mark.parametrize("how", ["disabled", "no administrator", "removed"])
def test_an_administrator_who_is_none_any_more(customer: Customer, how: str) -> None:
    """Switched off, no administrator any more, or the relationship over, with the form open: nothing is recorded"""
    client = administrator(customer.tenant)
    typed = filled(agreement(client, customer.partner))
    put_off(customer, how)
    before = everything()
    sent = client.post(at_partner(customer.partner, "agreement/"), typed)
    assert sent.status_code in (302, 403, 404)
    assert customer.partner.name not in client.get(at_partner(customer.partner)).content.decode()
    assert everything() == before


@pytest.mark.scenario("S3")
def test_before_the_passed_on_password_is_changed_no_page_opens(customer: Customer) -> None:
    """With the password that was passed on: every page of the door leads to choosing one's own, link or not"""
    client = opened(asked(customer), administrator(customer.tenant, must_change_password=True))
    before = everything()
    for what in ("", "agreement/", "decline/", "receipt/"):
        for send in (client.get, client.post):
            answer = send(at_partner(customer.partner, what))
            assert answer.status_code == 405 or answer.headers["Location"].startswith("/accounts/password/change/")
    for path in ("/", "/accept/", f"/accept/documents/{uuid.uuid4()}/"):
        assert client.get(path).headers["Location"].startswith("/accounts/password/change/")
    assert everything() == before


@pytest.mark.scenario("S3")
@pytest.mark.parametrize(
    "typed", ["KNOWN.Example", "known.example.", " known.example ", "ｋnown．example", "kn\u00adown.example"]
)
def test_a_known_company_is_known_however_it_is_spelled(partner: Any, template: object, typed: str) -> None:
    """A link to join, and the domain of a company that others know, in any spelling: its administrator signs in"""
    CustomerFactory(tenant__domain="known.example", relationship_accepted_at=timezone.now())
    client = opened(RequestInvitationFactory(partner=partner))
    before = Customer.objects.count()
    answer = join(client, partner, company__domain=typed)
    assert "Sign in as its administrator" in answer.content.decode()
    assert Customer.objects.count() == before


@pytest.mark.scenario("S3")
def test_a_form_without_the_sites_token(customer: Customer) -> None:
    """CSRF: the form of accepting from elsewhere, or with an old token, changes nothing; what was typed is kept"""
    client = opened(asked(customer), Client(enforce_csrf_checks=True))
    typed, before = filled(agreement(client, customer.partner)), everything()
    for token in ({}, {"csrfmiddlewaretoken": "a" * 64}):
        for origin in ("http://testserver", "https://evil.example", "null"):
            sent = client.post(at_partner(customer.partner, "agreement/"), typed | token, headers={"origin": origin})
            assert sent.status_code == 403
            assert ("Prezes" in sent.content.decode()) is (origin == "http://testserver")
    assert everything() == before
