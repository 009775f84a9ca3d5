"""Who came in is in the log of each partner they work for; who did not, in the log of requests without a name."""

from collections.abc import Callable

from django.core.cache import cache
from django.test import Client
from structlog.testing import capture_logs

from portal.audit.models import AuditEvent
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD, MembershipFactory, UserFactory

CODE = "partners.session_started"


def attempt(email: str, password: str = PASSWORD) -> Client:
    cache.clear()
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def test_in_the_log_of_every_partner_they_work_for(
    sales_agent: Membership, admin_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    elsewhere = MembershipFactory(user=sales_agent.user, partner__name="Elsewhere")
    attempt(sales_agent.user.email)
    events = AuditEvent.objects.filter(code=CODE)
    assert {event.partner_id for event in events} == {sales_agent.partner_id, elsewhere.partner_id}
    assert {(event.actor_user_id, event.actor_name) for event in events} == {(sales_agent.user_id, "Sam Sales")}
    assert all(event.request_id for event in events)
    page = client_of(admin_agent).get(f"/activity/?actor={sales_agent.public_id}").content.decode()
    assert "Signed in" in page


def test_who_works_for_nobody_is_in_nobodys_log(db: None) -> None:
    attempt(UserFactory(is_staff=True).email)
    assert AuditEvent.objects.get(code=CODE).partner_id is None


def test_a_wrong_password_and_a_sign_out_are_in_the_log_of_requests(sales_agent: Membership) -> None:
    with capture_logs() as lines:
        attempt(sales_agent.user.email, "wrong")
    assert not AuditEvent.objects.filter(code=CODE).exists()
    assert "sign_in_failed" in [line["event"] for line in lines]
    assert sales_agent.user.email not in str(lines)
    client = attempt(sales_agent.user.email)
    with capture_logs() as lines:
        client.post("/accounts/logout/")
    assert {"event": "signed_out", "log_level": "info", "user_id": sales_agent.user_id} in [
        {name: line.get(name) for name in ("event", "log_level", "user_id")} for line in lines
    ]
