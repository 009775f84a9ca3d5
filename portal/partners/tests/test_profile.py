from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted
from portal.partners.models import Membership, Partner
from portal.partners.services import edit_profile

ClientOf = Callable[[Membership], Client]
URL = "/settings/"
ANSWERS = {
    "name": "Żubr Cloud Ltd",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "default_language": "de-DE",
    "mpn_id": "1234567",
}


def test_every_member_reads_the_facts(sales_agent: Membership, client_of: ClientOf) -> None:
    page = client_of(sales_agent).get(URL).content.decode()
    for fact in ("Northwind Cloud", "Direct-bill partner", "Public cloud", "Production", "Poland", "Europe/Warsaw"):
        assert fact in page
    assert str(sales_agent.partner.tenant_id) in page
    assert 'name="time_zone"' not in page


def test_the_global_admin_changes_what_is_the_companys_own(global_admin: Membership, client_of: ClientOf) -> None:
    response = client_of(global_admin).post(URL, ANSWERS, follow=True)
    assert "company profile is saved" in response.content.decode()
    partner = Partner.objects.get(pk=global_admin.partner_id)
    assert {field: str(getattr(partner, field)) for field in ANSWERS} == ANSWERS


def test_kind_cloud_and_environment_stay(global_admin: Membership, client_of: ClientOf) -> None:
    page = client_of(global_admin).get(URL).content.decode()
    for field in ("kind", "cloud", "environment", "tenant_id"):
        assert f'name="{field}"' not in page
    crafted = {"kind": "indirect_provider", "cloud": "germany", "environment": "sandbox", "domain": "evil.example"}
    client_of(global_admin).post(URL, {**ANSWERS, **crafted})
    partner = Partner.objects.get(pk=global_admin.partner_id)
    assert (partner.kind, partner.cloud, partner.environment) == ("direct_bill", "public", "production")
    assert partner.domain == ""


@pytest.mark.parametrize("member", ["admin_agent", "sales_agent", "helpdesk_agent"])
def test_agents_cannot_change_it(
    member: str, request: pytest.FixtureRequest, client_of: ClientOf, actor_for: Callable[[Membership], Actor]
) -> None:
    agent: Membership = request.getfixturevalue(member)
    response = client_of(agent).post(URL, ANSWERS)
    assert response.status_code == 403
    assert "Global admin" in response.content.decode()
    with pytest.raises(NotPermitted):
        edit_profile(by=actor_for(agent), partner=agent.partner, **ANSWERS)
    assert Partner.objects.get(pk=agent.partner_id).name == "Northwind Cloud"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "Enter the company name"),
        ({"name": "x" * 201}, "Use at most 200 characters"),
        ({"country": "XX"}, "Choose one of the listed answers"),
        ({"time_zone": "Mars/Olympus"}, "Choose one of the listed answers"),
        ({"default_language": "tlh"}, "Choose one of the listed answers"),
    ],
)
def test_bad_answers_are_told_and_kept(
    changed: dict[str, str], message: str, global_admin: Membership, client_of: ClientOf
) -> None:
    response = client_of(global_admin).post(URL, {**ANSWERS, **changed})
    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert 'value="1234567"' in page


def test_the_change_is_in_the_log_without_the_values(global_admin: Membership, client_of: ClientOf) -> None:
    client = client_of(global_admin)
    client.post(URL, ANSWERS)
    client.post(URL, ANSWERS)
    event = AuditEvent.objects.get(code="partners.profile_edited")
    assert set(event.changed) == set(ANSWERS)
    assert event.detail.values["time_zone"] == ["Europe/Warsaw", "Europe/Berlin"]


def test_a_reseller_sees_its_providers_and_a_provider_its_resellers(
    reseller_agent: Membership, provider: Partner, client_of: ClientOf
) -> None:
    page = client_of(reseller_agent).get(URL).content.decode()
    assert "Your indirect providers" in page
    assert provider.name in page
    reseller_agent.partner = provider
    reseller_agent.save()
    page = client_of(reseller_agent).get(URL).content.decode()
    assert "Your indirect resellers" in page
    assert "Corner Reseller" in page


def test_dates_follow_the_partners_zone_from_the_next_request_on(
    global_admin: Membership, client_of: ClientOf
) -> None:
    client = client_of(global_admin)
    client.post(URL, {**ANSWERS, "time_zone": "Pacific/Kiritimati"})
    page = client.get(f"/settings/members/{global_admin.public_id}/").content.decode()
    assert "+14:00" in page


def test_the_page_needs_a_sign_in(client: Client) -> None:
    response = client.get(URL)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
