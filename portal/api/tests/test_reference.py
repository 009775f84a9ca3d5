"""Domains, addresses, countries (facts, 2.2, 2.5, 2.6)."""

from typing import Any

import pytest
from django_countries import countries

from customers.tests.factories import TenantFactory
from portal.api.v1.reference.countries import rules_of
from portal.partners.models import Membership, Partner

BASE = {"addressLine1": "1 Microsoft Way", "city": "Redmond", "state": "WA", "postalCode": "98052", "country": "US"}


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        ("taken.onmicrosoft.com", 200),
        ("TAKEN.onmicrosoft.com", 200),
        ("taken", 200),
        ("free.onmicrosoft.com", 404),
        ("contoso.com", 404),
        ("not_a_domain.onmicrosoft.com", 400),
    ],
)
def test_whether_a_domain_is_taken(api: Any, partner: Partner, domain: str, status: int) -> None:
    TenantFactory(domain="taken.onmicrosoft.com")
    got = api(partner=partner).head(f"/domains/{domain}")
    assert (got.status_code, got.content) == (status, b"")


def test_whoever_creates_nobody_does_not_ask(api: Any, reseller_agent: Membership) -> None:
    assert api(reseller_agent).head("/domains/free.onmicrosoft.com").status_code == 403


# The table of Microsoft's feature test, with what can be told without looking streets up.
@pytest.mark.parametrize(
    ("changed", "status", "count"),
    [
        ({}, "VerifiedShippable", 1),
        ({"postalCode": "98052-8300"}, "Verified", 1),
        ({"addressLine1": "Microsoft Way"}, "StreetPartial", 0),
        ({"country": ""}, "NotValidated", 0),
        ({"country": "ZZ"}, "NotValidated", 0),
        ({"state": "OR"}, "InteractionRequired", 1),
        ({"state": "Washington"}, "InteractionRequired", 1),
        ({"city": "98052", "postalCode": "Redmond"}, "InteractionRequired", 1),
        ({"addressLine1": "One Microsoft Way"}, "VerifiedShippable", 1),
        ({"addressLine1": "12"}, "PremisesPartial", 0),
        ({"postalCode": "1"}, "None", 0),
        ({"city": None}, "None", 0),
        ({"state": "XX", "postalCode": ""}, "None", 0),
        ({"addressLine1": "1 Strada Dacia", "city": "Bulboac", "state": "MD", "postalCode": "6512", "country": "MD",
          "region": "Anenii Noi"}, "VerifiedShippable", 1),
        ({"addressLine1": "ul. Prosta 1", "city": "Warszawa", "state": None, "postalCode": "00001", "country": "PL"},
         "InteractionRequired", 1),
    ],
)  # fmt: skip
def test_how_far_an_address_can_be_trusted(
    api: Any, partner: Partner, changed: dict[str, Any], status: str, count: int
) -> None:
    got = api(partner=partner).post("/validations/address", BASE | changed)
    assert got.status_code == 200
    body = got.json()
    assert (body["status"], len(body["suggestedAddresses"])) == (status, count)
    assert body["originalAddress"]["addressLine1"] == (BASE | changed)["addressLine1"]
    assert body["validationMessage"]


def test_an_address_in_pascal_case_and_nulls(api: Any, partner: Partner) -> None:
    sent = {name[0].upper() + name[1:]: value for name, value in BASE.items()} | {"Region": None, "Country": "us"}
    got = api(partner=partner).post("/validations/address", sent).json()
    assert got["originalAddress"] == BASE | {"country": "us"}
    assert got["suggestedAddresses"] == [BASE]


def test_the_rules_of_the_united_states(api: Any, partner: Partner) -> None:
    got = api(partner=partner).get("/countryvalidationrules/US").json()
    states = got.pop("supportedStatesList")
    assert (len(states), states[:3], "DC" in states, "PR" in states) == (51, ["AK", "AL", "AR"], True, False)
    assert got == {
        "iso2Code": "US",
        "defaultCulture": "en-US",
        "isStateRequired": True,
        "supportedLanguagesList": ["en", "es"],
        "supportedCulturesList": ["en-US", "es-US"],
        "isPostalCodeRequired": True,
        "postalCodeRegex": r"^\d{5}(-\d{4})?$",
        "isCityRequired": True,
        "isVatIdSupported": False,
        "taxIdFormat": "US######",
        "taxIdSample": "US999965",
        "phoneNumberRegex": r"^(1[\-\/\.]?)?(\((\d{3})\)|(\d{3}))[\-\/\.]?(\d{3})[\-\/\.]?(\d{4})$",
        "isTaxIdSupported": True,
        "isTaxIdOptional": True,
        "countryCallingCodesList": ["1"],
        "attributes": {"objectType": "CountryValidationRules"},
    }


def test_the_rules_of_portugal(api: Any, partner: Partner) -> None:
    got = api(partner=partner).get("/countryvalidationrules/pt").json()
    told = {
        "defaultCulture": "pt-PT",
        "supportedLanguagesList": ["en", "pt-PT"],
        "isStateRequired": False,
        "supportedStatesList": [],
        "postalCodeRegex": r"^\d{4}(-\d{3})?$",
        "isPostalCodeRequired": True,
        "isCityRequired": True,
        "isVatIdSupported": True,
        "vatIdRegex": r"^PT[\d]{9,9}$",
        "taxIdFormat": "PT#########",
        "countryCallingCodesList": ["351"],
    }
    assert {name: got[name] for name in told} == told
    assert "phoneNumberRegex" not in got


def test_every_country_has_rules(db: None) -> None:
    for country, _name in countries:
        found = rules_of(country)
        assert found is not None
        assert found.default_culture.endswith(f"-{country}")
    poland = rules_of("PL")
    assert poland is not None
    assert (poland.is_tax_id_supported, poland.is_tax_id_optional, poland.tax_id_sample) == (
        True, False, "526-025-02-74",
    )  # fmt: skip


@pytest.mark.parametrize(("country", "status"), [("UK", 404), ("ZZ", 404), ("USA", 400), ("1", 400), ("ÜS", 400)])
def test_what_is_no_country(api: Any, partner: Partner, country: str, status: int) -> None:
    assert api(partner=partner).get(f"/countryvalidationrules/{country}").status_code == status
