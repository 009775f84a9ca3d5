"""Importing the rows that are ready: once, in chunks, with an outcome for each row."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from agreements import tasks
from customers.models import Contact, Customer, CustomerImport, CustomerUser, ImportStatus, RowStatus, Tenant
from customers.services import (
    begin_import,
    end_relationship,
    remove_old_sheets,
    take_over_dead,
)
from customers.tests.factories import CustomerFactory
from customers.tests.import_factories import (
    FULL,
    MICROSOFT,
    checked,
    commit,
    full_row,
    imported,
    map_columns,
    run_queue,
    uploaded,
    work,
)
from portal.audit.models import AuditEvent, AuditEventDetail
from portal.common.errors import RuleViolation
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
ID = "8f4b6f8e-1d7c-4a57-9e0b-1f2a3b4c5d6e"


@pytest.fixture
def client(admin_agent: Membership, client_of: SignIn) -> Client:
    return client_of(admin_agent)


def outcomes(sheet: CustomerImport) -> list[str]:
    return list(sheet.rows.order_by("number").values_list("status", flat=True))


def test_customers_are_as_the_wizard_would_leave_them(client: Client, admin_agent: Membership) -> None:
    sheet = imported(admin_agent, client, FULL, [full_row(1)])
    assert (sheet.status, sheet.created_count, sheet.done_count) == (ImportStatus.DONE, 1, 1)
    customer = Customer.objects.get()
    assert sheet.rows.get().customer == customer
    assert (customer.partner, customer.tenant.domain) == (admin_agent.partner, "imported1.example.com")
    assert (customer.company_name, str(customer.country), customer.city) == ("Imported 1 GmbH", "DE", "Berlin")
    assert customer.name_key == "imported 1 gmbh"
    assert list(Customer.objects.search("kaethe gross")) == [customer]
    assert customer.primary_contact_id == Contact.objects.get(customer=customer).public_id
    assert customer.relationship_accepted_at is None
    assert not CustomerUser.objects.exists()


def test_the_microsoft_id_of_the_sheet_is_kept(client: Client, admin_agent: Membership) -> None:
    imported(admin_agent, client, MICROSOFT, [[ID, "A company", "a.example.com", ""]])
    assert str(Tenant.objects.get().pk) == ID
    customer = Customer.objects.get()
    assert customer.primary_contact_id is None
    assert client.get(f"/customers/{ID}/account/").status_code == 200


def test_every_customer_and_the_import_are_in_the_log(client: Client, admin_agent: Membership) -> None:
    sheet = imported(admin_agent, client, FULL, [full_row(1), full_row(2)])
    created = AuditEvent.objects.filter(code="customers.customer_created")
    assert {event.customer_id for event in created} == set(Customer.objects.values_list("tenant_id", flat=True))
    assert {event.actor_name for event in created} == {"Ada Admin"}
    detail = AuditEventDetail.objects.get(event=created.earliest("pk"))
    assert detail.values["company_name"] == [None, "Imported 1 GmbH"]
    facts = {event.code: event.facts for event in AuditEvent.objects.filter(code__startswith="customers.import_")}
    assert facts["customers.import_committed"] == {"import": str(sheet.pk), "rows": 2}
    assert facts["customers.import_finished"] == {"import": str(sheet.pk), "rows": 2, "created": 2}
    page = client.get("/activity/").content.decode()
    assert "Import begun: 2 customers" in page
    assert "Import finished: 2 customers created from 2 rows" in page


def test_only_the_rows_that_are_ready_are_imported(client: Client, admin_agent: Membership) -> None:
    known = CustomerFactory(partner=admin_agent.partner)
    rows = [["", "New company", "a.example.com", ""], ["", "GmbH", "b.example.com", ""]]
    sheet = imported(
        admin_agent, client, MICROSOFT, [*rows, [str(known.tenant_id), "Known", known.tenant.domain, ""]]
    )
    assert outcomes(sheet) == ["created", "wrong", "known"]
    page = client.get(f"/customers/imports/{sheet.pk}/?status=created").content.decode()
    assert "1 customer is created" in page
    assert f"/customers/{Customer.objects.get(tenant__domain='a.example.com').tenant_id}/account/" in page


def test_another_partners_tenant_is_related_to_without_its_acceptance(
    client: Client, admin_agent: Membership
) -> None:
    elsewhere = CustomerFactory(company_name="Theirs GmbH")
    sheet = imported(admin_agent, client, MICROSOFT, [["", "Ours GmbH", elsewhere.tenant.domain, ""]])
    mine = Customer.objects.get(partner=admin_agent.partner)
    assert outcomes(sheet) == ["created"]
    assert (mine.tenant, mine.relationship_accepted_at) == (elsewhere.tenant, None)
    assert Customer.objects.count() == 2


def test_what_is_taken_between_check_and_import_is_told(client: Client, admin_agent: Membership) -> None:
    rows = [[ID, "A company", "a.example.com", ""], ["", "B company", "b.example.com", ""]]
    sheet = checked(client, MICROSOFT, [*rows, ["", "C company", "c.example.com", ""]])
    Tenant.objects.create(domain="a.example.com")
    CustomerFactory(partner=admin_agent.partner, tenant=Tenant.objects.create(domain="b.example.com"))
    commit(client, sheet)
    sheet = work(sheet)
    assert outcomes(sheet) == ["wrong", "known", "created"]
    assert (sheet.done_count, sheet.created_count, sheet.status) == (3, 1, ImportStatus.DONE)


def test_a_removed_relationship_begins_again(client: Client, admin_agent: Membership, actor_for: Any) -> None:
    customer = CustomerFactory(partner=admin_agent.partner, direct_on=date(2024, 5, 6))
    end_relationship(by=actor_for(admin_agent), customer=customer, running_count=0)
    sheet = imported(admin_agent, client, MICROSOFT, [["", "Back again", customer.tenant.domain, ""]])
    customer.refresh_from_db()
    assert outcomes(sheet) == ["created"]
    assert (customer.removed_at, customer.company_name) == (None, "Back again")
    # The company agreed to the relationship that ended; an import never opens the gate by itself.
    assert (customer.relationship_accepted_at, customer.direct_on) == (None, None)


def test_a_sandbox_takes_as_many_as_it_has_room_for(client_of: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customers.rules.SANDBOX_CUSTOMERS", 2)
    member = MembershipFactory(partner=PartnerFactory(sandbox=True), roles=["admin_agent"])
    rows = [["", f"Company {n}", f"s{n}.example.com", ""] for n in range(4)]
    sheet = imported(member, client_of(member), MICROSOFT, rows)
    assert outcomes(sheet) == ["created", "created", "wrong", "wrong"]
    assert "room for 2 customers" in sheet.rows.get(number=5).problems[0][1]


@pytest.mark.scenario("I2")
@pytest.mark.django_db(transaction=True)
def test_committing_twice_is_one_import(client: Client) -> None:
    sheet = checked(client, FULL, [full_row(n) for n in range(5)])
    answers = [commit(client, sheet, key) for key in ("a" * 32, "a" * 32, "b" * 32)]
    assert {answer["Location"] for answer in answers} == {f"/customers/imports/{sheet.pk}/"}
    run_queue()
    assert commit(client, sheet, "a" * 32).status_code == 302
    run_queue()
    sheet.refresh_from_db()
    assert (sheet.status, sheet.created_count, Customer.objects.count()) == (ImportStatus.DONE, 5, 5)
    assert AuditEvent.objects.filter(code="customers.import_committed").count() == 1


@pytest.mark.scenario("I2")
@pytest.mark.django_db(transaction=True)
def test_committing_at_the_same_moment_is_one_import(
    client: Client, client_of: SignIn, admin_agent: Membership, tmp_path: Any
) -> None:
    sheet = checked(client, FULL, [full_row(n) for n in range(5)])
    browsers = [client_of(admin_agent) for _ in range(8)]
    with shared_by_threads(tmp_path):
        answers, errors = together(8, lambda n: commit(browsers[n], sheet, "ab"[n % 2] * 32).status_code)
        waiting = DBTaskResult.objects.filter(status="READY", args_kwargs__args__1__startswith="committing").count()
    assert (set(answers), errors, waiting) == ({302}, [], 1)


@pytest.mark.scenario("I2")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_step_create_nothing_twice(client: Client, tmp_path: Any) -> None:
    sheet = checked(client, FULL, [full_row(n) for n in range(40)])
    commit(client, sheet)
    with shared_by_threads(tmp_path):
        stale = CustomerImport.objects.select_related("partner", "owner").get(pk=sheet.pk)
        _results, errors = together(4, lambda _n: tasks.take_step(stale))
        sheet.refresh_from_db()
        assert (errors, sheet.done_count, sheet.created_count) == ([], 40, 40)
        assert Customer.objects.count() == Tenant.objects.count() == 40
        assert AuditEvent.objects.filter(code="customers.customer_created").count() == 40


@pytest.mark.scenario("D3")
@pytest.mark.scenario("I2")
def test_without_the_look_at_where_it_stands_rows_count_twice(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: what keeps a step from being taken twice is the sheet's position under its lock."""
    sheet = checked(client, FULL, [full_row(n) for n in range(6)])
    commit(client, sheet)
    stale = CustomerImport.objects.select_related("partner", "owner").get(pk=sheet.pk)
    rows = list(stale.rows.all())
    tasks.take_step(stale)
    tasks.take_step(stale)
    sheet.refresh_from_db()
    assert (sheet.done_count, outcomes(sheet)) == (6, [RowStatus.CREATED] * 6)
    monkeypatch.setattr(tasks, "lock_at", lambda pk, position: CustomerImport.objects.select_for_update().get(pk=pk))
    sheet.rows.all().update(status=RowStatus.VALID)
    tasks.take_step(stale)
    sheet.refresh_from_db()
    assert (sheet.done_count, outcomes(sheet)) == (12, [RowStatus.KNOWN] * 6)
    assert len(rows) == 6


