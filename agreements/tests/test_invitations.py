"""agreements.services.invitations: made, sent, renewed, revoked, ended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from agreements.links import invitation_token, link_of
from agreements.models import Invitation, InvitationPolicy, InvitationState, Place
from agreements.services import (
    Invitee,
    edit_message,
    invite_customer,
    invite_customers,
    look_after_invitations,
    primary_invitee,
    renew_invitation,
    request_relationship,
    revoke_invitation,
    send_invitation,
)
from agreements.tests.factories import accepted_directly, confirmed, invited
from customers.models import Customer, RelationshipRequest
from customers.rules import Standing
from customers.tests.factories import CustomerFactory
from orders.services import remove_customer
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.common.links import token_digest
from portal.partners.models import Membership, Partner

ActorFor = Callable[..., Actor]
SOMEBODY = Invitee(first_name="Jan", last_name="Nowak", email="jan@customer.example", language="pl-PL")


def standing_of(customer: Customer) -> Standing:
    row = Customer.objects.filter(pk=customer.pk).with_standing(stale_before=None).get()
    return Standing(row.standing)


def test_inviting_makes_the_standing_pending(
    customer: Customer, sales_agent: Membership, actor_for: ActorFor
) -> None:
    made = invite_customer(by=actor_for(sales_agent), customer=customer, invitee=SOMEBODY)
    assert made.state == InvitationState.CREATED
    assert standing_of(customer) == Standing.PENDING
    assert made.expires_at - made.created_at == timedelta(days=30)
    assert not DBTaskResult.objects.exists(), "Nothing is mailed before somebody says so."


def test_the_database_knows_only_the_links_digest(customer: Customer) -> None:
    made = invited(customer)
    token = invitation_token(made)
    assert len(token) == 43
    assert made.token_digest == token_digest(token)
    row = Invitation.objects.filter(pk=made.pk).values().get()
    assert not any(token in str(value) for value in row.values())


def test_sending_mails_it_once(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    by = actor_for(sales_agent)
    made = invite_customer(by=by, customer=customer, invitee=SOMEBODY, is_sent=True)
    assert made.state == InvitationState.QUEUED
    # A second click while the first is under way.
    again = send_invitation(by=by, invitation=made)
    assert again.letter_id == made.letter_id
    assert DBTaskResult.objects.filter(task_path__endswith="send_invitation").count() == 1


def test_the_same_submit_makes_one(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    by = actor_for(sales_agent)
    first = invite_customer(by=by, customer=customer, invitee=SOMEBODY, submit_key="k")
    assert invite_customer(by=by, customer=customer, invitee=SOMEBODY, submit_key="k") == first
    assert Invitation.objects.count() == 1


def test_one_question_at_a_time(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    invited(customer)
    with pytest.raises(RuleViolation) as refused:
        invite_customer(by=actor_for(sales_agent), customer=customer, invitee=SOMEBODY)
    assert refused.value.code == "open_invitation"


def test_who_is_covered_is_not_invited(customer: Customer) -> None:
    confirmed(customer)
    with pytest.raises(RuleViolation, match="on record already"):
        invited(customer)


def test_an_acceptance_by_another_way_settles_it(customer: Customer) -> None:
    made = invited(customer)
    record = confirmed(customer)
    made.refresh_from_db()
    assert (made.state, made.attestation) == (InvitationState.SETTLED, record)
    customer.refresh_from_db()
    assert customer.invited_at is None


@pytest.mark.parametrize("email", ["agent@northwind.example", "somebody@microsoft.com", "no address"])
def test_the_link_goes_to_nobody_but_the_customer(partner: Partner, customer: Customer, email: str) -> None:
    partner.domain = "northwind.example"
    partner.save()
    customer.refresh_from_db()
    with pytest.raises(RuleViolation) as refused:
        invited(customer, email=email)
    assert refused.value.field == "email"


def test_the_message_keeps_its_link(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    by, made = actor_for(sales_agent), invited(customer)
    with pytest.raises(RuleViolation) as refused:
        edit_message(by=by, invitation=made, message="Please accept.")
    assert refused.value.field == "message"
    kept = edit_message(by=by, invitation=made, message=f"Please:\r\n{link_of(made)}\r\nThanks")
    assert kept.message == "Please:\n{link}\nThanks"
    assert invitation_token(made) not in kept.message


def test_renewing_ends_the_old_link(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    made = invited(customer)
    old = link_of(made)
    renewed = renew_invitation(by=actor_for(sales_agent), invitation=made)
    assert link_of(renewed) != old
    assert not Invitation.objects.filter(token_digest=token_digest(old.rstrip("/").rpartition("/")[2])).exists()


def test_expired_is_over_and_can_be_renewed(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    made = invited(customer)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    made.refresh_from_db()
    assert made.state == InvitationState.EXPIRED, "Whoever looks before the clock has come sees it too."
    assert look_after_invitations() == 1
    assert standing_of(customer) == Standing.MISSING
    renewed = renew_invitation(by=actor_for(sales_agent), invitation=made)
    assert renewed.state == InvitationState.CREATED
    assert standing_of(customer) == Standing.PENDING


def test_revoking_ends_it(customer: Customer, sales_agent: Membership, actor_for: ActorFor) -> None:
    by, made = actor_for(sales_agent), invited(customer)
    assert revoke_invitation(by=by, invitation=made).state == InvitationState.REVOKED
    assert standing_of(customer) == Standing.MISSING
    with pytest.raises(RuleViolation, match="has ended"):
        send_invitation(by=by, invitation=made)
    with pytest.raises(RuleViolation, match="has ended"):
        renew_invitation(by=by, invitation=made)
    codes = set(AuditEvent.objects.filter(customer_id=customer.tenant_id).values_list("code", flat=True))
    assert {"agreements.customer_invited", "agreements.invitation_revoked"} <= codes


def test_a_removed_relationship_asks_nothing_more(
    customer: Customer, admin_agent: Membership, actor_for: ActorFor
) -> None:
    made = invited(customer)
    remove_customer(by=actor_for(admin_agent), customer=customer, submit_key="r")
    made.refresh_from_db()
    assert made.state == InvitationState.REVOKED


def test_many_at_once_and_why_not(customer: Customer, admin_agent: Membership, actor_for: ActorFor) -> None:
    covered = CustomerFactory(partner=customer.partner)
    accepted_directly(covered)
    covered.refresh_from_db()
    by = actor_for(admin_agent)
    done = invite_customers(by=by, customers=[customer, covered])
    assert [each.customer for each in done.made] == [customer]
    assert [(each.customer, "on record" in each.reason) for each in done.refused] == [(covered, True)]
    again = invite_customers(by=by, customers=[customer])
    assert not again.made
    assert Invitation.objects.count() == 1


def test_at_microsoft_there_is_no_link_of_ours(customer: Customer) -> None:
    InvitationPolicy.objects.create(partner=customer.partner, place=Place.MICROSOFT)
    made = invited(customer)
    assert made.token_digest == ""
    assert link_of(made) == "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement"


@pytest.mark.parametrize(
    ("role", "may"),
    [("admin_agent", True), ("sales_agent", True), ("helpdesk_agent", False), ("global_admin", False)],
)
def test_who_may_invite(
    customer: Customer, request: pytest.FixtureRequest, actor_for: ActorFor, role: str, may: bool
) -> None:
    by = actor_for(request.getfixturevalue(role))
    if may:
        assert invite_customer(by=by, customer=customer, invitee=SOMEBODY)
        return
    with pytest.raises(NotPermitted):
        invite_customer(by=by, customer=customer, invitee=SOMEBODY)
    assert not Invitation.objects.exists()


def test_strangers_invite_nobody(customer: Customer, stranger: Membership, actor_for: ActorFor) -> None:
    with pytest.raises(NotFound):
        invite_customer(by=actor_for(stranger), customer=customer, invitee=SOMEBODY)
    made = invited(customer)
    for service in (send_invitation, renew_invitation, revoke_invitation):
        with pytest.raises(NotFound):
            service(by=actor_for(stranger), invitation=made)


def asked(by: Actor, partner: Partner, **changed: object) -> Invitation:
    details: dict[str, object] = {"company_name": "Fabrikam AB", "invitee": SOMEBODY, "submit_key": "r"}
    return request_relationship(by=by, partner=partner, **{**details, **changed})


def test_a_request_asks_a_company_that_is_none_yet(sales_agent: Membership, actor_for: ActorFor) -> None:
    by, partner = actor_for(sales_agent), sales_agent.partner
    made = asked(by, partner)
    assert asked(by, partner) == made
    request = made.request
    assert request is not None
    assert (request.company_name, request.asked_by, request.reseller) == ("Fabrikam AB", partner, None)
    assert made.customer is None
    assert RelationshipRequest.objects.count() == 1


def test_a_resellers_request_names_its_provider(
    reseller_agent: Membership, provider: Partner, partner: Partner, actor_for: ActorFor
) -> None:
    InvitationPolicy.objects.create(partner=provider, place=Place.MICROSOFT)
    by = actor_for(reseller_agent)
    made = asked(by, provider)
    assert made.request is not None
    assert (made.partner, made.request.reseller) == (provider, reseller_agent.partner)
    link = link_of(made)
    assert f"partnerId={reseller_agent.partner.tenant_id}" in link
    assert f"indirectCSPId={provider.tenant_id}" in link
    assert "DAP=true" in link
    with pytest.raises(RuleViolation) as refused:
        asked(by, partner, submit_key="other")
    assert refused.value.field == "partner"
    read = AuditEvent.objects.visible_to(reseller_agent).values_list("code", flat=True)
    assert set(read) == {"customers.relationship_requested", "agreements.customer_invited"}


def test_no_requests_in_a_sandbox(sales_agent: Membership, actor_for: ActorFor) -> None:
    sales_agent.partner.environment = "sandbox"
    sales_agent.partner.save()
    with pytest.raises(NotPermitted):
        asked(actor_for(sales_agent), sales_agent.partner)


def test_the_usual_person_is_the_primary_contact(customer: Customer) -> None:
    contact = customer.contacts.get()
    assert primary_invitee(customer).email == contact.email
