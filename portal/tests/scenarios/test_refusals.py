"""What somebody tries without the right to it is refused, and the activity log says so."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agreements.models import Attestation
from agreements.services import attest_on_behalf, confirm_acceptance
from agreements.tests.factories import acceptance
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from customers.tests.forms_on_page import form_of
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted
from portal.partners.middleware import RefusalLogMiddleware
from portal.partners.models import Membership, Partner
from portal.partners.permissions import LABELS, Permission
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory
from portal.tests.guards.access_table import TABLE
from portal.tests.guards.test_access_matrix import REFUSED, ask, expected
from portal.tests.guards.world import EVERY_ROLE, World, build

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
CODE = "partners.access_refused"


def rows() -> Counter[str]:
    """How many there are of everything but sessions."""
    models = (model for model in apps.get_models() if model._meta.label != "sessions.Session")
    return Counter({model._meta.label: model._base_manager.count() for model in models})


def refused_to(who: str) -> list[str]:
    """Pages whose form this person may not send."""
    return [name for name, rule in TABLE.items() if expected(who, rule, "POST") == REFUSED]


def trace(world: World, name: str) -> tuple[int, Counter[str], list[AuditEvent]]:
    """Status of a crafted POST, what was added, and the lines of the log; everything is as before then."""
    with transaction.atomic():
        before = rows()
        status = ask(world, name, "POST").status_code
        added, lines = rows() - before, list(AuditEvent.objects.filter(code=CODE))
        transaction.set_rollback(True)
    return status, added, lines


@pytest.mark.scenario("T9")
@pytest.mark.parametrize("who", ["sales agent", "helpdesk agent", "global admin", "reseller's admin agent"])
def test_a_crafted_post_without_the_right_is_refused_and_logged(who: str) -> None:
    """Every form sent by somebody whose roles or kind of partner rule it out: 403, a line in the log, nothing else"""
    world, names = build(who), refused_to(who)
    assert len(names) > 5
    for name in names:
        status, added, lines = trace(world, name)
        assert (status, added) == (403, Counter({"audit.AuditEvent": 1})), name
        (line,) = lines
        assert world.member is not None
        wanted = (TABLE[name].to_post or TABLE[name].access, name)
        assert (line.facts["permission"], line.facts["route"]) == wanted
        assert (line.partner_id, line.actor_user_id) == (world.member.partner_id, world.member.user_id)
        assert line.roles == world.member.roles
        assert set(line.facts) == {"permission", "route"}
        assert not line.changed
        assert world.member.user.email not in json.dumps(line.facts)


@pytest.mark.scenario("T9")
def test_negative_control_of_the_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: no line where the right is there or a page was only asked for, none without the guard"""
    world = build("sales agent")
    assert trace(world, "customers:edit")[1:] == (Counter(), [])
    assert ask(world, "partners:members", "GET").status_code == 403
    assert not AuditEvent.objects.filter(code=CODE).exists()
    monkeypatch.setattr(RefusalLogMiddleware, "process_exception", lambda *said: None)
    assert trace(world, "partners:invite") == (403, Counter(), [])
    monkeypatch.undo()
    world.client.post(reverse("partners:invite"), {"email": ""}, headers={"X-Validate-Field": "email"})
    assert AuditEvent.objects.filter(code=CODE).count() == 1, "no header hides an attempt"


def test_the_log_says_it_in_words(
    sales_agent: Membership, admin_agent: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    client_of(sales_agent).post(reverse("partners:invite"), {"email": "a@b.example", "name": "Nobody Else"})
    page = client_of(admin_agent).get(reverse("dashboard:activity")).content.decode()
    said = f"Refused: {LABELS[Permission.PARTNER_MANAGE_MEMBERS]}"
    assert said in page
    assert "Sam Sales" in page
    assert "Nobody Else" not in page
    assert said not in client_of(stranger).get(reverse("dashboard:activity")).content.decode()


def test_who_is_no_member_at_all_is_in_the_log_of_nobody() -> None:
    world = build("staff without membership")
    assert ask(world, "partners:invite", "POST").status_code == 403
    line = AuditEvent.objects.get(code=CODE)
    assert (line.partner_id, line.facts) == (None, {"permission": "", "route": "partners:invite"})


@pytest.fixture
def resold(reseller_agent: Membership, provider: Partner) -> Customer:
    return CustomerFactory(partner=provider, reseller=reseller_agent.partner)


def attesting(way: str, customer: Customer, by: Client) -> tuple[str, dict[str, str]]:
    """The form of confirming or of attesting, filled in by somebody who may."""
    path = reverse(f"agreements:{way}", args=[customer.tenant_id])
    said: dict[str, Any] = {
        "agreed_on": customer.partner.today.isoformat(),
        "evidence_kind": "email",
        "scenario": "1",
    }
    said |= {"first_name": "Zofia", "last_name": "Nowak", "email": "zofia@customer.example", "is_attested": "on"}
    return path, {**form_of(by.get(path), having="evidence_kind"), **said, "signer": "contact"}


@pytest.mark.scenario("T10")
@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("way", ["confirm", "attest"])
def test_an_indirect_reseller_does_not_attest(
    way: str, resold: Customer, reseller_agent: Membership, client_of: ClientOf, actor_for: Act
) -> None:
    """An indirect reseller confirms or attests, whatever its roles: refused, and told which provider to ask"""
    reseller_agent.roles = EVERY_ROLE
    reseller_agent.save()
    provider = MembershipFactory(partner=resold.partner, roles=EVERY_ROLE)
    path, said = attesting(way, resold, client_of(provider))
    for partner in (reseller_agent.partner, resold.partner):
        answer = client_of(reseller_agent).post(path, {**said, "partner": str(partner.tenant_id)})
        assert answer.status_code == 403
        assert f"Ask {resold.partner.name}, your indirect provider" in answer.content.decode()
    by, attest = actor_for(reseller_agent), {"scenario": 1} if way == "attest" else {}
    service: Callable[..., Any] = attest_on_behalf if way == "attest" else confirm_acceptance
    # Said by the reseller's own membership, and by an actor of the reseller's that names the provider's.
    with pytest.raises(NotPermitted), transaction.atomic():
        service(by=by, customer=own_customer(reseller_agent), acceptance=acceptance(), **attest)
    assert not Attestation.objects.exists()
    assert AuditEvent.objects.filter(code=CODE, partner_id=reseller_agent.partner_id).count() == 2
    # Negative control: the same form from the provider makes the record.
    assert client_of(provider).post(path, said).status_code == 302
    assert Attestation.objects.count() == 1


def own_customer(member: Membership) -> Customer:
    """A row that should not exist: a reseller's customer is its provider's."""
    PartnerLinkFactory(reseller=member.partner)
    return CustomerFactory(partner=member.partner)
