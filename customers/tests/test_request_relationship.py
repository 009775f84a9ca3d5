"""Request a reseller relationship: which company, who answers, what is included."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from agreements.links import link_of
from agreements.models import Invitation, InvitationPolicy, Place
from customers.models import RelationshipRequest
from portal.audit.models import AuditEvent
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, PartnerLinkFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
REQUEST = reverse("customers:request_relationship")


def asked(**changed: str) -> dict[str, str]:
    typed = {
        "submit_key": "key-1",
        "company_name": "Fabrikam Polska Sp. z o.o.",
        "first_name": "Jan",
        "last_name": "Nowak",
        "email": "jan@fabrikam.example",
        "language": "en-US",
        "includes_delegated_admin": "on",
    }
    return {**typed, **changed}


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


def message_on(client: Client, invitation: Invitation) -> str:
    page = client.get(reverse("agreements:invitation", args=[invitation.public_id]))
    return str(page.context["form"]["message"].value())


def test_makes_the_request_and_shows_its_message(client: Client, partner: Partner) -> None:
    form = client.get(REQUEST).context["form"]
    assert form["includes_delegated_admin"].value() is True
    assert "seller" not in form.fields
    answer = client.post(REQUEST, asked())
    made = Invitation.objects.get()
    assert answer["Location"] == reverse("agreements:invitation", args=[made.public_id])
    assert (made.partner, made.full_name, made.language, made.letter) == (partner, "Jan Nowak", "en-US", None)
    request = RelationshipRequest.objects.get()
    assert (request.asked_by, request.reseller, request.includes_delegated_admin) == (partner, None, True)
    text = message_on(client, made)
    assert "Northwind Cloud would like to supply Fabrikam Polska Sp. z o.o." in text
    assert link_of(made) in text
    assert "Accepting includes delegated administration privileges" in text
    assert AuditEvent.objects.filter(code="customers.relationship_requested").count() == 1


def test_delegated_administration_can_be_left_out(client: Client) -> None:
    typed = asked()
    del typed["includes_delegated_admin"]
    client.post(REQUEST, typed)
    assert "no delegated administration privileges" in message_on(client, Invitation.objects.get())


@pytest.mark.scenario("I2")
def test_a_double_click_makes_one_request(client: Client) -> None:
    first, second = (client.post(REQUEST, asked()) for _click in range(2))
    assert first["Location"] == second["Location"]
    assert RelationshipRequest.objects.count() == Invitation.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("company_name", ""),
        ("company_name", "x" * 201),
        ("company_name", "\u202eevil"),
        ("first_name", ""),
        ("last_name", "x" * 51),
        ("email", "nobody"),
        ("email", ""),
        ("language", "xx"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client: Client, field: str, typed: str) -> None:
    answer = client.post(REQUEST, asked(**{field: typed}))
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert answer.context["form"][field].value() == typed
    assert not RelationshipRequest.objects.exists()


def test_an_address_of_the_partners_own_domain_is_no_customers(client: Client, partner: Partner) -> None:
    partner.domain = "partner.example"
    partner.save()
    assert client.post(REQUEST, asked(email="me@partner.example")).context["form"].errors["email"]


def test_at_microsoft_the_link_and_the_words_are_microsofts(client: Client, partner: Partner) -> None:
    InvitationPolicy.objects.create(partner=partner, place=Place.MICROSOFT)
    client.post(REQUEST, asked())
    made = Invitation.objects.get()
    query = parse_qs(urlsplit(link_of(made)).query)
    assert (query["partnerId"], query["DAP"]) == ([str(partner.tenant_id)], ["true"])
    text = message_on(client, made)
    assert link_of(made) in text
    assert "https://admin.microsoft.com/Adminportal/Home?#/BillingAccounts/billing-accounts" in text
    assert "A Global admin of your company has to do them" in text


class TestTwoPartners:
    def test_a_provider_may_name_one_of_its_resellers(self, client_of: ClientOf, provider: Partner) -> None:
        link = PartnerLinkFactory(provider=provider, reseller__name="Corner Reseller")
        client = client_of(MembershipFactory(partner=provider, roles=["sales_agent"]))
        assert "Corner Reseller" in client.get(REQUEST).content.decode()
        client.post(REQUEST, asked(seller=str(link.reseller.tenant_id)))
        request = RelationshipRequest.objects.get()
        assert (request.partner, request.reseller, request.asked_by) == (provider, link.reseller, provider)
        unlinked = PartnerFactory(reseller=True)
        answer = client.post(REQUEST, asked(seller=str(unlinked.tenant_id), submit_key="key-2"))
        assert answer.context["form"].errors["seller"]

    def test_a_resellers_link_names_provider_and_reseller(
        self, client_of: ClientOf, reseller_agent: Membership, provider: Partner
    ) -> None:
        InvitationPolicy.objects.create(partner=provider, place=Place.MICROSOFT)
        PartnerLinkFactory(reseller=reseller_agent.partner, provider__name="Second Provider")
        client = client_of(reseller_agent)
        page = client.get(REQUEST).content.decode()
        assert "Wide World Provider" in page
        assert client.post(REQUEST, asked()).context["form"].errors["seller"]
        client.post(REQUEST, asked(seller=str(provider.tenant_id)))
        request, made = RelationshipRequest.objects.get(), Invitation.objects.get()
        assert (request.partner, request.reseller) == (provider, reseller_agent.partner)
        assert request.asked_by == reseller_agent.partner
        query = parse_qs(urlsplit(link_of(made)).query)
        assert query["partnerId"] == [str(reseller_agent.partner.tenant_id)]
        assert query["indirectCSPId"] == [str(provider.tenant_id)]
        assert "Corner Reseller would like to supply" in message_on(client, made)
        assert "Wide World Provider" in message_on(client, made)

    def test_a_reseller_without_provider_is_told_so(self, client_of: ClientOf) -> None:
        client = client_of(MembershipFactory(partner=PartnerFactory(reseller=True), roles=["admin_agent"]))
        assert "You work with no indirect provider yet" in client.get(REQUEST).content.decode()
        assert client.post(REQUEST, asked()).status_code == 200
        assert not RelationshipRequest.objects.exists()


@pytest.mark.parametrize(("kind", "roles"), [("sandbox", ["admin_agent"]), ("", ["helpdesk_agent"])])
def test_who_may_not_is_told_so(client_of: ClientOf, kind: str, roles: list[str]) -> None:
    partner = PartnerFactory(**({kind: True} if kind else {}))
    client = client_of(MembershipFactory(partner=partner, roles=roles))
    assert client.get(REQUEST).status_code == 403
    assert client.post(REQUEST, asked()).status_code == 403
    assert REQUEST not in client.get(reverse("customers:list")).content.decode()
    assert not RelationshipRequest.objects.exists()


def test_the_list_of_customers_leads_there(client: Client, client_of: ClientOf, reseller_agent: Membership) -> None:
    for each in (client, client_of(reseller_agent)):
        assert REQUEST in each.get(reverse("customers:list")).content.decode()
