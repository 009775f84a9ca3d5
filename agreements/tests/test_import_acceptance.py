"""Acceptances that come with a sheet, and acceptances that an imported row must not inherit."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from agreements import tasks
from agreements.models import AgreementDocument, Attestation
from agreements.proving import verify
from agreements.services import record_imported, require_acceptance
from agreements.tests.factories import acceptance, accepted_directly
from customers.models import Customer, CustomerImport
from customers.rules import Standing
from customers.tests.factories import CustomerFactory
from customers.tests.import_factories import FULL, MICROSOFT, checked, full_row, imported, work
from portal.common.errors import AcceptanceRequired
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
SIGNER = [*FULL, "Accepted by first name", "Accepted by last name", "Accepted by email", "Note"]


@pytest.fixture
def client(template: Any, admin_agent: Membership, client_of: SignIn) -> Client:
    return client_of(admin_agent)


def day_before(partner: Any) -> str:
    return str(partner.today - timedelta(days=1))


def accepted(number: int, on: str, **changed: str) -> list[str]:
    """A row of FULL with an acceptance on that date; changed: as for full_row."""
    return full_row(number, **{"agreement_acceptance_date": on, "how_we_know": "Email", **changed})


def problem(sheet: CustomerImport) -> list[str]:
    ((column, message),) = sheet.rows.get().problems
    return [column, message]


def test_the_primary_contact_accepted(client: Client, admin_agent: Membership) -> None:
    partner = admin_agent.partner
    sheet = imported(admin_agent, client, FULL, [accepted(n, day_before(partner)) for n in range(3)])
    assert sheet.created_count == 3
    records = Attestation.objects.select_related("person").all()
    assert {record.person.email for record in records} == {f"kaethe@imported{n}.example" for n in range(3)}
    assert {(r.partner_id, r.method, r.evidence_kind, r.actor_name) for r in records} == {
        (partner.pk, "confirmed", "email", "Ada Admin")
    }
    assert not verify(chain=f"partner:{partner.tenant_id}").findings
    for customer in Customer.objects.select_related("partner"):
        assert customer.attested_on == partner.today - timedelta(days=1)
        assert require_acceptance(customer=customer).acceptance is not None


def test_somebody_else_accepted(client: Client, admin_agent: Membership) -> None:
    row = accepted(1, day_before(admin_agent.partner), how_we_know="other")
    sheet = imported(admin_agent, client, SIGNER, [[*row, "Jürgen", "Müller", "j@example.org", "Met in Berlin"]])
    assert sheet.created_count == 1, sheet.rows.get().problems
    person = Attestation.objects.get().person
    assert (person.first_name, person.email, person.evidence_note) == ("Jürgen", "j@example.org", "Met in Berlin")
    assert Customer.objects.get().primary_contact.email == "kaethe@imported1.example"


@pytest.mark.parametrize(
    ("changed", "column", "words"),
    [
        ({"agreement_acceptance_date": "9999-01-01"}, "agreed_on", "today or earlier"),
        ({"agreement_acceptance_date": "2018-01-01"}, "agreed_on", "did not exist before"),
        ({"agreement_acceptance_date": "31.12.2024"}, "agreed_on", "year, month and day"),
        ({"how_we_know": "hearsay"}, "evidence_kind", "Choose one of the listed answers"),
        ({"how_we_know": ""}, "evidence_kind", "Choose how you know"),
        ({"how_we_know": "Other (say what in the note)"}, "evidence_note", "Say how you know"),
        ({"first_name": "", "last_name": "", "email_address": ""}, "signer_first_name", "Say who accepted"),
    ],
)
def test_what_the_acceptance_form_refuses_is_refused_in_its_words(
    client: Client, admin_agent: Membership, changed: dict[str, str], column: str, words: str
) -> None:
    sheet = checked(client, FULL, [accepted(1, day_before(admin_agent.partner), **changed)])
    assert problem(sheet)[0] == column
    assert words in problem(sheet)[1]


def test_a_country_without_a_text_is_told_at_the_check(client: Client, admin_agent: Membership) -> None:
    AgreementDocument.objects.filter(country="US")._raw_delete("default")
    sheet = checked(client, FULL, [accepted(1, day_before(admin_agent.partner))])
    assert "No document of the agreement" in problem(sheet)[1]


def test_in_a_national_cloud_nothing_is_asked(template: Any, client_of: SignIn) -> None:
    member = MembershipFactory(partner=PartnerFactory(government=True), roles=["admin_agent"])
    sheet = imported(member, client_of(member), FULL, [accepted(1, "9999-01-01")])
    assert (sheet.created_count, Attestation.objects.count()) == (1, 0)


def test_an_acceptance_refused_at_the_end_keeps_its_customer_and_says_so(
    client: Client, admin_agent: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = checked(client, FULL, [accepted(n, day_before(admin_agent.partner)) for n in range(2)])
    client.post(f"/customers/imports/{sheet.pk}/commit/", {"submit_key": "a" * 32})

    def one_refused(**said: Any) -> Any:
        last = max(said["acceptances"])
        broken = acceptance(agreed_on=date(2018, 1, 1))
        return record_imported(**{**said, "acceptances": {**said["acceptances"], last: broken}})

    monkeypatch.setattr(tasks, "record_imported", one_refused)
    sheet = work(sheet)
    assert (sheet.created_count, Attestation.objects.count()) == (2, 1)
    page = client.get(f"/customers/imports/{sheet.pk}/?status=created").content.decode()
    assert "The customer was created, but not its acceptance" in page
    assert not verify(chain=f"partner:{admin_agent.partner.tenant_id}").findings


def test_an_imported_row_inherits_no_direct_acceptance(client: Client, admin_agent: Membership) -> None:
    """The company accepted by itself at another partner: that says nothing of its relationship with this one."""
    elsewhere = CustomerFactory(country="PL")
    accepted_directly(elsewhere)
    sheet = imported(admin_agent, client, MICROSOFT, [["", "Claimed company", elsewhere.tenant.domain, ""]])
    mine = Customer.objects.get(partner=admin_agent.partner)
    assert sheet.created_count == 1
    assert (mine.direct_on, mine.attested_on) == (None, None)
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=mine)
    judged = Customer.objects.visible_to(admin_agent).with_standing(stale_before=None).get()
    assert judged.standing == Standing.MISSING
    elsewhere.refresh_from_db()
    assert require_acceptance(customer=elsewhere).acceptance is not None


def test_nothing_tells_of_the_direct_acceptance(client: Client, admin_agent: Membership) -> None:
    """The pages of an unknown company and of one that accepted elsewhere are the same but for what was typed."""
    elsewhere = CustomerFactory(country="PL", company_name="Canary GmbH")
    record = accepted_directly(elsewhere)
    rows = [["", "Same name", elsewhere.tenant.domain, ""], ["", "Same name", "fresh.example.com", ""]]
    sheet = imported(admin_agent, client, MICROSOFT, rows)
    pages = [client.get(f"/customers/imports/{sheet.pk}/?status=created").content.decode()]
    for row in sheet.rows.order_by("number"):
        assert row.problems == []
        pages.append(client.get(f"/customers/{row.customer.tenant_id}/account/").content.decode())
        assert client.get(f"/customers/{row.customer.tenant_id}/agreement/{record.reference}/").status_code == 404
    for page in pages:
        assert "Canary" not in page
        assert str(record.reference) not in page
    assert pages[1].count("Not provided") == pages[2].count("Not provided") > 0


def test_an_acceptance_in_the_sheet_covers_a_claimed_company_for_this_partner_alone(
    client: Client, admin_agent: Membership
) -> None:
    elsewhere = CustomerFactory(country="DE")
    row = accepted(1, day_before(admin_agent.partner), primary_domain_name=elsewhere.tenant.domain)
    imported(admin_agent, client, FULL, [row])
    mine = Customer.objects.get(partner=admin_agent.partner)
    assert require_acceptance(customer=mine).acceptance is not None
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=elsewhere)
