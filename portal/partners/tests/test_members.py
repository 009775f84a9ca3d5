from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]


def test_the_global_admin_sees_everybody_with_roles_and_status(
    global_admin: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    sales_agent.is_active = False
    sales_agent.save()
    page = client_of(global_admin).get(reverse("partners:members")).content.decode()
    assert page.index("Gita Global") < page.index("Sam Sales"), "active members come first"
    assert sales_agent.user.email in page
    assert "Deactivated" in page


def test_somebody_invited_who_never_came_is_marked(global_admin: Membership, client_of: ClientOf) -> None:
    invited = MembershipFactory(partner=global_admin.partner)
    invited.user.set_unusable_password()
    invited.user.save()
    assert "Invited" in client_of(global_admin).get(reverse("partners:members")).content.decode()


def test_other_partners_people_are_not_listed(
    global_admin: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    page = client_of(global_admin).get(reverse("partners:members")).content.decode()
    assert stranger.user.name not in page


@pytest.mark.parametrize("name", ["partners:members", "partners:invite"])
def test_agents_are_told_who_can(name: str, admin_agent: Membership, client_of: ClientOf) -> None:
    response = client_of(admin_agent).get(reverse(name))
    assert response.status_code == 403
    assert "Global admin" in response.content.decode()


def test_agents_are_not_offered_the_page(admin_agent: Membership, client_of: ClientOf) -> None:
    page = client_of(admin_agent).get(reverse("partners:profile")).content.decode()
    assert reverse("partners:members") not in page


def test_a_member_of_another_partner_does_not_exist(
    global_admin: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    client = client_of(global_admin)
    response = client.get(reverse("partners:member", args=[stranger.public_id]))
    missing = client.get(reverse("partners:member", args=["00000000-0000-0000-0000-000000000000"]))
    assert response.status_code == missing.status_code == 404
    assert response.content == missing.content


def test_the_list_costs_the_same_for_many(
    global_admin: Membership, partner: Partner, client_of: ClientOf, django_assert_num_queries: Callable[..., object]
) -> None:
    client, url = client_of(global_admin), reverse("partners:members")
    client.get(url)
    with django_assert_num_queries(4) as few:
        client.get(url)
    MembershipFactory.create_batch(20, partner=partner)
    with django_assert_num_queries(len(few)):
        client.get(url)
