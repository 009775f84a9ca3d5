"""What the check of a sheet's rows finds, and how it tells."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.tasks import queue_step, take_step
from customers.models import CustomerImport, ImportRow, ImportStatus
from customers.services import position_of, store_checked
from customers.tests.factories import CustomerFactory, TenantFactory
from customers.tests.import_factories import (
    FULL,
    MICROSOFT,
    checked,
    full_row,
    map_columns,
    run_queue,
    upload,
    uploaded,
    work,
)
from portal.common.tables import open_table
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
ID = "8f4b6f8e-1d7c-4a57-9e0b-1f2a3b4c5d6e"


@pytest.fixture
def client(admin_agent: Membership, client_of: SignIn) -> Client:
    return client_of(admin_agent)


def statuses(sheet: CustomerImport) -> list[str]:
    return list(sheet.rows.order_by("number").values_list("status", flat=True))


def problems(sheet: CustomerImport) -> dict[str, str]:
    """Column -> message of the sheet's last row."""
    row = ImportRow.objects.filter(sheet=sheet).latest("number")
    return dict(row.problems)


def test_rows_that_every_rule_accepts_are_ready(client: Client) -> None:
    sheet = checked(client, FULL, [full_row(1), full_row(2)])
    assert (sheet.status, sheet.read_count, sheet.checked_count, sheet.valid_count) == (ImportStatus.CHECKED, 2, 2, 2)
    assert list(sheet.rows.order_by("number").values_list("number", flat=True)) == [2, 3]
    page = client.get(f"/customers/imports/{sheet.pk}/").content.decode()
    assert "Import 2 customers" in page


@pytest.mark.parametrize(
    ("changed", "column", "words"),
    [
        ({"company_name": ""}, "company_name", "Enter the company name"),
        ({"company_name": "GmbH"}, "company_name", "not only its legal form"),
        ({"primary_domain_name": ""}, "domain", "Enter the primary domain name"),
        ({"primary_domain_name": "contoso"}, "domain", "Enter the domain in full"),
        ({"primary_domain_name": "deleted-1.invalid"}, "domain", "really uses"),
        ({"country": "Atlantis"}, "country", "Choose one of the listed answers"),
        ({"city": ""}, "city", "Enter the city"),
        ({"postal_code": "1"}, "postal_code", "Check the postal code"),
        ({"email_address": "nobody"}, "email", "correct format"),
        ({"last_name": ""}, "last_name", "Enter the last name"),
        ({"email_address": "a@microsoft.com"}, "email", "microsoft.com"),
    ],
)
def test_what_the_screens_refuse_is_refused_in_their_words(
    client: Client, changed: dict[str, str], column: str, words: str
) -> None:
    sheet = checked(client, FULL, [full_row(1, **changed)])
    assert statuses(sheet) == ["wrong"]
    assert words in problems(sheet)[column]


def test_a_contact_is_all_or_nothing(client: Client) -> None:
    nobody = {"first_name": "", "last_name": "", "email_address": ""}
    assert statuses(checked(client, FULL, [full_row(1, **nobody)])) == ["valid"]
    assert statuses(checked(client, FULL, [full_row(1, **nobody | {"first_name": "Käthe"})])) == ["wrong"]


def test_without_columns_for_it_no_address_is_asked(client: Client) -> None:
    """Microsoft's own export has none; the partner's country asks for both address and registration number."""
    rows = [[ID, "A company", "a.example.com", "Cloud Reseller"], ["", "B company", "b.onmicrosoft.com", ""]]
    sheet = checked(client, MICROSOFT, rows)
    assert statuses(sheet) == ["valid", "valid"]


def test_a_country_that_demands_a_registration_number_gets_it_where_there_is_a_column(client: Client) -> None:
    header = ["Company name", "Domain", "Registration number"]
    sheet = checked(client, header, [["Firma", "a.example.com", ""]])
    assert "registration_number" in problems(sheet)
    assert statuses(checked(client, header, [["Firma", "a.example.com", "5260250274"]])) == ["valid"]


def test_states_may_be_named(client: Client) -> None:
    header = ["Company name", "Domain", "Country", "Address", "City", "State", "Zip"]
    row = ["Orchards", "a.example.com", "United States", "410 Orchard Road", "Wenatchee", "Washington", "98801"]
    assert statuses(checked(client, header, [row])) == ["valid"]


def test_the_same_company_twice_in_a_sheet(client: Client) -> None:
    twice = [[ID, "One", "a.example.com", ""], ["", "Two", "A.example.com", ""], [ID, "Three", "c.example.com", ""]]
    sheet = checked(client, MICROSOFT, twice)
    assert statuses(sheet) == ["valid", "wrong", "wrong"]
    assert "Row 2 has the same" in problems(sheet)["microsoft_id"]


def test_own_customers_are_known(client: Client, admin_agent: Membership) -> None:
    known = CustomerFactory(partner=admin_agent.partner)
    rows = [[str(known.tenant_id), "Known", known.tenant.domain, ""]]
    sheet = checked(client, MICROSOFT, rows)
    assert statuses(sheet) == ["known"]
    assert sheet.rows.get().customer == known
    page = client.get(f"/customers/imports/{sheet.pk}/").content.decode()
    assert f"/customers/{known.tenant_id}/account/" in page
    assert "No row can be imported" in page


