"""What belongs to one customer (facts, 2.1, 2.2, 2.9, 5.2): profiles, resellers, vetting, qualifications."""

from typing import Any

import pytest

from agreements.tests.factories import job_actor
from customers.models import Customer
from customers.services import bill_to_stamp, decide_qualification, edit_company
from customers.tests.factories import CustomerFactory, company
from customers.tests.test_qualification import STAFF
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

# The documentation's example of an update, spelled as it is there.
BILLING: dict[str, Any] = {
    "Id": "a58ceba5-60ac-48e4-a0bc-2a855811807a",
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Email": "email@sample.com",
    "Culture": "en-US",
    "Language": "en",
    "CompanyName": "CompanyName",
    "DefaultAddress": {
        "Country": "US",
        "Region": None,
        "City": "Redmond",
        "State": "WA",
        "AddressLine1": "One Microsoft Way",
        "AddressLine2": None,
        "PostalCode": "98052",
        "FirstName": "FirstName",
        "LastName": "LastName",
        "PhoneNumber": "4255555555",
    },
    "Links": {"Self": {"Uri": "/v1/customers/<customer-tenant-id>/profiles/billing", "Method": "GET", "Headers": []}},
}


def path(customer: Customer, of: str) -> str:
    return f"/customers/{customer.tenant_id}/{of}"


@pytest.mark.parametrize("of", ["profiles/company", "relationships", "organization"])
def test_what_needs_a_member(api: Any, customer: Customer, admin_agent: Membership, of: str) -> None:
    program = api(partner=customer.partner).get(path(customer, of))
    assert (program.status_code, program.json()["code"]) == (403, 900329)
    assert api(admin_agent).get(path(customer, of)).status_code == 200


def test_company_profile(api: Any, customer: Customer, helpdesk_agent: Membership, stranger: Membership) -> None:
    got = api(helpdesk_agent).get(path(customer, "profiles/company")).json()
    assert got == {
        "tenantId": str(customer.tenant_id),
        "domain": customer.tenant.domain,
        "companyName": "Żabka Nowa Sp. z o.o.",
        "address": {
            "country": "PL",
            "city": "Warszawa",
            "addressLine1": "ul. Prosta 1",
            "postalCode": "00-001",
            "firstName": "Zofia",
            "lastName": "Wiśniewska",
            "phoneNumber": "+48221234567",
        },
        "email": "zofia@customer.example",
        "links": {"self": {"uri": path(customer, "profiles/company"), "method": "GET", "headers": []}},
        "attributes": {"objectType": "CustomerCompanyProfile"},
    }
    for_others = api(stranger).get(path(customer, "profiles/company"))
    assert (for_others.status_code, for_others.json()["code"]) == (404, 60003)


def test_the_documented_update(api: Any, customer: Customer) -> None:
    session, where = api(partner=customer.partner), path(customer, "profiles/billing")
    before = session.get(where).json()
    etag = before["attributes"]["etag"]
    got = session.put(where, BILLING | {"Attributes": {"Etag": etag, "ObjectType": "CustomerBillingProfile"}})
    assert got.status_code == 200
    after = got.json()
    assert after["id"] == before["id"]
    assert (after["firstName"], after["email"], after["culture"]) == ("FirstName", "email@sample.com", "en-US")
    assert after["defaultAddress"] == {
        "country": "US", "city": "Redmond", "state": "WA", "addressLine1": "One Microsoft Way",
        "postalCode": "98052", "firstName": "FirstName", "lastName": "LastName", "phoneNumber": "+14255555555",
    }  # fmt: skip
    assert after["attributes"]["etag"] != etag
    assert session.get(where).json() == after
    stale = session.put(where, BILLING | {"CompanyName": "Other", "Attributes": {"Etag": etag}})
    assert (stale.status_code, stale.json()["code"]) == (400, 2055)
    assert session.get(where).json() == after


