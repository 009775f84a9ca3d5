import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]


@pytest.fixture
def two_hats(global_admin: Membership) -> tuple[Membership, Membership]:
    """One person, global admin of two partners: "Northwind Cloud" (current at first) and "Zebra"."""
    other = MembershipFactory(user=global_admin.user, partner__name="Zebra", roles=["global_admin"])
    return global_admin, other


def switch(client: Client, partner: Partner, **more: str) -> str:
    response = client.post(reverse("partners:switch"), {"partner": str(partner.tenant_id), **more})
    assert response.status_code == 302
    return response.url


def test_switching_changes_what_every_page_is_about(
    two_hats: tuple[Membership, Membership], client_of: ClientOf
) -> None:
    first, second = two_hats
    client = client_of(first)
    assert client.get(reverse("partners:profile")).context["membership"] == first
    assert switch(client, second.partner) == reverse("dashboard:home")
    assert client.get(reverse("partners:profile")).context["membership"] == second


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/settings/roles/", "/settings/roles/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_it_leads_only_within_the_portal(
    target: str, lands: str, two_hats: tuple[Membership, Membership], client_of: ClientOf
) -> None:
    assert switch(client_of(two_hats[0]), two_hats[1].partner, next=target) == lands


@pytest.mark.parametrize("wanted", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_nonsense_is_not_found(wanted: str, global_admin: Membership, client_of: ClientOf) -> None:
    assert client_of(global_admin).post(reverse("partners:switch"), {"partner": wanted}).status_code == 404


def test_somebody_elses_partner_is_not_found(
    global_admin: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    client = client_of(global_admin)
    wanted = {"partner": str(stranger.partner.tenant_id)}
    assert client.post(reverse("partners:switch"), wanted).status_code == 404
    assert client.get(reverse("partners:profile")).context["membership"] == global_admin


def test_a_membership_taken_away_is_no_longer_offered(
    two_hats: tuple[Membership, Membership], client_of: ClientOf
) -> None:
    first, second = two_hats
    client = client_of(first)
    switch(client, second.partner)
    Membership.objects.filter(pk=second.pk).update(is_active=False)
    assert client.get(reverse("partners:profile")).context["membership"] == first


def test_looking_does_not_switch(global_admin: Membership, client_of: ClientOf) -> None:
    assert client_of(global_admin).get(reverse("partners:switch")).status_code == 405


def resend(client: Client, url: str, page: str) -> object:
    """Press the button of the page that asks whether to switch back."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.partition('action="' + url)[2])
    data: dict[str, list[str]] = {}
    for name, value in fields:
        if name != "csrfmiddlewaretoken":
            data.setdefault(name, []).append(unescape(value))
    return client.post(url, data)


def test_a_form_sent_after_a_switch_in_another_tab_keeps_everything(
    two_hats: tuple[Membership, Membership], client_of: ClientOf
) -> None:
    first, second = two_hats
    client, url = client_of(first), reverse("partners:invite")
    switch(client, second.partner)
    typed = {
        "partner": str(first.partner.tenant_id),
        "email": "new@partner.example",
        "name": 'Eve "<b>" O’Hara',
        "roles": ["sales_agent", "admin_agent"],
    }
    refused = client.post(url, typed)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Switch back to Northwind Cloud and send" in page
    assert "Stay with Zebra" in page
    assert Membership.objects.count() == 2, "nothing was saved"

    resend(client, url, page)
    invited = Membership.objects.get(user__email="new@partner.example")
    assert invited.partner == first.partner
    assert invited.roles == ["admin_agent", "sales_agent"]
    assert invited.user.name == typed["name"]
    assert client.get(reverse("partners:profile")).context["membership"] == first


def test_a_form_of_a_partner_one_does_not_work_for_is_not_found(
    global_admin: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    typed = {"partner": str(stranger.partner.tenant_id), "email": "x@y.example"}
    assert client_of(global_admin).post(reverse("partners:invite"), typed).status_code == 404


def test_another_site_cannot_switch_a_persons_partner(
    two_hats: tuple[Membership, Membership], client_of: ClientOf
) -> None:
    first, second = two_hats
    client = client_of(first)
    client.handler.enforce_csrf_checks = True
    data = {"switch_partner": str(second.partner.tenant_id)}
    assert client.post(reverse("partners:invite"), data).status_code == 403
    assert client.get(reverse("partners:profile")).context["membership"] == first
