"""create_partner, link_reseller, add_member, ensure_may, users: what the staff site and the demo rely on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django_tasks_db.models import DBTaskResult

from portal.audit.models import AuditEvent
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner, PartnerLink, User
from portal.partners.permissions import Permission
from portal.partners.services import (
    add_member,
    change_user,
    create_partner,
    create_user,
    ensure_may,
    link_reseller,
)
from portal.partners.tests.factories import PartnerFactory, UserFactory

ActorFor = Callable[..., Actor]
STAFF = Actor(kind=ActorKind.STAFF, name="Staff", door=Door.ADMIN_SITE)


@pytest.mark.django_db
def test_a_partner_is_made_with_sensible_defaults_and_logged() -> None:
    partner = create_partner(by=STAFF, name="Contoso", kind="direct_bill", country="US", domain="Contoso.Example")
    assert (partner.cloud, partner.environment, partner.time_zone) == ("public", "production", "UTC")
    assert partner.domain == "contoso.example"
    event = AuditEvent.objects.get()
    assert (event.code, event.partner_id, event.actor_kind) == ("partners.partner_created", partner.pk, "staff")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "guild"),
        ("cloud", "moon"),
        ("environment", "dream"),
        ("time_zone", "Mars/Olympus"),
        ("country", "XX"),
    ],
)
def test_a_partner_of_an_unknown_sort_is_refused(field: str, value: str) -> None:
    facts: dict[str, Any] = {"name": "Contoso", "kind": "direct_bill", "country": "US", field: value}
    with pytest.raises(ValidationError):
        create_partner(by=STAFF, **facts)
    assert not Partner.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_provider_and_a_reseller_are_linked_once(provider: Partner) -> None:
    reseller = PartnerFactory(reseller=True)
    first = link_reseller(by=STAFF, provider=provider, reseller=reseller)
    assert link_reseller(by=STAFF, provider=provider, reseller=reseller) == first
    assert list(Partner.objects.resellers_of(provider)) == [reseller]
    assert list(Partner.objects.providers_of(reseller)) == [provider]


@pytest.mark.parametrize("kinds", [("direct_bill", "indirect_reseller"), ("indirect_reseller", "indirect_provider")])
def test_other_kinds_are_not_linked(kinds: tuple[str, str], db: None) -> None:
    one, other = (PartnerFactory(kind=kind) for kind in kinds)
    with pytest.raises(RuleViolation, match="indirect provider and an indirect reseller"):
        link_reseller(by=STAFF, provider=one, reseller=other)
    assert not PartnerLink.objects.exists()


def test_a_sandbox_provider_has_room_for_five_resellers(db: None) -> None:
    provider = PartnerFactory(kind="indirect_provider", environment="sandbox")
    resellers = [PartnerFactory(reseller=True, environment="sandbox") for _ in range(6)]
    for reseller in resellers[:5]:
        link_reseller(by=STAFF, provider=provider, reseller=reseller)
    with pytest.raises(RuleViolation, match="room for 5 indirect resellers"):
        link_reseller(by=STAFF, provider=provider, reseller=resellers[5])
    link_reseller(by=STAFF, provider=provider, reseller=resellers[0])
    assert PartnerLink.objects.filter(provider=provider).count() == 5


def test_adding_a_member_sends_nothing(partner: Partner) -> None:
    member = add_member(by=STAFF, partner=partner, email=" a@b.example ", name="A", roles=["sales_agent"])
    assert member.user.email == "a@b.example"
    assert not DBTaskResult.objects.exists()


def test_addresses_are_the_same_in_any_case(partner: Partner) -> None:
    UserFactory(email="Ada@b.example")
    member = add_member(by=STAFF, partner=partner, email="ADA@B.example", name="A", roles=["sales_agent"])
    assert User.objects.get() == member.user
    with pytest.raises(RuleViolation) as refused:
        add_member(by=STAFF, partner=partner, email="ada@b.example", name="A", roles=["sales_agent"])
    assert refused.value.field == "email"
    with pytest.raises(IntegrityError):
        User.objects.create_user("aDA@b.example", "Twin")


def test_the_companys_kind_binds_staff_and_jobs_too(db: None) -> None:
    reseller = PartnerFactory(reseller=True)
    with pytest.raises(NotPermitted):
        ensure_may(by=STAFF, partner=reseller, permission=Permission.ORDERS_PLACE)
    ensure_may(by=STAFF, partner=PartnerFactory(), permission=Permission.ORDERS_PLACE)


def test_a_member_acts_for_their_own_partner_only(
    stranger: Membership, admin_agent: Membership, actor_for: ActorFor
) -> None:
    ensure_may(by=actor_for(admin_agent), partner=admin_agent.partner, permission=Permission.ORDERS_PLACE)
    with pytest.raises(NotFound):
        ensure_may(by=actor_for(stranger), partner=admin_agent.partner, permission=Permission.ORDERS_PLACE)
    with pytest.raises(NotPermitted) as refused:
        ensure_may(
            by=actor_for(admin_agent), partner=admin_agent.partner, permission=Permission.PARTNER_MANAGE_MEMBERS
        )
    assert refused.value.who_can


@pytest.mark.django_db
def test_a_new_colleague_gets_the_link_and_no_password() -> None:
    user = create_user(by=STAFF, email="new@staff.example", name="New", is_staff=True)
    assert not user.has_usable_password()
    letter = Letter.objects.get()
    assert (letter.kind, letter.about) == ("partners.password_reset", str(user.public_id))
    assert DBTaskResult.objects.get().args_kwargs["args"][0] == letter.pk


@pytest.mark.django_db
def test_a_person_is_changed_and_logged_when_something_changed() -> None:
    user = UserFactory(name="Old", is_staff=True)
    same: dict[str, Any] = {"is_active": True, "is_staff": True}
    change_user(by=STAFF, user=user, name="Old", **same)
    assert not AuditEvent.objects.exists()
    changed = change_user(by=STAFF, user=user, name="New", **same)
    assert changed.name == "New"
    assert set(AuditEvent.objects.get(code="partners.user_changed").changed) == {"name"}


@pytest.mark.django_db
def test_staff_is_one_right_given_and_taken_whole() -> None:
    user = create_user(by=STAFF, email="new@staff.example", name="New", is_staff=True)
    assert (user.is_staff, user.is_superuser) == (True, True)
    user = change_user(by=STAFF, user=user, name="New", is_active=True, is_staff=False)
    assert (user.is_staff, user.is_superuser) == (False, False)


@pytest.mark.django_db
def test_nobody_is_given_a_customers_sign_in() -> None:
    with pytest.raises(RuleViolation, match="customer's administrator"):
        create_user(by=STAFF, email="admin@fabrikam.onmicrosoft.com", name="X", is_staff=True)
