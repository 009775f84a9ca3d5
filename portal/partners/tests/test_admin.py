"""The staff site: every model there, writes through services, refusals in the form, evidence view-only."""

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from portal.audit.models import AuditEvent, AuditEventDetail, ChainEntry, ChainHead
from portal.audit.services import append_to_chain, record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotPermitted
from portal.jobs.models import Letter, Submission
from portal.partners.access import acting_as
from portal.partners.models import Membership, Partner, PartnerLink, User
from portal.partners.services import keep_partner_agreement
from portal.partners.tests.factories import PASSWORD, MembershipFactory, PartnerFactory, UserFactory

PARTNER = {
    "name": "Fabrikam",
    "kind": "direct_bill",
    "cloud": "public",
    "environment": "production",
    "country": "PL",
    "time_zone": "Europe/Warsaw",
    "default_language": "pl-PL",
    "mpn_id": "",
    "domain": "fabrikam.example",
}


@pytest.fixture
def staff(db: None) -> Client:
    """A browser in which a colleague who may do everything is signed in."""
    client = Client()
    user = UserFactory(name="Stella Staff", is_staff=True, is_superuser=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def one_of_each(customer: object, global_admin: Membership, reseller_agent: Membership) -> None:
    """A row of every model that the pages below show."""
    by = Actor(kind=ActorKind.JOB, name="Test", door=Door.JOB)
    record_event(by=by, code="test.done", partner_id=None, changes={"name": ("a", "b")})
    append_to_chain(chain="1", kind="test", subject="x", payload={"a": 1})
    Submission.objects.create(principal="agent:1", form="test", key="k", body_digest="d", result="r")
    Letter.objects.create(kind="test", about="b")


OURS = [
    Partner,
    PartnerLink,
    Membership,
    User,
    AuditEvent,
    AuditEventDetail,
    ChainHead,
    ChainEntry,
    Submission,
    Letter,
]


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", OURS)
def test_every_model_is_listed_searchable_and_shown(model: type, staff: Client) -> None:
    options = model._meta
    url = f"admin:{options.app_label}_{options.model_name}"
    assert admin.site.get_model_admin(model).search_fields
    assert staff.get(reverse(f"{url}_changelist"), {"q": "a"}).status_code == 200
    row = model.objects.latest("pk")
    assert staff.get(reverse(f"{url}_change", args=[row.pk])).status_code == 200


def test_no_model_of_these_rooms_is_forgotten() -> None:
    rooms = {"partners", "audit", "jobs"}
    ours = [model for model in apps.get_models() if model._meta.app_label in rooms]
    missing = [model.__name__ for model in ours if not admin.site.is_registered(model)]
    assert not missing, f"register {missing} in the admin.py of their room"


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", [AuditEvent, AuditEventDetail, ChainHead, ChainEntry, Submission])
def test_evidence_is_only_looked_at(model: type, staff: Client) -> None:
    options = model._meta
    url = f"admin:{options.app_label}_{options.model_name}"
    row = model.objects.latest("pk")
    assert staff.get(reverse(f"{url}_add")).status_code == 403
    assert staff.post(reverse(f"{url}_change", args=[row.pk]), {"kind": "x"}).status_code == 403
    assert staff.post(reverse(f"{url}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", OURS)
def test_nothing_is_deleted(model: type, staff: Client) -> None:
    options = model._meta
    row = model.objects.latest("pk")
    url = reverse(f"admin:{options.app_label}_{options.model_name}_delete", args=[row.pk])
    assert staff.post(url, {"post": "yes"}).status_code == 403


def test_staff_make_the_first_partner_and_its_global_admin(staff: Client) -> None:
    assert staff.post(reverse("admin:partners_partner_add"), PARTNER).status_code == 302
    partner = Partner.objects.get()
    assert partner.default_language == "pl-PL"
    person = {"partner": partner.pk, "email": "gita@fabrikam.example", "name": "Gita", "roles": ["global_admin"]}
    assert staff.post(reverse("admin:partners_membership_add"), person).status_code == 302
    member = Membership.objects.get()
    assert (member.partner, member.roles, member.user.name) == (partner, ["global_admin"], "Gita")
    assert DBTaskResult.objects.get().task_path == "portal.partners.tasks.send_member_invitation"
    events = AuditEvent.objects.order_by("pk").values_list("code", "actor_kind", "actor_name", "door")
    assert list(events) == [
        ("partners.partner_created", "staff", "Stella Staff", "admin_site"),
        ("partners.member_added", "staff", "Stella Staff", "admin_site"),
    ]


def test_a_partner_is_edited_by_the_service_and_its_program_facts_stay(staff: Client) -> None:
    partner = PartnerFactory(name="Old")
    answers = {**PARTNER, "name": "New", "kind": "indirect_provider", "cloud": "germany", "environment": "sandbox"}
    assert staff.post(reverse("admin:partners_partner_change", args=[partner.pk]), answers).status_code == 302
    partner.refresh_from_db()
    assert (partner.name, partner.domain) == ("New", "fabrikam.example")
    assert (partner.kind, partner.cloud, partner.environment) == ("direct_bill", "public", "production")
    assert AuditEvent.objects.filter(code="partners.profile_edited", partner_id=partner.pk).exists()


def test_what_a_service_refuses_comes_back_in_the_form_with_everything_typed(staff: Client) -> None:
    admin_of = MembershipFactory(roles=["global_admin"])
    url = reverse("admin:partners_membership_change", args=[admin_of.pk])
    response = staff.post(url, {"roles": ["helpdesk_agent"], "is_active": "on"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "keeps at least one active global admin" in page
    assert 'value="helpdesk_agent" id="id_roles_3" checked' in page.replace("\n", "")
    admin_of.refresh_from_db()
    assert admin_of.roles == ["global_admin"]


def test_a_refusal_about_a_field_stands_at_the_field(staff: Client, sales_agent: Membership) -> None:
    answers = {
        "partner": sales_agent.partner_id,
        "email": sales_agent.user.email,
        "name": "X",
        "roles": ["sales_agent"],
    }
    response = staff.post(reverse("admin:partners_membership_add"), answers)
    assert response.context["adminform"].form.errors.keys() == {"email"}


def test_links_are_made_by_the_service(staff: Client, provider: Partner) -> None:
    reseller, direct = PartnerFactory(reseller=True), PartnerFactory()
    url = reverse("admin:partners_partnerlink_add")
    refused = staff.post(url, {"provider": direct.pk, "reseller": reseller.pk})
    assert "joins an indirect provider and an indirect reseller" in refused.content.decode()
    assert staff.post(url, {"provider": provider.pk, "reseller": reseller.pk}).status_code == 302
    assert PartnerLink.objects.get().reseller == reseller


def test_staff_note_who_signed_the_partner_agreement(staff: Client, sales_agent: Membership) -> None:
    """Only they do, and not for a day to come."""
    partner = sales_agent.partner
    url = f"/admin/partners/partner/{partner.pk}/change/"
    profile = {name: value for name, value in PARTNER.items() if name not in ("kind", "cloud", "environment")}
    assert staff.post(url, profile | {"agreement_signed_on": "2020-05-04"}).status_code == 302
    partner.refresh_from_db()
    assert partner.agreement_signed_on == date(2020, 5, 4)
    noted = AuditEvent.objects.get(code="partners.partner_agreement_noted", partner_id=partner.pk)
    assert noted.facts["signed_on"] == "2020-05-04"
    assert "today or earlier" in staff.post(url, profile | {"agreement_signed_on": "2999-01-01"}).content.decode()
    assert staff.post(url, profile).status_code == 302
    partner.refresh_from_db()
    assert partner.agreement_signed_on is None
    with pytest.raises(NotPermitted):
        keep_partner_agreement(by=acting_as(sales_agent.user), partner=partner, signed_on=None)


def test_nobody_sets_a_password_for_somebody_else(staff: Client, sales_agent: Membership) -> None:
    user = sales_agent.user
    url = reverse("admin:partners_user_change", args=[user.pk])
    assert "password" not in staff.get(url).context["adminform"].form.fields
    staff.post(url, {"name": "New Name", "is_active": "on", "password": "x", "email": "evil@x.example"})
    before = (user.password, user.email)
    user.refresh_from_db()
    assert (user.password, user.email) == before
    assert user.name == "New Name"


def test_the_link_to_choose_a_password_is_sent_by_an_action(staff: Client, sales_agent: Membership) -> None:
    data = {"action": "send_password_link", "_selected_action": [sales_agent.user_id]}
    response = staff.post(reverse("admin:partners_user_changelist"), data, follow=True)
    assert "on their way" in response.content.decode()
    assert DBTaskResult.objects.get().task_path == "portal.partners.tasks.send_password_reset"
    assert Letter.objects.get().about == str(sales_agent.user.public_id)


def test_a_colleague_is_added_without_a_password(staff: Client, client: Client) -> None:
    answers = {"email": "col@staff.example", "name": "Col", "is_active": "on", "is_staff": "on"}
    assert staff.post(reverse("admin:partners_user_add"), answers).status_code == 302
    user = User.objects.get(email="col@staff.example")
    assert user.is_staff
    assert user.is_superuser, "the one tick is enough to work here"
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("admin:partners_partner_add")).status_code == 200
    twin = staff.post(reverse("admin:partners_user_add"), {**answers, "email": "COL@staff.example"})
    assert twin.status_code == 200
    assert twin.context["adminform"].form.errors


def test_staff_without_every_right_make_no_staff(db: None) -> None:
    client, helper = Client(), UserFactory(is_staff=True, is_superuser=False)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(helper, backend="allauth.account.auth_backends.AuthenticationBackend")
    url = reverse("admin:partners_user_change", args=[helper.pk])
    client.post(url, {"name": "Helper", "is_active": "on", "is_staff": "on", "is_superuser": "on"})
    helper.refresh_from_db()
    assert helper.name == "Helper"
    assert not helper.is_superuser


def test_somebody_who_is_staff_and_member_acts_as_staff(db: None, client_of: Callable[[Membership], Client]) -> None:
    member = MembershipFactory(roles=["sales_agent"])
    User.objects.filter(pk=member.user_id).update(is_staff=True, is_superuser=True)
    other = PartnerFactory()
    answers = {"partner": other.pk, "email": "a@b.example", "name": "A", "roles": ["global_admin"]}
    assert client_of(member).post(reverse("admin:partners_membership_add"), answers).status_code == 302
    assert AuditEvent.objects.get(code="partners.member_added").actor_kind == "staff"


@pytest.mark.parametrize("member", ["global_admin", "admin_agent"])
def test_members_are_not_staff(
    member: str, request: pytest.FixtureRequest, client_of: Callable[[Membership], Client]
) -> None:
    client = client_of(request.getfixturevalue(member))
    assert client.post(reverse("admin:partners_partner_add"), PARTNER, follow=True).status_code == 403
    assert Partner.objects.count() == 1


def test_there_are_no_groups_to_give_rights_to(staff: Client) -> None:
    assert not admin.site.is_registered(Group)
    assert staff.get("/admin/auth/group/").status_code == 404


@pytest.mark.parametrize("path", ["/admin/password_change/", "/admin/password_change/done/"])
def test_staff_change_their_password_where_everybody_does(path: str, staff: Client) -> None:
    answers = {"old_password": PASSWORD, "new_password1": "orbital-teapot", "new_password2": "orbital-teapot"}
    for response in (staff.get(path), staff.post(path, answers)):
        assert response.status_code == 302
        assert response.url == reverse("account_change_password")
    assert User.objects.get(is_staff=True).check_password(PASSWORD)


def test_what_the_staff_site_refuses_about_an_address_stands_at_it(staff: Client) -> None:
    answers = {"email": "Admin@Fabrikam.onmicrosoft.com", "name": "X", "is_active": "on"}
    response = staff.post(reverse("admin:partners_user_add"), answers)
    assert response.context["adminform"].form.errors.keys() == {"email"}
    assert User.objects.count() == 1