@pytest.mark.parametrize(
    ("header", "in_body", "status"),
    [
        ('"{now}"', None, 200),
        ("{now}", "stale", 200),
        ('W/"{now}"', None, 200),
        ("*", "stale", 200),
        ('"stale"', "{now}", 400),
        (None, None, 200),
        (None, "", 200),
    ],
)
def test_where_the_etag_comes_from(
    api: Any, customer: Customer, header: str | None, in_body: str | None, status: int
) -> None:
    now = bill_to_stamp(customer, None)
    headers = {} if header is None else {"If_Match": header.format(now=now)}
    body = BILLING if in_body is None else BILLING | {"Attributes": {"Etag": in_body.format(now=now)}}
    got = api(partner=customer.partner).put(path(customer, "profiles/billing"), body, **headers)
    assert got.status_code == status


def test_the_etag_follows_the_company_too(api: Any, customer: Customer) -> None:
    """Without a row of its own the profile is the company's: what changes there is not overwritten unseen."""
    session, where = api(partner=customer.partner), path(customer, "profiles/billing")
    etag = session.get(where).json()["attributes"]["etag"]
    edit_company(by=job_actor(), customer=customer, company=company(city="Kraków"), version=customer.version)
    stale = session.put(where, BILLING | {"Attributes": {"Etag": etag}})
    assert (stale.status_code, stale.json()["code"]) == (400, 2055)


def test_a_changed_name_and_culture(api: Any, customer: Customer) -> None:
    """The documentation's sample changes the outer names and sends the address as it was; others the inner ones."""
    session, where = api(partner=customer.partner), path(customer, "profiles/billing")
    read = session.get(where).json()
    outer = session.put(where, read | {"firstName": "ZofiaA", "culture": "pl-pl"}).json()
    assert (outer["firstName"], outer["defaultAddress"]["firstName"]) == ("ZofiaA", "ZofiaA")
    assert (outer["culture"], outer["language"]) == ("pl-PL", "pl")
    outer["defaultAddress"]["firstName"] = "Zosia"
    inner = session.put(where, outer).json()
    assert (inner["firstName"], inner["defaultAddress"]["firstName"]) == ("Zosia", "Zosia")


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"Email": "x@microsoft.com"}, "microsoft.com"),
        ({"Email": None}, "email"),
        ({"CompanyName": "GmbH"}, "companyName"),
        ({"Culture": "?"}, "culture"),
        ({"DefaultAddress": {**BILLING["DefaultAddress"], "PostalCode": "1"}}, "defaultAddress.postalCode"),
        ({"DefaultAddress": {**BILLING["DefaultAddress"], "Country": "UK"}}, "no validation rules"),
    ],
)
def test_what_a_billing_profile_cannot_be(api: Any, customer: Customer, changed: Any, place: str) -> None:
    got = api(partner=customer.partner).put(path(customer, "profiles/billing"), BILLING | changed)
    assert (got.status_code, got.json()["code"]) == (400, 800002)
    assert place in got.json()["description"]


def test_resellers_of_a_customer(api: Any, provider: Partner, reseller_agent: Membership) -> None:
    reseller = reseller_agent.partner
    reseller.mpn_id = "4847383"
    reseller.save()
    resold, direct = CustomerFactory(partner=provider, reseller=reseller), CustomerFactory(partner=provider)
    session = api(MembershipFactory(partner=provider))
    got = session.get(path(resold, "relationships")).json()
    assert got["totalCount"] == 1
    assert got["items"] == [
        {
            "id": str(reseller.tenant_id),
            "name": "Corner Reseller",
            "relationshipType": "is_indirect_cloud_solution_provider_of",
            "mpnId": "4847383",
            "attributes": {"objectType": "PartnerRelationship"},
        }
    ]
    assert session.get(path(direct, "relationships")).json()["items"] == []


def test_the_link_that_asks_for_a_relationship(api: Any, admin_agent: Membership, partner: Partner) -> None:
    got = api(admin_agent).get("/customers/relationshiprequests")
    assert got.json() == {
        "url": "https://admin.microsoft.com/Adminportal/Home?invType=ResellerRelationship"
        f"&partnerId={partner.tenant_id}&msppId=0&DAP=false#/BillingAccounts/partner-invitation",
        "attributes": {"objectType": "RelationshipRequest"},
    }
    assert api(partner=partner).get("/customers/relationshiprequests").json()["code"] == 900329


