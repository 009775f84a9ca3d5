"""The database role that the portal serves under: it can do the portal's work, and no more than that.

The tests' own role is a superuser, as that of whoever migrates may be: it stands for the roles that are refused.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings as live_settings
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from agreements.models import Attestation, AttestationEvent, AttestationPerson
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.services import create_customer
from customers.tests.factories import company, contact
from orders.models import Order
from orders.tests.factories import filled_cart, placed
from portal.audit.appendonly import AppendOnlyModel
from portal.audit.serving_role import APPEND_ONLY, ERASABLE, rights, statements, why_unsafe
from portal.common.actor import Actor
from portal.jobs.management.commands import serve
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD
from portal.tests.guards.access_table import TABLE
from portal.tests.guards.test_access_matrix import ask
from portal.tests.guards.world import build
from portal.tests.scenarios.live import free_port

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.scenario("T6"),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has no roles: whoever reads the file may do everything."
    ),
]
# Roles belong to the whole database server, which workers that run beside each other share.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
ROLE, OWNER, POWER = f"portal_scenario_{WORKER}", f"scenario_owner_{WORKER}", f"scenario_power_{WORKER}"
Act = Callable[..., Actor]


@contextmanager
def acting_as_role(role: str = ROLE) -> Iterator[None]:
    """Within, the tests' connection has this role's rights and no others."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def run(*sql: str) -> None:
    with connection.cursor() as cursor:
        for statement in sql:
            cursor.execute(statement)


@pytest.fixture
def role(db: None) -> str:
    call_command("app_role", ROLE, apply=True, stdout=StringIO())
    return ROLE


@pytest.fixture
def in_production(settings: Any) -> None:
    settings.IS_LOCAL = False


def found() -> list[str]:
    """What `check --deploy --database default` says."""
    checked = run_checks(tags=[Tags.database], include_deployment_checks=True, databases=["default"])
    return [str(each.msg) for each in checked if each.is_serious()]


def test_the_portal_works_under_its_role(
    role: str, sales_agent: Membership, template: object, actor_for: Act, mailoutbox: list[Any]
) -> None:
    """Under the serving role: sign in, create, confirm, order, queue and send mail, erase a person"""
    by, client = actor_for(sales_agent), Client()
    with acting_as_role():
        signed_in = client.post(reverse("account_login"), {"login": sales_agent.user.email, "password": PASSWORD})
        assert signed_in.status_code == 302
        customer, _credentials = create_customer(
            by=by, partner=sales_agent.partner, domain="rola.onmicrosoft.com", company=company(), contact=contact()
        )
        record = confirmed(customer, by)
        order = placed(filled_cart(customer, sales_agent), by)
        page = client.get(reverse("orders:order", args=[order.number]))
        client.post(reverse("account_logout"))
        Client().post(reverse("account_reset_password"), {"email": sales_agent.user.email})
        work()
        said = {"kind": "erased", "actor_kind": "job", "actor_name": "Job"}
        AttestationEvent.objects.create(attestation=record, at=timezone.now(), **said)
        AttestationPerson.objects.get(attestation=record).delete()
    assert page.status_code == 200
    assert {str(row.status) for row in DBTaskResult.objects.all()} == {"SUCCESSFUL"}
    assert [sales_agent.user.email] in [message.to for message in mailoutbox]
    assert Order.objects.count() == 1


def work() -> None:
    """Take and run what waits in queue mail, as the portal's worker does."""
    said = {"queue_names": ["mail"], "excluded_queue_names": [], "interval": 0, "batch": True, "max_tasks": None}
    worker = Worker(**said, backend_name="default", startup_delay=False, worker_id="worker-1")
    waiting = DBTaskResult.objects.ready().filter(queue_name="mail")
    while (task := waiting.get_locked()) is not None:
        task.claim("worker-1")
        worker.run_task(task)


