"""The customer's own pages and its messages are drawn in every language, and nothing in them stays English."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from django.utils.translation import gettext

from agreements import mail
from agreements.links import receipt_path
from agreements.models import AgreementTemplate, AttestationEvent, EventKind, Place
from agreements.services import dispute_acceptance
from agreements.services.disputes import TAKEN_BACK
from agreements.tests.answering import accept, administrator, agreement, asked, at_partner, filled, opened
from agreements.tests.factories import accepted_directly, confirmed
from agreements.tests.invitation_factories import THE_PERSON, RequestInvitationFactory
from agreements.views.answers.cards import Card, Says
from customers.models import Customer
from portal.partners.models import Membership
from portal.partners.tests.factories import PartnerLinkFactory
from portal.tests.guards.helpers import report
from portal.tests.guards.listening import TRANSLATED, browser, heard, words_left_in_english

Sign = Callable[[Membership], Client]
TYPED = "That was somebody else"

pytestmark = pytest.mark.parametrize("language", TRANSLATED)


def locale(language: str) -> str:
    return {"nl": "nl-NL", "pl": "pl-PL", "sv": "sv-SE"}.get(language, language)


def test_a_link_goes_on_in_the_language_of_its_message(language: str, customer: Customer) -> None:
    client = opened(asked(customer, language=locale(language)))
    heard(language, client.get("/accept/"), client.get("/accept/", headers={"accept-language": "en-US,en;q=0.9"}))
    client.post("/language/", {"language": "en", "next": "/accept/"})
    heard("en", client.get("/accept/"))


def test_answering_by_link(language: str, customer: Customer) -> None:
    partner = customer.partner
    with words_left_in_english() as left:
        ask = opened(asked(customer, language=locale(language)))
        heard(language, ask.get("/accept/"), ask.get(at_partner(partner)), ask.get(at_partner(partner, "decline/")))
        heard(language, ask.post(at_partner(partner, "decline/"), {}))
        heard(language, ask.post(at_partner(partner, "reviewing/"), {}, follow=True))
        page = agreement(ask, partner)
        wrong = filled(page, person__agrees="", person__first_name="", person__authority="", person__phone="12")
        heard(language, page, ask.post(at_partner(partner, "agreement/"), wrong))
        wrong = filled(page, person__language="en-US", person__last_name="1", person__first_name="x" * 60)
        heard(language, ask.post(at_partner(partner, "agreement/"), wrong))
        done = accept(ask, partner)
        assert ask.get(at_partner(partner, "certificate/"))["Content-Type"] == "application/pdf"
        heard(language, ask.get(done["Location"]), ask.get(at_partner(partner)), ask.get("/accept/partners/"))
    assert not left, report(sorted(left))


def test_joining(language: str, template: AgreementTemplate) -> None:
    link = PartnerLinkFactory()
    invitation = RequestInvitationFactory(
        partner=link.provider, request__reseller=link.reseller, language=locale(language)
    )
    with words_left_in_english() as left:
        ask = opened(invitation)
        heard(language, ask.get("/accept/"), ask.get(at_partner(link.provider)))
        path, page = at_partner(link.provider, "agreement/"), agreement(ask, link.provider)
        typed = filled(page, company__country="IN", company__domain="x", company__company_name="1")
        heard(language, ask.post(path, typed))
        wrong = {"company__city": "00-001", "company__postal_code": "Warszawa", "company__registration_number": "1"}
        heard(language, page, ask.post(path, filled(page, company__country="PL", **wrong)))
    assert not left, report(sorted(left))


@pytest.mark.parametrize("says", list(Says))
def test_whatever_stands_between_a_company_and_a_partner(language: str, says: Says, customer: Customer) -> None:
    card = Card("x", customer.partner, asked(customer), customer, says, timezone.now())
    context = {"card": card, "visitor": {}, "where": "x"}
    with words_left_in_english() as left, translation.override(language):
        assert render_to_string("agreements/accept/answer.html", context, request=RequestFactory().get("/accept/"))
    assert not left, report(sorted(left))


def test_who_has_no_link(language: str, customer: Customer, sales_agent: Membership, client_of: Sign) -> None:
    ask, agent = browser(language), client_of(sales_agent)
    said = {"accept-language": language}
    with words_left_in_english() as left:
        for path in ("/accept/", "/accept/?link=unknown", "/receipt/", "/receipt/?link=unknown"):
            heard(language, ask.get(path), agent.get(path, headers=said))
        opened(asked(customer, language=locale(language)), agent)
        heard(language, agent.get("/accept/"), agent.get(at_partner(customer.partner)))
        heard(language, agent.post(at_partner(customer.partner, "decline/"), {}))
        heard(language, ask.get(at_partner(customer.partner), follow=True))
        for name in ("lost", "too_many", "insider"):
            with translation.override(language):
                context = {"kept": [], "action": "/accept/", "visitor": {"insider": "x", "tenant": None}}
                render_to_string(f"agreements/accept/{name}.html", context, request=RequestFactory().get("/accept/"))
    assert not left, report(sorted(left))


def test_the_companys_administrator(language: str, customer: Customer) -> None:
    said = {"accept-language": language}
    with words_left_in_english() as left:
        ask = administrator(customer.tenant)
        for path in ("/accept/", at_partner(customer.partner), at_partner(customer.partner, "agreement/")):
            heard(language, ask.get(path, headers=said))
        Customer.objects.update(bought_at=timezone.now())
        heard(language, ask.get(at_partner(customer.partner), headers=said))
        heard(language, ask.post(at_partner(customer.partner), {}, headers=said, follow=True))
    assert not left, report(sorted(left))


@pytest.mark.parametrize("is_own", [False, True])
def test_receipts_and_disputes(language: str, is_own: bool, customer: Customer) -> None:
    record = accepted_directly(customer) if is_own else confirmed(customer, language="en-US")
    ask = Client()
    with words_left_in_english() as left:
        ask.get(receipt_path(record.receipt))
        ask.post("/language/", {"language": language})
        heard(language, ask.get("/receipt/"), ask.post("/receipt/", {}))
        heard(language, ask.post("/receipt/", {"reason": TYPED}, follow=True))
        heard(language, ask.post("/receipt/", {"action": "take_back"}, follow=True))
        heard(language, ask.post("/receipt/", {"action": "take_back"}, follow=True))
        assert ask.get("/receipt/certificate/")["Content-Language"] == language
        record.events.create(kind=EventKind.ERASED, at=record.recorded_at, actor_kind="staff", door="admin_site")
        record.person.delete()
        heard(language, ask.get("/receipt/"))
    assert not left - {TYPED}, report(sorted(left))
    # What is stored is not told in the language of who happened to ask for it.
    assert record.events.get(kind=EventKind.DISPUTE_RESOLVED).reason == TAKEN_BACK


def spoken(message: Any, language: str) -> None:
    assert message.extra_headers["Content-Language"] == language
    assert f'<html lang="{language}">' in message.alternatives[0][0]


@pytest.mark.parametrize("place", list(Place))
def test_invitations(language: str, place: Place, customer: Customer) -> None:
    link = PartnerLinkFactory()
    digest = {"token_digest": ""} if place == Place.MICROSOFT else {}
    request = {"place": place, "language": locale(language), **digest}
    invitations = [
        asked(customer, language=locale(language)),
        RequestInvitationFactory(**request),
        RequestInvitationFactory(partner=link.provider, request__reseller=link.reseller, **request),
    ]
    with words_left_in_english() as left:
        for invitation in invitations:
            invitation.place = place
            invitation.expires_at = timezone.now() + timedelta(days=3)
            spoken(mail.invitation(invitation), language)
            spoken(mail.reminder(invitation), language)
    assert not left, report(sorted(left))


@pytest.mark.parametrize("is_own", [False, True])
def test_messages_about_records(language: str, is_own: bool, customer: Customer) -> None:
    record = accepted_directly(customer) if is_own else confirmed(customer)
    dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason=TYPED)
    event = AttestationEvent.objects.get(attestation=record, kind=EventKind.DISPUTED)
    said: dict[str, Any] = {"company_name": "Z", "language": locale(language)}
    with words_left_in_english() as left:
        messages = [mail.receipt(record.receipt, **said)]
        messages += [
            mail.dispute_closed(event, record.receipt, is_withdrawn=was_right, **said) for was_right in (True, False)
        ]
    for message in messages:
        spoken(message, language)
    assert not left, report(sorted(left))


def test_the_guard_hears_what_is_left_in_english(language: str) -> None:
    with words_left_in_english() as left, translation.override(language):
        gettext("Nobody translated this")
        gettext("Sign in")
    assert left == {"Nobody translated this"}
