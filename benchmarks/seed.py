"""Fills an empty PostgreSQL with many customers of one partner, the worst case for its list.

Rows are copied in past the services, which would take hours. The folded columns come from the portal's own functions.
The standing is seeded as facts on the customer alone; the customers whose Account info is measured get a true record,
made by the service.
"""

import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import BACKEND_SESSION_KEY as BACKEND
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, transaction

from agreements.models import AgreementDocument, AgreementTemplate
from agreements.services import Acceptance, Person, confirm_acceptance
from benchmarks.names import Company, company
from benchmarks.seed_orders import SeededOrders, seed_orders
from benchmarks.servers import SERVING_ROLE
from customers import search_index
from customers.models import Contact, Customer, CustomerUser, Tag, Tenant
from customers.services import recount_customers
from customers.services.facts import searched
from portal.common.actor import Actor, ActorKind, Door
from portal.common.folding import fold
from portal.jobs.management.commands.serve import collect_static_files
from portal.partners.models import Membership, Partner, User
from portal.tokens.models import ApiClient
from portal.tokens.services import issue_access_token

BACKENDS = {
    "portal": "allauth.account.auth_backends.AuthenticationBackend",
    "floor": "django.contrib.auth.backends.ModelBackend",
}
CHUNK = 10_000
# Customers whose Account info is measured; they have a true record of an acceptance.
SHOWN = 40
TAGS = ("Key account", "Education", "Renewal 2027", "Trial", "Do not call", "EMEA", "APAC", "Nonprofit")


@dataclass(frozen=True)
class Seeded:
    """What the client needs to know: sessions of the signed-in agent at each side, and customers to look at.

    deep: the row after which the page near the end begins; orders: what ordering is measured with; token: of a
    program of the partner's, for the API.
    """

    sessions: dict[str, str]
    partner: Partner
    shown: list[UUID]
    deep: UUID
    orders: SeededOrders
    token: str


def prepare() -> None:
    """Tables, cache, the role that serves, and static files, as a production start makes them."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("app_role", SERVING_ROLE, apply=True, stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {SERVING_ROLE} PASSWORD '{SERVING_ROLE}'")
    collect_static_files()


def seed(count: int) -> Seeded:
    """`count` customers of one partner; analyzed and vacuumed, as a database that has been running for a while."""
    partner, member = _partner()
    _texts()
    with transaction.atomic(), connection.cursor() as cursor:
        # Triggers and foreign keys would be asked a million times about rows that are right by construction.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"DROP INDEX IF EXISTS {search_index.NAME}")
        for start in range(0, count, CHUNK):
            chunk = [company(n, count) for n in range(start, min(start + CHUNK, count))]
            _copy(partner, chunk)
            print(f"\r  {start + len(chunk):,} customers", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        _reset_sequences(cursor)
    if not search_index.install(connection):
        raise SystemExit("This PostgreSQL has no pg_trgm: apt-get install postgresql-contrib")
    by = Actor(kind=ActorKind.AGENT, name=member.user.name, user_id=member.user_id, membership=member, door=Door.JOB)
    shown = _shown(partner, by, count)
    orders = seed_orders(partner, by, shown)
    # The clock does this once a minute.
    recount_customers(stale_before=lambda today: AgreementTemplate.objects.stale_before(today=today))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    ordered = Customer.objects.filter(partner=partner).order_by("name_key", "pk").values_list("tenant_id", flat=True)
    sessions = {side: _session(member, backend) for side, backend in BACKENDS.items()}
    program = ApiClient.objects.create(
        partner=partner, name="Benchmark", allows_app_only=True, roles=["admin_agent"], created_by_name="Benchmark"
    )
    token = issue_access_token(client=program)
    return Seeded(sessions, partner, shown, ordered[int(count * 0.95)], orders, token)


def _partner() -> tuple[Partner, Membership]:
    partner = Partner.objects.create(
        name="Northwind Cloud",
        kind="direct_bill",
        country="SE",
        time_zone="Europe/Stockholm",
        domain="northwind.example",
    )
    user = User.objects.create_user("ada@northwind.example", "Ada Admin", uuid4().hex)
    return partner, Membership.objects.create(user=user, partner=partner, roles=["admin_agent"])


def _texts() -> None:
    template = AgreementTemplate.objects.create(
        type="MicrosoftCustomerAgreement", template_id=uuid4(), version="2019-10", effective_on=date(2019, 10, 1)
    )
    for country in ("SE", "US"):
        AgreementDocument.objects.create(
            template=template, country=country, language="en-US", sha256=uuid4().hex * 2, file="agreements/sample.txt"
        )


def _copy(partner: Partner, companies: list[Company]) -> None:
    """One chunk of every table; primary keys are the companies' numbers."""
    at = 1_000
    _fill(Tenant, ("id", "domain", "created_at"), ((c.tenant_id, c.domain, c.created_at) for c in companies))
    users = ("id", "password", "is_superuser", "public_id", "email", "name", "is_staff", "is_active")
    _fill(
        User,
        (*users, "must_change_password", "created_at"),
        (
            (at + c.number, "!", False, c.contact_id, f"admin@{c.domain}", c.domain, False, True, True, c.created_at)
            for c in companies
        ),
    )
    _fill(
        CustomerUser,
        ("tenant_id", "user_id", "is_admin"),
        ((c.tenant_id, at + c.number, True) for c in companies),
    )
    rows = [_customer(partner, c, at) for c in companies]
    _fill(Customer, tuple(rows[0]), (row.values() for row in rows))
    people = ("customer_id", "public_id", "first_name", "last_name", "email", "phone", "version")
    _fill(
        Contact,
        people,
        ((at + c.number, c.contact_id, c.first_name, c.last_name, c.email, "+46812345678", 1) for c in companies),
    )


