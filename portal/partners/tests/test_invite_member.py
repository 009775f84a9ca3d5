from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.jobs.models import Letter
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners import mail
from portal.partners.models import Membership, User
from portal.partners.querysets import UserManager
from portal.partners.rules import why_cannot_be_member
from portal.partners.services import add_member, invite_member
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[[Membership], Actor]
ANSWERS = {"email": "Nowa.Osoba@partner.example", "name": "Zażółć Gęślą", "roles": ["sales_agent", "admin_agent"]}


def invite(client: Client, **changed: object) -> object:
    return client.post(reverse("partners:invite"), {**ANSWERS, **changed})


def test_inviting_makes_a_member_who_must_choose_a_password(global_admin: Membership, client_of: ClientOf) -> None:
    response = client_of(global_admin).post(reverse("partners:invite"), ANSWERS, follow=True)
    member = Membership.objects.get(user__email=ANSWERS["email"])
    assert member.partner == global_admin.partner
    assert member.roles == ["admin_agent", "sales_agent"]
    assert member.user.name == ANSWERS["name"]
    assert not member.user.has_usable_password()
    assert "is on its way" in response.content.decode()


def test_the_message_is_queued_with_the_change(global_admin: Membership, client_of: ClientOf) -> None:
    invite(client_of(global_admin))
    queued = DBTaskResult.objects.get()
    assert queued.task_path == "portal.partners.tasks.send_member_invitation"
    letter = Letter.objects.get()
    assert queued.args_kwargs["args"] == [letter.pk]
    assert letter.about == str(Membership.objects.latest("pk").public_id)


def test_the_message_names_partner_and_roles_and_has_the_link(global_admin: Membership, actor_for: ActorFor) -> None:
    global_admin.partner.name = "Ünal & Söhne"
    global_admin.partner.save()
    member = invite_member(by=actor_for(global_admin), partner=global_admin.partner, **ANSWERS)
    message = mail.member_invitation(member)
    assert message.to == [ANSWERS["email"].lower()]
    assert "Ünal & Söhne" in message.subject
    assert "Admin agent, Sales agent" in message.body
    assert f"/settings/password/{member.user.public_id}/" in message.body
    html = str(message.alternatives[0][0])
    assert "Ünal &amp; Söhne" in html
    assert f"/settings/password/{member.user.public_id}/" in html


def test_a_person_known_to_the_portal_gets_the_news_and_keeps_name_and_password(
    global_admin: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    invite(client_of(global_admin), email=stranger.user.email.upper(), name="Other Name")
    member = Membership.objects.get(user=stranger.user, partner=global_admin.partner)
    assert User.objects.get(pk=stranger.user.pk).name == "Stan Stranger"
    message = mail.member_invitation(member)
    assert "/accounts/login/" in message.body
    assert "/password/" not in message.body


def test_a_member_is_not_invited_twice(
    global_admin: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    response = client_of(global_admin).post(reverse("partners:invite"), {**ANSWERS, "email": sales_agent.user.email})
    page = response.content.decode()
    assert "There is a problem" in page
    assert "is a member already" in page
    assert ANSWERS["name"] in page, "what was typed is kept"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"email": "nonsense"}, "correct format"),
        ({"email": ""}, "Enter the email address"),
        ({"name": ""}, "Enter the name"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["emperor"]}, "Choose one of the listed answers"),
        ({"email": "a\x00b@partner.example", "roles": []}, "Choose at least one role"),
    ],
)
def test_bad_answers_are_told(
    changed: dict[str, object], message: str, global_admin: Membership, client_of: ClientOf
) -> None:
    response = client_of(global_admin).post(reverse("partners:invite"), {**ANSWERS, **changed})
    assert response.status_code == 200
    assert message in response.content.decode()
    assert Membership.objects.count() == 1


def test_the_service_refuses_who_may_not_and_roles_that_do_not_exist(
    global_admin: Membership, admin_agent: Membership, actor_for: ActorFor
) -> None:
    with pytest.raises(NotPermitted) as refused:
        invite_member(by=actor_for(admin_agent), partner=admin_agent.partner, **ANSWERS)
    assert [str(label) for label in refused.value.who_can] == ["Global admin"]
    with pytest.raises(RuleViolation, match="from the list"):
        invite_member(
            by=actor_for(global_admin), partner=global_admin.partner, email="a@b.example", name="A", roles=["emperor"]
        )


