"""The end of a relationship: removed in production, deleted in the sandbox. The records stay."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation
from agreements.proving import verify
from agreements.services import confirm_acceptance, invite_customer, primary_invitee, require_acceptance
from agreements.tests.factories import acceptance, confirmed, job_actor
from customers.models import Customer, Tenant
from customers.services import (
    RelationshipEnded,
    create_customer,
    edit_company,
    make_primary_contact,
    relate_customer,
    remove_bill_to,
    remove_contact,
    save_bill_to,
    save_contact,
    set_account_status,
    set_qualification,
    set_tags,
)
from customers.tests.factories import CustomerFactory, company, contact
from customers.tests.forms_on_page import form_of
from customers.tests.test_bill_to import details
from customers.tests.test_qualification import STAFF
from orders.models import Order, Subscription
from orders.services import (
    Item,
    change_licence_count,
    place_order,
    reactivate_subscription,
    remove_customer,
    set_lines,
    start_cart,
    suspend_subscription,
)
from orders.tests.factories import filled_cart, placed, reviewed
from portal.audit.models import AuditEvent, ChainEntry
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[..., Actor]
ENDED = "The reseller relationship with this customer was removed"


def removed(customer: Customer, key: str = "key") -> Customer:
    return remove_customer(by=job_actor(), customer=customer, submit_key=key)


def subscribed(customer: Customer, member: Membership) -> Subscription:
    confirmed(customer)
    return placed(filled_cart(customer, member), job_actor()).lines.get().subscription


def page_of(customer: Customer, name: str = "customers:remove") -> str:
    return reverse(name, args=[customer.tenant_id])


def test_is_refused_while_a_subscription_runs(customer: Customer, sales_agent: Membership) -> None:
    subscription = subscribed(customer, sales_agent)
    with pytest.raises(RuleViolation, match="Suspend all subscriptions first"):
        removed(customer)
    suspend_subscription(by=job_actor(), subscription=subscription)
    gone = removed(customer)
    assert gone.removed_at is not None
    assert (gone.removed_by_name, gone.deleted_at) == ("Test", None)
    assert AuditEvent.objects.filter(code="customers.relationship_removed").count() == 1


def test_the_same_submit_again_does_nothing_more(customer: Customer) -> None:
    first = removed(customer)
    assert removed(customer).removed_at == first.removed_at
    with pytest.raises(RelationshipEnded):
        removed(customer, key="another")
    assert AuditEvent.objects.filter(code="customers.relationship_removed").count() == 1


def test_needs_the_right_to_remove(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    with pytest.raises(NotPermitted):
        remove_customer(by=actor_for(sales_agent), customer=customer, submit_key="k")


@pytest.fixture
def writes(customer: Customer, sales_agent: Membership) -> dict[str, Callable[[], Any]]:
    """Every write about a customer, by name, made ready while the relationship holds."""
    by, subscription = job_actor(), subscribed(customer, sales_agent)
    cart = filled_cart(customer, sales_agent)
    item = Item(cart.lines.get().availability)
    known = customer.contacts.get()
    person = Actor(kind=by.kind, name=by.name, door=by.door, user_id=sales_agent.user_id)
    return {
        "edit": lambda: edit_company(by=by, customer=customer, company=company(city="Kraków"), version=1),
        "contact": lambda: save_contact(by=by, customer=customer, details=contact(first_name="Jan")),
        "primary contact": lambda: make_primary_contact(by=by, customer=customer, contact=known),
        "contact removal": lambda: remove_contact(by=by, customer=customer, contact=known, version=1),
        "bill-to": lambda: save_bill_to(by=by, customer=customer, details=details(), version=0),
        "bill-to removal": lambda: remove_bill_to(by=by, customer=customer, version=0),
        "qualification": lambda: set_qualification(
            by=by, customer=customer, qualification="state_owned_entity", version=1
        ),
        "account status": lambda: set_account_status(by=STAFF, customer=customer, status="under_review"),
        "tags": lambda: set_tags(by=by, customer=customer, names=["Gold"]),
        "confirm": lambda: confirm_acceptance(by=by, customer=customer, acceptance=acceptance()),
        "invite": lambda: invite_customer(by=by, customer=customer, invitee=primary_invitee(customer)),
        "cart": lambda: start_cart(by=person, customer=customer),
        "cart lines": lambda: set_lines(by=by, cart=cart, quantities={item: 7}),
        "order": lambda: placed(cart, by),
        "licence change": lambda: change_licence_count(by=by, subscription=subscription, quantity=9, submit_key="l"),
        "suspend": lambda: suspend_subscription(by=by, subscription=subscription),
        "reactivate": lambda: reactivate_subscription(by=by, subscription=subscription),
    }


def test_nothing_can_be_written_any_more(customer: Customer, writes: dict[str, Callable[[], Any]]) -> None:
    Subscription.objects.update(status="suspended")
    removed(customer)
    # An active subscription, so that no other rule refuses the licence change first.
    Subscription.objects.update(status="active")
    events, orders = AuditEvent.objects.count(), Order.objects.count()
    written = []
    for name, write in writes.items():
        try:
            write()
        except RelationshipEnded:
            continue
        written.append(name)
    assert written == []
    assert (AuditEvent.objects.count(), Order.objects.count()) == (events, orders)


def test_account_info_stays_to_read_without_commands(
    client_of: ClientOf, admin_agent: Membership, customer: Customer, sales_agent: Membership
) -> None:
    subscription = subscribed(customer, sales_agent)
    suspend_subscription(by=job_actor(), subscription=subscription)
    removed(customer)
    page = client_of(admin_agent).get(page_of(customer, "customers:account"))
    text = page.content.decode()
    assert "The reseller relationship was removed on" in text
    assert "by Test." in text
    assert "Orders and licence changes are allowed" not in text
    for path in ("edit/", "contacts/", "bill-to/", "qualification/", "remove/", "tags/", "agreement/confirm/"):
        assert f"{customer.tenant_id}/{path}" not in text
    for path in ("/orders/new/", "/reactivate/", "/suspend/", "/licences/"):
        assert path not in text
    assert page_of(customer, "customers:history") in text
    assert client_of(admin_agent).get(page_of(customer, "customers:history")).status_code == 200


@pytest.mark.parametrize(
    "name", ["customers:edit", "customers:bill_to", "customers:qualification", "customers:new_contact"]
)
def test_forms_say_that_it_is_over_and_keep_what_was_typed(
    client_of: ClientOf, admin_agent: Membership, customer: Customer, name: str
) -> None:
    client, url = client_of(admin_agent), page_of(customer, name)
    answers = {
        "customers:edit": {"registration_number": "5260250274", "company_name": "Typed S.A."},
        "customers:bill_to": {"company_name": "Typed S.A."},
        "customers:qualification": {"qualification": "education", "education_segment": "k12"},
        "customers:new_contact": {"first_name": "Typed", "last_name": "X", "email": "x@customer.example"}
        | {"phone": "22 765 43 21"},
    }
    typed = form_of(client.get(url)) | answers[name]
    removed(customer)
    page = client.post(url, typed)
    assert page.status_code == 200
    assert ENDED in page.content.decode()
    kept = form_of(page)
    assert {field: kept[field] for field in answers[name]} == answers[name]
    assert ENDED in client.get(url, follow=True).content.decode()


def test_orders_say_that_it_is_over(client_of: ClientOf, admin_agent: Membership, customer: Customer) -> None:
    removed(customer)
    answer = client_of(admin_agent).post(reverse("orders:new"), {"customer": str(customer.tenant_id)}, follow=True)
    assert answer.status_code == 400
    assert ENDED in answer.content.decode()
    assert not Order.objects.exists()


def test_an_open_cart_and_the_licences_say_so_too(
    client_of: ClientOf, admin_agent: Membership, customer: Customer
) -> None:
    subscription, client = subscribed(customer, admin_agent), client_of(admin_agent)
    cart = filled_cart(customer, admin_agent)
    quantity = f"quantity-{cart.lines.get().availability.public_id}"
    answers = {
        reverse("orders:cart", args=[cart.pk]): {quantity: "9"},
        reverse("orders:review", args=[cart.pk]): {"submit_key": "one", "is_attested": "on"},
        reverse("orders:licences", args=[subscription.pk]): {"quantity": "9"},
        reverse("agreements:confirm", args=[customer.tenant_id]): {
            "evidence_kind": "email",
            "reason_note": "Another date",
            "agreed_on": customer.partner.today.isoformat(),
        },
    }
    typed = {url: form_of(client.get(url), having=next(iter(said))) | said for url, said in answers.items()}
    Customer.objects.filter(pk=customer.pk).update(removed_at=timezone.now())
    for url, form in typed.items():
        page = client.post(url, form)
        assert ENDED in page.content.decode(), (url, form, page.context["form"].errors)


def test_the_page_explains_and_removes(client_of: ClientOf, global_admin: Membership, customer: Customer) -> None:
    client, url = client_of(global_admin), page_of(customer)
    assert url in client.get(page_of(customer, "customers:account")).content.decode()
    page = client.get(url)
    text = page.content.decode()
    for said in ("leaves your list", "no new orders", "delegated administration ends", "count again"):
        assert said in text
    form = form_of(page, having="submit_key")
    assert "Tick" in client.post(url, form).content.decode()
    answer = client.post(url, form | {"is_understood": "on"}, follow=True)
    assert answer.redirect_chain == [(reverse("customers:list"), 302)]
    assert "is removed." in answer.content.decode()
    assert client.post(url, form | {"is_understood": "on"}).status_code == 302
    other = form | {"is_understood": "on", "submit_key": uuid.uuid4().hex}
    assert ENDED in client.post(url, other).content.decode()


def test_the_page_shows_what_still_runs(
    client_of: ClientOf, admin_agent: Membership, global_admin: Membership, customer: Customer
) -> None:
    subscription = subscribed(customer, admin_agent)
    suspend = reverse("orders:suspend", args=[subscription.pk])
    url = page_of(customer)
    text = client_of(admin_agent).get(url).content.decode()
    assert "1 subscription still runs" in text
    assert subscription.title in text
    assert suspend in text
    assert "disabled" in text
    assert "Suspend all subscriptions first" in text
    text = client_of(global_admin).get(url).content.decode()
    assert suspend not in text
    assert "Ask an admin agent" in text
    forged = client_of(admin_agent).post(url, {"is_understood": "on", "submit_key": "x"}).content.decode()
    assert "Suspend all subscriptions first" in forged
    customer.refresh_from_db()
    assert customer.is_active


def test_a_sales_agent_and_a_reseller_may_not(
    client_of: ClientOf, sales_agent: Membership, reseller_agent: Membership, provider: Partner, customer: Customer
) -> None:
    assert client_of(sales_agent).get(page_of(customer)).status_code == 403
    assert (
        page_of(customer) not in client_of(sales_agent).get(page_of(customer, "customers:account")).content.decode()
    )
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    answer = client_of(reseller_agent).post(page_of(resold), {"is_understood": "on", "submit_key": "x"})
    assert answer.status_code == 403
    assert provider.name in answer.content.decode()


def test_records_count_again_once_the_relationship_returns(customer: Customer, sales_agent: Membership) -> None:
    record = confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    removed(customer)
    with pytest.raises(RelationshipEnded):
        placed(cart, job_actor())
    back = relate_customer(
        by=job_actor(), partner=customer.partner, tenant=customer.tenant, company=company(), contact=contact()
    )
    assert (back.pk, back.removed_at, back.removed_by_name) == (customer.pk, None, "")
    assert require_acceptance(customer=back).acceptance == record
    order = placed(cart, job_actor())
    assert order.acceptance == record


def test_a_customer_of_two_partners_stays_one_of_the_other(
    client_of: ClientOf, admin_agent: Membership, stranger: Membership, customer: Customer
) -> None:
    theirs = CustomerFactory(partner=stranger.partner, tenant=customer.tenant, company_name="Canary Co")
    subscribed(theirs, stranger)
    confirmed(customer)
    before = Customer.objects.filter(pk=theirs.pk).values().get()
    removed(customer)
    assert Customer.objects.filter(pk=theirs.pk).values().get() == before
    assert Subscription.objects.get().status == "active"
    placed(filled_cart(theirs, stranger), job_actor())
    page = client_of(admin_agent).get(page_of(customer, "customers:account")).content.decode()
    assert "Canary" not in page
    other = client_of(stranger).get(page_of(customer, "customers:account")).content.decode()
    assert "was removed" not in other
    assert "removed" not in client_of(stranger).get(page_of(customer, "customers:history")).content.decode()


@pytest.fixture
def sandbox(template: object) -> Membership:
    return MembershipFactory(partner=PartnerFactory(sandbox=True), user__name="Tomasz Testowy")


def test_a_sandbox_customer_is_deleted_and_its_evidence_stays(client_of: ClientOf, sandbox: Membership) -> None:
    customer, _credentials = create_customer(
        by=job_actor(),
        partner=sandbox.partner,
        domain="again.onmicrosoft.com",
        company=company(),
        contact=contact(),
    )
    subscribed(customer, sandbox)
    # One that is suspended already ends along with the one that runs.
    suspended = placed(filled_cart(customer, sandbox), job_actor()).lines.get().subscription
    suspend_subscription(by=job_actor(), subscription=suspended)
    client, url = client_of(sandbox), page_of(customer)
    page = client.get(url)
    for said in ("This cannot be undone", "subscriptions are ended along", "again.onmicrosoft.com is free again"):
        assert said in page.content.decode()
    typed = form_of(page, having="submit_key") | {"is_understood": "on"}
    assert "is deleted." in client.post(url, typed, follow=True).content.decode()
    # The second of two clicks is answered like the first; everything else is gone for the partner.
    assert client.post(url, typed).status_code == 302
    assert client.post(url, typed | {"submit_key": "other"}).status_code == 404
    for name in ("customers:account", "customers:remove", "customers:history", "customers:edit"):
        assert client.get(page_of(customer, name)).status_code == 404
    customer.refresh_from_db()
    assert customer.deleted_at is not None
    assert {each.status for each in Subscription.objects.all()} == {"deleted"}
    assert Attestation.objects.filter(tenant=customer.tenant_id).count() == 1
    assert Order.objects.count() == 2
    chain = ChainEntry.objects.get().chain
    assert not verify(chain=chain).findings
    again, _credentials = create_customer(
        by=job_actor(), partner=sandbox.partner, domain="again.onmicrosoft.com", company=company(), contact=contact()
    )
    assert again.tenant_id != customer.tenant_id
    assert Tenant.objects.filter(domain="again.onmicrosoft.com").count() == 1


def test_a_stranger_learns_nothing_of_a_deleted_customer(
    client_of: ClientOf, sandbox: Membership, stranger: Membership
) -> None:
    customer = CustomerFactory(partner=sandbox.partner)
    removed(customer)
    typed = {"is_understood": "on", "submit_key": "key"}
    assert client_of(stranger).post(page_of(customer), typed).status_code == 404
    assert client_of(sandbox).post(page_of(customer), typed).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_order_and_a_removal_at_the_same_moment(tmp_path: Path, template: object) -> None:
    """Either the order comes first and its subscription keeps the relationship, or it is refused."""
    member = MembershipFactory()
    customer = CustomerFactory(partner=member.partner)
    confirmed(customer)
    cart = filled_cart(customer, member)
    seen = reviewed(cart)

    def act(who: int) -> Any:
        if who:
            return removed(customer)
        return place_order(by=job_actor(), cart=cart, submit_key="o", reviewed=seen, is_attested=True)

    with shared_by_threads(tmp_path):
        done, errors = together(2, act)
        assert (len(done), len(errors)) == (1, 1)
        assert isinstance(errors[0], RuleViolation)
        now = Customer.objects.get(pk=customer.pk)
        assert Order.objects.exists() is now.is_active
