"""Profiles of the partner (facts, 4.3): what the portal knows, and nothing that would be lost."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import PartnerFactory

Api = Callable[..., Any]


@pytest.fixture
def owner(global_admin: Membership) -> Membership:
    partner = global_admin.partner
    said = {"country": "PL", "mpn_id": "4391507", "domain": "northwind.example", "default_language": "pl-PL"}
    Partner.objects.filter(pk=partner.pk).update(**said)
    partner.refresh_from_db()
    return global_admin


def test_each_profile_says_what_is_known(api: Api, owner: Membership) -> None:
    session, partner = api(owner), owner.partner

    def read(name: str) -> dict[str, Any]:
        answer = session.get(f"/profiles/{name}")
        assert answer.status_code == 200
        said: dict[str, Any] = answer.json()
        assert said.pop("links")["self"]["method"] == "GET"
        return said

    assert read("legalbusiness?vettingVersion=Current") == {
        "companyName": partner.name,
        "address": {"country": "PL"},
        "profileType": "LegalBusinessProfile",
        "attributes": {"objectType": "LegalBusinessProfile"},
    }
    organization = read("organization")
    assert organization.pop("attributes").keys() == {"objectType", "etag"}
    assert organization == {
        "id": str(partner.tenant_id),
        "companyName": partner.name,
        "defaultAddress": {"country": "PL"},
        "tenantId": str(partner.tenant_id),
        "domain": "northwind.example",
        "language": "pl",
        "culture": "pl-PL",
        "profileType": "OrganizationProfile",
    }
    assert read("support") == {
        "profileType": "support_profile",
        "attributes": {"objectType": "PartnerSupportProfile"},
    }
    assert read("mpn") == {
        "partnerName": partner.name,
        "mpnId": "4391507",
        "profileType": "MpnProfile",
        "attributes": {"objectType": "MpnProfile"},
    }
    assert read("billing")["companyName"] == partner.name


def test_only_the_legal_profile_is_for_programs(api: Api, owner: Membership) -> None:
    session = api(partner=owner.partner)
    assert session.get("/profiles/legalbusiness").status_code == 200
    assert session.get("/profiles/legalbusiness?vettingVersion=Draft").json()["code"] == 900126
    for name in ("organization", "support", "mpn", "billing"):
        answer = session.get(f"/profiles/{name}")
        assert (answer.status_code, answer.json()["code"]) == (403, 900329)


def test_an_unknown_mpn_id_is_answered_as_partner_center_does(api: Api, owner: Membership) -> None:
    answer = api(owner).get("/profiles/mpn?mpnId=999")
    said = answer.json()
    assert (answer.status_code, said["code"], said["source"]) == (404, 3000, "PartnerFD")


def test_the_mpn_id_of_a_partner_one_works_with_is_known_and_of_no_other(
    api: Api, provider: Partner, reseller_agent: Membership
) -> None:
    Partner.objects.filter(pk=provider.pk).update(mpn_id="111")
    PartnerFactory(mpn_id="222")
    session = api(reseller_agent)
    assert session.get("/profiles/mpn?mpnId=111").json()["partnerName"] == provider.name
    assert session.get("/profiles/mpn?mpnId=222").status_code == 404


@pytest.mark.parametrize("name", ["organization", "legalbusiness", "billing"])
def test_what_was_read_can_be_sent_back_with_another_name(name: str, api: Api, owner: Membership) -> None:
    session = api(owner)
    said = session.get(f"/profiles/{name}").json()
    assert session.put(f"/profiles/{name}", said | {"companyName": "Northwind Sp. z o.o."}).status_code == 200
    assert session.get(f"/profiles/{name}").json()["companyName"] == "Northwind Sp. z o.o."
    kept = Partner.objects.get(pk=owner.partner_id)
    assert (kept.time_zone, kept.mpn_id, kept.domain) == ("Europe/Warsaw", "4391507", "northwind.example")


def test_the_organizations_country_and_culture_are_kept_in_pascal_case_too(api: Api, owner: Membership) -> None:
    body = {"CompanyName": "Nordwind", "DefaultAddress": {"Country": "SE"}, "Culture": "sv-SE", "Email": None}
    answer = api(owner).put("/profiles/organization", body)
    assert answer.status_code == 200
    kept = Partner.objects.get(pk=owner.partner_id)
    assert (kept.name, str(kept.country), kept.default_language) == ("Nordwind", "SE", "sv-SE")


@pytest.mark.parametrize(
    ("name", "body", "data"),
    [
        ("support", {"Email": "email@sample.com", "Telephone": "4255555555"}, ["email", "telephone"]),
        ("supportprofile", {"Website": "www.microsoft.com"}, ["website"]),
        ("billing", {"taxId": "PL1234567890"}, ["tax_id"]),
        ("organization", {"defaultAddress": {"country": "PL", "city": "Warsaw"}}, ["default_address.city"]),
        ("organization", {"domain": "other.example"}, ["domain"]),
        ("organization", {"culture": "tlh"}, ["default_language"]),
        ("legalbusiness", {"address": {"country": "Poland"}}, ["country"]),
        ("legalbusiness", {"companyName": "x" * 201}, ["name"]),
        ("legalbusiness", {"primaryContact": {"firstName": "Gena"}}, ["primary_contact.first_name"]),
    ],
    ids=str,
)
def test_what_cannot_be_kept_is_refused_and_named(
    name: str, body: dict[str, Any], data: list[str], api: Api, owner: Membership
) -> None:
    before = Partner.objects.values().get(pk=owner.partner_id)
    answer = api(owner).put(f"/profiles/{name}", body)
    assert (answer.status_code, answer.json()["data"]) == (400, data)
    assert Partner.objects.values().get(pk=owner.partner_id) == before


def test_a_version_that_is_over_is_refused(api: Api, owner: Membership) -> None:
    session = api(owner)
    said = session.get("/profiles/organization").json()
    assert session.put("/profiles/organization", said | {"companyName": "First"}).status_code == 200
    answer = session.put("/profiles/organization", said | {"companyName": "Second"})
    assert (answer.status_code, answer.json()["code"]) == (400, 2055)


def test_only_the_global_admin_changes_them(api: Api, admin_agent: Membership) -> None:
    answer = api(admin_agent).put("/profiles/organization", {"companyName": "Mine"})
    assert (answer.status_code, answer.json()["code"]) == (403, 900150)


def test_who_is_whose_reseller_is_not_made_here(api: Api, global_admin: Membership) -> None:
    answer = api(global_admin).post("/sandboxIndirectReseller", {"name": "Corner"})
    assert (answer.status_code, answer.json()["code"]) == (400, 900127)