def test_it_is_in_the_log(global_admin: Membership, client_of: ClientOf) -> None:
    invite(client_of(global_admin))
    event = AuditEvent.objects.get(code="partners.member_added")
    assert event.facts == {"roles": ["admin_agent", "sales_agent"]}
    assert ANSWERS["email"] not in str(event.facts) + str(event.changed), "personal data only in the erasable row"
    assert event.actor_user_id == global_admin.user_id


@pytest.mark.parametrize(
    ("email", "is_refused"),
    [
        ("admin@fabrikam.onmicrosoft.com", True),
        (" Admin@FABRIKAM.onmicrosoft.com ", True),
        ("ada@fabrikam.onmicrosoft.com", False),
        ("admin@partner.example", False),
        ("admin@onmicrosoft.com.partner.example", False),
    ],
)
def test_the_sign_in_of_a_customers_administrator_is_not_a_members(email: str, is_refused: bool) -> None:
    assert bool(why_cannot_be_member(email)) is is_refused


@pytest.mark.parametrize("is_known", [True, False])
def test_a_customers_administrator_never_becomes_a_member(
    is_known: bool, global_admin: Membership, client_of: ClientOf
) -> None:
    """Known or not: the address must stay free for the customer that is yet to be created."""
    email = "admin@fabrikam.onmicrosoft.com"
    if is_known:
        User.objects.create_user(email, "Administrator of fabrikam.onmicrosoft.com", "x", must_change_password=True)
    response = client_of(global_admin).post(reverse("partners:invite"), {**ANSWERS, "email": email.upper()})
    assert response.context["form"].errors.keys() == {"email"}
    assert "This is the sign-in of a customer&#x27;s administrator" in response.content.decode()
    assert Membership.objects.count() == 1
    assert User.objects.filter(email=email).exists() is is_known


def test_an_invitation_does_not_tell_whose_address_it_is(
    global_admin: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    client = client_of(global_admin)
    response = client.post(
        reverse("partners:invite"), {**ANSWERS, "email": stranger.user.email, "name": "Whoever"}, follow=True
    )
    member = Membership.objects.get(user=stranger.user, partner=global_admin.partner)
    url = reverse("partners:member", args=[member.public_id])
    saved = client.post(url, {"roles": ["sales_agent"], "is_active": "on"}, follow=True)
    for page in (response.content.decode(), client.get(url).content.decode(), saved.content.decode()):
        assert stranger.user.email in page
        assert "Stan Stranger" not in page

    stranger.user.last_login = member.created_at + timedelta(minutes=1)
    stranger.user.save()
    assert "Stan Stranger" in client.get(reverse("partners:members")).content.decode()


def test_the_name_that_was_typed_for_a_new_person_is_shown_once_they_come(
    global_admin: Membership, client_of: ClientOf
) -> None:
    """Before that it would tell this address from those that the portal knew: they have another name."""
    client = client_of(global_admin)
    invite(client)
    invited = Membership.objects.latest("pk").user
    assert ANSWERS["name"] not in client.get(reverse("partners:members")).content.decode()
    invited.set_password("orbital-teapot-weather")
    invited.save()
    assert ANSWERS["name"] in client.get(reverse("partners:members")).content.decode()


def test_who_was_made_in_the_meantime_is_found_instead_of_a_failure(
    global_admin: Membership, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another partner's invitation of the same new address comes between looking and writing."""
    known = User.objects.create_user("new@partner.example", "New")
    monkeypatch.setattr(UserManager, "with_email", lambda self, email: None)
    member = add_member(
        by=actor_for(global_admin),
        partner=global_admin.partner,
        email="New@partner.example",
        name="Other",
        roles=["sales_agent"],
    )
    assert member.user == known


@pytest.mark.django_db(transaction=True)
def test_partners_may_invite_the_same_new_person_at_the_same_moment(actor_for: ActorFor, tmp_path: Path) -> None:
    admins = MembershipFactory.create_batch(4, roles=["global_admin"])

    def invite_one(number: int) -> int:
        admin = admins[number]
        made = invite_member(
            by=actor_for(admin), partner=admin.partner, email="new@partner.example", name="New", roles=["sales_agent"]
        )
        return made.user_id

    with shared_by_threads(tmp_path):
        people, errors = together(len(admins), invite_one)
        assert errors == []
        assert len(set(people)) == 1
        assert Membership.objects.filter(user_id=people[0]).count() == len(admins)
