"""/v1/compliance/csp/agreementstatus: did a reseller sign the Microsoft Partner Agreement (facts, 1.4, A6)."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from portal.partners.models import Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, PartnerLinkFactory

Api = Callable[..., Any]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", 2001),
        ("?mpnId=1&tenantId=x", 2000),
        ("?mpnId=abc", 2000),
        ("?tenantId=abc", 2000),
        ("?mpnId=999", 2200),
        ("?mpnId=101", 2203),
        ("?mpnId=100", 2204),
        (f"?tenantId={uuid4()}", 2205),
        ("?tenantId={reseller}", 2206),
        ("?tenantId={provider}", 2204),
        ("?tenantId={other}", 2205),
    ],
    ids=range(11),
)
def test_the_partner_agreement_of_a_reseller(api: Api, provider: Partner, query: str, code: int) -> None:
    Partner.objects.filter(pk=provider.pk).update(mpn_id="100")
    reseller = PartnerLinkFactory(provider=provider, reseller__mpn_id="101").reseller
    member = MembershipFactory(partner=provider, roles=["sales_agent"])
    known = {"reseller": reseller, "provider": provider, "other": PartnerFactory(reseller=True)}
    told = {name: str(each.tenant_id) for name, each in known.items()}
    answer = api(member).get(f"/compliance/csp/agreementstatus{query.format(**told)}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["source"] == ("PartnerApiServiceControllers" if code < 2200 else "ComplianceController")
    Partner.objects.filter(pk=reseller.pk).update(agreement_signed_on=date(2020, 1, 1))
    if code in (2203, 2206):
        answer = api(member).get(f"/compliance/csp/agreementstatus{query.format(**told)}")
        assert answer.json() == {"isAgreementSigned": True}
