"""Settings > API clients."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.audit.services import sha256
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory
from portal.tokens.models import ApiClient, ApiSecret, Consent
from portal.tokens.redirect_uris import why_not_a_redirect_uri
from portal.tokens.tests.factories import ApiClientFactory, ApiSecretFactory, ConsentFactory
from portal.tokens.views import shown_once

ClientOf = Callable[[Membership], Client]
LIST, NEW = reverse("api_clients:list"), reverse("api_clients:new")
SERVER = {"name": "Nightly job", "purposes": ["app"], "roles": ["admin_agent", "sales_agent"]}
WEB = {"name": "Orders app", "purposes": ["user"], "redirect_uris": "https://app.example/in\r\n\r\nhttp://localhost"}


@pytest.fixture
def browser(global_admin: Membership, client_of: ClientOf) -> Client:
    return client_of(global_admin)


@pytest.fixture
def program(global_admin: Membership) -> ApiClient:
    return ApiClientFactory(partner=global_admin.partner, name="Nightly job")


def url(name: str, program: ApiClient, *args: object) -> str:
    return reverse(f"api_clients:{name}", args=[program.client_id, *args])


def page(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def shown_secret(response: Any) -> str:
    found = re.search(r'<code id="secret">([^<]+)</code>', response.content.decode())
    return found[1] if found else ""


def test_without_a_client_the_page_says_what_to_do(browser: Client) -> None:
    shown = page(browser, LIST)
    assert "No program uses the API" in shown
    assert NEW in shown


def test_the_list_says_what_each_is_and_warns_of_secrets(
    browser: Client, program: ApiClient, global_admin: Membership, stranger: Membership
) -> None:
    soon = timezone.now() + timedelta(days=29)
    ApiSecretFactory(client=program, expires_at=soon)
    lasting = ApiSecretFactory(client__partner=program.partner, client__name="Lasting").client
    # Its first secret runs out, and another one is there already: nothing to warn of.
    ApiSecretFactory(client=lasting, expires_at=soon)
    ApiClientFactory(partner=program.partner, name="Bare")
    ApiClientFactory(partner=program.partner, name="Old", is_active=False)
    ApiClientFactory(partner=program.partner, name="Phone", public=True)
    ApiClientFactory(partner=stranger.partner, name="Somebody else's")
    rows = {row.client.name: (str(row.standing.word), row) for row in browser.get(LIST).context["rows"]}
    assert {name: word for name, (word, _row) in rows.items()} == {
        "Nightly job": "Secret runs out",
        "Lasting": "Active",
        "Bare": "No secret",
        "Old": "Disabled",
        "Phone": "Active",
    }
    assert list(rows)[-1] == "Old"
    assert rows["Nightly job"][1].runs_out_at == soon
    shown = page(browser, LIST)
    assert str(program.client_id) in shown
    assert "App-only" in shown
    assert "Admin agent" in shown


def test_a_server_program_is_made_and_led_to_its_secret(browser: Client) -> None:
    response = browser.post(NEW, {**SERVER, "submit_key": "k"})
    program = ApiClient.objects.get()
    assert response["Location"] == url("new_secret", program)
    assert (program.roles, program.allows_app_only, program.redirect_uris) == (
        ["admin_agent", "sales_agent"],
        True,
        [],
    )
    # The same form once more makes no second one.
    assert browser.post(NEW, {**SERVER, "submit_key": "k"})["Location"] == response["Location"]
    assert ApiClient.objects.count() == 1


def test_a_program_for_members_has_addresses_and_no_roles(browser: Client) -> None:
    browser.post(NEW, {**WEB, "roles": ["admin_agent"]})
    program = ApiClient.objects.get()
    assert program.redirect_uris == ["https://app.example/in", "http://localhost"]
    assert (program.roles, program.allows_app_only) == ([], False)


def test_a_public_client_gets_no_secret(browser: Client) -> None:
    response = browser.post(NEW, {**WEB, "is_public": "on"})
    program = ApiClient.objects.get()
    assert response["Location"] == url("client", program)
    assert "New secret" not in page(browser, url("client", program))
    refused = browser.post(url("new_secret", program), {"months": 6}).content.decode()
    assert "There is a problem" in refused


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "Enter the name"),
        ({"purposes": []}, "Choose at least one thing that it does"),
        ({"roles": []}, "Choose at least one role for what it does by itself"),
        ({"roles": ["owner"]}, "Choose one of the listed answers"),
        ({"purposes": ["user"]}, "Enter where the browser goes after the sign-in"),
        ({**WEB, "purposes": ["app", "user"], "is_public": "on"}, "Make two clients"),
        ({"purposes": ["user"], "redirect_uris": "https://a.example/#b\nhttp://c.example"}, "Leave out what follows"),
        (
            {"purposes": ["user"], "redirect_uris": "https://a.example/#b\nhttp://c.example"},
            "http://c.example: Use https",
        ),
    ],
)
def test_wrong_answers_come_back_with_what_to_do(browser: Client, changed: dict[str, Any], message: str) -> None:
    shown = browser.post(NEW, {**SERVER, **changed}).content.decode()
    assert "There is a problem" in shown
    assert message in shown
    assert not ApiClient.objects.exists()
    assert changed.get("name", SERVER["name"]) in shown


@pytest.mark.parametrize(
    ("uri", "is_taken"),
    [
        ("https://app.example/signed-in?x=1", True),
        ("https://app.example:8443/", True),
        ("http://localhost", True),
        ("http://127.0.0.1:5000/in", True),
        ("http://[::1]/in", True),
        ("com.example.app:/in", True),
        ("msal0f0f0f0f-0000-0000-0000-000000000000://auth", True),
        ("http://app.example/in", False),
        ("http://localhost.example/in", False),
        ("https://app.example/#in", False),
        ("https://*.app.example/in", False),
        ("https://user:word@app.example/in", False),
        ("https:///in", False),
        ("https://[::1/in", False),
        ("https://app.example:99999/in", False),
        ("https://app.example/a b", False),
        ("https://app.example/<b>", False),
        ("https://żabka.example/in", False),
        ("urn:ietf:wg:oauth:2.0:oob", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("/signed-in", False),
        (f"https://app.example/{'a' * 500}", False),
    ],
)
def test_where_answers_may_go(uri: str, is_taken: bool) -> None:
    assert (why_not_a_redirect_uri(uri) is None) is is_taken


def test_the_secret_is_shown_once_with_all_that_is_to_be_typed(browser: Client, program: ApiClient) -> None:
    response = browser.post(url("new_secret", program), {"months": 12, "submit_key": "k"})
    text, secret = shown_secret(response), ApiSecret.objects.get()
    assert secret.digest == sha256(text)
    assert "no-store" in response["Cache-Control"]
    shown = response.content.decode()
    token_url = f"{settings.PORTAL_URL}/{program.partner.tenant_id}/oauth2/v2.0/token"
    for each in (str(program.client_id), token_url, f"{settings.PORTAL_URL}/v1/customers?size=10"):
        assert each in shown
    # The secret stands in no address.
    assert not re.search(rf"https?://\S*{re.escape(text)}", shown)
    assert text not in page(browser, url("client", program))
    assert text not in str(AuditEvent.objects.filter(code="tokens.secret_added").values())


def test_the_same_form_again_shows_the_same_secret(
    browser: Client, program: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"months": 6, "submit_key": "k"}
    text = shown_secret(browser.post(url("new_secret", program), said))
    assert text
    assert shown_secret(browser.post(url("new_secret", program), said)) == text
    assert ApiSecret.objects.count() == 1
    assert text not in str(dict(browser.session)), "it is kept sealed"
    # Later, or after going on, it was shown and is gone.
    with monkeypatch.context() as later:
        later.setattr(shown_once, "SHOWN_FOR", timedelta(0))
        assert "was made and shown before" in browser.post(url("new_secret", program), said).content.decode()
    browser.get(url("client", program))
    assert "was made and shown before" in browser.post(url("new_secret", program), said).content.decode()


def test_somebody_elses_browser_is_not_shown_it(
    browser: Client, program: ApiClient, client_of: ClientOf, global_admin: Membership
) -> None:
    said = {"months": 6, "submit_key": "k"}
    text = shown_secret(browser.post(url("new_secret", program), said))
    again = client_of(global_admin).post(url("new_secret", program), said)
    assert text not in again.content.decode()
    colleague = client_of(MembershipFactory(partner=program.partner, roles=["global_admin"]))
    assert shown_secret(colleague.post(url("new_secret", program), said)) not in ("", text)


def test_a_secret_is_revoked_after_a_question(browser: Client, program: ApiClient) -> None:
    secret = ApiSecretFactory(client=program)
    address = url("revoke_secret", program, secret.public_id)
    assert secret.hint in page(browser, url("client", program))
    assert "Revoke the secret that begins with" in page(browser, address)
    assert browser.post(address, follow=True).redirect_chain[0][0] == url("client", program)
    secret.refresh_from_db()
    assert secret.revoked_at is not None
    assert browser.get(address).status_code == 302, "nothing is left to revoke"
    # Another client's secret does not exist here.
    other = ApiSecretFactory(client__partner=program.partner)
    assert browser.get(url("revoke_secret", program, other.public_id)).status_code == 404


def test_a_client_is_disabled_after_a_question_and_enabled(browser: Client, program: ApiClient) -> None:
    assert "Disable Nightly job?" in page(browser, url("disable", program))
    browser.post(url("disable", program))
    program.refresh_from_db()
    assert not program.is_active
    assert url("enable", program) in page(browser, url("client", program))
    browser.post(url("enable", program))
    program.refresh_from_db()
    assert program.is_active


def test_a_client_is_changed(browser: Client, program: ApiClient) -> None:
    form = browser.get(url("edit", program)).context["form"]
    assert form.initial["purposes"] == ["app", "user"]
    answers = {**SERVER, "name": "Renamed", "roles": ["helpdesk_agent"]}
    assert browser.post(url("edit", program), answers)["Location"] == url("client", program)
    program.refresh_from_db()
    assert (program.name, program.roles, program.redirect_uris) == ("Renamed", ["helpdesk_agent"], [])
    assert "There is a problem" in browser.post(url("edit", program), {**answers, "name": ""}).content.decode()


def test_who_allowed_it_is_listed_and_can_be_revoked(
    browser: Client, program: ApiClient, sales_agent: Membership
) -> None:
    consent = ConsentFactory(client=program, user=sales_agent.user)
    assert "Sam Sales" in page(browser, url("client", program))
    address = url("revoke_consent", program, consent.public_id)
    assert "acting for Sam Sales" in page(browser, address)
    browser.post(address)
    assert not Consent.objects.standing().exists()
    assert "Sam Sales" not in page(browser, url("client", program))


def test_the_pages_log_what_is_done(browser: Client, client_of: ClientOf, program: ApiClient) -> None:
    browser.post(url("new_secret", program), {"months": 3})
    browser.post(url("disable", program))
    codes = set(AuditEvent.objects.filter(partner_id=program.partner_id).values_list("code", flat=True))
    assert {"tokens.secret_added", "tokens.client_disabled"} <= codes
    log = page(client_of(MembershipFactory(partner=program.partner, roles=["admin_agent"])), "/activity/")
    assert "of “Nightly job” made, good for 3 months" in log
    assert "API client “Nightly job” disabled" in log


def test_a_reseller_may_have_clients(client_of: ClientOf, reseller_agent: Membership) -> None:
    browser = client_of(MembershipFactory(partner=reseller_agent.partner, roles=["global_admin"]))
    browser.post(NEW, SERVER)
    assert ApiClient.objects.get().partner == reseller_agent.partner


def test_agents_are_told_who_can(client_of: ClientOf, admin_agent: Membership) -> None:
    browser = client_of(admin_agent)
    response = browser.get(LIST)
    assert response.status_code == 403
    assert "Global admin" in response.content.decode()
    assert LIST not in page(browser, "/settings/")
