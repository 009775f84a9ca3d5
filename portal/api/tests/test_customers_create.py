"""POST /customers (facts, 2.3): what .NET, Java, Node and Kotlin send, and what is refused."""

import copy
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from customers import rules
from customers.models import Customer, Tenant
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner, User
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

# The documentation's example, spelled as it is there.
EXAMPLE: dict[str, Any] = {
    "CompanyProfile": {"Domain": "xyz.onmicrosoft.com"},
    "BillingProfile": {
        "Culture": "EN-US",
        "Email": "test@outlook.com",
        "Language": "En",
        "CompanyName": "test company",
        "DefaultAddress": {
            "FirstName": "Test",
            "LastName": "Test",
            "AddressLine1": "One Microsoft Way",
            "City": "Redmond",
            "State": "WA",
            "PostalCode": "98052",
            "Country": "US",
        },
    },
}
POLISH = {
    "Country": "PL",
    "City": "Warszawa",
    "AddressLine1": "ul. Prosta 1",
    "PostalCode": "00-001",
    "State": None,
    "PhoneNumber": "+48221234567",
}


def changed(profile: dict[str, Any] | None = None, address: dict[str, Any] | None = None, **billing: Any) -> Any:
    """The example with these members of its parts changed."""
    body = copy.deepcopy(EXAMPLE)
    body["CompanyProfile"] |= profile or {}
    body["BillingProfile"] |= billing
    body["BillingProfile"]["DefaultAddress"] |= address or {}
    return body


def test_the_documented_example(api: Any, partner: Partner) -> None:
    got = api(partner=partner).post("/customers", EXAMPLE)
    assert got.status_code == 201
    body = got.json()
    assert set(body) == {
        "id", "commerceId", "companyProfile", "billingProfile", "relationshipToPartner", "allowDelegatedAccess",
        "userCredentials", "customDomains", "links", "attributes",
    }  # fmt: skip
    profile = body["companyProfile"]
    assert (profile["tenantId"], profile["domain"], profile["companyName"]) == (
        body["id"], "xyz.onmicrosoft.com", "test company",
    )  # fmt: skip
    assert profile["attributes"] == {"objectType": "CustomerCompanyProfile"}
    billing = body["billingProfile"]
    assert (billing["email"], billing["culture"], billing["language"]) == ("test@outlook.com", "en-US", "en")
    assert billing["defaultAddress"] == {
        "country": "US", "city": "Redmond", "state": "WA", "addressLine1": "One Microsoft Way",
        "postalCode": "98052", "firstName": "Test", "lastName": "Test",
    }  # fmt: skip
    assert int(billing["attributes"]["etag"]) is not None
    assert body["relationshipToPartner"] == "reseller"
    assert body["attributes"] == {"objectType": "Customer"}
    assert body["links"]["self"] == {"uri": f"/customers/{body['id']}", "method": "GET", "headers": []}
    credentials = body["userCredentials"]
    assert credentials["userName"] == "admin"
    user = User.objects.get(email="admin@xyz.onmicrosoft.com")
    assert user.check_password(credentials["password"])
    made = Customer.objects.get(tenant_id=body["id"])
    assert (made.partner, made.language, made.state) == (partner, "en-US", "WA")
    assert UUID(body["commerceId"]) != UUID(billing["id"]) != made.tenant_id
    read = api(partner=partner).get(f"/customers/{body['id']}").json()
    del body["userCredentials"]
    assert read == body


