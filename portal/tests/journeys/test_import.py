"""Importing a sheet: upload, columns, check, import, result; with scripts and without."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from agreements.models import AgreementTemplate
from customers.models import Customer, CustomerImport
from customers.tests.import_factories import FULL, csv_of, full_row, work
from portal.partners.models import Membership, Partner
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]


@pytest.fixture
def sheet_file(tmp_path: Path, partner: Partner, template: AgreementTemplate) -> Path:
    """Two rows that are ready, one with an acceptance, and one to be corrected."""
    on = str(partner.today)
    rows = [full_row(1, agreement_acceptance_date=on, how_we_know="Email"), full_row(2), full_row(3, city="")]
    path = tmp_path / "Żuraw & Söhne.csv"
    path.write_bytes(csv_of([*FULL, "Rank"], [[*row, str(n)] for n, row in enumerate(rows)]))
    return path


def test_a_sheet_is_imported_with_its_progress_shown(
    portal_for: PortalFor, admin_agent: Membership, sheet_file: Path
) -> None:
    portal = portal_for(admin_agent)
    page = portal.page
    portal.open("/customers/imports/")
    portal.click("Upload")
    expect(page.locator("#error-summary")).to_contain_text("Choose the file")
    portal.look()
    page.get_by_label("File", exact=True).set_input_files(sheet_file)
    portal.click("Upload")

    expect(page.get_by_role("heading", name="What the columns are")).to_be_visible()
    portal.look()
    page.get_by_label("Rank", exact=True).select_option("company_name")
    portal.click("Check the rows")
    expect(page.locator("#error-summary")).to_contain_text("Two columns are the company name")
    portal.look()
    page.get_by_label("Rank", exact=True).select_option("")
    portal.click("Check the rows")

    expect(page.get_by_role("heading", name="Reading the file")).to_be_visible()
    portal.look()
    work(CustomerImport.objects.get())
    # No click: the page asks by itself.
    expect(page.get_by_text("Nothing is imported yet")).to_be_visible()
    expect(page.get_by_role("cell", name="City: Enter the city")).to_be_visible()
    portal.look()
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows to correct (Excel)").click()
    assert download.value.suggested_filename == "rows-to-correct.xlsx"

    portal.click("Import 2 customers")
    expect(page.get_by_role("heading", name="Importing the customers")).to_be_visible()
    portal.look()
    work(CustomerImport.objects.get())
    expect(page.get_by_text("2 customers are created")).to_be_visible()
    portal.look()
    page.get_by_role("link", name="2 Created").click()
    page.get_by_role("link", name="Imported 1 GmbH").click()
    expect(page.get_by_role("heading", name="Imported 1 GmbH")).to_be_visible()


def test_a_sheet_is_imported_without_scripts(
    portal_for: PortalFor, admin_agent: Membership, sheet_file: Path
) -> None:
    portal = portal_for(admin_agent, java_script_enabled=False)
    page = portal.page
    portal.open("/customers/imports/")
    page.get_by_label("File", exact=True).set_input_files(sheet_file)
    portal.click("Upload")
    portal.click("Check the rows")
    work(CustomerImport.objects.get())
    portal.click("Show how far it is", role="link")
    portal.click("Import 2 customers")
    work(CustomerImport.objects.get())
    portal.click("Show how far it is", role="link")
    expect(page.get_by_text("2 customers are created")).to_be_visible()
    assert Customer.objects.count() == 2


def test_a_session_that_ends_while_progress_is_shown_leads_to_sign_in(
    portal_for: PortalFor, admin_agent: Membership, sheet_file: Path
) -> None:
    portal = portal_for(admin_agent)
    page = portal.page
    portal.open("/customers/imports/")
    page.get_by_label("File", exact=True).set_input_files(sheet_file)
    portal.click("Upload")
    portal.click("Check the rows")
    expect(page.get_by_role("heading", name="Reading the file")).to_be_visible()
    Session.objects.all().delete()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
