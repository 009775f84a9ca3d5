import re
from collections.abc import Callable

import pytest
from django.test import Client

from portal.partners.models import Membership, Partner
from portal.partners.permissions import LABELS as PERMISSION_LABELS
from portal.partners.permissions import Permission
from portal.partners.roles import PERMISSIONS, Role
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

ClientOf = Callable[[Membership], Client]
URL = "/settings/roles/"


def shown(page: str) -> dict[str, list[str]]:
    """Permission code -> the words of its cells, in the order of the roles."""
    rows = re.findall(r'<th scope="row"[^>]* id="([^"]+)">.*?</th>(.*?)</tr>', page, re.S)
    return {code: re.findall(r"(Yes|No|Ruled out)", cells) for code, cells in rows}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_the_whole_table(role: Role, partner: Partner, client_of: ClientOf) -> None:
    page = client_of(MembershipFactory(partner=partner, roles=[role.value])).get(URL).content.decode()
    expected = {p.value: ["Yes" if p in PERMISSIONS[each] else "No" for each in Role] for p in Permission}
    # Who confirms acceptances itself has no provider to ask.
    expected["agreements.prepare"] = ["No", "Ruled out", "Ruled out", "No"]
    assert shown(page) == expected
    assert "your role" in page


def test_it_says_what_the_partners_kind_rules_out(reseller_agent: Membership, client_of: ClientOf) -> None:
    page = client_of(reseller_agent).get(URL).content.decode()
    assert shown(page)["orders.place"] == ["No", "Ruled out", "Ruled out", "No"]
    assert shown(page)["customers.view"] == ["Yes"] * 4
    assert "An indirect reseller cannot do this" in page


def test_it_says_what_the_cloud_rules_out(client_of: ClientOf, db: None) -> None:
    member = MembershipFactory(partner=PartnerFactory(government=True))
    page = client_of(member).get(URL).content.decode()
    assert shown(page)["agreements.confirm"] == ["No", "Ruled out", "Ruled out", "No"]
    assert shown(page)["orders.place"] == ["No", "Yes", "Yes", "No"]


def test_every_permission_is_named(admin_agent: Membership, client_of: ClientOf) -> None:
    page = client_of(admin_agent).get(URL)
    assert {str(row.label) for row in page.context["rows"]} == {str(label) for label in PERMISSION_LABELS.values()}
