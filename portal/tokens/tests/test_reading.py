"""Which access tokens open something, how much it costs to find out, and why the others do not."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import Client
from django.utils import timezone

from portal.partners.models import Membership, Partner
from portal.tokens.models import ApiClient, Consent
from portal.tokens.refusals import OAuthRefused
from portal.tokens.services import TokenRefused, issue_access_token, read_access_token
from portal.tokens.services.access_tokens import sign, sign_access_token
from portal.tokens.services.keys import private_key, signing_key
from portal.tokens.tests.factories import ApiClientFactory, ConsentFactory


@pytest.fixture
def program(partner: Partner) -> ApiClient:
    return ApiClientFactory(partner=partner)


@pytest.fixture
def consent(program: ApiClient, sales_agent: Membership) -> Consent:
    return ConsentFactory(client=program, user=sales_agent.user)


def reason_of(text: str) -> str:
    with pytest.raises(TokenRefused) as refused:
        read_access_token(text)
    assert text not in str(refused.value) or text == ""
    return refused.value.reason


def changed(text: str, **claims: Any) -> str:
    """Signed by the portal, with other claims; None takes one out."""
    said = jwt.decode(text, options={"verify_signature": False}) | claims
    return sign({name: value for name, value in said.items() if value is not None})


def test_it_costs_two_queries_and_three_for_a_person(
    program: ApiClient, consent: Consent, sales_agent: Membership, django_assert_num_queries: Any
) -> None:
    alone = issue_access_token(client=program)
    theirs = issue_access_token(client=program, user=sales_agent.user)
    with django_assert_num_queries(2):
        assert read_access_token(alone).client.partner == program.partner
    with django_assert_num_queries(3):
        token = read_access_token(theirs)
        assert token.membership is not None
        assert (token.client.partner, token.user) == (program.partner, sales_agent.user)
        assert token.membership.partner == program.partner
        assert token.membership.user == sales_agent.user


def test_without_consent_there_is_no_token(program: ApiClient, sales_agent: Membership) -> None:
    with pytest.raises(OAuthRefused):
        issue_access_token(client=program, user=sales_agent.user)


def test_time_ends_it(program: ApiClient) -> None:
    now = timezone.now()
    text = issue_access_token(client=program)
    stamp = int(now.timestamp())
    assert reason_of(changed(text, exp=stamp - 31)) == "expired"
    assert reason_of(changed(text, nbf=stamp + 120)) == "signature"
    assert read_access_token(sign_access_token(client=program, ends_by=now + timedelta(minutes=5)).text)


@pytest.mark.parametrize("claim", ["aud", "iss", "iat", "nbf", "exp", "tid", "appid", "oid", "sub", "uti"])
def test_every_claim_is_needed(program: ApiClient, claim: str) -> None:
    assert reason_of(changed(issue_access_token(client=program), **{claim: None})) == "signature"


def test_it_is_for_this_api_and_from_this_portal(program: ApiClient, settings: Any) -> None:
    text = issue_access_token(client=program)
    assert reason_of(changed(text, aud="https://management.azure.com")) == "audience"
    assert reason_of(changed(text, aud=str(program.client_id))) == "audience"
    assert reason_of(changed(text, iss="https://sts.windows.net/x/")) == "signature"
    assert read_access_token(issue_access_token(client=program, audience=settings.PORTAL_URL)).client == program


def test_nobody_elses_signature_counts(program: ApiClient) -> None:
    text = issue_access_token(client=program)
    claims = jwt.decode(text, options={"verify_signature": False})
    key, kid = generate_private_key(public_exponent=65537, key_size=2048), signing_key().kid
    assert reason_of(jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})) == "signature"
    assert reason_of(jwt.encode(claims, key, algorithm="RS256", headers={"kid": "of-another"})) == "signature"
    assert reason_of(jwt.encode(claims, key, algorithm="RS256")) == "signature"
    # The public key as the secret of an HMAC, and no signature at all.
    assert reason_of(jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": kid})) == "signature"
    assert reason_of(jwt.encode(claims, None, algorithm="none", headers={"kid": kid})) == "signature"
    head, _body, signature = text.split(".")
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"roles": ["global_admin"]}).encode()).decode().rstrip("=")
    assert reason_of(f"{head}.{forged}.{signature}") == "signature"


def test_whatever_is_sent_is_refused_and_breaks_nothing(db: None) -> None:
    def head(said: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    deep = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")
    for text in ("", "null", "a.b.c", "ä.ö.ü", ".." * 9, f"{deep}.e30.x", "x" * 9000):
        assert reason_of(text) == "unreadable"
    for kid in ("\x00", "\ud800", 7, None, "'; --"):
        assert reason_of(f"{head({'alg': 'RS256', 'kid': kid})}.e30.eA") in ("signature", "unreadable")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda c: ApiClient.objects.update(is_active=False), "client"),
        (lambda c: Consent.objects.update(revoked_at=timezone.now()), "consent"),
        (lambda c: Membership.objects.update(is_active=False), "membership"),
        (lambda c: Membership.objects.all().delete(), "membership"),
        (lambda c: type(c.user).objects.update(is_active=False), "user"),
    ],
    ids=["client", "consent", "membership-off", "membership-gone", "user"],
)
def test_a_persons_token_ends_at_once_with(consent: Consent, end: Callable[[Consent], object], reason: str) -> None:
    text = issue_access_token(client=consent.client, user=consent.user)
    assert read_access_token(text)
    end(consent)
    assert reason_of(text) == reason


def test_a_new_consent_does_not_bring_the_old_tokens_back(consent: Consent) -> None:
    text = issue_access_token(client=consent.client, user=consent.user)
    consent.revoked_at = timezone.now()
    consent.save()
    ConsentFactory(client=consent.client, user=consent.user)
    assert reason_of(text) == "consent"


def test_a_programs_token_ends_with_its_leave_to_work_alone(program: ApiClient) -> None:
    text = issue_access_token(client=program)
    ApiClient.objects.update(allows_app_only=False)
    assert reason_of(text) == "client"


def generate(text: str, path: str = "/generatetoken", **body: str) -> Any:
    return Client().post(path, {"grant_type": "jwt_token"} | body, headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize("path", ["/generatetoken", "/generateToken", "/v3/generatetoken"])
def test_partner_centers_own_exchange(program: ApiClient, path: str) -> None:
    now = timezone.now()
    first = sign_access_token(
        client=program, audience="https://graph.windows.net", ends_by=now + timedelta(minutes=9)
    )
    body = generate(first.text, path).json()
    token = read_access_token(body["access_token"])
    assert (token.client, token.audience) == (program, "https://api.partnercenter.microsoft.com")
    # Not a way to go on for ever with a token that was had once.
    assert token.expires_at == datetime.fromtimestamp(first.ends, tz=UTC)
    assert 0 < body["expires_in"] <= 540


def test_it_takes_no_other_token_and_no_other_grant(program: ApiClient) -> None:
    text = issue_access_token(client=program)
    refused = generate("null")
    assert (refused.status_code, refused.json()["error_codes"]) == (401, [50013])
    assert generate(text, grant_type="client_credentials").json()["error_codes"] == [70003]
    assert Client().post("/generatetoken", {}).json()["error_codes"] == [900144]
    assert private_key(signing_key().private_sealed) is not None
