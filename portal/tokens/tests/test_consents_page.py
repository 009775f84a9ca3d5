"""Applications you allowed: everybody's own."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory
from portal.tokens.models import Consent, RefreshToken
from portal.tokens.tests.factories import ApiClientFactory, ConsentFactory

ClientOf = Callable[[Membership], Client]
PAGE = reverse("api_clients:allowed")


def take_back(consent: Consent) -> str:
    return reverse("api_clients:take_back", args=[consent.public_id])


def test_nothing_allowed_says_what_comes_here(sales_agent: Membership, client_of: ClientOf) -> None:
    browser = client_of(sales_agent)
    assert "No application acts for you" in browser.get(PAGE).content.decode()
    assert PAGE in browser.get("/").content.decode(), "the account menu leads there"


def test_the_own_ones_at_every_partner_with_their_last_use(
    sales_agent: Membership, admin_agent: Membership, client_of: ClientOf
) -> None:
    elsewhere = ApiClientFactory(partner__name="Elsewhere", name="Far program", is_active=False)
    consent = ConsentFactory(client=elsewhere, user=sales_agent.user)
    ConsentFactory(client=ApiClientFactory(name="Colleague's"), user=admin_agent.user)
    ConsentFactory(client=ApiClientFactory(name="Taken back"), user=sales_agent.user, revoked_at=timezone.now())
    ends = timezone.now() + timedelta(days=90)
    RefreshToken.objects.create(consent=consent, digest="1" * 64, audience="a", password_hash="p", expires_at=ends)
    page = client_of(sales_agent).get(PAGE)
    shown = page.content.decode()
    assert [each.client.name for each in page.context["consents"]] == ["Far program"]
    assert "Elsewhere" in shown
    assert "Disabled" in shown
    assert "Never" not in shown


def test_taking_back_asks_first_and_ends_it(sales_agent: Membership, client_of: ClientOf) -> None:
    consent = ConsentFactory(user=sales_agent.user, client__name="Orders app")
    browser = client_of(sales_agent)
    assert "Stop Orders app from acting for you?" in browser.get(take_back(consent)).content.decode()
    assert consent in Consent.objects.standing()
    shown = browser.post(take_back(consent), follow=True).content.decode()
    assert "Orders app cannot act for you any more." in shown
    assert "No application acts for you" in shown
    assert AuditEvent.objects.get(code="tokens.consent_revoked").partner_id == consent.client.partner_id
    assert browser.get(take_back(consent)).status_code == 302, "nothing is left to take back"


def test_somebody_elses_does_not_exist(
    sales_agent: Membership, global_admin: Membership, client_of: ClientOf
) -> None:
    consent = ConsentFactory(user=sales_agent.user, client__partner=sales_agent.partner)
    browser = client_of(global_admin)
    assert browser.get(take_back(consent)).status_code == browser.post(take_back(consent)).status_code == 404
    assert consent in Consent.objects.standing()


def test_who_is_no_member_any_more_still_may(client_of: ClientOf, sales_agent: Membership) -> None:
    consent = ConsentFactory(user=UserFactory(), client__partner=sales_agent.partner)
    browser = Client()
    browser.force_login(consent.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post(take_back(consent))["Location"] == PAGE
    assert consent not in Consent.objects.standing()
