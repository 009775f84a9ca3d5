"""Export: exactly the customers that were asked for, with their acceptance, as a file that harms nobody."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import openpyxl
import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.services import withdraw_acceptance
from agreements.tests.factories import TemplateFactory, accepted_directly, confirmed, job_actor, person
from customers import exports, services
from customers.listing import COLUMNS, ListQuery
from customers.models import Customer, CustomerTag, ListColumns, SavedView, Tag
from customers.services import log_export
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted
from portal.common.folding import fold
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

Act = Callable[..., Actor]
ClientOf = Callable[[Membership], Client]
EXPORT, LIST = reverse("customers:export"), reverse("customers:list")
# OWASP's list, and what spreadsheets of other scripts take for a formula.
FORMULAS = [
    '=HYPERLINK("https://evil.example","Contoso")',
    "=cmd|' /C calc'!A0 Ltd",
    "+48 Contoso",
    "-2+3 Contoso",
    "@SUM(1+1) Contoso",
    "＝1+1 Contoso",
    "Contoso;=1+1",
    "  =1+1 Contoso",
]


@pytest.fixture
def client(client_of: ClientOf, admin_agent: Membership) -> Client:
    return client_of(admin_agent)


def body(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def csv_rows(response: Any) -> list[dict[str, str]]:
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def exported(client: Client, query: str = "", **posted: Any) -> list[dict[str, str]]:
    return csv_rows(client.post(f"{EXPORT}?{query}", {"format": "csv", **posted}))


def names(rows: list[dict[str, str]]) -> list[str]:
    return [row["Name"] for row in rows]


def for_renewal(day: date) -> None:
    """A new version of the agreement: what was agreed before its day no longer covers."""
    TemplateFactory(effective_on=day, renew_before=day, renewal_enforced_on=day)


def test_holds_the_customers_with_their_acceptance(
    client: Client, customer: Customer, admin_agent: Membership
) -> None:
    confirmed(customer, agreed_on=date(2024, 2, 29), person=person(first_name="Jan", last_name="Nowak"))
    CustomerFactory(partner=customer.partner, company_name="Ohne")
    rows = exported(client)
    assert rows[0] == {
        "Microsoft ID": rows[0]["Microsoft ID"],
        "Name": "Ohne",
        "Domain": rows[0]["Domain"],
        "Agreement standing": "Not provided",
        "Agreement acceptance date": "",
        "Accepted by": "",
        "Agreement version": "",
        "Recorded by": "",
        "Country": "Poland",
        "Reseller": "",
        "Subscriptions": "0",
        "Updated": customer.partner.today.isoformat(),
    }
    assert rows[1]["Microsoft ID"] == str(customer.tenant_id)
    assert rows[1]["Name"] == "Żabka Nowa Sp. z o.o."
    assert rows[1]["Agreement standing"] == "Accepted"
    assert rows[1]["Agreement acceptance date"] == "2024-02-29"
    assert rows[1]["Accepted by"] == "Jan Nowak"
    assert rows[1]["Agreement version"] == "2019-10"
    assert rows[1]["Recorded by"] == "Test"


def test_the_partners_own_record_comes_before_the_customers(client: Client, customer: Customer) -> None:
    accepted_directly(customer, agreed_on=date(2024, 5, 1), person=person(first_name="Direct"))
    assert exported(client)[0]["Accepted by"].startswith("Direct")
    record = confirmed(customer, agreed_on=date(2023, 1, 1), person=person(first_name="Own"))
    assert exported(client)[0]["Accepted by"].startswith("Own")
    for_renewal(date(2024, 1, 1))
    row = exported(client)[0]
    assert (row["Agreement standing"], row["Agreement acceptance date"]) == ("Accepted", "2024-05-01")
    for_renewal(date(2024, 6, 1))
    row = exported(client)[0]
    assert (row["Agreement standing"], row["Accepted by"][:3]) == ("Renewal needed", "Own")
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=record, reason="Wrong customer")
    assert exported(client)[0]["Accepted by"].startswith("Direct")


def test_tells_nothing_of_another_partners_record(client: Client, customer: Customer) -> None:
    other = CustomerFactory(tenant=customer.tenant)
    confirmed(other, person=person(first_name="Canary"))
    row = exported(client)[0]
    assert (row["Agreement standing"], row["Accepted by"]) == ("Not provided", "")


def test_who_only_claims_a_relationship_learns_of_no_direct_acceptance(client: Client, customer: Customer) -> None:
    accepted_directly(CustomerFactory(tenant=customer.tenant), person=person(first_name="Canary"))
    Customer.objects.filter(pk=customer.pk).update(relationship_accepted_at=None, direct_on=None)
    row = exported(client)[0]
    assert (row["Agreement standing"], row["Accepted by"], row["Agreement acceptance date"]) == (
        "Not provided",
        "",
        "",
    )


@pytest.mark.scenario("S4")
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_in_a_name_stays_text(client: Client, customer: Customer, name: str) -> None:
    """Company names that a spreadsheet would run come out as text in CSV and XLSX."""
    Customer.objects.update(company_name=name)
    Tag.objects.create(partner=customer.partner, name="=1+1", name_key="=1+1")
    (row,) = exported(client)
    assert not any(part.lstrip()[:1] in [*"=+-@＝＋－＠"] for part in row["Name"].split(";"))
    assert row["Name"].replace("'", "") == name.replace("'", "")
    book = openpyxl.load_workbook(io.BytesIO(body(client.post(EXPORT, {"format": "xlsx"}))))
    cell = book.active.cell(2, 2)
    assert (cell.data_type, cell.value) == ("s", name)


def test_an_excel_workbook_has_dates_and_numbers(client: Client, customer: Customer) -> None:
    confirmed(customer, agreed_on=date(2024, 2, 29))
    answer = client.post(EXPORT, {"format": "xlsx"})
    today = customer.partner.today
    assert answer["Content-Disposition"] == f'attachment; filename="customers-{today}.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(body(answer))).active
    header = [cell.value for cell in sheet[1]]
    row = dict(zip(header, sheet[2], strict=True))
    assert (sheet.title, sheet.max_row) == ("Customers", 2)
    assert (row["Subscriptions"].value, row["Agreement acceptance date"].number_format) == (0, "yyyy\\-mm\\-dd")
    assert row["Agreement acceptance date"].value.date() == date(2024, 2, 29)


def test_holds_exactly_the_filtered_rows(client: Client, partner: Partner, stranger: Membership) -> None:
    gold = Tag.objects.create(partner=partner, name="Gold", name_key="gold")
    for number, country in enumerate(["PL", "DE", "PL", "DE"]):
        row = CustomerFactory(partner=partner, company_name=f"Row {number}", country=country)
        if number < 2:
            CustomerTag.objects.create(partner=partner, customer=row, tag=gold)
    CustomerFactory(partner=partner, company_name="Removed", removed_at=timezone.now())
    CustomerFactory(partner=stranger.partner, company_name="Canary")
    assert names(exported(client)) == ["Row 0", "Row 1", "Row 2", "Row 3"]
    assert names(exported(client, "country=PL")) == ["Row 0", "Row 2"]
    assert names(exported(client, f"tag={gold.public_id}&country=DE")) == ["Row 1"]
    assert names(exported(client, "standing=covered")) == []
    assert names(exported(client, "relationship=removed")) == ["Removed"]
    page = client.get(f"{EXPORT}?tag={gold.public_id}&country=DE").content.decode()
    for said in ("Gold", "Germany", "<dd>1</dd>"):
        assert said in page


def test_has_the_columns_that_the_member_chose(client: Client, customer: Customer, admin_agent: Membership) -> None:
    chosen = ["tags", "contact", "created", "account_status", "qualification", "registration_number"]
    ListColumns.objects.create(partner=customer.partner, owner=admin_agent.user, columns=chosen)
    for name in ("Zeta", "Amber"):
        tag = Tag.objects.create(partner=customer.partner, name=name, name_key=fold(name))
        CustomerTag.objects.create(partner=customer.partner, customer=customer, tag=tag)
    Customer.objects.update(registration_number="0052600274")
    (row,) = exported(client)
    always = ["Microsoft ID", "Name", "Domain", "Agreement standing", "Agreement acceptance date"]
    record = ["Accepted by", "Agreement version", "Recorded by"]
    shown = ["Tags", "Primary contact", "Registration number", "Account status", "Special qualification", "Created"]
    assert list(row) == [*always, *record, *shown]
    assert row["Tags"] == "Amber, Zeta"
    assert (row["Primary contact"], row["Account status"]) == ("Zofia Wiśniewska", "Approved")
    assert (row["Special qualification"], row["Registration number"]) == ("None", "0052600274")
    assert "Reseller" not in row


def test_knows_every_column_of_the_list(admin_agent: Membership) -> None:
    """A new column of the list is given a reader and its fields in customers/exports.py."""
    every = exports.codes_of(admin_agent, list(COLUMNS.values()))
    assert set(every) == set(exports.FIELDS)
    assert len(exports.CustomerSheet(admin_agent, every, stale_before=None).header) == len(every)


def test_has_the_columns_of_the_opened_view(client: Client, customer: Customer, admin_agent: Membership) -> None:
    own = {"partner": customer.partner, "owner": admin_agent.user}
    view = SavedView.objects.create(name="Tags", columns=["tags"], **own)
    (row,) = exported(client, f"view={view.pk}")
    assert "Tags" in row
    assert "Country" not in row


def test_the_columns_of_a_record_are_for_those_who_may_see_records(
    admin_agent: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exports.SIGNER in exports.codes_of(admin_agent, [])
    monkeypatch.setattr(Membership, "can", lambda self, permission: False)
    assert not {exports.SIGNER, exports.VERSION, exports.RECORDED_BY} & {*exports.codes_of(admin_agent, [])}


def test_a_provider_sees_which_reseller(client_of: ClientOf, provider: Partner) -> None:
    link = PartnerLinkFactory(provider=provider, reseller__name="Corner")
    CustomerFactory(partner=provider, company_name="Resold", reseller=link.reseller)
    CustomerFactory(partner=provider, company_name="Direct")
    client = client_of(MembershipFactory(partner=provider))
    assert [row["Reseller"] for row in exported(client)] == ["", "Corner"]
    assert names(exported(client, f"reseller={link.reseller.tenant_id}")) == ["Resold"]
    assert "Corner" in client.get(f"{EXPORT}?reseller={link.reseller.tenant_id}").content.decode()


@pytest.mark.parametrize("role", ["global_admin", "sales_agent", "helpdesk_agent"])
def test_only_an_admin_agent_exports(client_of: ClientOf, partner: Partner, role: str) -> None:
    client = client_of(MembershipFactory(partner=partner, roles=[role]))
    assert client.get(EXPORT).status_code == client.post(EXPORT, {"format": "csv"}).status_code == 403
    assert "Admin agent" in client.get(EXPORT).content.decode()


def test_a_reseller_never_exports(client_of: ClientOf, reseller_agent: Membership, actor_for: Act) -> None:
    client = client_of(reseller_agent)
    assert client.get(EXPORT).status_code == client.post(EXPORT, {"format": "csv"}).status_code == 403
    given: dict[str, Any] = {"file_format": "csv", "columns": [], "row_count": 0, "filters": {}}
    with pytest.raises(NotPermitted):
        log_export(by=actor_for(reseller_agent), partner=reseller_agent.partner, **given)


def test_says_who_took_what_before_the_first_byte(client: Client, customer: Customer) -> None:
    answer = client.post(f"{EXPORT}?country=PL&standing=missing", {"format": "xlsx"})
    event = AuditEvent.objects.get(code="customers.customers_exported")
    assert event.actor_name == "Ada Admin"
    assert body(answer)
    assert event.facts["filters"] == {"country": "PL", "standing": "missing"}
    assert (event.facts["format"], event.facts["row_count"]) == ("xlsx", 1)
    assert event.facts["columns"][:4] == ["microsoft_id", "name", "domain", "standing"]
    log = client.get(reverse("dashboard:activity")).content.decode()
    assert "1 customer exported (XLSX)" in log


def test_what_was_searched_for_is_kept_as_personal(client: Client, customer: Customer) -> None:
    CustomerFactory(partner=customer.partner, company_name="Zabka too", country="DE")
    query = urlencode(ListQuery(text="żabka Wiśniewska", country="PL").as_params())
    assert "żabka Wiśniewska" in client.get(f"{EXPORT}?{query}").content.decode()
    assert names(exported(client, query)) == [customer.company_name]
    event = AuditEvent.objects.get(code="customers.customers_exported")
    assert "Wiśniewska" not in str(event.facts)
    assert event.facts["filters"] == {"country": "PL"}
    assert event.detail.values == {"text": [None, "żabka Wiśniewska"]}


class TestSelected:
    def test_exports_those_that_were_selected(self, client: Client, partner: Partner, stranger: Membership) -> None:
        rows = [CustomerFactory(partner=partner, company_name=f"Row {number}") for number in range(4)]
        theirs = CustomerFactory(partner=stranger.partner, company_name="Canary")
        ids = [str(row.tenant_id) for row in (rows[2], rows[0], theirs)]
        page = client.post(EXPORT, {"customer": ids, "selected": "1", "next": f"{LIST}?country=PL"})
        text = page.content.decode()
        assert page.context["count"] == 2
        assert f'href="{LIST}?country=PL"' in text
        assert str(theirs.tenant_id) not in text
        assert not AuditEvent.objects.filter(code="customers.customers_exported").exists()
        assert names(exported(client, customer=ids)) == ["Row 0", "Row 2"]
        event = AuditEvent.objects.get(code="customers.customers_exported")
        assert set(event.facts["customers"]) == {str(rows[0].tenant_id), str(rows[2].tenant_id)}

    def test_customers_of_others_are_not_there(self, client: Client, stranger: Membership) -> None:
        theirs = CustomerFactory(partner=stranger.partner)
        for sent in ({}, {"format": "csv"}):
            assert client.post(EXPORT, {"customer": [str(theirs.tenant_id)], **sent}).status_code == 404

    def test_says_what_to_do_when_nothing_is_selected(self, client: Client, customer: Customer) -> None:
        answer = client.post(EXPORT, {"selected": "1", "next": LIST})
        assert answer["Location"] == LIST
        assert "Select at least one" in str(*get_messages(answer.wsgi_request))
        answer = client.post(EXPORT, {"customer": [str(uuid4()) for _number in range(501)]})
        assert answer.status_code == 302


@pytest.mark.parametrize(
    "query", ["find=%00", "country=XX&standing=no", "tag=x&reseller=%F0", "sort=-nothing", "after=1"]
)
def test_any_query_is_answered(client: Client, customer: Customer, query: str) -> None:
    assert client.get(f"{EXPORT}?{query}").status_code == 200
    assert len(exported(client, query)) == 1


@pytest.mark.parametrize("sent", ["", "exe", "csv\n", "x" * 10_000])
def test_asks_again_for_an_unknown_format(client: Client, customer: Customer, sent: str) -> None:
    answer = client.post(EXPORT, {"format": sent})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not AuditEvent.objects.filter(code="customers.customers_exported").exists()


def test_rows_that_come_meanwhile_break_nothing(
    client: Client, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each customer that is there from beginning to end is in the file once, in the order of names."""
    monkeypatch.setattr(exports, "CHUNK", 7)
    for number in range(30):
        CustomerFactory(partner=partner, company_name=f"Same {number % 4}")
    before = [str(row.tenant_id) for row in Customer.objects.order_by("name_key", "pk")]
    stream = iter(client.post(EXPORT, {"format": "csv"}).streaming_content)
    text = next(stream)
    CustomerFactory(partner=partner, company_name="Aaa")
    CustomerFactory(partner=partner, company_name="Same 2")
    Customer.objects.filter(company_name="Zzz").delete()
    rows = csv.DictReader(io.StringIO((text + b"".join(stream)).decode("utf-8-sig"), newline=""))
    assert [row["Microsoft ID"] for row in rows if row["Microsoft ID"] in before] == before


def test_reads_a_chunk_in_the_same_number_of_queries(
    client: Client, partner: Partner, admin_agent: Membership, template: object
) -> None:
    columns = list(exports.COLUMNS)
    ListColumns.objects.create(partner=partner, owner=admin_agent.user, columns=columns)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            exported(client)
        return len(captured)

    tag = Tag.objects.create(partner=partner, name="Gold", name_key="gold")
    counts = []
    for number in range(1, 9):
        row = CustomerFactory(partner=partner)
        CustomerTag.objects.create(partner=partner, customer=row, tag=tag)
        accepted_directly(row)
        confirmed(row)
        if number in (1, 8):
            counts.append(queries())
    assert counts[0] == counts[1]
    assert len(exported(client)) == 8


def test_the_list_of_a_tag_is_what_its_export_holds(
    client: Client, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    (tag,) = services.set_tags(by=actor_for(sales_agent), customer=customer, names=["Gold"])
    CustomerFactory(partner=customer.partner)
    assert names(exported(client, f"tag={tag.public_id}")) == [customer.company_name]
