"""What is evidence cannot be changed: not in Python, not in SQL, not after a migration, on both engines."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_pre_migrate_signal
from django.db import DatabaseError, OperationalError, connection, models, transaction
from django.db.migrations import Migration
from django.utils import timezone

from agreements.models import Attestation, AttestationEvent, AttestationEventDetail, AttestationPerson, Evidence
from agreements.services import withdraw_acceptance
from agreements.services.records import chain_of
from agreements.tests.factories import confirmed, file_of, job_actor
from customers.models import Customer
from orders.models import Subscription
from orders.services import change_licence_count
from orders.tests.factories import filled_cart, placed
from portal.audit import triggers
from portal.audit.appendonly import AppendOnlyError, AppendOnlyModel, ErasableModel
from portal.audit.checkpoints import take_checkpoint
from portal.audit.models import AuditEventDetail
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.guards.helpers import report

KEPT = sorted(
    (model for model in apps.get_models() if issubclass(model, ErasableModel)), key=lambda model: model._meta.label
)
APPEND_ONLY = [model for model in KEPT if issubclass(model, AppendOnlyModel)]
GUARDED = sorted(
    {*KEPT, *(model for model in apps.get_models() if getattr(model, "guards", ()))}, key=lambda m: m._meta.label
)


def label(model: type[models.Model]) -> str:
    return model._meta.label


def missing_triggers() -> list[str]:
    """A complaint for each trigger that the models ask for and the engine's catalogue does not list."""
    there = triggers.installed(connection)
    return [
        f"{trigger.name} is missing on {trigger.table}: run `manage.py migrate`, which installs all of them"
        for trigger in triggers.expected(connection)
        if trigger.name not in there
    ]


@pytest.fixture
def history(customer: Customer, sales_agent: Membership, actor_for: Callable[..., Actor]) -> None:
    """At least one row of everything that is kept for ever."""
    by = actor_for(sales_agent)
    made = confirmed(customer)
    file_of(made)
    take_checkpoint(chain=chain_of(made))
    placed(filled_cart(customer, sales_agent), by)
    subscription = Subscription.objects.get()
    change_licence_count(by=by, subscription=subscription, quantity=7, submit_key="k")
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason="Wrong customer.")


def row_of(model: type[ErasableModel]) -> Any:
    row = model._base_manager.first()
    assert row is not None, f"Let the fixture `history` make a row of {label(model)}."
    return row


@pytest.mark.parametrize("model", KEPT, ids=label)
def test_python_refuses_to_change(history: None, model: type[ErasableModel]) -> None:
    row = row_of(model)
    column = row._meta.concrete_fields[-1].attname
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        model.objects.update(**{column: getattr(row, column)})
    with pytest.raises(AppendOnlyError):
        model.objects.bulk_update([row], [row._meta.concrete_fields[-1].name])


@pytest.mark.parametrize("model", APPEND_ONLY, ids=label)
def test_python_refuses_to_delete(history: None, model: type[AppendOnlyModel]) -> None:
    with pytest.raises(AppendOnlyError):
        row_of(model).delete()
    with pytest.raises(AppendOnlyError):
        model.objects.all().delete()