def test_the_link_of_a_provider_and_its_reseller(api: Any, provider: Partner, reseller_agent: Membership) -> None:
    reseller, of_provider = reseller_agent.partner, MembershipFactory(partner=provider)
    name = "/customers/relationshiprequests"
    asked = [
        api(of_provider).get(f"{name}?indirectResellerId={reseller.tenant_id}&dualRoleIndirectRelationship=false"),
        api(reseller_agent).get(f"{name}?indirectCloudSolutionProviderId={provider.tenant_id}"),
    ]
    for got in asked:
        assert f"partnerId={reseller.tenant_id}" in got.json()["url"]
        assert f"indirectCSPId={provider.tenant_id}" in got.json()["url"]
    unknown = api(of_provider).get(f"{name}?indirectResellerId={PartnerFactory(reseller=True).tenant_id}")
    assert (unknown.status_code, unknown.json()["code"]) == (400, 800002)


@pytest.mark.parametrize("kind", ["sandbox", "government"])
def test_no_such_links_in_sandboxes_and_national_clouds(api: Any, db: None, kind: str) -> None:
    got = api(MembershipFactory(partner=PartnerFactory(**{kind: True}))).get("/customers/relationshiprequests")
    assert (got.status_code, got.json()["code"]) == (403, 900150)


@pytest.mark.parametrize(
    ("kept", "status"), [("approved", "Approved"), ("under_review", "InReview"), ("not_approved", "Denied")]
)
def test_validation_status(api: Any, customer: Customer, kept: str, status: str) -> None:
    Customer.objects.filter(pk=customer.pk).update(account_status=kept)
    session = api(partner=customer.partner)
    got = session.get(path(customer, "validationStatus?type=Account")).json()
    assert (got["type"], got["status"]) == ("account", status)
    assert got["lastUpdateDateTime"].endswith("Z")
    assert session.get(path(customer, "validationStatus?type=tax")).json()["code"] == 900126


def test_organization(api: Any, customer: Customer, admin_agent: Membership) -> None:
    assert api(admin_agent).get(path(customer, "organization")).json() == [
        {
            "street": "ul. Prosta 1",
            "countryLetterCode": "PL",
            "postalCode": "00-001",
            "city": "Warszawa",
            "state": "",
            "displayName": "Żabka Nowa Sp. z o.o.",
            "technicalNotificationMails": ["zofia@customer.example"],
        }
    ]


def test_qualifications(api: Any, customer: Customer, admin_agent: Membership) -> None:
    session, where = api(admin_agent), path(customer, "qualifications")
    assert session.get(where).json() == []
    education = {"Qualification": "Education", "educationSegment": "K12", "website": "https://school.example"}
    asked = session.post(f"{where}?code=123", education)
    assert asked.status_code == 201
    (told,) = session.get(where).json()
    assert asked.json() == told
    assert (told["qualification"], told["vettingStatus"]) == ("Education", "InReview")
    assert "vettingReason" not in told
    row = Customer.objects.get(pk=customer.pk)
    assert (row.education_segment, row.website) == ("k12", "https://school.example")
    assert row.qualification_asked_at is not None
    assert told["vettingCreatedDate"].startswith(row.qualification_asked_at.strftime("%Y-%m-%dT%H:%M"))
    decide_qualification(by=STAFF, customer=row, is_approved=False, reason="not_education")
    (told,) = session.get(where).json()
    assert (told["vettingStatus"], told["vettingReason"]) == ("Denied", "Not an education customer")
    assert session.post(where, {"qualification": "StateOwnedEntity"}).json()["qualification"] == "StateOwnedEntity"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"qualification": "Education"}, 800002),
        ({"qualification": "None"}, 900126),
        ({"qualification": "Nonprofit"}, 900126),
        ({"qualification": "Royal"}, 900126),
        ({}, 800002),
    ],
)
def test_what_nobody_can_ask_for(
    api: Any, customer: Customer, admin_agent: Membership, body: dict[str, str], code: int
) -> None:
    got = api(admin_agent).post(path(customer, "qualifications"), body)
    assert (got.status_code, got.json()["code"]) == (400, code)


def test_asking_needs_a_member_and_reading_does_not(api: Any, customer: Customer) -> None:
    session = api(partner=customer.partner)
    assert session.get(path(customer, "qualifications")).status_code == 200
    assert session.post(path(customer, "qualifications"), {"qualification": "Education"}).json()["code"] == 900329
    assert session.get("/customers/all/validations").json() == []
