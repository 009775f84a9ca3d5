"""E4: a signer's personal data is erased; the chain verifies, the record says so, and the receipt still proves it."""

import hashlib
import json
import re
from collections.abc import Callable

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from agreements.models import Attestation, AttestationEvent, AttestationPerson, Receipt
from agreements.services import dispute_acceptance, erase_person, take_dispute_back
from agreements.tests.factories import confirmed
from customers.models import Customer
from portal.audit import triggers
from portal.audit.appendonly import AppendOnlyError
from portal.audit.models import AuditEventDetail, ChainEntry
from portal.common.actor import Actor, ActorKind, Door
from portal.jobs.tests.workers import work
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
THE_PERSON = Actor(kind=ActorKind.CUSTOMER, name="Zofia Wiśniewska", door=Door.CUSTOMER_PAGE)


def every_text() -> str:
    """All that the database holds of anything, read past the models."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            texts += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(texts)


@pytest.mark.scenario("E4")
@pytest.mark.django_db(transaction=True)
def test_the_person_is_gone_and_the_proof_is_not(
    customer: Customer,
    admin_agent: Membership,
    client_of: ClientOf,
    actor_for: Act,
    mailoutbox: list[EmailMultiAlternatives],
) -> None:
    eraser = actor_for(admin_agent)
    record = confirmed(customer, eraser, evidence_note="Call with Zofia Wiśniewska")
    work()
    mail = str(mailoutbox[-1].body)
    receipt = Receipt.objects.get(attestation=record)
    dispute_acceptance(by=THE_PERSON, receipt=receipt, reason="I, Zofia Wiśniewska, was away")
    take_dispute_back(by=THE_PERSON, receipt=receipt)
    assert "Wiśniewska" in every_text()

    erase_person(by=eraser, attestation=record, reason="Asked for it")

    left = [line for line in every_text().splitlines() if re.search("(?i)Wiśniewska|wisniewska|zofia@customer", line)]
    # A contact is current business; the page says that it stays.
    assert {line.split(":")[0] for line in left} == {"customers_contact", "customers_customer"}
    call_command("verify_evidence")
    page = client_of(admin_agent).get(reverse("agreements:record", args=[customer.tenant_id, record.reference]))
    assert "The person's data was erased" in page.content.decode()
    assert proves(mail, record), "who holds the receipt still proves who it was"
    assert not proves(mail.replace("Wiśniewska", "Nowak").replace(r"\u015b", "s"), record), "and nobody else"


def proves(mail: str, record: Attestation) -> bool:
    """What the holder of a receipt does: two lines of it, hashed, against what the chain has said all along."""
    said = dict(re.findall(r"^(Salt|Text): (.+)$", mail, re.MULTILINE))
    digest = hashlib.sha256(f"{said['Salt']}\n{said['Text']}".encode()).hexdigest()
    entry = ChainEntry.objects.get(kind="attestation", subject=str(record.reference))
    person = json.loads(said["Text"])["v"]
    return json.loads(entry.payload)["person"] == digest and person["last_name"] == "Wiśniewska"


@pytest.mark.scenario("E4")
def test_negative_control_a_person_removed_without_a_word_is_found(customer: Customer) -> None:
    record = confirmed(customer)
    with pytest.raises(Exception, match="without the event"), transaction.atomic():
        AttestationPerson.objects.filter(attestation=record).delete()
    with triggers.lifted(connection):
        AttestationPerson.objects.filter(attestation=record).delete()
    with pytest.raises(CommandError, match="1 findings"):
        call_command("verify_evidence")


@pytest.mark.scenario("E4")
def test_nothing_that_says_so_can_be_taken_back(customer: Customer, admin_agent: Membership, actor_for: Act) -> None:
    record = confirmed(customer)
    erase_person(by=actor_for(admin_agent), attestation=record, reason="Asked for it")
    with pytest.raises(AppendOnlyError):
        AttestationEvent.objects.filter(attestation=record).delete()
    assert not AuditEventDetail.objects.filter(event__subject=str(record.reference)).exists()
