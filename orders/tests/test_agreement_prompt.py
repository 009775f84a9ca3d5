"""orders:agreement: seeds 000, 002, 003, "confirm customer acceptance while creating a new order"."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation
from agreements.services import withdraw_acceptance
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.forms import as_reviewed
from orders.models import Cart, Order
from orders.pricing import priced_cart
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return filled_cart(customer, sales_agent)


def url(cart: Cart, name: str = "orders:agreement") -> str:
    return reverse(name, args=[cart.pk])


def said(**changed: str) -> dict[str, str]:
    today = timezone.now().date().isoformat()
    said = {"agreed_on": today, "signer": "contact", "evidence_kind": "email", "evidence_note": ""}
    return {**said, "language": "en-US", "submit_key": "k1", **changed}


def test_asks_inside_the_order_and_shows_the_primary_contact(
    cart: Cart, sales_agent: Membership, client_of: SignIn
) -> None:
    page = client_of(sales_agent).get(url(cart)).content.decode()
    assert "<h1>Microsoft Customer Agreement</h1>" in page
    assert "your order is kept" in page
    assert "Zofia Wiśniewska" in page
    assert "Save and continue" in page


def test_one_extra_page_and_the_order_goes_on(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    to_prompt = client.get(url(cart, "orders:review"))
    back = client.post(to_prompt.headers["Location"], said())
    assert back.headers["Location"] == url(cart, "orders:review")
    review = client.get(back.headers["Location"]).content.decode()
    assert "Accepted by Zofia Wiśniewska" in review
    made = Attestation.objects.get()
    assert (made.door, made.actor_name, made.roles) == ("order_prompt", "Sam Sales", ["sales_agent"])
    submit = {"submit_key": "k2", "reviewed": as_reviewed(priced_cart(cart)), "is_attested": "on"}
    client.post(back.headers["Location"], submit)
    assert Order.objects.get().acceptance == made


def test_the_way_back_is_kept_with_the_confirmation(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    client.post(url(cart), said())
    cart.refresh_from_db()
    assert cart.stage == "review"
    page = client.get(reverse("orders:new")).content.decode()
    assert f'href="{url(cart, "orders:review")}"' in page


def test_a_refused_confirmation_leaves_the_way_back_as_it_was(
    cart: Cart, sales_agent: Membership, client_of: SignIn
) -> None:
    client_of(sales_agent).post(url(cart), said(evidence_kind=""))
    cart.refresh_from_db()
    assert (cart.stage, Attestation.objects.count()) == ("filling", 0)


def test_a_cart_that_was_ordered_goes_to_its_order(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    made, by = confirmed(customer), actor_for(sales_agent)
    order = placed(cart, by)
    withdraw_acceptance(by=by, customer=customer, attestation=made, reason="Wrong customer")
    answer = client_of(sales_agent).get(url(cart), follow=True)
    assert answer.redirect_chain[-1] == (reverse("orders:order", args=[order.number]), 302)


def test_a_double_click_makes_one_record(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    answers = [client.post(url(cart), said()).headers["Location"] for _ in range(2)]
    assert answers == [url(cart, "orders:review")] * 2
    assert Attestation.objects.count() == 1


@pytest.mark.scenario("R4")
def test_someone_else_is_recorded_and_the_contact_stays(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    other = {"signer": "other", "first_name": "Łukasz", "last_name": "Ó Briain", "email": "l@customer.example"}
    client_of(sales_agent).post(url(cart), said(**other))
    assert Attestation.objects.get().person.full_name == "Łukasz Ó Briain"
    assert customer.contacts.get().full_name == "Zofia Wiśniewska"


def test_a_future_date_keeps_everything_typed(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    ahead = (timezone.now().date() + timedelta(days=3)).isoformat()
    answer = client_of(sales_agent).post(url(cart), said(agreed_on=ahead, evidence_note="Mail of Monday"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in page
    for kept in (ahead, "Mail of Monday", 'value="k1"'):
        assert kept in page
    assert not Attestation.objects.exists()
    assert cart.lines.exists()


def test_covered_meanwhile_goes_on_with_the_order(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    confirmed(customer)
    client = client_of(sales_agent)
    for answer in (client.get(url(cart)), client.post(url(cart), said())):
        assert answer.headers["Location"] == url(cart, "orders:review")
    assert Attestation.objects.count() == 1


def test_answers_questions_about_one_field(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    ahead = (timezone.now().date() + timedelta(days=3)).isoformat()
    asked = client_of(sales_agent).post(url(cart), said(agreed_on=ahead), headers={"X-Validate-Field": "agreed_on"})
    assert asked.json() == {"errors": ["The acceptance date must be today or earlier"], "warnings": []}
    assert not Attestation.objects.exists()


def test_who_may_not_confirm_gets_the_reason(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    sales_agent.roles = ["helpdesk_agent"]
    sales_agent.save()
    refused = client_of(sales_agent).get(url(cart))
    assert refused.status_code == 403
    assert "Admin agent" in refused.content.decode()


@pytest.mark.scenario("R9")
def test_there_is_nothing_to_confirm_in_a_national_cloud(template: object, client_of: SignIn) -> None:
    seller = MembershipFactory(partner__government=True, partner__cloud="us_government")
    cart = filled_cart(CustomerFactory(partner=seller.partner, country="US"), seller)
    refused = client_of(seller).post(url(cart), said())
    assert refused.status_code == 403
    assert "does not apply" in refused.content.decode()


def test_a_stranger_finds_nothing(cart: Cart, stranger: Membership, client_of: SignIn) -> None:
    assert client_of(stranger).post(url(cart), said()).status_code == 404
    assert not Attestation.objects.exists()
