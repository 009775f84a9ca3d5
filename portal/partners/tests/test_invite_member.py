from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners import mail
from portal.partners.models import Membership, User
from portal.partners.services import invite_member

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
    assert queued.args_kwargs["args"] == [Membership.objects.latest("pk").pk]


def test_the_message_names_partner_and_roles_and_has_the_link(global_admin: Membership, actor_for: ActorFor) -> None:
    global_admin.partner.name = "Ünal & Söhne"
    global_admin.partner.save()
    member = invite_member(by=actor_for(global_admin), partner=global_admin.partner, **ANSWERS)  # type: ignore[arg-type]
    message = mail.member_invitation(member)
    assert message.to == [ANSWERS["email"]]
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
        invite_member(by=actor_for(admin_agent), partner=admin_agent.partner, **ANSWERS)  # type: ignore[arg-type]
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
