"""Account info > Invite: an existing customer is asked to accept by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Invitation, InvitationPolicy, Place
from agreements.tests.factories import confirmed, invited
from customers.models import Contact, Customer
from customers.tests.factories import ContactFactory, CustomerFactory, TenantFactory
from orders.tests.factories import filled_cart
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]


def invite_url(customer: Customer) -> str:
    return reverse("agreements:invite", args=[customer.tenant_id])


def page_of(invitation: Invitation) -> str:
    return reverse("agreements:invitation", args=[invitation.public_id])


def asked(customer: Customer, **changed: str) -> dict[str, str]:
    return {"submit_key": "key-1", "who": str(customer.primary_contact_id), "language": "pl-PL", **changed}


def someone_else(customer: Customer, **changed: str) -> dict[str, str]:
    named = {"who": "other", "first_name": "Jan", "last_name": "Nowak", "email": "jan@customer.example"}
    return asked(customer, **{**named, **changed})


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


def test_the_primary_contact_is_the_first_choice(client: Client, customer: Customer) -> None:
    ContactFactory(customer=customer, first_name="Adam", email="adam@customer.example")
    page = client.get(invite_url(customer)).content.decode()
    assert "The primary contact: Zofia Wiśniewska, zofia@customer.example" in page
    assert page.index("The primary contact") < page.index("adam@customer.example") < page.index("Someone else")
    assert "by a personal link that works for 30 days" in page
    answer = client.post(invite_url(customer), asked(customer))
    made = Invitation.objects.get()
    assert answer["Location"] == page_of(made)
    assert (made.full_name, made.email, made.language) == ("Zofia Wiśniewska", "zofia@customer.example", "pl-PL")
    assert (made.invited_by_name, made.letter) == ("Sam Sales", None)
    assert Customer.objects.get(pk=customer.pk).invited_at is not None


def test_another_contact_or_somebody_else_can_be_asked(client: Client, customer: Customer) -> None:
    adam = ContactFactory(customer=customer, first_name="Adam", email="adam@customer.example")
    client.post(invite_url(customer), asked(customer, who=str(adam.public_id), first_name="half-typed"))
    assert Invitation.objects.get().email == "adam@customer.example"
    other = CustomerFactory(partner=customer.partner)
    client.post(invite_url(other), someone_else(other, submit_key="key-2"))
    assert Invitation.objects.get(customer=other).full_name == "Jan Nowak"
    assert Contact.objects.filter(customer=other).count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("first_name", "", "Enter the first name of whom you invite"),
        ("email", "", "Enter the email address of whom you invite"),
        ("email", "no-address", ""),
        ("email", "a@gmail.example", None),
        ("who", "", "Choose who is asked to accept"),
        ("who", "nobody", "Choose one of the listed answers"),
        ("language", "xx", "Choose one of the listed answers"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: Client, customer: Customer, field: str, typed: str, message: str | None
) -> None:
    answer = client.post(invite_url(customer), someone_else(customer, **{field: typed, "last_name": "Żółć"}))
    if message is None:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert "Żółć" in page
    assert answer.context["form"].errors[field]
    assert not Invitation.objects.exists()


def test_an_address_of_the_partners_own_domain_is_no_customers(client: Client, customer: Customer) -> None:
    partner = customer.partner
    partner.domain = "partner.example"
    partner.save()
    answer = client.post(invite_url(customer), someone_else(customer, email="me@partner.example"))
    assert answer.context["form"].errors["email"]
    Contact.objects.update(email="me@partner.example")
    answer = client.post(invite_url(customer), asked(customer))
    assert answer.context["form"].errors["who"]


def test_the_portal_mails_it_at_once_when_asked_to(client: Client, customer: Customer) -> None:
    answer = client.post(invite_url(customer), asked(customer, is_sent="on"))
    assert "on its way to zofia@customer.example" in said(answer)
    assert Invitation.objects.get().letter == Letter.objects.get(kind="agreements.invitation")


@pytest.mark.scenario("I2")
def test_a_double_click_makes_one_invitation(client: Client, customer: Customer) -> None:
    first, second = (client.post(invite_url(customer), asked(customer, is_sent="on")) for _click in range(2))
    assert first["Location"] == second["Location"] == page_of(Invitation.objects.get())
    assert Letter.objects.count() == 1


def test_who_is_invited_already_leads_to_that_invitation(client: Client, customer: Customer) -> None:
    known = invited(customer)
    answer = client.get(invite_url(customer))
    assert answer["Location"] == page_of(known)
    answer = client.post(invite_url(customer), someone_else(customer))
    page = answer.content.decode()
    assert "is invited already" in page
    assert page_of(known) in page
    assert 'value="Nowak"' in page


def test_nobody_is_invited_to_what_is_on_record(client: Client, customer: Customer) -> None:
    confirmed(customer)
    answer = client.post(invite_url(customer), asked(customer))
    assert "on record already" in answer.content.decode()
    Customer.objects.filter(pk=customer.pk).update(removed_at=timezone.now())
    assert client.post(invite_url(customer), asked(customer)).status_code == 200
    assert not Invitation.objects.exists()


def test_a_customer_without_contacts_is_asked_through_somebody_else(
    client: Client, partner: Partner, template: object
) -> None:
    bare = Customer.objects.create(tenant=TenantFactory(), partner=partner, company_name="Bare", country="PL")
    form = client.get(invite_url(bare)).context["form"]
    assert [value for value, _label in form.fields["who"].choices] == ["other"]
    client.post(invite_url(bare), someone_else(bare))
    assert Invitation.objects.get().full_name == "Jan Nowak"


def test_where_it_accepts_is_the_partners_choice(client: Client, customer: Customer) -> None:
    InvitationPolicy.objects.create(partner=customer.partner, place=Place.MICROSOFT)
    assert "It accepts in Microsoft" in client.get(invite_url(customer)).content.decode()
    client.post(invite_url(customer), asked(customer))
    assert Invitation.objects.get().place == Place.MICROSOFT


def test_from_a_stopped_order_and_back_to_it(client: Client, customer: Customer, sales_agent: Membership) -> None:
    cart = filled_cart(customer, sales_agent)
    back = reverse("orders:cart", args=[cart.pk])
    prompt = reverse("orders:agreement", args=[cart.pk])
    assert f"{invite_url(customer)}?next={back.replace('/', '%2F')}" in client.get(prompt).content.decode()
    url = f"{invite_url(customer)}?next={back}"
    assert client.get(url).context["form"]["is_sent"].value() is True
    answer = client.post(url, asked(customer, is_sent="on"))
    assert answer["Location"] == back
    assert "Your order waits" in said(answer)
    assert client.get(back).status_code == 200
    page = client.get(prompt).content.decode()
    assert "is invited to accept by itself" in page
    assert page_of(Invitation.objects.get()) in page


def test_to_look_at_the_message_first_keeps_the_way_back(client: Client, customer: Customer) -> None:
    answer = client.post(f"{invite_url(customer)}?next=/orders/", asked(customer))
    assert answer["Location"] == f"{page_of(Invitation.objects.get())}?next=%2Forders%2F"
    assert "Back to where you were" in client.get(answer["Location"]).content.decode()
    crafted = client.get(f"{page_of(Invitation.objects.get())}?next=https://evil.example/").content.decode()
    assert "evil.example" not in crafted


class TestAccountInfo:
    @pytest.fixture
    def panel(self, client: Client, customer: Customer) -> Callable[[], str]:
        def read() -> str:
            page = client.get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
            return page.split('id="panel-agreement"')[1].split("</section>")[0]

        return read

    def test_offers_to_invite_until_there_is_an_invitation(
        self, panel: Callable[[], str], customer: Customer
    ) -> None:
        assert invite_url(customer) in panel()
        assert "admin.microsoft.com" not in panel()
        known = invited(customer)
        shown = panel()
        assert invite_url(customer) not in shown
        assert page_of(known) in shown
        assert "Not sent by the portal" in shown
        Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
        assert "Expired" in panel()

    def test_tells_microsofts_address_where_customers_accept_there(
        self, panel: Callable[[], str], customer: Customer
    ) -> None:
        InvitationPolicy.objects.create(partner=customer.partner, place=Place.MICROSOFT)
        assert "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement" in panel()

    def test_shows_why_the_customer_declined(self, panel: Callable[[], str], customer: Customer) -> None:
        invited(customer)
        now = timezone.now()
        Invitation.objects.update(outcome="declined", closed_at=now, decline_reason="Wrong company")
        Customer.objects.update(invited_at=None)
        assert "Wrong company" in panel()
        assert invite_url(customer) in panel()

    def test_says_nothing_of_invitations_to_who_may_not_invite(
        self, client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
    ) -> None:
        known = invited(customer)
        page = client_of(helpdesk_agent).get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
        assert page_of(known) not in page
        assert invite_url(customer) not in page
        assert client_of(helpdesk_agent).get(invite_url(customer)).status_code == 403