def test_a_retry_with_the_same_request_id_is_told_the_same_password(api: Any, partner: Partner) -> None:
    session, key = api(partner=partner), str(uuid4())
    first, second = (session.post("/customers", EXAMPLE, MS_RequestId=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Customer.objects.count() == 1


NULLS: dict[str, Any] = {
    "Id": None, "CommerceId": None, "RelationshipToPartner": "unknown", "AllowDelegatedAccess": None,
    "UserCredentials": None, "CustomDomains": None, "AssociatedPartnerId": None, "Links": None,
    "Attributes": {"Etag": None, "ObjectType": "Customer"},
}  # fmt: skip


def by_dotnet() -> Any:
    """Every property, nulls included."""
    address = {"Region": None, "AddressLine2": None, "MiddleName": None, "PhoneNumber": ""}
    profile = {"TenantId": None, "CompanyName": None, "OrganizationRegistrationNumber": None, "Links": None}
    return {**changed(profile, address, Id=None, FirstName=None, LastName=None, Links=None), **NULLS}


def by_node() -> Any:
    """Pascal and camel in one body."""
    return {**changed(), "enableGDAPByDefault": True}


def by_java() -> Any:
    """camelCase throughout, with a phone number."""
    text = json.dumps(changed(None, {"PhoneNumber": "4255550101"}))
    for name in ("CompanyProfile", "BillingProfile", "DefaultAddress", "PhoneNumber", "PostalCode", "AddressLine1"):
        text = text.replace(f'"{name}"', f'"{name[0].lower()}{name[1:]}"')
    return {**json.loads(text), "attributes": {"objectType": "Customer"}}


def by_kotlin() -> Any:
    """The example of its own test: an Italian address and a number that only fills the place."""
    address = {"Country": "IT", "State": "PI", "City": "Pisa", "PostalCode": "56121", "PhoneNumber": "123"}
    return changed({"Domain": "cloudesire1a2b3c.onmicrosoft.com"}, address, CompanyName="cloudesire")


@pytest.mark.parametrize("body", [by_dotnet, by_node, by_java, by_kotlin], ids=lambda each: each.__name__)
def test_as_real_clients_send_it(api: Any, partner: Partner, body: Any) -> None:
    got = api(partner=partner).post("/customers", body())
    assert got.status_code == 201
    assert got.json()["userCredentials"]["userName"] == "admin"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("XYZ.onmicrosoft.com", "xyz.onmicrosoft.com"),
        ("xyz", "xyz.onmicrosoft.com"),
        ("a" * 27 + ".onmicrosoft.com", "a" * 27 + ".onmicrosoft.com"),
        ("a" * 28 + ".onmicrosoft.com", None),
        ("-x.onmicrosoft.com", None),
        ("contoso.com", None),
        ("xyz.ccsctp.net", None),
        (".onmicrosoft.com", None),
        ("x y.onmicrosoft.com", None),
    ],
)
def test_domains(api: Any, partner: Partner, typed: str, kept: str | None) -> None:
    got = api(partner=partner).post("/customers", changed({"Domain": typed}))
    if kept is None:
        assert (got.status_code, got.json()["code"]) == (400, 800002)
        assert got.json()["data"] == ["companyProfile.domain"]
        assert not Tenant.objects.exists()
    else:
        assert got.json()["companyProfile"]["domain"] == kept
        assert got.json()["customDomains"] == [kept]


def test_a_sandbox_has_domains_of_its_own_kind(api: Any, db: None) -> None:
    session = api(partner=PartnerFactory(sandbox=True))
    got = session.post("/customers", changed({"Domain": "xyz.ccsctp.net"}))
    assert got.status_code == 201
    assert got.json()["companyProfile"]["domain"] == "xyz.ccsctp.net"


@pytest.mark.parametrize("is_own", [True, False])
def test_a_taken_domain_is_refused_without_saying_whose(api: Any, partner: Partner, is_own: bool) -> None:
    owner = partner if is_own else PartnerFactory(name="Rival")
    CustomerFactory(partner=owner, tenant__domain="xyz.onmicrosoft.com")
    got = api(partner=partner).post("/customers", EXAMPLE)
    assert got.status_code == 400
    assert "domain" in got.json()["description"]
    assert "Rival" not in got.json()["description"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "companyProfile"),
        ({"CompanyProfile": {}}, "domain"),
        (changed(Email=None), "email"),
        (changed(Culture=None), "culture"),
        (changed(Language=None), "language"),
        ({**EXAMPLE, "BillingProfile": {"Email": "test@outlook.com"}}, "defaultAddress"),
        (changed(CompanyName=None), "companyName"),
        (changed(address={"Country": None}), "country"),
        (changed(address={"FirstName": None}), "firstName"),
        (changed(address={"LastName": ""}), "lastName"),
        (changed(address={"City": None}), "city"),
        (changed(address={"PostalCode": "1"}), "postalCode"),
        (changed(address={"State": "XX"}), "state"),
        (changed(Culture="english"), "culture"),
        (changed(Email="nobody"), "email"),
        (changed(address={"PhoneNumber": "12345"}), "phoneNumber"),
        (changed(CompanyName="GmbH"), "companyName"),
        (changed(CompanyName="!"), "companyName"),
        (changed(Email="x@microsoft.com"), "email"),
        (changed(Email="x@northwind.example"), "email"),
        (changed(address={"Country": "UK"}), "no validation rules"),
        ({**EXAMPLE, "UserCredentials": {"Password": "secret"}}, "userCredentials.password"),
        ({**EXAMPLE, "AssociatedPartnerId": "nonsense"}, "associatedPartnerId"),
    ],
)
def test_what_is_missing_or_wrong_is_named(api: Any, partner: Partner, body: Any, place: str) -> None:
    partner.domain = "northwind.example"
    partner.save()
    got = api(partner=partner).post("/customers", body)
    assert (got.status_code, got.json()["code"]) == (400, 800002)
    assert place.lower() in got.json()["description"].lower()
    assert "secret" not in got.json()["description"]
    assert not Tenant.objects.exists()
    assert not User.objects.filter(email__startswith="admin@").exists()


