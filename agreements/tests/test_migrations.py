"""What 0003 kept of customers' people moves to where it can be erased, and the chain still covers it."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from agreements.models import Attestation, AttestationEvent, AttestationPerson
from portal.audit import triggers
from portal.audit.models import AuditEvent

AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
PERSON = {
    "first_name": "Zofia",
    "last_name": "Wiśniewska",
    "email": "zofia@customer.example",
    "phone": "+48 22 123 45 67",
    "evidence_note": "",
    "reason_note": "",
}
CAME = {"actor_kind": "customer", "actor_name": "Zofia Wiśniewska", "door": "customer_page"}
AGENT = {"actor_kind": "agent", "actor_name": "Ada Admin", "door": "account_info"}


def apps_of(*targets: tuple[str, str]) -> Any:
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.mark.django_db(transaction=True)
def test_names_and_words_move_beside_the_record() -> None:
    call_command("migrate", "agreements", "0003", verbosity=0)
    call_command("migrate", "audit", "0001", verbosity=0)
    try:
        # Today's guards speak of columns that the earlier release did not have.
        with triggers.lifted(connection):
            fill(apps_of(("agreements", "0003_invitations"), ("audit", "0001_initial")))
    finally:
        call_command("migrate", verbosity=0)
    record = Attestation.objects.select_related("person").get()
    assert (record.actor_name, record.recorded_by) == ("", "Zofia Wiśniewska")
    assert record.person.fits_record
    assert record.person.phone.as_e164 == "+48221234567"
    disputed, resolved = AttestationEvent.objects.select_related("detail").order_by("at")
    assert (disputed.actor_name, disputed.who, disputed.reason) == ("", "Zofia Wiśniewska", "Not me")
    assert (resolved.actor_name, resolved.who, resolved.reason) == ("Ada Admin", "Ada Admin", "It was")
    assert {disputed.detail.salt, resolved.detail.salt} == {"5" * 64}, "the chain covers them with the person's salt"
    bare, told, agents = AuditEvent.objects.select_related("detail").order_by("id")
    assert (bare.actor_name, bare.who) == (told.actor_name, told.who) == ("", "Zofia Wiśniewska")
    assert (told.detail.salt, told.detail.values) == ("7" * 64, {"email": [None, "zofia@customer.example"]})
    assert (agents.actor_name, hasattr(agents, "detail")) == ("Ada Admin", False)
    assert triggers.installed(connection) >= {trigger.name for trigger in triggers.expected(connection)}


def fill(old: Any) -> None:
    tenant = old.get_model("customers", "Tenant").objects.create(id=uuid.uuid4(), domain="lodz.onmicrosoft.com")
    template = old.get_model("agreements", "AgreementTemplate").objects.create(
        type="MicrosoftCustomerAgreement", template_id=uuid.uuid4(), version="1", effective_on=date(2020, 1, 1)
    )
    document = old.get_model("agreements", "AgreementDocument").objects.create(
        template=template, country="PL", language="en-US", sha256="a" * 64, file="x.txt"
    )
    record = old.get_model("agreements", "Attestation").objects.create(
        tenant=tenant,
        scope=0,
        agreement_type="MicrosoftCustomerAgreement",
        document=document,
        method="customer_direct",
        evidence_kind="portal",
        agreed_on=AT.date(),
        # As earlier releases did where the primary contact signed: over the number as it is shown.
        person_digest=AttestationPerson.digest("5" * 64, PERSON),
        recorded_at=AT,
        recorded_on=AT.date(),
        time_zone="UTC",
        **CAME,
    )
    old.get_model("agreements", "AttestationPerson").objects.create(
        attestation=record, salt="5" * 64, **{**PERSON, "phone": "+48221234567"}
    )
    events = old.get_model("agreements", "AttestationEvent").objects
    events.create(attestation=record, kind="disputed", reason="Not me", at=AT, **CAME)
    events.create(attestation=record, kind="dispute_resolved", reason="It was", at=AT.replace(hour=8), **AGENT)
    log = old.get_model("audit", "AuditEvent").objects
    log.create(at=AT, code="agreements.invitation_opened", **CAME)
    told = log.create(at=AT, code="agreements.acceptance_recorded", **CAME)
    log.create(at=AT, code="agreements.customer_invited", **AGENT)
    old.get_model("audit", "AuditEventDetail").objects.create(
        event=told, salt="7" * 64, values={"email": [None, "zofia@customer.example"]}
    )
