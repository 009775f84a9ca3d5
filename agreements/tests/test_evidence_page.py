"""Agreements > Evidence: what stands there, for whom, and what its buttons do."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from agreements.tests.checkpoint_factories import CheckpointFactory, given_up
from agreements.tests.factories import confirmed
from customers.models import Customer
from portal.audit.models import AuditEvent, ChainHead, Checkpoint, StampState, TimeStamp
from portal.audit.signing import verify
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
PAGE = "/agreements/evidence/"


def page(client: Client) -> str:
    response = client.get(PAGE)
    assert response.status_code == 200
    return response.content.decode()


def take(client: Client, **posted: Any) -> str:
    answered = client.post(f"{PAGE}checkpoints/", {"submit_key": uuid4().hex, **posted}, follow=True)
    return answered.content.decode()


def test_without_a_record_it_says_what_comes(partner: Partner, admin_agent: Membership, client_of: ClientOf) -> None:
    shown = page(client_of(admin_agent))
    assert "No evidence yet" in shown
    assert "Take a checkpoint now" not in shown
    assert "nothing to sign" in take(client_of(admin_agent))
    refused = AuditEvent.objects.get(code="partners.action_refused")
    assert refused.facts["route"] == "agreements:take_checkpoint"


def test_it_shows_the_chain_and_takes_a_checkpoint(
    customer: Customer, admin_agent: Membership, client_of: ClientOf
) -> None:
    confirmed(customer)
    client, head = client_of(admin_agent), ChainHead.objects.get()
    shown = page(client)
    assert head.digest in shown
    assert "No checkpoint yet" in shown
    assert "No time-stamp authority is configured" in shown
    key = uuid4().hex
    assert "The checkpoint is taken" in take(client, submit_key=key)
    take(client, submit_key=key)
    taken = Checkpoint.objects.get()
    shown = page(client)
    assert f"{PAGE}checkpoints/{taken.public_id}/" in shown
    assert taken.key.public_key in shown


def test_the_file_of_one_is_verified_by_what_it_holds(
    partner: Partner, admin_agent: Membership, client_of: ClientOf
) -> None:
    taken = CheckpointFactory(partner=partner)
    answer = client_of(admin_agent).get(reverse("agreements:checkpoint", args=[taken.public_id]))
    assert answer["Content-Disposition"] == f'attachment; filename="checkpoint-partner-1-{taken.at:%Y-%m-%d}.json"'
    assert "no-store" in answer["Cache-Control"]
    kept = json.loads(answer.content)
    (said,), (key,) = kept["checkpoints"], kept["keys"]
    assert json.loads(said["statement"])["chain"] == f"partner:{partner.tenant_id}"
    assert verify(said["statement"].encode(), said["signature"], public_key=key["public_key"])


def test_only_admin_agents_see_it_and_only_their_own(
    partner: Partner, sales_agent: Membership, stranger: Membership, client_of: ClientOf
) -> None:
    taken = CheckpointFactory(partner=partner)
    address = reverse("agreements:checkpoint", args=[taken.public_id])
    assert client_of(sales_agent).get(PAGE).status_code == 403
    assert client_of(sales_agent).get(address).status_code == 403
    assert client_of(stranger).get(address).status_code == 404
    assert taken.digest not in page(client_of(stranger))
    shared = CheckpointFactory()
    assert client_of(stranger).get(reverse("agreements:checkpoint", args=[shared.public_id])).status_code == 200
    agreements = client_of(sales_agent).get("/agreements/").content.decode()
    assert PAGE not in agreements


def test_the_link_stands_in_agreements(admin_agent: Membership, client_of: ClientOf) -> None:
    assert f'href="{PAGE}"' in client_of(admin_agent).get("/agreements/").content.decode()


def test_the_state_of_each_stamp_is_shown(
    partner: Partner, admin_agent: Membership, client_of: ClientOf, settings: Settings
) -> None:
    settings.TSA_URL = "https://tsa.example/"
    now = timezone.now()
    pending, stamped, failed = (CheckpointFactory(partner=partner) for _each in range(3))
    TimeStamp.objects.create(checkpoint=pending, authority="https://tsa.example/", problem="Away.", next_try_at=now)
    TimeStamp.objects.create(
        checkpoint=stamped, authority="https://tsa.example/", state=StampState.STAMPED, token=b"1", stamped_at=now
    )
    given_up(failed)
    shown = page(client_of(admin_agent))
    for word in ("Pending", "Away.", "Asked again", "Stamped", "Failed", "The authority cannot be reached."):
        assert word in shown
    assert "No time-stamp authority" not in shown
    assert shown.count("Try again") == 1


def test_a_failed_stamp_is_asked_for_again(
    partner: Partner, admin_agent: Membership, client_of: ClientOf, settings: Settings
) -> None:
    failed = CheckpointFactory(partner=partner)
    given_up(failed)
    client, address = client_of(admin_agent), reverse("agreements:stamp_again", args=[failed.public_id])
    assert "No time-stamp authority" in client.post(address, follow=True).content.decode()
    settings.TSA_URL = "https://tsa.example/"
    assert "The authority is asked again" in client.post(address, follow=True).content.decode()
    stamp = TimeStamp.objects.get()
    assert (stamp.state, stamp.attempt_count) == (StampState.PENDING, 0)
    assert DBTaskResult.objects.filter(task_path="agreements.stamping.stamp_checkpoints").count() == 1
    assert "not waiting for anybody" in client.post(address, follow=True).content.decode()
    assert AuditEvent.objects.filter(code="agreements.time_stamp_asked").count() == 1


def test_the_keys_are_public_and_may_be_kept_a_while(partner: Partner, client: Client) -> None:
    taken = CheckpointFactory(partner=partner)
    answer = client.get("/evidence/keys.json")
    assert "max-age" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    (key,) = answer.json()
    assert (key["key_id"], key["public_key"]) == (taken.key.key_id, taken.key.public_key)
    assert set(key) == {"key_id", "public_key", "first_used_at"}


def test_many_checkpoints_come_in_pages_at_the_same_cost(
    partner: Partner, admin_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(admin_agent)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client)
        return len(asked)

    CheckpointFactory(partner=partner)
    page(client)
    few = cost()
    for _each in range(51):
        CheckpointFactory(partner=partner)
    # A cursor is looked up on later pages only.
    assert cost() == few
    shown = page(client)
    assert shown.count("Download<span") == 50
    oldest = Checkpoint.objects.newest_first().last()
    assert oldest is not None
    assert str(oldest.public_id) not in shown
    second = client.get(f"{PAGE}?after={Checkpoint.objects.newest_first()[49].public_id}").content.decode()
    assert str(oldest.public_id) in second