@pytest.mark.parametrize(
    ("number", "address", "code"),
    [
        ("5260250274", {}, None),
        (None, {}, 600049),
        ("123", {}, 600050),
        ("5260250274", {"PhoneNumber": None}, 600051),
        ("123456789", {"Country": "FR", "PostalCode": "75001", "City": "Paris"}, 600002),
    ],
)
def test_registration_numbers_and_phones_by_country(
    api: Any, partner: Partner, number: str | None, address: dict[str, Any], code: int | None
) -> None:
    body = changed({"OrganizationRegistrationNumber": number}, POLISH | address)
    got = api(partner=partner).post("/customers", body)
    if code is None:
        assert got.json()["companyProfile"]["organizationRegistrationNumber"] == number
    else:
        assert (got.status_code, got.json()["code"]) == (400, code)


def test_a_full_sandbox(api: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SANDBOX_CUSTOMERS", 1)
    sandbox = PartnerFactory(sandbox=True)
    CustomerFactory(partner=sandbox)
    got = api(partner=sandbox).post("/customers", EXAMPLE)
    assert (got.status_code, got.json()["code"]) == (400, 800018)


def test_for_a_reseller(api: Any, provider: Partner, reseller_agent: Membership) -> None:
    reseller, seller = reseller_agent.partner, MembershipFactory(partner=provider, roles=["sales_agent"])
    body = {**EXAMPLE, "AssociatedPartnerId": str(reseller.tenant_id)}
    program = api(partner=provider).post("/customers", body)
    assert (program.status_code, program.json()["code"]) == (403, 900329)
    got = api(seller).post("/customers", body)
    assert got.status_code == 201
    assert got.json()["associatedPartnerId"] == str(reseller.tenant_id)
    assert got.json()["relationshipToPartner"] == "reseller"
    stranger = {**changed({"Domain": "other"}), "AssociatedPartnerId": str(PartnerFactory(reseller=True).tenant_id)}
    assert api(seller).post("/customers", stranger).status_code == 400


def test_an_address_of_the_company_beside_the_one_for_invoices(api: Any, partner: Partner) -> None:
    there = {"Country": "US", "AddressLine1": "2 Main St", "City": "Seattle", "State": "WA", "PostalCode": "98101"}
    got = api(partner=partner).post("/customers", changed({"CompanyName": "Fabrikam", "Address": there}))
    assert got.status_code == 201
    made = Customer.objects.get(tenant_id=got.json()["id"])
    assert (made.company_name, made.city, made.bill_to.company_name) == ("Fabrikam", "Seattle", "test company")
    assert got.json()["billingProfile"]["defaultAddress"]["city"] == "Redmond"


@pytest.mark.parametrize("role", ["helpdesk_agent", "sales_agent"])
def test_roles_as_on_the_screens(api: Any, partner: Partner, role: str) -> None:
    got = api(partner=partner, roles=(role,)).post("/customers", EXAMPLE)
    assert got.status_code == (201 if role == "sales_agent" else 403)
    assert role == "sales_agent" or got.json()["code"] == 900150


def test_a_reseller_creates_nobody(api: Any, reseller_agent: Membership) -> None:
    assert api(reseller_agent).post("/customers", EXAMPLE).json()["code"] == 900150