@pytest.mark.django_db(transaction=True)
def test_whoever_left_imports_nothing_more(client: Client, admin_agent: Membership) -> None:
    sheet = checked(client, FULL, [full_row(1)])
    commit(client, sheet)
    admin_agent.is_active = False
    admin_agent.save()
    run_queue()
    sheet.refresh_from_db()
    assert (sheet.status, Customer.objects.count()) == (ImportStatus.FAILED, 0)
    assert "no longer a member" in sheet.problem


@pytest.mark.django_db(transaction=True)
def test_a_colleague_continues_an_import_that_stopped(
    client: Client, admin_agent: Membership, client_of: SignIn
) -> None:
    sheet = checked(client, FULL, [full_row(1)])
    commit(client, sheet)
    admin_agent.is_active = False
    admin_agent.save()
    run_queue()
    colleague = MembershipFactory(partner=admin_agent.partner, roles=["admin_agent"], user__name="Cora Colleague")
    other = client_of(colleague)
    assert "Continue the import" in other.get(f"/customers/imports/{sheet.pk}/").content.decode()
    commit(other, sheet)
    run_queue()
    sheet.refresh_from_db()
    assert (sheet.status, sheet.created_count) == (ImportStatus.DONE, 1)
    assert AuditEvent.objects.get(code="customers.customer_created").actor_name == "Cora Colleague"


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_again_and_again_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = checked(client, FULL, [full_row(1)])
    commit(client, sheet)

    def broken(sheet: CustomerImport) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(tasks, "take_step", broken)
    for _ in range(tasks.MAX_ATTEMPTS):
        DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))
        run_queue()
    sheet.refresh_from_db()
    assert sheet.status == ImportStatus.FAILED
    assert "ask the portal" in sheet.problem


