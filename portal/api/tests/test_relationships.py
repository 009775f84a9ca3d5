"""GET /relationships: whom a provider sells through, whom a reseller buys from (facts, 4.2)."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, PartnerLinkFactory

Api = Callable[..., Any]
AS_PROVIDER = "/relationships?relationship_type=IsIndirectCloudSolutionProviderOf"
AS_RESELLER = "/relationships?relationship_type=IsIndirectResellerOf"


@pytest.fixture
def agent(provider: Partner) -> Membership:
    return MembershipFactory(partner=provider, roles=["admin_agent"])


def test_a_provider_sees_its_resellers(api: Api, agent: Membership) -> None:
    link = PartnerLinkFactory(
        provider=agent.partner, reseller__name="Corner", reseller__mpn_id="77", reseller__country="US"
    )
    PartnerLinkFactory()
    said = api(agent).get(AS_PROVIDER).json()
    assert said["totalCount"] == 1
    assert said["items"] == [
        {
            "id": str(link.reseller.tenant_id),
            "name": "Corner",
            "relationshipType": "is_indirect_cloud_solution_provider_of",
            "state": "Active",
            "mpnId": "77",
            "location": "US",
            "attributes": {"objectType": "PartnerRelationship"},
        }
    ]
    assert said["attributes"] == {"objectType": "Collection"}
    assert api(agent).get(AS_RESELLER).json()["items"] == []


def test_a_reseller_sees_its_providers(api: Api, provider: Partner, reseller_agent: Membership) -> None:
    (item,) = api(reseller_agent).get(AS_RESELLER).json()["items"]
    assert (item["name"], item["relationshipType"]) == (provider.name, "is_indirect_reseller_of")
    assert "mpnId" not in item or item["mpnId"] == provider.mpn_id


@pytest.mark.parametrize(
    "said",
    [
        {"Field": "Name", "Value": "corn", "Operator": "substring"},
        {"value": "corn", "field": "name", "fieldType": "String", "operator": "Substring"},
    ],
    ids=["as .NET writes it", "as Java writes it"],
)
def test_is_filtered_by_name(said: dict[str, str], api: Api, agent: Membership) -> None:
    for name in ("Corner", "Elsewhere"):
        PartnerLinkFactory(provider=agent.partner, reseller=PartnerFactory(name=name, reseller=True))
    found = api(agent).get(f"{AS_PROVIDER}&filter={quote(json.dumps(said))}").json()
    assert [item["name"] for item in found["items"]] == ["Corner"]


@pytest.mark.parametrize(
    "path",
    [
        "/relationships",
        "/relationships?relationship_type=Advisor",
        f"{AS_PROVIDER}&filter=nonsense",
        f"{AS_PROVIDER}&filter=[]",
        f"{AS_PROVIDER}&filter={quote(json.dumps({'Field': 'Name', 'Value': 'x', 'Operator': 'equals'}))}",
        f"{AS_PROVIDER}&filter={quote(json.dumps({'Field': 'Name', 'Value': 7, 'Operator': 'substring'}))}",
        f"{AS_PROVIDER}&filter={quote(json.dumps({'Field': 'Name', 'Value': chr(0xD800), 'Operator': 'substring'}))}",
    ],
    ids=range(7),
)
def test_what_makes_no_sense_is_refused(path: str, api: Api, agent: Membership) -> None:
    assert api(agent).get(path).status_code == 400


def test_is_not_for_programs_alone(api: Api, provider: Partner) -> None:
    assert api(partner=provider).get(AS_PROVIDER).json()["code"] == 900329