def refused_in_sql(sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"never|must be current"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize("model", KEPT, ids=label)
def test_sql_refuses_to_change(history: None, model: type[ErasableModel]) -> None:
    row_of(model)
    refused_in_sql(f'UPDATE "{model._meta.db_table}" SET id = id')  # noqa: S608 - our own table names


@pytest.mark.parametrize("model", APPEND_ONLY, ids=label)
def test_sql_refuses_to_delete(history: None, model: type[AppendOnlyModel]) -> None:
    row_of(model)
    refused_in_sql(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 - our own table names
    if connection.vendor == "postgresql":
        # What is still to be checked at commit would get in the way of TRUNCATE itself.
        connection.check_constraints()
        refused_in_sql(f'TRUNCATE "{model._meta.db_table}" CASCADE')


@pytest.mark.parametrize("model", [model for model in KEPT if model not in APPEND_ONLY], ids=label)
def test_a_person_can_be_erased(history: None, model: type[ErasableModel]) -> None:
    row = row_of(model)
    if not isinstance(row, AuditEventDetail):
        record_erased(Attestation.objects.get())
    row.delete()


def record_erased(attestation: Attestation) -> None:
    """What erasing leaves behind: the event without which nothing is removed."""
    AttestationEvent.objects.create(
        attestation=attestation,
        kind="erased",
        at=timezone.now(),
        actor_kind="job",
        actor_name="Job",
    )


@pytest.mark.parametrize("model", [AttestationPerson, AttestationEventDetail, Evidence], ids=label)
def test_a_person_is_not_removed_without_saying_so(history: None, model: type[ErasableModel]) -> None:
    refused_in_sql(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 - our own table names


def test_nobody_is_put_in_the_place_of_an_erased_person(history: None) -> None:
    person = AttestationPerson.objects.get()
    record_erased(person.attestation)
    person.delete()
    person.pk, person._state.adding, person.first_name = None, True, "Mallory"
    with pytest.raises(DatabaseError, match="never comes back"), transaction.atomic():
        person.save()


@pytest.mark.parametrize("model", KEPT, ids=label)
def test_a_row_is_not_replaced(history: None, model: type[ErasableModel]) -> None:
    """SQLite's REPLACE, PostgreSQL's ON CONFLICT DO UPDATE: neither gets past the guards."""
    table, columns = model._meta.db_table, [field.column for field in row_of(model)._meta.concrete_fields]
    listed = ", ".join(f'"{column}"' for column in columns)
    copy = f'SELECT {listed} FROM "{table}" LIMIT 1'  # noqa: S608 - our own table names
    if connection.vendor == "postgresql":
        refused_in_sql(f'INSERT INTO "{table}" ({listed}) {copy} ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id')
        return
    refused_in_sql(f'REPLACE INTO "{table}" ({listed}) {copy}')
    with connection.cursor() as cursor:
        # A connection of somebody else's, which has not asked for recursive triggers.
        cursor.execute("PRAGMA recursive_triggers=OFF")
    refused_in_sql(f'REPLACE INTO "{table}" ({listed}) {copy}')


def test_every_trigger_is_in_the_engines_catalogue(db: None) -> None:
    complaints = missing_triggers()
    assert not complaints, report(complaints)
    assert len(triggers.expected(connection)) >= 2 * len(APPEND_ONLY)


def test_the_guard_complains_about_a_missing_trigger(db: None) -> None:
    trigger = triggers.expected(connection)[0]
    on = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{trigger.name}"{on}')
    (complaint,) = missing_triggers()
    assert trigger.name in complaint
    assert "manage.py migrate" in complaint


def test_a_trigger_that_is_switched_off_counts_as_missing(db: None) -> None:
    """SQLite cannot switch triggers off; there, replacing one by another name is the nearest thing."""
    trigger = triggers.expected(connection)[0]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f'ALTER TABLE "{trigger.table}" DISABLE TRIGGER "{trigger.name}"')
        else:
            cursor.execute(f'DROP TRIGGER "{trigger.name}"')
            cursor.execute(
                f'CREATE TRIGGER "{trigger.name}_off" BEFORE UPDATE ON "{trigger.table}" BEGIN SELECT 1; END'
            )
    assert len(missing_triggers()) == 1


def widened(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    wider = field.clone()
    wider.set_attributes_from_name(field.name)
    wider.model = field.model
    wider.max_length = (field.max_length or 0) + 1
    return wider


def alter(model: type[models.Model], old: models.Field[Any, Any], new: models.Field[Any, Any]) -> None:
    """What `migrate` does for a migration with one AlterField, up to the step after it."""
    emit_pre_migrate_signal(0, False, "default", plan=[(Migration("sample", "customers"), False)])
    with connection.schema_editor() as editor:
        editor.alter_field(model, old, new)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", GUARDED, ids=label)
def test_triggers_are_back_after_a_migration_remade_the_table(model: type[models.Model]) -> None:
    field = next(f for f in model._meta.concrete_fields if type(f) is models.CharField and f.max_length)
    wider = widened(field)
    try:
        alter(model, field, wider)
        lost = missing_triggers()
        # Negative control: SQLite makes the table anew and forgets its triggers; that is why the step exists.
        assert bool(lost) is (connection.vendor == "sqlite")
        call_command("migrate", verbosity=0)
        complaints = missing_triggers()
        assert not complaints, report(complaints)
    finally:
        alter(model, wider, field)
        call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_without_making_way_sqlite_could_not_remake_what_other_triggers_read() -> None:
    """Negative control of the step before a migration; PostgreSQL has no such trouble."""
    field = Attestation._meta.get_field("door")
    wider = widened(field)
    is_sqlite = connection.vendor == "sqlite"
    refused = pytest.raises(OperationalError, match="error in trigger") if is_sqlite else nullcontext()
    with refused, connection.schema_editor() as editor:
        editor.alter_field(Attestation, field, wider)
    if not is_sqlite:
        alter(Attestation, wider, field)
    complaints = missing_triggers()
    assert not complaints, report(complaints)