@pytest.mark.django_db(transaction=True)
def test_the_clock_goes_on_where_a_worker_died(client: Client) -> None:
    sheet = checked(client, FULL, [full_row(1)])
    commit(client, sheet)
    DBTaskResult.objects.all().delete()
    assert tasks.look_after_imports() == 0
    CustomerImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert tasks.look_after_imports() == 1
    assert take_over_dead(now=timezone.now(), queue=tasks.queue_step) == 0
    run_queue()
    sheet.refresh_from_db()
    assert sheet.status == ImportStatus.DONE


def test_a_begun_import_is_not_discarded_and_its_columns_stay(client: Client) -> None:
    sheet = checked(client, FULL, [full_row(1)])
    commit(client, sheet)
    page = client.post(f"/customers/imports/{sheet.pk}/discard/", follow=True).content.decode()
    assert "cannot be changed any more" in page
    assert client.get(f"/customers/imports/{sheet.pk}/columns/").status_code == 302
    assert CustomerImport.objects.filter(pk=sheet.pk).exists()


def test_nothing_is_imported_before_the_check(client: Client, admin_agent: Membership, actor_for: Any) -> None:
    sheet = uploaded(client, FULL, [full_row(1)])
    with pytest.raises(RuleViolation, match="not checked yet"):
        begin_import(by=actor_for(admin_agent), sheet=sheet, submit_key="", queue=tasks.queue_step)


