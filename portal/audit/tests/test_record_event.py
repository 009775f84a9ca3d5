"""portal.audit.services.record_event: the log names actions, the erasable side row the values."""

from collections.abc import Callable

from portal.audit.models import AuditEvent, AuditEventDetail
from portal.audit.services import record_event, salted_digest
from portal.common.actor import Actor, Door
from portal.partners.models import Membership

Act = Callable[..., Actor]


def test_keeps_who_in_which_role_through_which_door(sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent, Door.WIZARD)
    record_event(by=by, code="test.thing_done", partner_id=sales_agent.partner_id, facts={"count": 2})
    event = AuditEvent.objects.get(code="test.thing_done")
    assert (event.actor_name, event.roles, event.door) == ("Sam Sales", ["sales_agent"], "wizard")
    assert event.facts == {"count": 2}
    assert not AuditEventDetail.objects.filter(event=event).exists()


def test_values_are_kept_apart_and_provable(sales_agent: Membership, actor_for: Act) -> None:
    event = record_event(
        by=actor_for(sales_agent), code="test.name_changed", partner_id=None, changes={"name": ("Ana", "Åsa")}
    )
    detail = event.detail
    assert "Åsa" not in str(event.changed)
    assert event.changed["name"] == [salted_digest(detail.salt, "Ana"), salted_digest(detail.salt, "Åsa")]
    assert detail.values == {"name": ["Ana", "Åsa"]}


def test_equal_values_of_two_events_do_not_show_as_equal(sales_agent: Membership, actor_for: Act) -> None:
    made = [
        record_event(by=actor_for(sales_agent), code="test.x_done", partner_id=None, changes={"a": ("x", "y")})
        for _ in range(2)
    ]
    assert made[0].changed != made[1].changed


def test_the_values_can_be_erased_and_the_event_stays(sales_agent: Membership, actor_for: Act) -> None:
    event = record_event(by=actor_for(sales_agent), code="test.x_done", partner_id=None, changes={"a": ("x", "y")})
    event.detail.delete()
    assert AuditEvent.objects.get(pk=event.pk).changed["a"]
    assert not AuditEventDetail.objects.exists()


def test_a_member_sees_the_events_of_the_own_partner(
    sales_agent: Membership, stranger: Membership, actor_for: Act
) -> None:
    record_event(by=actor_for(sales_agent), code="test.x_done", partner_id=sales_agent.partner_id)
    record_event(by=actor_for(sales_agent), code="test.portal_done", partner_id=None)
    assert [e.code for e in AuditEvent.objects.visible_to(sales_agent)] == ["test.x_done"]
    assert not AuditEvent.objects.visible_to(stranger).exists()
