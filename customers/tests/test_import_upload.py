"""Uploading a sheet and saying what its columns are."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.imports import MappingForm
from customers.models import CustomerImport, ImportStatus
from customers.sheets.columns import Column, country_code, guess
from customers.tests.import_factories import (
    FULL,
    MICROSOFT,
    CustomerImportFactory,
    csv_of,
    full_row,
    map_columns,
    upload,
    uploaded,
    work,
)
from portal.common import uploads
from portal.common.tables import open_table, write_xlsx
from portal.common.tests.workbooks import workbook
from portal.partners.models import Membership

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]


@pytest.fixture
def client(admin_agent: Membership, client_of: SignIn) -> Client:
    return client_of(admin_agent)


def stored_files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_empty_sheet_has_every_column_and_is_understood(
    client_of: SignIn, admin_agent: Membership, form: str
) -> None:
    answer = client_of(admin_agent).get(reverse("customers:import_template"), {"as": form})
    header = open_table(BytesIO(b"".join(answer.streaming_content)), f"x.{form}").header
    assert {"Company name", "Microsoft ID"} <= set(header)
    asked = MappingForm(header=header, partner=admin_agent.partner)
    assert all(asked.initial[f"column_{number}"] for number in range(len(header)))


def test_an_upload_is_kept_under_a_name_of_our_own(client: Client) -> None:
    sheet = uploaded(client, FULL, [full_row(1), full_row(2)])
    assert (sheet.status, sheet.file_name, sheet.header) == (ImportStatus.UPLOADED, "customers.csv", FULL)
    (stored,) = stored_files()
    assert len(stored.name) == 32
    assert sheet.rows.count() == 2


@pytest.mark.scenario("S7")
@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\x00b.csv", "x\u202ecsv.exe", "<script>.csv", "n" * 900 + ".csv"]
)
def test_the_name_of_a_file_does_nothing(client: Client, name: str) -> None:
    response = upload(client, csv_of(FULL, [full_row(1)]), name=name)
    if response.status_code == 302:
        sheet = CustomerImport.objects.get()
        assert "/" not in sheet.file_name
        assert "\u202e" not in sheet.file_name
        page = client.get("/customers/imports/").content.decode()
        assert "<script>.csv" not in page
    assert all(path.parent.name == "imports" and path.name.isalnum() for path in stored_files())


@pytest.mark.scenario("S7")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 not a workbook", "damaged"),
        (b"%PDF-1.7 polyglot", "not a table"),
        (b"Company name,Primary domain name\r\n", "no rows below"),
        (b"Name,name\r\na,b\r\n", "Two columns are named"),
    ],
)
def test_what_is_no_table_is_refused_on_the_form(client: Client, content: bytes, words: str) -> None:
    response = upload(client, content, name="customers.xlsx")
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not CustomerImport.objects.exists()
    assert stored_files() == []


@pytest.mark.scenario("S7")
def test_a_file_that_is_too_large_never_reaches_the_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UPLOAD", 200_000)
    response = upload(client, b"x" * 500_000)
    assert "larger than 30 MB" in response.content.decode()
    assert not CustomerImport.objects.exists()
    assert stored_files() == []


def test_the_same_upload_twice_is_one_import(client: Client) -> None:
    content = csv_of(FULL, [full_row(1)])
    first, second = (upload(client, content, key="a" * 32) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert CustomerImport.objects.count() == 1
    assert len(stored_files()) == 1


def test_another_file_under_the_same_key_is_refused(client: Client) -> None:
    upload(client, csv_of(FULL, [full_row(1)]), key="a" * 32)
    response = upload(client, csv_of(FULL, [full_row(2)]), key="a" * 32)
    assert "sent before with other content" in response.content.decode()
    assert CustomerImport.objects.count() == 1


def test_microsofts_own_export_is_understood(client: Client) -> None:
    sheet = uploaded(
        client, MICROSOFT, [["8f4b6f8e-1d7c-4a57-9e0b-1f2a3b4c5d6e", "A company", "a.example.com", "Cloud Reseller"]]
    )
    map_columns(client, sheet)
    sheet.refresh_from_db()
    assert sheet.mapping == {"0": "microsoft_id", "1": "company_name", "2": "domain"}


def test_the_portals_own_export_is_understood(client: Client) -> None:
    """It tells when somebody accepted, but not how we know: that part is left out until somebody says otherwise."""
    header = "Name|Domain|Country|Agreement standing|Agreement acceptance date|Accepted by|Reseller|Microsoft ID|Tags"
    row = ["A company", "a.example.com", "Poland", "Accepted", "2026-01-01", "Zofia W", "", "", "Gold"]
    sheet = uploaded(client, header.split("|"), [row])
    assert map_columns(client, sheet).status_code == 302
    sheet.refresh_from_db()
    assert sheet.mapping == {"0": "company_name", "1": "domain", "2": "country", "7": "microsoft_id"}


def test_a_workbook_is_as_good_as_csv(client: Client) -> None:
    content = b"".join(write_xlsx("Customers", FULL, [full_row(1)]))
    assert upload(client, content, name="customers.xlsx").status_code == 302
    sheet = CustomerImport.objects.get()
    map_columns(client, sheet)
    assert work(sheet).valid_count == 1


def test_headers_are_guessed_in_any_case_once_each() -> None:
    guessed = guess(["ŻÓŁW", "COMPANY", "e-mail", "Tenant_ID", "Company name"], list(Column))
    assert guessed == {"1": "company_name", "2": "email", "3": "microsoft_id"}


@pytest.mark.parametrize(
    ("said", "code"), [("PL", "PL"), ("poland", "PL"), ("USA", "US"), ("Côte d'Ivoire", "CI"), ("Nowhere", "Nowhere")]
)
def test_countries_are_known_by_code_and_by_name(said: str, code: str) -> None:
    assert country_code(said) == code


def test_the_columns_that_are_needed_are_asked_for(client: Client) -> None:
    sheet = uploaded(client, ["One", "Two", "Three"], [["a", "b", "c"]])
    page = map_columns(client, sheet, column_2="email").content.decode()
    for words in ("that is the company name", "that is the primary domain name", "A primary contact needs"):
        assert words in page
    page = map_columns(client, sheet, column_0="domain", column_1="domain").content.decode()
    assert "Two columns are the primary domain name" in page


def test_the_columns_page_shows_the_first_rows_and_keeps_what_was_chosen(client: Client) -> None:
    sheet = uploaded(client, ["One", "Two"], [[f"name {n}", f"domain{n}.example"] for n in range(9)])
    page = client.get(f"/customers/imports/{sheet.pk}/columns/").content.decode()
    assert "name 4" in page
    assert "name 5" not in page
    form = map_columns(client, sheet, column_0="company_name", country="SE").context["form"]
    assert form["column_0"].value() == "company_name"
    assert form["country"].value() == "SE"


def test_a_direct_partner_is_not_asked_for_a_reseller(client: Client, provider: Any, client_of: SignIn) -> None:
    sheet = uploaded(client, ["Company name", "Domain", "Reseller"], [["A co", "a.example.com", "x"]])
    form = client.get(f"/customers/imports/{sheet.pk}/columns/").context["form"]
    assert form["column_2"].value() is None


def test_strangers_get_nothing(stranger: Membership, admin_agent: Membership, client_of: SignIn) -> None:
    sheet = CustomerImportFactory(partner=admin_agent.partner, owner=admin_agent.user)
    client = client_of(stranger)
    for page in ("", "columns/", "to-correct/"):
        assert client.get(f"/customers/imports/{sheet.pk}/{page}").status_code == 404
    for action in ("commit/", "discard/"):
        assert client.post(f"/customers/imports/{sheet.pk}/{action}").status_code == 404
    assert "customers.csv" not in client.get("/customers/imports/").content.decode()


def test_discarding_removes_file_and_rows(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    sheet = uploaded(client, FULL, [full_row(1)])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/customers/imports/{sheet.pk}/discard/")
    assert not CustomerImport.objects.exists()
    assert stored_files() == []


def test_a_workbook_that_has_a_row_twice_is_damaged(client: Client) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("Name", "contoso.com"))
    twice = workbook(f'<row r="1">{cells}</row><row r="2">{cells}</row><row r="2">{cells}</row>')
    response = upload(client, twice, name="customers.xlsx")
    assert response.status_code == 200
    assert "The file is damaged or not a table" in response.content.decode()
    assert stored_files() == []


@pytest.mark.scenario("S7")
def test_many_files_at_once_take_no_more_than_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UPLOAD", 200_000)
    files = {f"other{number}": SimpleUploadedFile("a.csv", b"x" * 90_000) for number in range(3)}
    response = client.post("/customers/imports/", files)
    assert "larger than 30 MB" in response.content.decode()
