"""Sheets on their way in, as tests need them."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.management.commands.db_worker import Worker

from agreements.tasks import take_step
from customers.models import CustomerImport, ImportRow, ImportStatus
from portal.partners.models import Membership, Partner, User

Rows = Sequence[Sequence[str]]
MICROSOFT = ("Microsoft ID", "Company name", "Primary domain name", "Relationship")
FULL = (
    "Company name|Primary domain name|Country|Address line 1|City|Postal code|First name|Last name|Email address|"
    "Agreement acceptance date|How we know"
).split("|")


def csv_of(header: Sequence[str], rows: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def full_row(number: int, **changed: str) -> list[str]:
    """A row below FULL that every rule accepts, without an acceptance; changed: by the header's words."""
    said = {
        "Company name": f"Imported {number} GmbH",
        "Primary domain name": f"imported{number}.example.com",
        "Country": "Germany",
        "Address line 1": "Hauptstraße 1",
        "City": "Berlin",
        "Postal code": "10115",
        "First name": "Käthe",
        "Last name": "Groß",
        "Email address": f"kaethe@imported{number}.example",
        "Agreement acceptance date": "",
        "How we know": "",
    }
    said |= {name.replace("_", " ").capitalize(): value for name, value in changed.items()}
    return [said[name] for name in FULL]


def CustomerImportFactory(*, partner: Partner, owner: User, **fields: Any) -> CustomerImport:
    """An uploaded sheet of one row."""
    header = ["Company name", "Primary domain name"]
    content = csv_of(header, [["Uploaded", "uploaded.example.com"]])
    sheet = CustomerImport(partner=partner, owner=owner, file_name="customers.csv", header=header, **fields)
    sheet.file.save(uuid4().hex, ContentFile(content), save=False)
    sheet.save()
    ImportRow.objects.create(partner=partner, sheet=sheet, number=2, cells=["Uploaded", "uploaded.example.com"])
    return sheet


def upload(client: Client, content: bytes, *, name: str = "customers.csv", key: str = "", **extra: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/customers/imports/", {"file": file, "submit_key": key or uuid4().hex, **extra})


def uploaded(client: Client, header: Sequence[str], rows: Rows) -> CustomerImport:
    """A sheet that went through the upload page."""
    response = upload(client, csv_of(header, rows))
    assert response.status_code == 302, response.content.decode()
    return CustomerImport.objects.get(pk=response["Location"].split("/")[3])


def map_columns(client: Client, sheet: CustomerImport, **changed: str) -> Any:
    """Send the columns' page as it was guessed, with the given answers changed."""
    form = client.get(f"/customers/imports/{sheet.pk}/columns/").context["form"]
    answers = {name: form[name].value() or "" for name in form.fields}
    return client.post(f"/customers/imports/{sheet.pk}/columns/", {**answers, **changed})


def work(sheet: CustomerImport, *, most: int = 1000) -> CustomerImport:
    """Take the steps that are waiting, as the worker would."""
    for _ in range(most):
        sheet = CustomerImport.objects.select_related("partner", "owner").get(pk=sheet.pk)
        if sheet.status not in (ImportStatus.CHECKING, ImportStatus.COMMITTING):
            break
        take_step(sheet)
    return sheet


def run_queue() -> None:
    """The portal's own worker, until nothing is due. Needs `django_db(transaction=True)`."""
    Worker(
        queue_names=["bulk"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=uuid4().hex,
    ).run()


def checked(client: Client, header: Sequence[str], rows: Rows, **mapping: str) -> CustomerImport:
    sheet = uploaded(client, header, rows)
    response = map_columns(client, sheet, **mapping)
    assert response.status_code == 302, response.context["form"].errors
    return work(sheet)


def commit(client: Client, sheet: CustomerImport, key: str = "") -> Any:
    return client.post(f"/customers/imports/{sheet.pk}/commit/", {"submit_key": key or uuid4().hex})


def imported(member: Membership, client: Client, header: Sequence[str], rows: Rows) -> CustomerImport:
    sheet = checked(client, header, rows)
    commit(client, sheet)
    return work(sheet)
