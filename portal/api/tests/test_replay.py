"""MS-RequestId: sent again, a request is answered as the first time and does nothing."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from portal.api.v1 import access, replay
from portal.api.v1.turns import Turns
from portal.jobs.models import StoredAnswer
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory

Api = Callable[..., Any]


def new_customer(domain: str = "fresh.onmicrosoft.com") -> dict[str, Any]:
    address = {
        "firstName": "Ada",
        "lastName": "Vinter",
        "addressLine1": "One Microsoft Way",
        "city": "Redmond",
        "state": "WA",
        "postalCode": "98052",
        "country": "US",
        "phoneNumber": "4255550100",
    }
    return {
        "companyProfile": {"domain": domain},
        "billingProfile": {
            "email": "ada@fresh.example",
            "culture": "en-US",
            "language": "en",
            "companyName": "Fresh Fruit Inc of Redmond",
            "defaultAddress": address,
        },
    }


def test_sent_again_it_is_answered_the_same_with_the_password_of_the_first(api: Api, admin_agent: Membership) -> None:
    session, mine = api(admin_agent), str(uuid4())
    first = session.post("/customers", new_customer(), MS_RequestId=mine)
    again = session.post("/customers", new_customer(), MS_RequestId=mine)
    assert first.status_code == again.status_code == 201
    assert first.json()["userCredentials"]["password"]
    assert first.json() == again.json()
    assert Customer.objects.count() == 1
    kept = StoredAnswer.objects.get()
    assert first.json()["userCredentials"]["password"] not in kept.sealed


def test_the_same_id_for_something_else_is_refused(api: Api, admin_agent: Membership) -> None:
    session, mine = api(admin_agent), str(uuid4())
    session.post("/customers", new_customer(), MS_RequestId=mine)
    response = session.post("/customers", new_customer("other.onmicrosoft.com"), MS_RequestId=mine)
    assert response.status_code == 400
    assert "MS-RequestId" in response.json()["description"]
    assert Customer.objects.count() == 1


def test_an_id_counts_for_whoever_sent_it(api: Api, admin_agent: Membership, stranger: Membership) -> None:
    mine = str(uuid4())
    assert api(admin_agent).post("/customers", new_customer(), MS_RequestId=mine).status_code == 201
    other = api(stranger).post("/customers", new_customer("other.onmicrosoft.com"), MS_RequestId=mine)
    assert other.status_code == 201


def test_an_id_counts_for_one_program_and_one_partner(api: Api, admin_agent: Membership) -> None:
    """One person, at two partners: what the one was told, the other is not, and the other's request is done."""
    mine, elsewhere = str(uuid4()), MembershipFactory(user=admin_agent.user, roles=["admin_agent"])
    assert api(admin_agent).post("/customers", new_customer(), MS_RequestId=mine).status_code == 201
    for session in (api(elsewhere), api(admin_agent)):
        response = session.post("/customers", new_customer(), MS_RequestId=mine)
        assert (response.status_code, "password" in response.content.decode()) == (400, False)


def test_what_was_refused_may_be_right_the_next_time(api: Api, admin_agent: Membership) -> None:
    session, mine = api(admin_agent), str(uuid4())
    assert session.post("/customers", {}, MS_RequestId=mine).status_code == 400
    assert not StoredAnswer.objects.exists()
    assert session.post("/customers", new_customer(), MS_RequestId=mine).status_code == 201


def test_without_an_id_it_is_done_as_often_as_it_is_sent(api: Api, admin_agent: Membership) -> None:
    session = api(admin_agent)
    assert session.post("/customers", new_customer()).status_code == 201
    assert session.post("/customers", new_customer()).status_code == 400


def test_a_first_one_that_was_lost_does_not_hold_the_next(api: Api, admin_agent: Membership) -> None:
    session, mine = api(admin_agent), str(uuid4())
    assert session.post("/customers", new_customer(), MS_RequestId=mine).status_code == 201
    long_ago = timezone.now() - timedelta(minutes=6)
    StoredAnswer.objects.update(status=None, sealed="", started_at=long_ago)
    other = session.post("/customers", new_customer(), MS_RequestId=mine)
    assert (
        other.status_code,
        "taken" in other.json()["description"] or "already" in other.json()["description"],
    ) == (
        400,
        True,
    )


def test_a_first_one_that_still_runs_is_waited_for(
    api: Api, admin_agent: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PATIENCE", 0.2)
    session, mine = api(admin_agent), str(uuid4())
    assert session.post("/customers", new_customer(), MS_RequestId=mine).status_code == 201
    StoredAnswer.objects.update(status=None)
    response = session.post("/customers", new_customer(), MS_RequestId=mine)
    assert (response.status_code, response.json()["code"]) == (409, 800060)


def test_who_may_no_longer_do_it_is_not_told_again(api: Api, admin_agent: Membership) -> None:
    """The answer holds the administrator's password."""
    session, mine = api(admin_agent), str(uuid4())
    assert session.post("/customers", new_customer(), MS_RequestId=mine).status_code == 201
    admin_agent.roles = ["helpdesk_agent"]
    admin_agent.save()
    refused = session.post("/customers", new_customer(), MS_RequestId=mine)
    assert (refused.status_code, refused.json()["code"]) == (403, 900150)


def test_who_waits_holds_one_thread_and_no_more(
    api: Api, admin_agent: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, mine = api(admin_agent), str(uuid4())
    assert session.post("/customers", new_customer(), MS_RequestId=mine).status_code == 201
    StoredAnswer.objects.update(status=None)
    monkeypatch.setattr(replay, "PAUSE", 60)
    with replay.WAITING.taken(str(admin_agent.partner.pk)):
        response = session.post("/customers", new_customer(), MS_RequestId=mine)
    assert (response.status_code, response.json()["code"]) == (409, 800060)


def test_bulk_work_is_done_one_after_another(api: Api, admin_agent: Membership) -> None:
    session = api(admin_agent)
    with access.LONG.taken(str(admin_agent.partner.pk)):
        response = session.post("/CreateBulkReAttestation", [])
    assert (response.status_code, response["Retry-After"]) == (429, "5")
    assert session.post("/CreateBulkReAttestation", []).status_code != 429


def test_turns_are_given_back_whatever_happens() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="inside"), turns.taken("one"):
        raise ValueError("inside")
    with turns.taken("one") as first, turns.taken("one") as second, turns.taken("other") as third:
        assert (first, second, third) == (True, False, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False], ids=["one id", "control: an id each"])
def test_twins_at_the_same_moment_make_one_customer(
    api: Api, admin_agent: Membership, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control shows that nothing but the id makes the answers equal."""
    monkeypatch.setattr(replay, "WAITING", Turns(3))
    if connection.vendor == "sqlite":
        pytest.skip("In memory all threads share one connection.")
    session, mine = api(admin_agent), str(uuid4())
    start, answers = threading.Barrier(4), []

    def send() -> None:
        try:
            session_of_thread = Client()
            start.wait()
            answers.append(
                session_of_thread.post(
                    "/v1/customers",
                    new_customer(),
                    content_type="application/json",
                    headers={
                        "Authorization": f"Bearer {session.token}",
                        "MS-RequestId": mine if same else str(uuid4()),
                    },
                )
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Customer.objects.count() == 1
    assert sorted(answer.status_code for answer in answers) == ([201] * 4 if same else [201, 400, 400, 400])
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
