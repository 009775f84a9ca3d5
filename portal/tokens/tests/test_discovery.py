"""What libraries read first: endpoints, keys, and the names of the host."""

from typing import Any

import jwt
import pytest
from django.test import Client

from portal.partners.models import Partner
from portal.partners.tests.factories import PartnerFactory
from portal.tokens.services import issue_access_token
from portal.tokens.services.access_tokens import issuer_of
from portal.tokens.tests.factories import ApiClientFactory


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_configuration_names_the_endpoints_and_the_issuer(partner: Partner, settings: Any, version: str) -> None:
    middle = "/v2.0" if version == "2.0" else ""
    said = Client().get(f"/{partner.tenant_id}{middle}/.well-known/openid-configuration").json()
    base = f"{settings.PORTAL_URL}/{partner.tenant_id}"
    assert said["issuer"] == issuer_of(partner, version)
    assert said["token_endpoint"] == f"{base}/oauth2{middle}/token"
    assert said["authorization_endpoint"] == f"{base}/oauth2{middle}/authorize"
    for name in ("token_endpoint", "jwks_uri"):
        path = said[name].removeprefix(settings.PORTAL_URL)
        assert Client().get(path).status_code in (200, 400), path
    assert said["code_challenge_methods_supported"] == ["S256"]


def test_the_tenant_goes_by_domain_and_by_no_name(partner: Partner) -> None:
    def issuer(tenant: str) -> Any:
        return Client().get(f"/{tenant}/v2.0/.well-known/openid-configuration").json().get("issuer", "")

    partner.domain = "northwind.example"
    partner.save()
    assert str(partner.tenant_id) in issuer("northwind.example")
    assert "{tenantid}" in issuer("common")
    # Another one that says so too must not pass for the first.
    PartnerFactory(domain="northwind.example")
    assert "{tenantid}" in issuer("northwind.example")
    refused = Client().get("/nowhere.example/v2.0/.well-known/openid-configuration")
    assert (refused.status_code, refused.json()["error_codes"]) == (400, [90002])


def test_anybody_can_verify_a_token_with_the_published_keys(partner: Partner) -> None:
    text = issue_access_token(client=ApiClientFactory(partner=partner))
    for path in (
        "/common/discovery/keys",
        "/common/discovery/v2.0/keys",
        f"/{partner.tenant_id}/discovery/v2.0/keys",
    ):
        keys = jwt.PyJWKSet.from_dict(Client().get(path).json())
        key = keys[jwt.get_unverified_header(text)["kid"]]
        assert jwt.decode(text, key, algorithms=["RS256"], audience="https://api.partnercenter.microsoft.com")


def test_msal_is_told_which_names_the_host_has(partner: Partner, settings: Any) -> None:
    asked = f"https://login.microsoftonline.com/{partner.tenant_id}/oauth2/v2.0/authorize"
    query = {"api-version": "1.1", "authorization_endpoint": asked}
    said = Client().get("/common/discovery/instance", query).json()
    assert said["tenant_discovery_endpoint"].startswith(f"{settings.PORTAL_URL}/{partner.tenant_id}/v2.0/")
    assert "login.microsoftonline.com" in said["metadata"][0]["aliases"]
    for wrong in ("", "nonsense", "https://[broken"):
        refused = Client().get("/common/discovery/instance", {"authorization_endpoint": wrong})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_instance")