def test_every_page_answers_under_the_role(role: str) -> None:
    """Every URL by GET and by POST under the serving role: 0 refusals by the database"""
    world = build("admin agent")
    broken = []
    with acting_as_role():
        for name in TABLE:
            for method in ("GET", "POST"):
                with transaction.atomic():
                    response = ask(world, name, method)
                    transaction.set_rollback(True)
                broken += [f"{method} {name}"] if response.status_code >= 500 else []
    assert broken == []


def test_evidence_cannot_be_changed_under_the_role(role: str, customer: Customer) -> None:
    """UPDATE, DELETE and TRUNCATE of what is evidence: refused by privilege, before any trigger is asked"""
    confirmed(customer)
    kept = {table: may for table, may in rights(connection).items() if may in (APPEND_ONLY, ERASABLE)}
    assert Attestation._meta.db_table in kept
    with acting_as_role():
        for table, may in kept.items():
            tries = [f'UPDATE "{table}" SET id = id', f'TRUNCATE "{table}" CASCADE']  # noqa: S608 - our own table names
            tries += [] if may == ERASABLE else [f'DELETE FROM "{table}"']  # noqa: S608 - as above
            for sql in tries:
                with pytest.raises(ProgrammingError, match="permission denied for table"), transaction.atomic():
                    run(sql)
        for sql in (f'DROP TABLE "{Attestation._meta.db_table}"', "CREATE TABLE public.mine (id int)"):
            with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"), transaction.atomic():
                run(sql)
        with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic():
            run(f'ALTER TABLE "{Attestation._meta.db_table}" DISABLE TRIGGER ALL')


def test_the_role_passes_the_check(role: str, in_production: None) -> None:
    assert why_unsafe(connection, ROLE) == []
    with acting_as_role():
        assert found() == []


UNSAFE = {
    "superuser": [f"ALTER ROLE {ROLE} SUPERUSER"],
    "BYPASSRLS": [f"ALTER ROLE {ROLE} BYPASSRLS"],
    "may create roles": [f"ALTER ROLE {ROLE} CREATEROLE"],
    "owns": [f"ALTER TABLE agreements_attestation OWNER TO {ROLE}"],
    "owns partners_link": [f"CREATE ROLE {OWNER}", f"ALTER TABLE partners_partnerlink OWNER TO {OWNER}"],
    "can become": [f"CREATE ROLE {POWER} BYPASSRLS", f"GRANT {POWER} TO {ROLE}"],
    "may UPDATE": [f"GRANT UPDATE (door) ON agreements_attestation TO {ROLE}"],
    "may DELETE": [f"GRANT DELETE ON audit_auditevent TO {ROLE}"],
    "may TRUNCATE": [f"GRANT TRUNCATE ON audit_chainentry TO {ROLE}"],
}
UNSAFE["owns partners_link"].append(f"GRANT {OWNER} TO {ROLE}")


@pytest.mark.parametrize("says", UNSAFE)
def test_a_role_that_may_too_much_is_refused(role: str, in_production: None, says: str) -> None:
    """A role that is superuser, has BYPASSRLS, owns a table or may become who does: the check refuses to serve"""
    run(*UNSAFE[says])
    with acting_as_role():
        complaints = found()
        with pytest.raises(SystemCheckError, match=r"portal\.E001"):
            serve_now()
    assert says.split()[0] in " ".join(complaints)
    # And the command does not call it done.
    if not says.startswith("may "):
        with pytest.raises(CommandError, match="Name another one"):
            call_command("app_role", ROLE, apply=True)


def serve_now(**options: bool) -> None:
    os.environ["PORT"] = str(free_port())
    try:
        call_command("serve", **options)
    finally:
        del os.environ["PORT"]


@pytest.mark.parametrize("says", ["may UPDATE", "may DELETE", "may TRUNCATE"])
def test_running_the_command_again_takes_back_what_is_too_much(role: str, says: str) -> None:
    run(*UNSAFE[says])
    # A right in one column is taken back with the table's.
    call_command("app_role", ROLE, apply=True)
    assert why_unsafe(connection, ROLE) == []


