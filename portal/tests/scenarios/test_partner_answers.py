"""What partners do about invitations, disputes and requests: each form, filled in as it should be, sent by everybody.

The matrix of portal/tests/guards/test_access_matrix.py asks for each page; here whoever may not do a thing sends the
very form that somebody else could, with the ids of things that are there.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agreements.models import Attestation, ConfirmationRequest, Invitation
from agreements.services import Invitee, request_relationship, resolve_dispute
from agreements.tests.answering import everything
from agreements.tests.factories import confirmed, invited
from agreements.tests.invitation_factories import ConfirmationRequestFactory, RequestInvitationFactory, disputed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
CODE = "partners.access_refused"
SELLERS = frozenset({"admin agent", "sales agent"})
RESELLERS = frozenset({"reseller"})
PERSON = {"first_name": "Zofia", "last_name": "Nowak", "email": "zofia@customer.example", "phone": ""}
# Columns that no form has: each of them in every form changes nothing.
EXTRA = {
    **{
        "outcome": "accepted",
        "generation": "9",
        "token_digest": "f" * 64,
        "expires_at": "2099-01-01",
        "to_confirm": "1",
    },
    **{
        "invited_by": "1",
        "invited_by_name": "Mallory",
        "attestation": "1",
        "decided_by_name": "Mallory",
        "partner_id": "1",
    },
    **{"asked_by_name": "Mallory", "reseller_id": "1", "scope": "0", "method": "customer_direct", "is_staff": "on"},
}


@dataclass
class Doing:
    """One thing to do: where its form goes, what it says, and who of the cast may send it."""

    path: str
    form: dict[str, str]
    may: frozenset[str]


@dataclass
class Stage:
    people: dict[str, Membership]
    doings: dict[str, Doing]


@pytest.fixture
def stage(provider: Partner, reseller_agent: Membership, stranger: Membership, template: object) -> Stage:
    reseller = reseller_agent.partner
    people = {
        role.replace("_", " "): MembershipFactory(partner=provider, roles=[role])
        for role in ("admin_agent", "sales_agent", "helpdesk_agent", "global_admin")
    }
    people |= {
        "reseller": reseller_agent,
        "reseller's helpdesk": MembershipFactory(partner=reseller, roles=["helpdesk_agent"]),
        "stranger": stranger,
        "another reseller": MembershipFactory(partner=PartnerFactory(reseller=True), roles=["admin_agent"]),
    }
    own, resold, told = (CustomerFactory(partner=provider, reseller=each) for each in (None, reseller, None))
    invitation = invited(CustomerFactory(partner=provider))
    requested = RequestInvitationFactory(partner=provider, request__reseller=reseller, request__asked_by=reseller)
    to_confirm = ConfirmationRequestFactory(customer=CustomerFactory(partner=provider, reseller=reseller))
    record = disputed(confirmed(told))
    stated = {
        "agreed_on": provider.today.isoformat(),
        "language": "en-US",
        "evidence_kind": "email",
        "signer": "contact",
        "submit_key": uuid.uuid4().hex,
    }

    def at(name: str, *args: object) -> str:
        return reverse(f"agreements:{name}", args=args)

    doings = {"invite": Doing(at("invite", own.tenant_id), {"who": "other", **PERSON, "language": "en-US"}, SELLERS)}
    message = {"message": "Please accept here: {link}"}
    for what, found, may in (("", invitation, SELLERS), (" the request", requested, RESELLERS)):
        for way in ("send", "renew", "revoke"):
            doings[f"{way}{what}"] = Doing(at(f"{way}_invitation", found.public_id), message, may)
        doings[f"reword{what}"] = Doing(at("invitation", found.public_id), message, may)
    resolve = at("resolve_dispute", told.tenant_id, record.reference)
    page = at("confirmation_request", to_confirm.public_id)
    doings |= {
        "invite many": Doing(
            reverse("customers:bulk_invite"), {"customer": str(own.tenant_id), "step": "x"}, SELLERS
        ),
        "resolve": Doing(resolve, {"decision": "upheld", "reason": "So it is"}, frozenset({"admin agent"})),
        "ask": Doing(at("ask_provider", resold.tenant_id), stated, RESELLERS),
        "confirm": Doing(page, {**stated, "signer": "other", **PERSON}, SELLERS),
        "refuse": Doing(at("refuse_request", to_confirm.public_id), {"reason": "Not so"}, SELLERS),
        "take back": Doing(at("take_request_back", to_confirm.public_id), {}, RESELLERS),
        "choose the place": Doing(
            at("policy"),
            {"place": "microsoft", "valid_days": "9", "customer_days": "", "staff_days": ""},
            frozenset({"global admin"}),
        ),
    }
    return Stage(people, doings)


def send(client: Client, member: Membership, doing: Doing, before: dict[str, str]) -> tuple[int, set[str]]:
    """The status, and the tables that changed since `before`; everything is as it was then again."""
    with transaction.atomic():
        form = {"partner": str(member.partner.tenant_id), **EXTRA, **doing.form}
        status = client.post(doing.path, form).status_code
        changed = {table for table, digest in everything().items() if digest != before[table]}
        lines = AuditEvent.objects.filter(code=CODE, actor_user_id=member.user_id).count()
        assert lines == (1 if status == 403 else 0)
        transaction.set_rollback(True)
    return status, changed


@pytest.mark.scenario("T1")
@pytest.mark.scenario("T9")
def test_what_one_may_another_may_not(stage: Stage, client_of: ClientOf) -> None:
    """Each form of the new pages, rightly filled in, sent by each role of each kind of partner: the table holds"""
    clients = {who: client_of(member) for who, member in stage.people.items()}
    before = everything()
    for who, member in stage.people.items():
        client = clients[who]
        for what, doing in stage.doings.items():
            status, changed = send(client, member, doing, before)
            if who in doing.may:
                # Negative control: from whom it may come, the same form does something.
                assert status in (200, 302), f"{who}: {what}"
                assert changed - {"audit_auditevent"}, f"{who}: {what}"
            elif what == "choose the place" and who == "stranger":
                assert status == 302, "its own partner's"
            else:
                assert status in (403, 404), f"{who}: {what} was answered {status}"
                assert changed <= {"audit_auditevent"}, f"{who}: {what}"


@pytest.mark.scenario("T9")
def test_nobody_decides_about_what_they_did_themselves(
    customer: Customer, admin_agent: Membership, client_of: ClientOf, actor_for: Callable[..., Actor]
) -> None:
    """Who made a record does not resolve its dispute: 403, a line in the log; a colleague does"""
    record = disputed(confirmed(customer, by=actor_for(admin_agent)))
    doing = Doing(
        reverse("agreements:resolve_dispute", args=[customer.tenant_id, record.reference]),
        {"decision": "rejected", "reason": "It was you"},
        frozenset(),
    )
    colleague = MembershipFactory(partner=customer.partner, roles=["admin_agent"])
    clients = client_of(admin_agent), client_of(colleague)
    before = everything()
    assert send(clients[0], admin_agent, doing, before) == (403, {"audit_auditevent"})
    with pytest.raises(NotPermitted):
        resolve_dispute(by=actor_for(admin_agent), attestation=record, is_upheld=False, reason="It was you")
    status, changed = send(clients[1], colleague, doing, before)
    assert (status, "agreements_attestationevent" in changed) == (302, True)


@pytest.mark.scenario("T3")
def test_columns_that_no_form_has_change_nothing(stage: Stage, client_of: ClientOf) -> None:
    """Further columns in the forms of inviting, renewing, asking and confirming are not taken up"""
    sales, reseller = stage.people["sales agent"], stage.people["reseller"]
    for member, what in ((sales, "invite"), (sales, "renew"), (sales, "send"), (reseller, "ask"), (sales, "confirm")):
        doing = stage.doings[what]
        client_of(member).post(doing.path, {"partner": str(member.partner.tenant_id), **EXTRA, **doing.form})
    made = Invitation.objects.latest("pk")
    assert made.customer is not None
    assert (made.outcome, made.generation, made.invited_by, made.attestation) == ("", 1, sales.user, None)
    assert made.invited_by_name == sales.user.name
    assert not Invitation.objects.filter(token_digest="f" * 64).exists()
    assert Invitation.objects.filter(expires_at__year=2099).count() == 0
    assert set(ConfirmationRequest.objects.values_list("asked_by_name", flat=True)) == {
        "Rita Reseller",
        reseller.user.name,
    }
    decided = ConfirmationRequest.objects.exclude(outcome="").get()
    assert (decided.outcome, decided.decided_by_name) == ("confirmed", sales.user.name)
    record = Attestation.objects.latest("pk")
    assert (record.method, record.scope, record.partner) == ("confirmed", sales.partner_id, sales.partner)


@pytest.mark.scenario("T3")
def test_a_selection_with_foreign_ids(
    customer: Customer, sales_agent: Membership, client_of: ClientOf, stage: Stage
) -> None:
    """Inviting many with another partner's ids among them: one's own are invited, the others are not there"""
    foreign = Customer.objects.exclude(partner=customer.partner).exclude(invitations__isnull=False)
    ids = [str(each.tenant_id) for each in foreign]
    assert len(ids) > 2
    form = {"partner": str(customer.partner.tenant_id), "step": "x"}
    client, before = client_of(sales_agent), everything()
    assert client.post(reverse("customers:bulk_invite"), {**form, "customer": ids}).status_code == 404
    assert everything() == before
    page = client.post(reverse("customers:bulk_invite"), {**form, "customer": [*ids, str(customer.tenant_id), "x"]})
    assert page.status_code == 200
    assert [each.company_name in page.content.decode() for each in foreign].count(True) == 0
    assert Invitation.objects.filter(partner=customer.partner).get().customer == customer
    assert not Invitation.objects.filter(customer__in=foreign).exists()


@pytest.mark.scenario("T10")
@pytest.mark.parametrize("email", ["rita@corner.example", "RITA@Sub.Corner.Example", "rita@wide.example"])
def test_a_reseller_is_not_invited_to_accept(
    stage: Stage, provider: Partner, client_of: ClientOf, actor_for: Callable[..., Actor], email: str
) -> None:
    """Who may not attest does not accept either: no link goes to an address of the customer's reseller or provider"""
    reseller, sales = stage.people["reseller"].partner, stage.people["sales agent"]
    reseller.domain, provider.domain = "corner.example", "wide.example"
    reseller.save()
    provider.save()
    resold = CustomerFactory(partner=provider, reseller=reseller)
    resold.contacts.update(email=email)
    client, before = client_of(sales), Invitation.objects.count()
    form = {"partner": str(provider.tenant_id), "who": "other", **PERSON, "email": email, "language": "en-US"}
    for path, said in (
        (reverse("agreements:invite", args=[resold.tenant_id]), {**form, "submit_key": uuid.uuid4().hex}),
        (reverse("customers:bulk_invite"), {**form, "customer": str(resold.tenant_id)}),
        (reverse("customers:bulk_invite"), {**form, "customer": str(resold.tenant_id), "step": "x"}),
    ):
        page = client.post(path, said)
        assert page.status_code == 200, path
        assert "not one of your own company" in page.content.decode(), path
    for by, said in (
        (sales, {"partner": provider, "reseller": reseller}),
        (stage.people["reseller"], {"partner": provider}),
    ):
        with pytest.raises(RuleViolation):
            request_relationship(
                by=actor_for(by),
                company_name="Fabrikam",
                invitee=Invitee(first_name="Rita", last_name="Ryan", email=email),
                submit_key=uuid.uuid4().hex,
                **said,
            )
    assert Invitation.objects.count() == before