def test_files_and_rows_go_after_thirty_days(
    client: Client, admin_agent: Membership, django_capture_on_commit_callbacks: Any
) -> None:
    done = imported(admin_agent, client, FULL, [full_row(1)])
    left = checked(client, FULL, [full_row(2)])
    young = checked(client, FULL, [full_row(3)])
    files = [sheet.file.name for sheet in (done, left, young)]
    long_ago = timezone.now() - timedelta(days=31)
    CustomerImport.objects.filter(pk__in=[done.pk, left.pk]).update(created_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.look_after_imports()
    assert CustomerImport.objects.filter(pk=done.pk).get().file.name == files[0]
    CustomerImport.objects.filter(pk=done.pk).update(finished_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.look_after_imports()
    assert not CustomerImport.objects.filter(pk=left.pk).exists()
    done.refresh_from_db()
    assert (done.file.name, done.rows.count(), done.created_count) == ("", 0, 1)
    assert [default_storage.exists(name) for name in files] == [False, False, True]
    page = client.get(f"/customers/imports/{done.pk}/").content.decode()
    assert "removed after 30 days" in page
    assert client.get(f"/customers/imports/{done.pk}/to-correct/").status_code == 200


def test_files_of_uploads_that_broke_off_go_after_a_day(client: Client) -> None:
    sheet = checked(client, FULL, [full_row(1)])
    for name in ("old", "new"):
        default_storage.save(f"imports/{name}", ContentFile(b"x"))
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for name in ("imports/old", sheet.file.name):
        os.utime(default_storage.path(name), (long_ago, long_ago))
    tasks.look_after_imports()
    found = [default_storage.exists(name) for name in ("imports/old", "imports/new", sheet.file.name)]
    assert found == [False, True, True]


def test_what_is_left_of_an_import_whose_rows_are_gone_is_not_gone_on_with(
    client: Client, admin_agent: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that was open for a month still has its button; without rows the work would never end."""
    sheet = checked(client, FULL, [full_row(1), full_row(2)])
    begin_at = timezone.now() - timedelta(days=40)
    CustomerImport.objects.filter(pk=sheet.pk).update(
        status=ImportStatus.FAILED, committed_at=begin_at, created_at=begin_at
    )
    assert remove_old_sheets(now=timezone.now()) == 1
    response = client.post(f"/customers/imports/{sheet.pk}/commit/", {"submit_key": "late"}, follow=True)
    assert "were removed after 30 days" in response.content.decode()
    assert CustomerImport.objects.get(pk=sheet.pk).status == ImportStatus.FAILED


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_tells_where_but_nothing_of_the_rows(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a database says of a refused row quotes the row, and the queue keeps what a step says."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise IntegrityError("Failing row contains (kaethe@imported1.example).")

    monkeypatch.setattr(tasks, "match_rows", refuse)
    sheet = uploaded(client, FULL, [full_row(1)])
    map_columns(client, sheet)
    run_queue()
    failed = DBTaskResult.objects.exclude(traceback="").get()
    assert "IntegrityError" in failed.traceback
    assert "check_rows" in failed.traceback
    assert "kaethe" not in failed.traceback


@pytest.mark.django_db(transaction=True)
def test_trouble_with_old_files_keeps_no_import_from_going_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**kwargs: object) -> int:
        raise PermissionError

    monkeypatch.setattr(tasks, "remove_abandoned_files", refuse)
    sheet = checked(client, FULL, [full_row(1)])
    commit(client, sheet)
    DBTaskResult.objects.all().delete()
    CustomerImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(PermissionError):
        tasks.look_after_imports()
    run_queue()
    sheet.refresh_from_db()
    assert sheet.status == ImportStatus.DONE