def test_the_tests_own_role_is_refused_in_production_only(settings: Any) -> None:
    """negative control: the check sees a superuser, in production; a portal on one's own machine is left alone"""
    assert found() == []
    settings.IS_LOCAL = False
    (complaint,) = found()
    assert "is a superuser" in complaint
    # Whoever migrates owns the tables: the check is not among those that `migrate` runs first.
    assert [each for each in run_checks(databases=["default"]) if each.id == "portal.E001"] == []


def test_the_owner_migrates_and_the_role_does_not(
    role: str, in_production: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migrations run as the owner; `serve --prepare` under the serving role only looks whether they ran"""
    call_command("migrate", verbosity=0)
    prepared: list[str] = []
    monkeypatch.setattr(serve, "collect_static_files", lambda: prepared.append("static"))
    command = serve.Command()
    with acting_as_role():
        command.prepare(with_demo=False)
        assert prepared == ["static"]
    run("DELETE FROM django_migrations WHERE app = 'orders' AND name = '0001_initial'")
    run("DELETE FROM django_migrations WHERE app = 'orders'")
    with acting_as_role(), pytest.raises(CommandError, match="not at this version"):
        command.prepare(with_demo=False)


def test_the_command_prints_what_it_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("app_role", "portal-printed")
    sql = capsys.readouterr().out
    with pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic():
        why_unsafe(connection, "portal-printed")
    run(sql)
    run(sql)
    assert why_unsafe(connection, "portal-printed") == []


@pytest.mark.parametrize("name", ["", "Portal", 'portal"; DROP', "o'brien", "9portal", "pörtal", "p" * 64])
def test_names_that_would_need_care_are_refused(name: str) -> None:
    with pytest.raises(CommandError, match="small letters"):
        call_command("app_role", name)


def test_every_append_only_model_is_kept_from_the_role() -> None:
    tables = {model._meta.db_table for model in AppendOnlyModel.__subclasses__()}
    assert len(tables) > 5
    assert {rights(connection)[table] for table in tables} == {APPEND_ONLY}


@contextmanager
def served_by(role: str) -> Iterator[str]:
    """The address of the tests' database for a role that is there for everybody to see, for a while."""
    said: dict[str, Any] = connection.settings_dict
    known = {"host": said["HOST"], "port": said["PORT"], "user": said["USER"], "password": said["PASSWORD"]}
    administrator = psycopg2.connect(dbname=said["NAME"], **known)
    administrator.autocommit = True
    try:
        with administrator.cursor() as cursor:
            for statement in statements(connection, role):
                cursor.execute(statement)
            cursor.execute(f"ALTER ROLE {role} PASSWORD 'secret'")
        yield f"postgres://{role}:secret@{said['HOST']}:{said['PORT']}/{said['NAME']}"
    finally:
        with administrator.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")
        administrator.close()


def web_server(url: str, folder: Any) -> "subprocess.CompletedProcess[str]":
    """Load what gunicorn loads, in production."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "SECRET_KEY": "s" * 60,
        "EVIDENCE_KEY": f"{'e' * 43}=",
        "ALLOWED_HOSTS": "portal.example",
        "VAR_DIR": str(folder),
    }
    program = [sys.executable, "-c", "import portal.wsgi; print('serves')"]
    return subprocess.run(program, cwd=live_settings.BASE_DIR, env=environment, capture_output=True, text=True)


def test_the_web_server_does_not_load_under_an_unsafe_role(tmp_path: Any) -> None:
    """The web server in production loads under the role, not under a superuser, and while the database is away"""
    said: dict[str, Any] = connection.settings_dict
    owner = f"postgres://{quote(said['USER'])}:{quote(said['PASSWORD'])}@{said['HOST']}:{said['PORT']}/{said['NAME']}"
    refused = web_server(owner, tmp_path)
    assert refused.returncode == 1
    assert "portal.E001" in refused.stderr
    assert "app_role" in refused.stderr
    with served_by(f"portal_scenario_web_{WORKER}") as url:
        assert web_server(url, tmp_path).stdout == "serves\n"
    away = f"postgres://portal:x@127.0.0.1:{free_port()}/portal"
    assert web_server(away, tmp_path).stdout == "serves\n"
