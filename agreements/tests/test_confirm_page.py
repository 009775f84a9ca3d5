"""Account info > Update: the same record, by form."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from agreements.models import Attestation
from agreements.steps import primary_contact
from agreements.tests.factories import TemplateFactory, confirmed, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]


def confirm_url(customer: Customer) -> str:
    return reverse("agreements:confirm", args=[customer.tenant_id])


def statement(**changed: str) -> dict[str, str]:
    typed = {
        "submit_key": "key-1",
        "agreed_on": timezone.now().date().isoformat(),
        "language": "pl-PL",
        "signer": "contact",
        "evidence_kind": "email",
        "evidence_note": "Re: MCA",
    }
    return {**typed, **changed}


def someone_else(**changed: str) -> dict[str, str]:
    named = {"signer": "other", "first_name": "Jan", "last_name": "Nowak", "email": "jan@customer.example"}
    return statement(**{**named, **changed})


@pytest.mark.scenario("R4")
def test_the_primary_contact_is_shown_as_text_and_is_the_default(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    page = client_of(sales_agent).get(confirm_url(customer)).content.decode()
    assert "The primary contact: Zofia Wiśniewska, zofia@customer.example" in page
    response = client_of(sales_agent).post(confirm_url(customer), statement())
    assert response.status_code == 302
    record = Attestation.objects.get()
    assert (record.person.full_name, record.document.language, record.door) == (
        "Zofia Wiśniewska",
        "pl-PL",
        "account_info",
    )


@pytest.mark.scenario("R4")
def test_update_names_someone_else_and_leaves_the_contact(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    client_of(sales_agent).post(confirm_url(customer), someone_else(phone="22 123 45 67"))
    assert Attestation.objects.get().person.full_name == "Jan Nowak"
    assert str(Attestation.objects.get().person.phone) == "+48 22 123 45 67"
    assert customer.contacts.get().full_name == "Zofia Wiśniewska"


def test_a_contact_without_a_name_is_nobody_to_choose(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    """Imported companies have one; whoever accepted is asked for from the start."""
    customer.contacts.update(first_name="", last_name="", email="")
    page = client_of(sales_agent).get(confirm_url(customer)).content.decode()
    assert 'value="contact"' not in page
    assert re.search(r'<input[^>]*value="other"[^>]*checked', page)
    client_of(sales_agent).post(confirm_url(customer), someone_else())
    assert Attestation.objects.get().person.full_name == "Jan Nowak"


def test_everything_typed_comes_back_with_the_advice(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    tomorrow = (timezone.now().date() + timedelta(days=2)).isoformat()
    typed = someone_else(email="no", agreed_on=tomorrow, evidence_kind="")
    page = client_of(sales_agent).post(confirm_url(customer), typed).content.decode()
    for advice in ("There is a problem", "today or earlier", "correct format", "Choose how you know"):
        assert advice.lower() in page.lower()
    for value in ("Jan", "Nowak", tomorrow, "Re: MCA", "key-1"):
        assert f'value="{value}"' in page or value in page
    assert not Attestation.objects.exists()


def test_a_double_click_makes_one_record(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    client = client_of(sales_agent)
    for _click in range(2):
        assert client.post(confirm_url(customer), statement()).status_code == 302
    assert Attestation.objects.count() == 1


def test_repeating_a_covering_record_is_refused_with_the_reason(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    client = client_of(sales_agent)
    client.post(confirm_url(customer), statement())
    page = client.post(confirm_url(customer), statement(submit_key="key-2", purpose="new")).content.decode()
    assert "recorded already" in page
    assert Attestation.objects.count() == 1


def test_a_correction_says_what_was_wrong(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    client = client_of(sales_agent)
    client.post(confirm_url(customer), statement())
    wanting = client.post(confirm_url(customer), statement(submit_key="key-2", purpose="correction"))
    assert "Say what was wrong" in wanting.content.decode()
    typed = statement(submit_key="key-3", purpose="correction", reason_note="Wrong date.")
    assert client.post(confirm_url(customer), typed).status_code == 302
    assert Attestation.objects.get(supersedes__isnull=False).supersede_reason == "correction"


def test_a_correction_starts_from_what_is_on_record(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    client = client_of(sales_agent)
    assert client.get(confirm_url(customer)).context["form"].initial == {"language": "en-US"}
    day = timezone.now().date() - timedelta(days=9)
    kept = {"evidence_kind": "call_note", "evidence_note": "12 May", "language": "pl-PL", "agreed_on": day}
    confirmed(customer, person=person(first_name="Jan", phone="+48221234567"), **kept)
    form = client.get(confirm_url(customer)).context["form"]
    shown = {name: form[name].value() for name in (*kept, "purpose", "signer", "first_name", "last_name", "email")}
    named = {"first_name": "Jan", "last_name": "Wiśniewska", "email": "zofia@customer.example"}
    assert shown == {**kept, "purpose": "correction", "signer": "other", **named}
    assert form["phone"].value().replace(" ", "") == "+48221234567"


def test_a_correction_of_the_primary_contacts_acceptance_keeps_the_contact(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    confirmed(customer, person=primary_contact(customer))
    form = client_of(sales_agent).get(confirm_url(customer)).context["form"]
    assert (form["signer"].value(), form["first_name"].value()) == ("contact", None)


def test_nothing_is_filled_in_from_a_record_that_the_agent_may_not_see(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    confirmed(customer, person=person(first_name="Jan"), evidence_note="12 May")
    page = client_of(helpdesk_agent).get(reverse("agreements:attest", args=[customer.tenant_id])).content.decode()
    assert "12 May" not in page
    assert "Jan" not in page


def test_says_that_an_acceptance_has_to_be_renewed(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    today = timezone.now().date()
    confirmed(customer, agreed_on=today - timedelta(days=9))
    assert "Renewal" not in client_of(sales_agent).get(confirm_url(customer)).content.decode()
    newer = {"effective_on": today, "renew_before": today, "renewal_enforced_on": today}
    TemplateFactory(version="newer", **newer)
    said = f"The acceptance of {date_format(today - timedelta(days=9))} no longer counts"
    for url in (confirm_url(customer), reverse("customers:account", args=[customer.tenant_id])):
        page = client_of(sales_agent).get(url).content.decode()
        assert said in page
        assert f"acceptances before {date_format(today)} must be renewed." in page


def test_the_texts_of_the_customers_country_are_a_click_away(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    page = client_of(sales_agent).get(confirm_url(customer)).content.decode()
    assert f'href="{reverse("agreements:templates")}?country=PL" target="_blank"' in page


def test_a_country_without_texts_is_shown_those_of_the_us(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    page = client_of(sales_agent).get(reverse("agreements:templates"), {"country": "FR"}).content.decode()
    assert "There is no document for France." in page
    assert '<option value="US" selected>' in page


def test_the_panel_says_whom_to_ask(
    client_of: ClientOf, helpdesk_agent: Membership, reseller_agent: Membership, customer: Customer, provider: Partner
) -> None:
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    account = reverse("customers:account", args=[resold.tenant_id])
    page = client_of(reseller_agent).get(account).content.decode()
    assert f"To confirm an acceptance, ask your indirect provider, {provider.name}." in page
    account = reverse("customers:account", args=[customer.tenant_id])
    page = client_of(helpdesk_agent).get(account).content.decode()
    assert "To confirm an acceptance, ask an Admin agent or Sales agent." in page
    assert "Orders and licence changes are stopped until" in page


@pytest.mark.scenario("R6")
def test_names_in_any_script_are_kept_as_typed(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    for first, last in (("小龙", "李"), ("عمر", "الشريف"), ("Þóra", "Ægisdóttir"), ("Z͑ofia", "O'Neill-Łuk")):
        key = f"key-{first}"
        typed = someone_else(first_name=first, last_name=last, submit_key=key, purpose="new")
        client_of(sales_agent).post(confirm_url(customer), typed)
        person = Attestation.objects.latest_of_line().get().person
        assert (person.first_name, person.last_name) == (first, last)


def test_goes_back_to_where_the_agent_came_from_but_never_elsewhere(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    client = client_of(sales_agent)
    away = client.post(f"{confirm_url(customer)}?next=https://evil.example/", statement())
    assert away.url == reverse("customers:account", args=[customer.tenant_id])


def test_who_may_not_is_told_who_can(
    client_of: ClientOf, helpdesk_agent: Membership, stranger: Membership, customer: Customer
) -> None:
    refused = client_of(helpdesk_agent).post(confirm_url(customer), statement())
    assert refused.status_code == 403
    assert re.search("Admin agent|Sales agent", refused.content.decode())
    assert client_of(stranger).post(confirm_url(customer), statement()).status_code == 404
    assert not Attestation.objects.exists()


def test_a_reseller_is_refused_with_the_reason(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner
) -> None:
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    refused = client_of(reseller_agent).get(confirm_url(resold))
    assert refused.status_code == 403
    assert f"Ask {provider.name}" in refused.content.decode()


def test_the_record_page_shows_every_fact(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    record = confirmed(customer, evidence_note="Re: MCA, 12 May")
    url = reverse("agreements:record", args=[customer.tenant_id, record.reference])
    page = client_of(sales_agent).get(url).content.decode()
    for fact in ("Zofia", "Wiśniewska", "Re: MCA, 12 May", str(record.reference), record.document.sha256, "Entry 1"):
        assert fact in page


def test_helpdesk_sees_only_records_made_on_behalf(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    record = confirmed(customer)
    url = reverse("agreements:record", args=[customer.tenant_id, record.reference])
    assert client_of(helpdesk_agent).get(url).status_code == 404


def test_helpdesk_attests_on_behalf_with_the_scenario(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    url = reverse("agreements:attest", args=[customer.tenant_id])
    client = client_of(helpdesk_agent)
    assert "Choose which of the two scenarios" in client.post(url, statement()).content.decode()
    assert client.post(url, statement(scenario="2")).status_code == 302
    record = Attestation.objects.get()
    assert (record.method, record.scenario, record.roles) == ("on_behalf", 2, ["helpdesk_agent"])
    seen = client.get(reverse("agreements:record", args=[customer.tenant_id, record.reference]))
    assert seen.status_code == 200


def test_withdrawing_takes_the_cover_away_and_keeps_the_record(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    record = confirmed(customer)
    url, client = reverse("agreements:withdraw", args=[customer.tenant_id, record.reference]), client_of(sales_agent)
    assert "Say why" in client.post(url, {"reason": ""}).content.decode()
    assert client.post(url, {"reason": "Wrong customer."}).status_code == 302
    customer.refresh_from_db()
    assert customer.attested_on is None
    page = client.get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
    assert "Withdrawn" in page


def test_texts_are_readable_by_every_role(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    page = client_of(helpdesk_agent).get(reverse("agreements:templates"), {"country": "PL"}).content.decode()
    assert "pl-PL" in page
