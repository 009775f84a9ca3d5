"""Which membership a request about an object acts under, and what a refusal says."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.errors import NotPermitted
from portal.partners.access import check
from portal.partners.middleware import SESSION_KEY
from portal.partners.models import Membership, Partner
from portal.partners.permissions import Permission
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, UserFactory

ClientOf = Callable[[Membership], Client]


@pytest.fixture
def resold(provider: Partner, reseller_agent: Membership) -> Customer:
    """A customer of the provider that the reseller resells to."""
    return CustomerFactory(partner=provider, reseller=reseller_agent.partner)


def working_for(member: Membership, client_of: ClientOf) -> Client:
    """This person's browser, with this membership the current one."""
    client = client_of(member)
    session = client.session
    session[SESSION_KEY] = str(member.partner.tenant_id)
    session.save()
    return client


@pytest.mark.parametrize("name", ["customers:edit", "customers:new_contact"])
def test_at_reseller_and_provider_the_one_that_owns_the_customer_counts(
    name: str, resold: Customer, reseller_agent: Membership, client_of: ClientOf
) -> None:
    at_provider = MembershipFactory(user=reseller_agent.user, partner=resold.partner, roles=["admin_agent"])
    client, url = working_for(reseller_agent, client_of), reverse(name, args=[resold.tenant_id])
    assert client.get(reverse("dashboard:home")).context["membership"] == reseller_agent
    response = client.get(url)
    assert response.status_code == 200
    assert response.context["membership"] == at_provider


def test_who_only_sees_it_at_the_other_partner_acts_for_that_one(
    resold: Customer, reseller_agent: Membership, client_of: ClientOf
) -> None:
    elsewhere = MembershipFactory(user=reseller_agent.user, partner__name="Aaa", roles=["admin_agent"])
    client = working_for(elsewhere, client_of)
    response = client.get(reverse("customers:account", args=[resold.tenant_id]))
    assert response.status_code == 200
    assert response.context["membership"] == reseller_agent


def test_nobody_owns_the_agreement_and_the_current_partner_stays(
    global_admin: Membership, client_of: ClientOf
) -> None:
    MembershipFactory(user=global_admin.user, partner__name="Aaa")
    client = working_for(global_admin, client_of)
    assert client.get(reverse("agreements:templates")).context["membership"] == global_admin


@pytest.mark.parametrize("name", ["customers:edit", "agreements:confirm", "customers:new_contact"])
def test_a_reseller_is_told_which_provider_to_ask(
    name: str, resold: Customer, reseller_agent: Membership, client_of: ClientOf
) -> None:
    PartnerFactory(provider=True, name="Another Provider")
    response = client_of(reseller_agent).get(reverse(name, args=[resold.tenant_id]))
    assert response.status_code == 403
    page = response.content.decode()
    assert "Ask Wide World Provider, your indirect provider, to do it for you." in page
    assert "Another Provider" not in page


def test_without_an_object_the_provider_has_no_name(reseller_agent: Membership, client_of: ClientOf) -> None:
    response = client_of(reseller_agent).get(reverse("customers:new"))
    assert response.status_code == 403
    assert "Ask your indirect provider to do it for you." in response.content.decode()


def test_the_provider_is_found_through_the_customer_too(resold: Customer, reseller_agent: Membership) -> None:
    with pytest.raises(NotPermitted, match="Ask Wide World Provider"):
        check(reseller_agent, Permission.CUSTOMERS_EDIT, on=SimpleNamespace(customer=resold))


def test_who_lacks_a_role_is_told_the_roles_and_no_partner(customer: Customer, helpdesk_agent: Membership) -> None:
    with pytest.raises(NotPermitted, match="Your roles do not include this") as refused:
        check(helpdesk_agent, Permission.ORDERS_PLACE, on=customer)
    assert refused.value.who_can


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rights", "status"),
    [
        ({"is_staff": True}, 200),
        ({"is_staff": True, "is_superuser": False}, 404),
        ({"is_staff": False, "is_superuser": True}, 404),
    ],
)
def test_staff_pages_are_for_staff_who_may_do_everything(
    rights: dict[str, bool], status: int, client: Client
) -> None:
    client.force_login(UserFactory(**rights), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("dashboard:mail")).status_code == status