def test_a_domain_under_another_microsoft_id_is_wrong(client: Client) -> None:
    tenant, other = TenantFactory(), TenantFactory()
    rows = [[ID, "A co", tenant.domain, ""], [str(other.pk), "B co", "new.example.com", ""]]
    sheet = checked(client, MICROSOFT, rows)
    assert statuses(sheet) == ["wrong", "wrong"]
    assert "do not belong to the same company" in problems(sheet)["domain"]


def test_another_partners_customer_is_as_valid_as_a_new_one(client: Client) -> None:
    elsewhere = CustomerFactory(company_name="Secret Canary GmbH")
    rows = [[str(elsewhere.tenant_id), "A co", elsewhere.tenant.domain, ""], ["", "B co", "new.example.com", ""]]
    sheet = checked(client, MICROSOFT, rows)
    assert statuses(sheet) == ["valid", "valid"]
    page = client.get(f"/customers/imports/{sheet.pk}/?status=valid").content.decode()
    assert "Canary" not in page
    assert elsewhere.partner.name not in page


def test_a_provider_names_its_resellers(provider: Any, client_of: SignIn) -> None:
    client = client_of(MembershipFactory(partner=provider, roles=["admin_agent"]))
    link = PartnerLinkFactory(provider=provider, reseller__name="Łódź Reseller")
    header = ["Company name", "Domain", "Reseller"]
    rows = [["A co", "a.example.com", "lodz reseller"], ["B co", "b.example.com", str(link.reseller.tenant_id)]]
    assert statuses(checked(client, header, rows)) == ["valid", "valid"]
    sheet = checked(client, header, [["A co", "a.example.com", "Somebody"]])
    assert "indirect resellers" in problems(sheet)["reseller"]


def test_the_rows_to_correct_come_back_as_they_were_with_what_is_wrong(client: Client) -> None:
    header = ["Company name", "Domain", "Problem", "Remark"]
    rows = [["Fine", "a.example.com", "", "x"], ["=1+1", "bad", "old words", '=cmd|"/c calc"!A1']]
    sheet = checked(client, header, rows)
    response = client.get(f"/customers/imports/{sheet.pk}/to-correct/")
    content = b"".join(response)
    assert "attachment" in response["Content-Disposition"]
    told = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert told[0] == ["Company name", "Domain", "Remark", "Problem"]
    assert told[1][:3] == ["'=1+1", "bad", '\'=cmd|"/c calc"!A1']
    assert "Domain: Enter the domain in full" in told[1][3]
    again = upload(client, content, name="fixed.csv")
    fixed = CustomerImport.objects.get(pk=again["Location"].split("/")[3])
    assert fixed.rows.get().cells[:3] == ["=1+1", "bad", '=cmd|"/c calc"!A1']
    form = client.get(again["Location"]).context["form"]
    assert form["column_3"].value() is None


def test_the_rows_to_correct_as_a_workbook(client: Client) -> None:
    sheet = checked(client, FULL, [full_row(1, city="")])
    content = b"".join(client.get(f"/customers/imports/{sheet.pk}/to-correct/?as=xlsx"))
    table = open_table(io.BytesIO(content), "x.xlsx")
    assert table.header[-1] == "Problem"
    ((_number, cells),) = table.rows()
    assert cells[:2] == ["Imported 1 GmbH", "imported1.example.com"]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_read_to_its_end_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = uploaded(client, ["Company name", "Domain"], [[f"C {n}", f"c{n}.example.com"] for n in range(30)])
    monkeypatch.setattr("portal.common.tables.reading.MAX_ROWS", 10)
    monkeypatch.setattr("agreements.tasks.open_table", _only_ten)
    client.post(
        f"/customers/imports/{sheet.pk}/columns/", {"column_0": "company_name", "column_1": "domain", "country": "PL"}
    )
    run_queue()
    sheet.refresh_from_db()
    assert sheet.status == ImportStatus.FAILED
    page = client.get(f"/customers/imports/{sheet.pk}/").content.decode()
    assert "Split it into several files" in page
    assert "Change the columns" in page


def _only_ten(file: Any, name: str) -> Any:
    return open_table(file, name, max_rows=10)


def test_naming_the_columns_anew_checks_all_rows_anew(client: Client) -> None:
    sheet = checked(client, ["Company name", "Domain", "Other"], [["A co", "bad", "good.example.com"]])
    assert statuses(sheet) == ["wrong"]
    answers = {"column_0": "company_name", "column_1": "", "column_2": "domain", "country": "PL"}
    client.post(f"/customers/imports/{sheet.pk}/columns/", answers)
    sheet = work(sheet)
    assert (sheet.status, sheet.read_count, statuses(sheet)) == (ImportStatus.CHECKED, 1, ["valid"])