def _customer(partner: Partner, c: Company, at: int) -> dict[str, Any]:
    """Column -> value of a customer's row, with the model's defaults."""
    row = Customer(
        pk=at + c.number,
        tenant_id=c.tenant_id,
        partner=partner,
        company_name=c.name,
        registration_number=c.registration_number,
        country=c.country,
        address_line1="Storgatan 1",
        city="Stockholm",
        postal_code="111 22",
        primary_contact_id=c.contact_id,
        attested_on=c.attested_on,
        direct_on=c.direct_on,
        invited_at=c.invited_at,
        subscription_count=c.subscription_count,
        relationship_accepted_at=c.created_at,
        created_at=c.created_at,
        updated_at=c.updated_at,
    )
    for field, value in searched(row, [(c.first_name, c.last_name, c.email)], domain=c.domain).items():
        setattr(row, field, value)
    fields = (field for field in Customer._meta.concrete_fields if not field.generated)
    return {field.column: getattr(row, field.attname) for field in fields}


def _fill(model: Any, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """COPY rows into the model's table."""
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(map(_cell, row)) + "\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN", text)


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).replace("\\", r"\\").replace("\t", " ").replace("\n", " ")


def _reset_sequences(cursor: Any) -> None:
    for model in (User, Customer, CustomerUser, Contact):
        table = model._meta.db_table
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608 - our own tables


def _shown(partner: Partner, by: Actor, count: int) -> list[UUID]:
    """Customers across the list, each with a record of its acceptance."""
    _tags(partner, count)
    chosen = [company(count // SHOWN * n + 1, count) for n in range(SHOWN)]
    rows = {row.tenant_id: row for row in Customer.objects.filter(tenant_id__in=[c.tenant_id for c in chosen])}
    for each in chosen:
        person = Person(first_name=each.first_name, last_name=each.last_name, email=each.email)
        said = Acceptance(person=person, agreed_on=date(2026, 1, 15), evidence_kind="email")
        confirm_acceptance(by=by, customer=rows[each.tenant_id], acceptance=said)
    return [each.tenant_id for each in chosen]


def _tags(partner: Partner, count: int) -> None:
    """A few tags, on one customer of eight."""
    tags = [Tag.objects.create(partner=partner, name=name, name_key=fold(name)) for name in TAGS]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customertag (partner_id, customer_id, tag_id) "
            "SELECT partner_id, id, (%s::bigint[])[1 + id / 8 %% %s] FROM customers_customer WHERE id %% 8 = 0",
            [[tag.pk for tag in tags], len(tags)],
        )


def _session(member: Membership, backend: str) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(member.user_id)
    session[BACKEND] = backend
    session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
