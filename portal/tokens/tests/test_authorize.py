"""A program sends a person to the sign-in, and gets a code back: from the first page to the token."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.partners.models import Membership
from portal.tokens.models import ApiClient, AuthorizationCode, Consent, RefreshToken
from portal.tokens.services import TokenRefused, read_access_token, revoke_consent
from portal.tokens.tests.factories import REDIRECT_URI, ApiClientFactory, ApiSecretFactory

API = "https://api.partnercenter.microsoft.com"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
# RFC 7636, appendix B.
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
Sign = Callable[[Membership], Client]


@pytest.fixture
def program(sales_agent: Membership) -> ApiClient:
    client = ApiClientFactory(partner=sales_agent.partner, name="Night job", allows_app_only=False, roles=[])
    ApiSecretFactory(client=client, text="the-one-secret")
    return client


def question(client: ApiClient, *, tenant: object = "common", path: str = "v2.0/authorize", **changed: Any) -> str:
    asked = {
        "client_id": client.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": f"openid profile offline_access {API}/.default",
        "state": "as-it-came &=",
        "nonce": "n-0S6_WzA2Mj",
        **changed,
    }
    sent = {name: value for name, value in asked.items() if value is not None}
    return f"/{tenant}/oauth2/{path}?{urlencode(sent)}"


def answer_of(response: Any, *, sign: str = "query") -> dict[str, str]:
    assert response.status_code == 302, response.content
    address = response["Location"]
    assert address.startswith(REDIRECT_URI)
    return dict(parse_qsl(getattr(urlsplit(address), sign)))


def exchange(client: ApiClient, code: str, /, *, path: str = "v2.0/token", **changed: Any) -> Any:
    body = {
        "grant_type": "authorization_code",
        "client_id": str(client.client_id),
        "client_secret": "the-one-secret",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "scope": f"openid profile offline_access {API}/.default",
        "client_info": "1",
        **changed,
    }
    sent = {name: value for name, value in body.items() if value is not None}
    return Client().post(f"/common/oauth2/{path}", sent)


def code_for(browser: Client, client: ApiClient, **changed: Any) -> str:
    return answer_of(browser.post(question(client, **changed), {"agree": "yes"}))["code"]


def test_the_whole_way_from_the_question_to_the_token(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    browser, url = client_of(sales_agent), question(program)
    page = browser.get(url)
    text = page.content.decode()
    assert page.status_code == 200
    for word in ("Night job", "Northwind Cloud", "Sam Sales", sales_agent.user.email, "Sales agent", "Agree"):
        assert word in text
    assert not Consent.objects.exists()
    assert "form-action 'self' https://app.example;" in page["Content-Security-Policy"] + ";"

    answer = answer_of(browser.post(url, {"agree": "yes"}))
    assert answer["state"] == "as-it-came &="
    consent = Consent.objects.get()
    assert (consent.client, consent.user) == (program, sales_agent.user)
    event = AuditEvent.objects.get(code="tokens.consent_granted")
    assert (event.partner_id, event.subject) == (program.partner_id, str(program.client_id))

    body = exchange(program, answer["code"]).json()
    token = read_access_token(body["access_token"])
    assert (token.client, token.user, token.membership) == (program, sales_agent.user, sales_agent)
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (claims["scp"], claims["amr"]) == ("user_impersonation", ["pwd"])
    assert (claims["upn"], claims["name"]) == (sales_agent.user.email, "Sam Sales")
    assert claims["oid"] == str(sales_agent.user.public_id)
    assert "roles" not in claims
    who = jwt.decode(body["id_token"], options={"verify_signature": False})
    assert (who["aud"], who["nonce"]) == (str(program.client_id), "n-0S6_WzA2Mj")
    info = base64.urlsafe_b64decode(body["client_info"] + "==").decode()
    assert info == f'{{"uid":"{sales_agent.user.public_id}","utid":"{program.partner.tenant_id}"}}'
    assert body["refresh_token"]
    assert f"{API}/user_impersonation" in body["scope"].split()
    # Not one of them can be read in the database.
    assert not RefreshToken.objects.filter(digest=body["refresh_token"]).exists()


def test_an_id_token_opens_nothing(program: ApiClient, sales_agent: Membership, client_of: Sign) -> None:
    body = exchange(program, code_for(client_of(sales_agent), program)).json()
    with pytest.raises(TokenRefused):
        read_access_token(body["id_token"])


def test_the_secure_application_model_gets_code_and_id_token_by_a_form(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    """Facts 6.1: response_type=code id_token, response_mode=form_post, no resource; then the v1 endpoint."""
    browser = client_of(sales_agent)
    changed = {"response_type": "code id_token", "response_mode": "form_post", "scope": "openid profile"}
    page = browser.post(question(program, path="authorize", **changed), {"agree": "yes"})
    text = page.content.decode()
    assert page.status_code == 200
    assert f'action="{REDIRECT_URI}"' in text
    assert "csrfmiddlewaretoken" not in text
    assert "https://app.example" in page["Content-Security-Policy"]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', text))
    assert sent["state"] == "as-it-came &amp;="
    claims = jwt.decode(sent["id_token"], options={"verify_signature": False})
    half = hashlib.sha256(sent["code"].encode()).digest()[:16]
    assert claims["c_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
    body = exchange(program, sent["code"], path="token", scope=None, resource=API).json()
    assert (body["resource"], body["expires_in"], body["scope"]) == (API, "3600", "user_impersonation")
    assert body["refresh_token"]


def test_answers_go_into_the_fragment_when_asked(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    response = client_of(sales_agent).post(question(program, response_mode="fragment"), {"agree": "yes"})
    assert set(answer_of(response, sign="fragment")) == {"code", "state"}
    assert answer_of(response) == {}


def test_who_does_not_agree_sends_access_denied(program: ApiClient, sales_agent: Membership, client_of: Sign) -> None:
    answer = answer_of(client_of(sales_agent).post(question(program), {"refuse": "yes"}))
    assert (answer["error"], answer["state"]) == ("access_denied", "as-it-came &=")
    assert answer["error_description"].startswith("AADSTS65004")
    assert not Consent.objects.exists()
    assert AuditEvent.objects.filter(code="tokens.consent_refused").exists()


def test_the_question_waits_for_the_sign_in(program: ApiClient, sales_agent: Membership, client_of: Sign) -> None:
    url = question(program)
    to_sign_in = Client().get(url)
    assert to_sign_in["Location"].startswith("/accounts/login/?next=")
    assert dict(parse_qsl(urlsplit(to_sign_in["Location"]).query))["next"] == url
    # Nothing leaves without a click, also once agreed.
    code_for(client_of(sales_agent), program)
    again = client_of(sales_agent).get(url)
    assert again.status_code == 200
    assert "Continue" in again.content.decode()
    client_of(sales_agent).post(url, {"agree": "yes"})
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"client_id": "00000000-0000-4000-8000-000000000001"}, 700016),
        ({"client_id": None}, 900144),
        ({"tenant": "nowhere.example"}, 90002),
        ({"redirect_uri": None}, 900144),
        ({"redirect_uri": "https://app.example/signed-in/"}, 50011),
        ({"redirect_uri": "https://evil.example/signed-in"}, 50011),
        ({"redirect_uri": "javascript:alert(1)"}, 50011),
    ],
)
def test_before_the_address_is_known_to_be_the_clients_nothing_is_sent_there(
    program: ApiClient, sales_agent: Membership, client_of: Sign, changed: dict[str, Any], number: int
) -> None:
    for response in (
        client_of(sales_agent).get(question(program, **changed)),
        client_of(sales_agent).post(question(program, **changed), {"agree": "yes"}),
    ):
        assert response.status_code == 400
        assert f"AADSTS{number}" in response.content.decode()
        assert "form-action 'self';" in response["Content-Security-Policy"] + ";"


@pytest.mark.parametrize(
    ("changed", "error", "number", "sign"),
    [
        ({"response_type": None}, "invalid_request", 900144, "query"),
        ({"response_type": "token"}, "unsupported_response_type", 700051, "fragment"),
        ({"response_type": "id_token"}, "unsupported_response_type", 700051, "fragment"),
        ({"response_type": "code id_token", "response_mode": "query"}, "invalid_request", 70007, "fragment"),
        ({"response_mode": "web_message"}, "invalid_request", 70007, "query"),
        ({"response_type": "code id_token", "nonce": None}, "invalid_request", 900144, "fragment"),
        ({"nonce": "a\x00b"}, "invalid_request", 9002313, "query"),
        ({"scope": None}, "invalid_request", 900144, "query"),
        ({"scope": "User.Read"}, "invalid_scope", 70011, "query"),
        ({"scope": "https://vault.azure.net/.default"}, "invalid_resource", 500011, "query"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request", 50147, "query"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request", 50147, "query"),
        ({"code_challenge": CHALLENGE}, "invalid_request", 50147, "query"),
        ({"prompt": "none"}, "interaction_required", 65001, "query"),
    ],
)
def test_later_mistakes_are_told_to_the_client(
    program: ApiClient,
    sales_agent: Membership,
    client_of: Sign,
    changed: dict[str, Any],
    error: str,
    number: int,
    sign: str,
) -> None:
    answer = answer_of(client_of(sales_agent).get(question(program, **changed)), sign=sign)
    assert (answer["error"], answer["state"]) == (error, "as-it-came &=")
    assert answer["error_description"].startswith(f"AADSTS{number}: ")


def test_strangers_and_former_members_find_no_such_client(
    program: ApiClient, sales_agent: Membership, stranger: Membership, client_of: Sign
) -> None:
    def told(member: Membership) -> str:
        return client_of(member).get(question(program)).content.decode()

    for text in (told(stranger), client_of(stranger).post(question(program), {"agree": "yes"}).content.decode()):
        assert "AADSTS700016" in text
        assert "Night job" not in text
    sales_agent.is_active = False
    sales_agent.save()
    assert "AADSTS700016" in told(sales_agent)
    assert not Consent.objects.exists()


def test_a_disabled_client_asks_nobody(program: ApiClient, sales_agent: Membership, client_of: Sign) -> None:
    program.is_active = False
    program.save()
    page = client_of(sales_agent).get(question(program))
    assert (page.status_code, "AADSTS7000112" in page.content.decode()) == (400, True)


def test_a_program_on_a_computer_takes_the_port_that_is_free(sales_agent: Membership, client_of: Sign) -> None:
    public = ApiClientFactory(partner=sales_agent.partner, public=True)
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    uri = "http://localhost:53682"
    page = client_of(sales_agent).get(question(public, redirect_uri=uri, **pkce))
    assert "form-action 'self' http://localhost:53682" in page["Content-Security-Policy"]
    response = client_of(sales_agent).post(question(public, redirect_uri=uri, **pkce), {"agree": "yes"})
    code = dict(parse_qsl(urlsplit(response["Location"]).query))["code"]
    own = {"client_secret": None, "redirect_uri": uri}
    assert exchange(public, code, **own).json()["error_codes"] == [50148]
    assert exchange(public, code, **own, code_verifier="x" * 43).json()["error_codes"] == [501481]
    assert exchange(public, code, **own, code_verifier=VERIFIER).status_code == 200
    # Without PKCE anybody who sees the code could use it.
    refused = client_of(sales_agent).get(question(public, redirect_uri=uri))
    assert "AADSTS9002325" in dict(parse_qsl(urlsplit(refused["Location"]).query))["error_description"]
    elsewhere = client_of(sales_agent).get(question(public, redirect_uri="http://localhost:53682/other", **pkce))
    assert "AADSTS50011" in elsewhere.content.decode()


def test_pkce_counts_for_confidential_clients_that_use_it(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    browser = client_of(sales_agent)
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = code_for(browser, program, **pkce)
    assert exchange(program, code).json()["error_codes"] == [50148]
    assert exchange(program, code, code_verifier=VERIFIER).status_code == 200
    # A verifier for a code without a challenge: somebody took the challenge out on the way.
    assert exchange(program, code_for(browser, program), code_verifier=VERIFIER).json()["error_codes"] == [50148]


def test_what_was_asked_at_the_sign_in_need_not_be_said_again(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    told = exchange(program, code_for(client_of(sales_agent), program), scope="").json()
    assert {"access_token", "refresh_token", "id_token"} <= set(told)


def test_a_code_is_good_once_and_the_second_time_ends_what_came_of_it(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    code = code_for(client_of(sales_agent), program)
    held = exchange(program, code).json()["refresh_token"]
    body = exchange(program, code).json()
    assert (body["error"], body["error_codes"]) == ("invalid_grant", [54005])
    assert AuditEvent.objects.get(code="tokens.code_reused").partner_id == program.partner_id
    again = exchange(program, "", grant_type="refresh_token", refresh_token=held, code=None)
    assert again.json()["error_codes"] == [50173]


def test_a_code_is_good_for_its_client_its_address_and_its_time(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    browser = client_of(sales_agent)
    code = code_for(browser, program)
    other = ApiClientFactory(partner=program.partner)
    ApiSecretFactory(client=other, text="the-other-secret")
    assert exchange(other, code, client_secret="the-other-secret").json()["error_codes"] == [70000]
    assert exchange(program, "no-such-code").json()["error_codes"] == [70000]
    assert exchange(program, code, redirect_uri="https://app.example/").json()["error_codes"] == [500112]
    for left_out in ("code", "redirect_uri"):
        assert exchange(program, code, **{left_out: None}).json()["error_codes"] == [900144]
    AuthorizationCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert exchange(program, code).json()["error_codes"] == [70008]


@pytest.mark.parametrize("what", ["consent", "membership", "user", "password"])
def test_a_code_needs_the_person_as_they_were(
    program: ApiClient, sales_agent: Membership, client_of: Sign, actor_for: Any, what: str
) -> None:
    code, user = code_for(client_of(sales_agent), program), sales_agent.user
    if what == "consent":
        revoke_consent(by=actor_for(sales_agent), consent=Consent.objects.get())
    elif what == "membership":
        sales_agent.is_active = False
        sales_agent.save()
    elif what == "user":
        user.is_active = False
        user.save()
    else:
        user.set_password("a wholly new password")
        user.save()
    number = {"consent": 65001, "membership": 50020, "user": 50057, "password": 50173}[what]
    assert exchange(program, code).json()["error_codes"] == [number]


def test_without_offline_access_there_is_no_refresh_token(
    program: ApiClient, sales_agent: Membership, client_of: Sign
) -> None:
    scope = f"{API}/user_impersonation"
    body = exchange(program, code_for(client_of(sales_agent), program, scope=scope), scope=scope).json()
    assert set(body) == {"token_type", "scope", "expires_in", "ext_expires_in", "access_token", "client_info"}
