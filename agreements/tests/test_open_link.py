"""/accept/<token>/: uses nothing up, tells strangers nothing, and leaves no trace of the token."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from agreements.links import invitation_token
from agreements.models import Invitation
from agreements.services import decline_invitation, renew_invitation, revoke_invitation, send_invitation
from agreements.tests.answering import (
    accept,
    administrator,
    asked,
    at_partner,
    everything,
    opened,
    path_of,
    stored_text,
)
from agreements.tests.factories import confirmed, job_actor
from agreements.views.answers.coming import MOST_UNKNOWN
from customers.models import Customer
from orders.services import remove_customer
from portal.common.actor import Actor
from portal.common.links import link_token
from portal.partners.models import Membership

NO_TOKEN = link_token("invitation", uuid.UUID(int=1))


def run_out(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(days=2))


def page_after(token: str) -> str:
    return Client().get(f"/accept/{token}/", follow=True).content.decode()


def test_a_scanner_changes_nothing(customer: Customer) -> None:
    path = path_of(asked(customer))
    before = everything()
    for _ in range(10):
        for way in (Client().get, Client().head):
            assert way(path).headers["Location"] == "/accept/"
    client = Client()
    for _ in range(2):
        client.get(path, follow=True)
        client.get(at_partner(customer.partner))
        client.get(at_partner(customer.partner, "agreement/"))
    assert everything() == before


def test_negative_control_of_the_comparison(customer: Customer) -> None:
    client = opened(asked(customer))
    before = everything()
    client.post(at_partner(customer.partner), {"asked": ""})
    changed = {table for table, digest in everything().items() if digest != before[table]}
    assert changed == {"agreements_invitation", "audit_auditevent", "audit_auditeventdetail"}


def test_the_link_leads_on_to_an_address_without_it(client: Client, customer: Customer) -> None:
    answer = client.get(path_of(asked(customer)))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accept/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    page = client.get("/accept/")
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert customer.partner.name in page.content.decode()


def test_only_asking_for_it_opens_a_link(client: Client, customer: Customer) -> None:
    assert client.post(path_of(asked(customer))).status_code == 405


def test_the_token_is_kept_nowhere(client: Client, customer: Customer, caplog: pytest.LogCaptureFixture) -> None:
    invitation = asked(customer)
    send_invitation(by=job_actor(), invitation=invitation)
    token = invitation_token(invitation)
    opened(invitation, client)
    pages = [client.get("/accept/"), client.get(at_partner(customer.partner)), client.post("/accept/leave/")]
    opened(invitation, client)
    pages.append(accept(client, customer.partner))
    assert "accept/<str:token>/" in caplog.text
    assert token not in caplog.text
    assert token not in stored_text()
    assert token not in repr(dict(client.session.items()))
    for page in pages:
        assert token not in page.content.decode()
        assert token not in str(page.headers)


def test_the_session_gets_a_new_key(client: Client, customer: Customer) -> None:
    """Whoever planted a session in this browser does not get into it."""
    planted = SessionStore()
    planted.create()
    client.cookies["portal_session"] = str(planted.session_key)
    opened(asked(customer), client)
    assert client.session.session_key != planted.session_key
    assert not SessionStore().exists(str(planted.session_key))


@pytest.mark.parametrize(
    "token", ["abc", NO_TOKEN, "ż" * 43, "%00", "a" * 2000], ids=["short", "of nobody", "no ASCII", "NUL", "long"]
)
def test_a_link_that_never_was(customer: Customer, token: str) -> None:
    asked(customer)
    page = page_after(token)
    assert "This link does not work" in page
    assert customer.partner.name not in page
    assert customer.company_name not in page


def test_an_unknown_link_does_not_end_what_is_open(customer: Customer) -> None:
    client = opened(asked(customer))
    page = client.get(f"/accept/{NO_TOKEN}/", follow=True).content.decode()
    assert "does not work" in page
    assert customer.partner.name in page


def test_an_expired_link_says_since_when_and_whom_to_ask(customer: Customer) -> None:
    invitation = asked(customer)
    client = opened(invitation)
    run_out(invitation)
    page = client.get(at_partner(customer.partner)).content.decode()
    assert "the link has not worked since" in page
    assert f"Ask {customer.partner.name} for a new link." in page
    assert "Review the agreement" not in page
    assert "the link has not worked since" in page_after(invitation_token(invitation))


def test_a_used_link_says_when_without_naming_anybody(customer: Customer) -> None:
    invitation = asked(customer)
    accept(opened(invitation), customer.partner)
    later = opened(invitation)
    page = later.get(at_partner(customer.partner)).content.decode()
    assert "accepted on" in page
    assert "Wiśniewska" not in page
    assert later.get(at_partner(customer.partner, "receipt/")).status_code == 302
    assert later.get(at_partner(customer.partner, "agreement/")).status_code == 302


def test_links_that_ended_otherwise_say_so(customer: Customer) -> None:
    invitation = asked(customer)
    client = opened(invitation)
    decline_invitation(by=job_actor(), invitation=invitation, reason="No")
    assert "declined on" in client.get("/accept/").content.decode()
    again = asked(customer)
    revoke_invitation(by=job_actor(), invitation=again)
    assert "took the invitation back" in opened(again).get("/accept/").content.decode()
    third = asked(customer)
    confirmed(customer)
    assert "came on record in another way" in opened(third).get("/accept/").content.decode()


def test_a_link_to_a_relationship_that_ended(
    customer: Customer, admin_agent: Membership, actor_for: Callable[..., Actor]
) -> None:
    invitation = asked(customer)
    remove_customer(by=actor_for(admin_agent), customer=customer, submit_key=uuid.uuid4().hex)
    page = opened(invitation).get("/accept/").content.decode()
    assert "Review the agreement" not in page
    assert "relationship" in page or "took the invitation back" in page


def test_a_renewed_link_ends_the_old_one_also_where_it_is_open(customer: Customer) -> None:
    invitation = asked(customer)
    old, client = path_of(invitation), opened(invitation)
    renew_invitation(by=job_actor(), invitation=invitation)
    assert "This link does not work" in Client().get(old, follow=True).content.decode()
    assert client.get(at_partner(customer.partner)).headers["Location"] == "/accept/"
    assert customer.partner.name not in client.get("/accept/").content.decode()
    assert customer.partner.name in opened(Invitation.objects.get()).get("/accept/").content.decode()


def test_who_guesses_is_slowed_down_but_never_who_has_a_link(customer: Customer) -> None:
    path = path_of(asked(customer))
    answers = [Client().get(f"/accept/{NO_TOKEN}/").status_code for _ in range(MOST_UNKNOWN + 1)]
    assert answers == [302] * MOST_UNKNOWN + [429]
    assert Client().get(f"/receipt/{NO_TOKEN}/").status_code == 429
    assert Client().get(path).status_code == 302
    assert Client(REMOTE_ADDR="192.0.2.7").get(f"/accept/{NO_TOKEN}/").status_code == 302


def test_guessing_leaves_no_sessions_behind(client: Client, customer: Customer) -> None:
    client.get(f"/accept/{NO_TOKEN}/", follow=True)
    assert "portal_session" not in client.cookies


def test_the_link_stays_open_through_a_sign_in(customer: Customer) -> None:
    client = opened(asked(customer))
    user = customer.tenant.customer_users.get().user
    client.post("/accounts/login/", {"login": user.email, "password": "correct horse battery"})
    assert client.session["acceptance_links"]
    assert administrator(customer.tenant).get("/accept/").status_code == 200
