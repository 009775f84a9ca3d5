"""agreements:export_evidence: one archive with everything of a period, and nothing of anybody else."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements import evidence_store
from agreements.exports import EvidenceExport, Span, program
from agreements.services import erase_person
from agreements.tests.exporting import EXPORT, accept_of, archive_of, filled, lines_of, run_program, unpacked
from agreements.tests.factories import confirmed, file_of, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.tests.factories import filled_cart, placed
from portal.audit import verify_evidence
from portal.audit.models import AuditEvent, Checkpoint
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import PartnerFactory

pytestmark = pytest.mark.usefixtures("template")


@pytest.fixture
def client(client_of: Callable[[Membership], Client], admin_agent: Membership) -> Client:
    return client_of(admin_agent)


@pytest.fixture
def by(actor_for: Callable[..., Actor], admin_agent: Membership) -> Actor:
    return actor_for(admin_agent)


def findings(archive: bytes, folder: Path) -> list[tuple[str, int | None]]:
    path = folder / "evidence.zip"
    path.write_bytes(archive)
    found = verify_evidence.verify(verify_evidence.Export(path))
    return [(each.code, each.seq) for each in found]


def sheet(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    assert files[name].startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))


def test_an_archive_of_everything_is_whole(client: Client, partner: Partner, by: Actor, tmp_path: Path) -> None:
    filled(partner, by)
    archive = archive_of(client)
    (tmp_path / "evidence.zip").write_bytes(archive)
    code, verdict = run_program(tmp_path, tmp_path / "evidence.zip")
    assert (code, verdict["findings"]) == (0, [])
    counts = {name: verdict["counts"][name] for name in ("entries", "records", "events", "evidence", "checkpoints")}
    assert counts == {"entries": 11, "records": 6, "events": 2, "evidence": 2, "checkpoints": 2}
    assert unpacked(archive)["verify_evidence.py"] == program()


def test_records_are_told_to_people_as_well(
    client: Client, customer: Customer, by: Actor, admin_agent: Membership
) -> None:
    record = confirmed(customer, by, person=person(last_name="=cmd()", phone="+48221234567"), evidence_note="Re: MCA")
    order = placed(filled_cart(customer, admin_agent), by)
    files = unpacked(archive_of(client))
    (row,) = sheet(files, "records.csv")
    entry = lines_of(files, next(name for name in files if name.startswith("chains/partner")))[0]
    assert row["Acceptance record"] == str(record.reference)
    assert (row["Customer"], row["First name"], row["Last name"]) == ("Żabka Nowa Sp. z o.o.", "Zofia", "'=cmd()")
    assert (row["Acceptance method"], row["How we know"], row["Note"]) == (
        "Confirmed by partner",
        "Email",
        "Re: MCA",
    )
    assert (row["Recorded by"], row["Number in the chain"], row["Digest in the chain"]) == (
        "Ada Admin",
        "1",
        entry["digest"],
    )
    (relied,) = sheet(files, "orders.csv")
    assert (relied["Order or subscription"], relied["Acceptance record"]) == (order.number, str(record.reference))


def test_nothing_of_another_partner_is_in_it(
    client: Client, customer: Customer, by: Actor, stranger: Membership, actor_for: Callable[..., Actor]
) -> None:
    others = CustomerFactory(partner=stranger.partner, company_name="CANARY company")
    canary = person(first_name="CANARY", last_name="CANARY", email="canary@elsewhere.example")
    theirs = confirmed(others, actor_for(stranger), person=canary, evidence_note="CANARY")
    file_of(theirs, "CANARY.pdf", b"%PDF-1.7 CANARY")
    accept_of(others, person=canary)
    # The same company is known to both, but here it only claims the relationship.
    CustomerFactory(partner=customer.partner, tenant=others.tenant, relationship_accepted_at=None)
    confirmed(customer, by)
    files = unpacked(archive_of(client))
    text = b"".join(files.values())
    for secret in (b"CANARY", b"canary", str(stranger.partner.tenant_id).encode(), str(theirs.reference).encode()):
        assert secret not in text
    (linked,) = lines_of(files, "chains/portal.jsonl")
    assert "payload" not in linked
    assert [row["reference"] for row in lines_of(files, "records.jsonl")] == [
        str(each.reference) for each in customer.tenant.attestations.all()
    ]


def test_what_the_customer_accepted_itself_is_in_it(
    client: Client, customer: Customer, by: Actor, tmp_path: Path
) -> None:
    confirmed(customer, by)
    direct = accept_of(customer)
    archive = archive_of(client)
    files = unpacked(archive)
    assert str(direct.reference) in [row["reference"] for row in lines_of(files, "records.jsonl")]
    assert json.loads(lines_of(files, "chains/portal.jsonl")[0]["payload"])["method"] == "customer_direct"
    assert findings(archive, tmp_path) == []


@pytest.mark.parametrize(
    ("moment", "is_within"),
    [
        ("2026-03-28T22:59:59.999999", False),
        ("2026-03-28T23:00:00", True),
        # Clocks go forward on this day in Warsaw: it has 23 hours.
        ("2026-03-29T21:59:59.999999", True),
        ("2026-03-29T22:00:00", False),
    ],
)
def test_a_day_is_one_of_the_partners_zone(
    client: Client, customer: Customer, by: Actor, tmp_path: Path, moment: str, is_within: bool
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    with mock.patch.object(timezone, "now", return_value=at):
        record = confirmed(customer, by, agreed_on=date(2026, 3, 1))
    archive = archive_of(client, "2026-03-29", "2026-03-29")
    found = [row["reference"] for row in lines_of(unpacked(archive), "records.jsonl")]
    assert found == ([str(record.reference)] if is_within else [])
    assert findings(archive, tmp_path) == []


def test_an_erased_person_is_in_no_part_of_it(client: Client, customer: Customer, by: Actor, tmp_path: Path) -> None:
    record = confirmed(customer, by, person=person(last_name="Forgotten", email="forgotten@customer.example"))
    file_of(record, "forgotten.pdf", b"%PDF-1.7 Forgotten")
    erase_person(by=by, attestation=record, reason="Asked for it")
    archive = archive_of(client)
    assert b"orgotten" not in b"".join(unpacked(archive).values())
    assert sheet(unpacked(archive), "records.csv")[0]["Person erased"] == "yes"
    assert findings(archive, tmp_path) == []


def test_who_is_erased_while_the_archive_leaves_is_not_missed(
    client: Client, customer: Customer, by: Actor, tmp_path: Path
) -> None:
    record = confirmed(customer, by)
    file_of(record)
    stream: Iterator[bytes] = iter(client.post(EXPORT, _today()).streaming_content)
    began = next(stream)
    erase_person(by=by, attestation=record, reason="Asked for it")
    assert findings(began + b"".join(stream), tmp_path) == []


def test_what_is_recorded_while_the_archive_leaves_comes_with_the_next_one(
    client: Client, customer: Customer, partner: Partner, by: Actor, tmp_path: Path
) -> None:
    confirmed(customer, by)
    stream: Iterator[bytes] = iter(client.post(EXPORT, _today()).streaming_content)
    began = next(stream)
    confirmed(CustomerFactory(partner=partner), by)
    first, second = began + b"".join(stream), archive_of(client)
    assert [len(lines_of(unpacked(each), "records.jsonl")) for each in (first, second)] == [1, 2]
    assert findings(first, tmp_path) == findings(second, tmp_path) == []


def test_a_file_that_is_gone_from_the_store_is_found(
    client: Client, customer: Customer, by: Actor, tmp_path: Path
) -> None:
    file = file_of(confirmed(customer, by))
    evidence_store.delete_stored(customer.partner.tenant_id, file.sha256)
    assert findings(archive_of(client), tmp_path) == [("file_missing", 2)]


def test_a_record_whose_entry_was_removed_is_found(
    client: Client, customer: Customer, by: Actor, tmp_path: Path
) -> None:
    confirmed(customer, by)
    with mock.patch("agreements.services.records.append_to_chain"):
        confirmed(CustomerFactory(partner=customer.partner), by)
    assert findings(archive_of(client), tmp_path) == [("record_unchained", None)]


def test_it_leaves_while_it_is_read(admin_agent: Membership, customer: Customer, by: Actor, client: Client) -> None:
    confirmed(customer, by)
    answer = client.post(EXPORT, _today())
    with CaptureQueriesContext(connection) as captured:
        stream = iter(answer.streaming_content)
        assert next(stream)
    before = len(captured)
    with CaptureQueriesContext(connection) as captured:
        list(stream)
    assert before < len(captured)


def test_as_many_queries_for_many_records_as_for_one(
    admin_agent: Membership, customer: Customer, partner: Partner, by: Actor
) -> None:
    def queries() -> int:
        today = partner.today
        span = Span(admin_agent, today - timedelta(days=1), today)
        export = EvidenceExport(span, list(Checkpoint.objects.all()))
        with CaptureQueriesContext(connection) as captured:
            list(export.stream())
        return len(captured)

    from portal.audit.checkpoints import take_checkpoint

    file_of(confirmed(customer, by))
    take_checkpoint(chain=f"partner:{partner.tenant_id}")
    one = queries()
    for _number in range(8):
        file_of(confirmed(CustomerFactory(partner=partner), by))
    take_checkpoint(chain=f"partner:{partner.tenant_id}")
    assert queries() == one


# The page


def _today() -> dict[str, str]:
    today = PartnerFactory.build().today
    return {"first": (today - timedelta(days=1)).isoformat(), "last": today.isoformat()}


def test_it_asks_for_the_last_full_month_to_begin_with(client: Client, partner: Partner) -> None:
    with mock.patch.object(Partner, "today", date(2026, 3, 15)):
        page = client.get(EXPORT).content.decode()
    assert 'value="2026-02-01"' in page
    assert 'value="2026-02-28"' in page


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-02", "2026-03-01", "The period ends before it begins"),
        ("2026-03-01", "2999-01-01", "Choose today or an earlier day"),
        ("", "2026-03-01", "Choose the first day of the period"),
        ("yesterday", "2026-03-01", "Enter a real date"),
        ("0001-01-01", "2026-03-01", "Enter a date with a year of 1900 or later"),
    ],
)
def test_a_period_that_is_none_is_refused_and_stays(
    client: Client, customer: Customer, by: Actor, first: str, last: str, said: str
) -> None:
    confirmed(customer, by)
    answer = client.post(EXPORT, {"first": first, "last": last})
    page = answer.content.decode()
    assert said in page
    assert f'value="{last}"' in page
    assert not AuditEvent.objects.filter(code="agreements.evidence_exported").exists()


def test_nothing_to_export_is_said(client: Client) -> None:
    assert "no acceptance is on record" in client.post(EXPORT, _today()).content.decode()


def test_an_export_is_in_the_log_and_takes_a_checkpoint(client: Client, customer: Customer, by: Actor) -> None:
    file_of(confirmed(customer, by))
    archive_of(client, "2026-01-01", PartnerFactory.build().today)
    event = AuditEvent.objects.get(code="agreements.evidence_exported")
    assert event.facts | {"to": ""} == {"from": "2026-01-01", "to": "", "record_count": 1, "file_count": 1}
    assert event.partner_id == customer.partner_id
    assert Checkpoint.objects.count() == 1


def test_only_admin_agents_export(client_of: Callable[[Membership], Client], sales_agent: Membership) -> None:
    assert client_of(sales_agent).get(EXPORT).status_code == 403


def test_the_program_is_anybodys(db: None) -> None:
    answer = Client().get(reverse("agreements:verifier"))
    assert answer.content == Path(verify_evidence.__file__).read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="verify_evidence.py"'
