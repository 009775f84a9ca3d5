from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.partners.models import Membership, User
from portal.partners.services import change_member, change_user

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[[Membership], Actor]


def change(client: Client, member: Membership, roles: list[str], **more: str) -> str:
    response = client.post(reverse("partners:member", args=[member.public_id]), {"roles": roles, **more}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_new_roles_count_on_the_very_next_request(
    global_admin: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    theirs = client_of(sales_agent)
    assert theirs.get(reverse("dashboard:activity")).status_code == 403
    change(client_of(global_admin), sales_agent, ["sales_agent", "admin_agent"], is_active="on")
    assert theirs.get(reverse("dashboard:activity")).status_code == 200


def test_a_deactivated_member_is_out_at_once(
    global_admin: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    theirs = client_of(sales_agent)
    assert theirs.get(reverse("partners:profile")).status_code == 200
    change(client_of(global_admin), sales_agent, ["sales_agent"])
    assert theirs.get(reverse("partners:profile")).status_code == 403
    assert "not a member of a partner" in theirs.get(reverse("dashboard:home")).content.decode()


def test_a_user_switched_off_by_staff_is_out_at_once(sales_agent: Membership, client_of: ClientOf) -> None:
    theirs = client_of(sales_agent)
    User.objects.filter(pk=sales_agent.user_id).update(is_active=False)
    response = theirs.get(reverse("partners:profile"))
    assert response.status_code == 302
    assert reverse("account_login") in response.url


@pytest.mark.parametrize(("roles", "more"), [(["sales_agent"], {"is_active": "on"}), (["global_admin"], {})])
def test_the_last_global_admin_stays(
    roles: list[str], more: dict[str, str], global_admin: Membership, client_of: ClientOf
) -> None:
    page = change(client_of(global_admin), global_admin, roles, **more)
    assert "keeps at least one active global admin" in page
    global_admin.refresh_from_db()
    assert global_admin.roles == ["global_admin"]
    assert global_admin.is_active


def test_a_global_admin_may_go_when_another_stays(
    global_admin: Membership, admin_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(global_admin)
    change(client, admin_agent, ["admin_agent", "global_admin"], is_active="on")
    page = change(client, global_admin, ["helpdesk_agent"], is_active="on")
    assert "are saved" in page
    assert client.get(reverse("partners:members")).status_code == 403


def test_no_role_at_all_is_refused(
    global_admin: Membership, sales_agent: Membership, client_of: ClientOf, actor_for: ActorFor
) -> None:
    assert "Choose at least one role" in change(client_of(global_admin), sales_agent, [], is_active="on")
    with pytest.raises(RuleViolation, match="at least one role"):
        change_member(by=actor_for(global_admin), membership=sales_agent, roles=[], is_active=True)


def test_the_service_asks_for_the_right_at_every_door(
    sales_agent: Membership, admin_agent: Membership, stranger: Membership, actor_for: ActorFor
) -> None:
    with pytest.raises(NotPermitted):
        change_member(by=actor_for(admin_agent), membership=sales_agent, roles=["global_admin"], is_active=True)
    with pytest.raises(NotFound):
        change_member(by=actor_for(stranger), membership=sales_agent, roles=["global_admin"], is_active=True)


def test_it_is_in_the_log_once_and_only_when_something_changed(
    global_admin: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(global_admin)
    change(client, sales_agent, ["sales_agent"], is_active="on")
    assert not AuditEvent.objects.filter(code="partners.member_changed").exists()
    change(client, sales_agent, ["admin_agent"], is_active="on")
    event = AuditEvent.objects.get(code="partners.member_changed")
    assert event.facts == {"roles": ["admin_agent"], "roles_before": ["sales_agent"], "is_active": True}


def test_staff_do_not_lock_themselves_out(stranger: Membership, actor_for: ActorFor) -> None:
    with pytest.raises(RuleViolation, match="your own access"):
        change_user(by=actor_for(stranger), user=stranger.user, name="X", is_active=False, is_staff=True)


def test_the_rows_are_locked_in_one_order(
    global_admin: Membership, sales_agent: Membership, actor_for: ActorFor
) -> None:
    """Two admins of one partner who lock the same rows in different orders would wait for each other for ever."""
    with CaptureQueriesContext(connection) as queries:
        change_member(by=actor_for(global_admin), membership=sales_agent, roles=["sales_agent"], is_active=False)
    reads = [q["sql"] for q in queries if q["sql"].startswith("SELECT") and '"partner_id" =' in q["sql"]]
    assert any('ORDER BY "partners_membership"."id"' in sql for sql in reads)