def test_progress_is_asked_for_every_second_and_shown_without_scripts(client: Client) -> None:
    sheet = uploaded(client, ["Company name", "Domain"], [["A co", "a.example.com"]])
    client.post(
        f"/customers/imports/{sheet.pk}/columns/", {"column_0": "company_name", "column_1": "domain", "country": "PL"}
    )
    page = client.get(f"/customers/imports/{sheet.pk}/").content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert "Reading the file" in page
    assert "Show how far it is" in page
    work(sheet, most=1)
    assert "0 of 1 rows" in client.get(f"/customers/imports/{sheet.pk}/").content.decode()
    work(sheet)
    assert "hx-trigger" not in client.get(f"/customers/imports/{sheet.pk}/").content.decode()


@pytest.mark.parametrize("place", ["abc", "-1", "9" * 30, "²", "1' OR 1=1"])
def test_crafted_places_in_the_rows_do_no_harm(client: Client, place: str) -> None:
    sheet = checked(client, FULL, [full_row(1)])
    assert client.get(f"/customers/imports/{sheet.pk}/", {"after": place}, follow=True).status_code == 200


def test_pages_cost_the_same_for_many_rows(client: Client) -> None:
    def queries(count: int) -> int:
        rows = [["", f"Company {n}", f"d{count}x{n}", ""] for n in range(count)]
        sheet = checked(client, MICROSOFT, rows)
        client.get(f"/customers/imports/{sheet.pk}/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/customers/imports/{sheet.pk}/")
        return len(captured)

    assert queries(1) == queries(120) <= 12


def test_all_rows_are_seen_page_by_page(client: Client) -> None:
    sheet = checked(client, MICROSOFT, [["", f"Company {n}", f"d{n}", ""] for n in range(120)])
    seen, url = [], "?"
    while url:
        page = client.get(f"/customers/imports/{sheet.pk}/{url}").context["page"]
        seen += [row.number for row in page.rows]
        url = page.next_url
    assert seen == list(range(2, 122))


def test_reading_goes_on_where_it_stopped(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agreements.tasks.ROWS_READ", 10)
    rows = [["", f"Company {n}", f"d{n % 30}.example.com", ""] for n in range(35)]
    sheet = uploaded(client, MICROSOFT, rows)
    client.post(
        f"/customers/imports/{sheet.pk}/columns/",
        {"column_1": "company_name", "column_2": "domain", "country": "PL"},
    )
    calls = 0
    from agreements import tasks

    original = tasks.store_rows

    def dies(**said: Any) -> str | None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return original(**said)

    monkeypatch.setattr(tasks, "store_rows", dies)
    with pytest.raises(KeyboardInterrupt):
        work(sheet)
    sheet.refresh_from_db()
    assert (sheet.read_count, sheet.is_read) == (20, False)
    sheet = work(sheet)
    assert (sheet.read_count, sheet.valid_count) == (35, 30)
    assert list(sheet.rows.order_by("number").values_list("number", flat=True)) == list(range(2, 37))


def test_a_domain_that_is_too_long_once_it_is_spelled_out_stops_no_other_row(client: Client) -> None:
    sheet = checked(
        client, MICROSOFT[1:3], [["Fine", "fine.example.com"], ["Long", "ü." * 30 + "example.com"]], country="DE"
    )
    assert statuses(sheet) == ["valid", "wrong"]
    assert "at most 100 characters" in problems(sheet)["domain"]


def test_a_check_that_columns_named_anew_overtook_changes_nothing(client: Client) -> None:
    """A step may find the sheet where it began although all its rows were read anew meanwhile."""
    sheet = checked(client, MICROSOFT[1:3], [["Contoso", "contoso.example.com"]], country="DE")
    map_columns(client, sheet)
    at_check = CustomerImport.objects.select_related("partner").get(pk=sheet.pk)
    take_step(at_check)
    slow = list(sheet.rows.filter(status="read"))
    position = position_of(CustomerImport.objects.get(pk=sheet.pk))
    map_columns(client, sheet)
    take_step(CustomerImport.objects.select_related("partner").get(pk=sheet.pk))
    assert position_of(CustomerImport.objects.get(pk=sheet.pk)) == position
    for row in slow:
        row.status = "valid"
    store_checked(sheet_id=sheet.pk, position=position, rows=slow, queue=queue_step)
    assert statuses(sheet) == ["read"]
    sheet = work(sheet)
    assert (sheet.status, sheet.valid_count, statuses(sheet)) == (ImportStatus.CHECKED, 1, ["valid"])


def test_a_name_that_two_resellers_have_tells_neither(provider: Any, client_of: SignIn) -> None:
    client = client_of(MembershipFactory(partner=provider, roles=["admin_agent"]))
    first, second = (PartnerLinkFactory(provider=provider).reseller for _ in range(2))
    type(first).objects.filter(pk__in=[first.pk, second.pk]).update(name="Twin Resale")
    header = ["Company name", "Domain", "Reseller"]
    named = [["A co", "a.example.com", "TWIN resale"], ["B co", "b.example.com", str(second.tenant_id)]]
    sheet = checked(client, header, named)
    assert statuses(sheet) == ["wrong", "valid"]
    assert "Enter its Microsoft ID" in str(sheet.rows.get(number=2).problems)
