"""An archive of evidence with everything in it, and the program that verifies it, run as whoever gets it would."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.exports import program
from agreements.services import confirm_acceptance, erase_person, withdraw_acceptance
from agreements.tests.factories import acceptance, accepted_directly, confirmed, file_of, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor
from portal.partners.models import Partner
from portal.partners.tests.factories import PartnerFactory

EXPORT = reverse("agreements:export_evidence")


def filled(partner: Partner, by: Actor) -> None:
    """Every kind of entry: records, a correction, a withdrawal, disputes, files, an erased person, direct ones."""
    companies = [CustomerFactory(partner=partner, company_name=f"Company {number}") for number in range(4)]
    first = [confirmed(company, by, person=person(last_name=f"Nowak-{n}")) for n, company in enumerate(companies)]
    wrong = acceptance(person=person(first_name="Łucja"), correction_of=first[0].reference, reason_note="Wrong name")
    confirm_acceptance(by=by, customer=companies[0], acceptance=wrong)
    withdraw_acceptance(by=by, customer=companies[1], attestation=first[1], reason="Wrong company")
    file_of(first[2])
    file_of(first[2], "second.pdf", b"%PDF-1.7 second")
    file_of(first[3], "gone.pdf", b"%PDF-1.7 gone")
    erase_person(by=by, attestation=first[3], reason="Asked for by the person")
    accept_of(companies[2])


def accept_of(customer: Customer, **changed: Any) -> Any:
    """The customer's own acceptance, of a relationship that it accepted."""
    customer.relationship_accepted_at = timezone.now()
    customer.save(update_fields=["relationship_accepted_at"])
    return accepted_directly(customer, **changed)


def archive_of(client: Client, first: Any = None, last: Any = None) -> bytes:
    # Where the partner is, which is a day ahead of UTC for an hour or two.
    today = PartnerFactory.build().today
    period = {"first": first or today - timedelta(days=1), "last": last or today}
    answer = client.post(EXPORT, period)
    assert answer.status_code == 200, answer.content
    assert answer.get("Content-Disposition", "").startswith("attachment"), answer.content.decode()
    return b"".join(answer.streaming_content)


def unpacked(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def lines_of(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


def run_program(folder: Path, export: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit code and verdict of the program as it is handed out, in a Python that sees nothing of the portal."""
    file = folder / "verify_evidence.py"
    file.write_bytes(program())
    command = [sys.executable, "-I", str(file), str(export), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)
