"""New customer outlives a killed browser, a lost session, a second window and a stale token: nothing is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from customers.models import Customer, OnboardingDraft
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD
from portal.tests.journeys.conftest import Portal

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("template"),
]
PortalFor = Callable[..., Portal]
SAVED = re.compile(r"^Saved at \d\d:\d\d\s*$")
# The fields of the page, in their order, and what is typed into each.
TYPED = {
    "company-company_name": "Åkeri Öst AB",
    "company-domain_prefix": "akeri-ost",
    "company-address_line1": "Storgatan 1",
    "company-address_line2": "2 tr",
    "company-postal_code": "00-001",
    "company-city": "Warszawa",
    "contact-first_name": "Åsa",
    "contact-last_name": "Öberg",
    "contact-email": "asa@akeri.example",
    "contact-phone": "22 123 45 67",
}


def begin(portal: Portal) -> Page:
    portal.open("/customers/new/")
    portal.page.wait_for_load_state()
    return portal.page


def type_into(page: Page, name: str, text: str) -> None:
    field = page.locator(f"#id_{name}")
    field.focus()
    field.press("Control+a")
    page.keyboard.type(text)


def line(page: Page) -> Any:
    return page.locator("[data-save-line]")


def expect_saved(page: Page) -> None:
    expect(line(page)).to_contain_text(SAVED)


@pytest.mark.scenario("W1")
def test_a_browser_killed_at_any_field_loses_no_more_than_five_seconds(
    portal_for: PortalFor, sales_agent: Membership
) -> None:
    """Each field is typed and left alone for less than five seconds; then the browser is gone without a goodbye."""
    first = portal_for(sales_agent)
    page, typed = begin(first), {}
    for name, text in TYPED.items():
        with page.expect_response(lambda answer: "x-autosave" in answer.request.headers, timeout=5_000):
            type_into(page, name, text)
        typed[name] = text
        # What a browser that is killed now would find when it comes back.
        kept = OnboardingDraft.objects.get().data["account"]
        assert {each: kept[each] for each in typed} == typed
    expect_saved(page)
    where = page.url
    first.look()
    page.context.close()

    second = portal_for(sales_agent)
    second.page.goto(where)
    for name, text in typed.items():
        expect(second.page.locator(f"#id_{name}")).to_have_value(text)
    assert OnboardingDraft.objects.count() == 1


@pytest.mark.scenario("W1")
def test_steady_typing_is_saved_without_waiting_for_a_pause(portal_for: PortalFor, sales_agent: Membership) -> None:
    page = begin(portal_for(sales_agent))
    page.locator("#id_company-company_name").focus()
    for _ in range(60):  # a key every 100 ms: no pause ever lasts two seconds
        page.keyboard.type("x")
        page.wait_for_timeout(100)
    kept = OnboardingDraft.objects.get().data["account"]["company-company_name"]
    assert len(kept) >= 10
    with page.expect_response(lambda answer: "x-autosave" in answer.request.headers):
        page.keyboard.type("y")


@pytest.mark.scenario("W1")
def test_leaving_the_page_saves_at_once(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    page = begin(portal)
    type_into(page, "company-company_name", "Half a na")
    portal.click("Cancel", "link")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    portal.open("/customers/drafts/")
    expect(page.get_by_role("link", name="Half a na", exact=True)).to_be_visible()
    portal.look()
    portal.click("Resume", "link")
    expect(page.locator("#id_company-company_name")).to_have_value("Half a na")


@pytest.mark.scenario("W1")
def test_without_the_script_the_same_typing_is_lost(portal_for: PortalFor, sales_agent: Membership) -> None:
    """Negative control: it is the autosave that keeps it."""
    portal = portal_for(sales_agent)
    portal.page.route("**/autosave*.js", lambda route: route.abort())
    page = begin(portal)
    type_into(page, "company-company_name", "Gone")
    page.wait_for_timeout(5_000)
    page.context.close()
    assert not OnboardingDraft.objects.exists()


def test_an_untouched_page_starts_nothing(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    begin(portal)
    portal.page.wait_for_timeout(2_500)
    portal.open("/")
    assert not OnboardingDraft.objects.exists()


def test_a_save_is_heard_once(portal_for: PortalFor, sales_agent: Membership) -> None:
    page = begin(portal_for(sales_agent))
    type_into(page, "company-company_name", "A")
    expect(page.locator("#live")).to_have_text(SAVED)
    page.evaluate("document.getElementById('live').textContent = ''")
    with page.expect_response(lambda answer: "x-autosave" in answer.request.headers):
        type_into(page, "company-company_name", "AB")
    expect_saved(page)
    expect(page.locator("#live")).to_have_text("")


@pytest.mark.scenario("W3")
def test_two_tabs_with_two_wizards_make_two_customers(portal_for: PortalFor, sales_agent: Membership) -> None:
    one = portal_for(sales_agent)
    two = Portal(one.page.context.new_page(), one.base)
    names = {one: ("Tab A AB", "tab-a"), two: ("Tab B AB", "tab-b")}
    for tab in (one, two):
        begin(tab)
        tab.page.get_by_label("Country or region").select_option("SE")
        expect(tab.page.get_by_label("Registration number")).to_have_count(0)
    rest = {"company-address_line1": "Storgatan 1", "company-postal_code": "111 22", "company-city": "Stockholm"}
    people = {"contact-first_name": "Åsa", "contact-last_name": "Öberg", "contact-email": "asa@akeri.example"}
    for tab, (name, domain) in names.items():
        tab.page.locator("#id_company-company_name").fill(name)
        tab.page.locator("#id_company-domain_prefix").fill(domain)
    for field, text in {**rest, **people}.items():
        for tab in (one, two):
            tab.page.locator(f"#id_{field}").fill(text)
    for tab in (two, one):
        tab.page.get_by_label("Customer will be invited").check()
        tab.click("Next")
    for tab in (one, two):
        expect(tab.page.locator("main")).to_contain_text(names[tab][0])
        finish(tab)
    made = set(Customer.objects.values_list("company_name", "tenant__domain"))
    assert made == {(name, f"{domain}.onmicrosoft.com") for name, domain in names.values()}
    assert not OnboardingDraft.objects.unfinished().exists()


def finish(portal: Portal) -> None:
    """Through whatever optional pages stand before it, to Submit."""
    submit = portal.page.get_by_role("button", name="Submit")
    following = portal.page.get_by_role("button", name=re.compile("^Next")).last
    expect(submit.or_(following)).to_be_visible()
    if not submit.is_visible():
        following.click()
    submit.click()
    expect(portal.page.locator("#admin-password")).to_be_visible()


def test_two_windows_on_one_draft_the_second_chooses(portal_for: PortalFor, sales_agent: Membership) -> None:
    one = portal_for(sales_agent)
    page = begin(one)
    type_into(page, "company-company_name", "First words")
    expect_saved(page)
    two = portal_for(sales_agent)
    two.page.goto(page.url)
    two.page.wait_for_load_state()
    type_into(page, "company-company_name", "Said in window one")
    expect(page.locator("#account-form input[name=draft_version]")).to_have_value("2")
    type_into(two.page, "company-company_name", "Said in window two")
    expect(line(two.page)).to_contain_text("Not saved: this draft was changed in another window.")
    assert OnboardingDraft.objects.get().title == "Said in window one"
    two.complaints.clear()  # the browser notes the refusal's status
    two.look()
    two.click("See both versions")
    expect(two.page.get_by_role("heading", name="This draft was changed in another window")).to_be_visible()
    expect(two.page.locator("#account-form table")).to_contain_text("Said in window one")
    expect(two.page.locator("#id_company-company_name")).to_have_value("Said in window two")
    two.complaints.clear()
    two.look()
    two.page.wait_for_timeout(2_500)
    assert OnboardingDraft.objects.get().title == "Said in window one"
    two.click("Keep what is here")
    expect(two.page.get_by_text("the other version is replaced")).to_be_visible()
    assert OnboardingDraft.objects.get().title == "Said in window two"

    type_into(page, "company-city", "Malmö")
    expect(line(page)).to_contain_text("changed in another window")
    one.click("See both versions")
    one.click("Load the other version", "link")
    expect(page.locator("#id_company-company_name")).to_have_value("Said in window two")


@pytest.mark.scenario("W2")
def test_a_lost_session_leads_back_to_the_same_step_with_every_value(
    portal_for: PortalFor, sales_agent: Membership
) -> None:
    portal = portal_for(sales_agent)
    page = begin(portal)
    type_into(page, "company-company_name", "Before")
    expect_saved(page)
    Session.objects.all().delete()
    type_into(page, "company-company_name", "Before and after, żółć")
    expect(line(page)).to_contain_text("Not saved: you were signed out.")
    portal.complaints.clear()
    portal.look()
    portal.click("Sign in and go on here")
    expect(page.get_by_text("nothing is lost")).to_be_visible()
    page.get_by_label("Email").fill(sales_agent.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    portal.click("Sign in")
    expect(page.get_by_text("You are signed in again. Nothing was lost.")).to_be_visible()
    expect(page.locator("#id_company-company_name")).to_have_value("Before and after, żółć")
    portal.complaints.clear()  # of the page before
    portal.look()
    expect_saved(page)
    assert OnboardingDraft.objects.get().title == "Before and after, żółć"


@pytest.mark.scenario("W7")
def test_a_stale_token_costs_one_click(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    page = begin(portal)
    type_into(page, "company-company_name", "Kept")
    expect_saved(page)
    Session.objects.all().delete()
    Portal(page.context.new_page(), portal.base).sign_in(sales_agent)
    type_into(page, "company-company_name", "Kept all the same")
    expect(line(page)).to_contain_text("Not saved: this page was opened before you last signed in")
    portal.click("Send what is here")
    portal.click("Send again")
    expect(page.locator("#id_company-company_name")).to_have_value("Kept all the same")
    assert OnboardingDraft.objects.get().title == "Kept all the same"


@pytest.mark.scenario("W8")
def test_a_draft_thrown_away_elsewhere_is_offered_again(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    page = begin(portal)
    type_into(page, "company-company_name", "Twice lucky")
    expect_saved(page)
    OnboardingDraft.objects.all().delete()
    type_into(page, "company-company_name", "Twice lucky AB")
    expect(line(page)).to_contain_text("thrown away in another window")
    portal.click("Keep it as a new draft")
    expect(page.get_by_text("What you typed is still here")).to_be_visible()
    portal.complaints.clear()
    portal.look()
    portal.click("Save and finish later")
    expect(page.get_by_text("Your draft is saved")).to_be_visible()
    assert OnboardingDraft.objects.get().title == "Twice lucky AB"


def test_words_typed_while_the_form_is_drawn_anew_stay(portal_for: PortalFor, sales_agent: Membership) -> None:
    page = begin(portal_for(sales_agent))

    def late(route: Any) -> None:
        page.wait_for_timeout(700)
        route.continue_()

    page.route("**/customers/new/**", late)
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.get_by_label("Country or region").select_option("SE")
        type_into(page, "company-company_name", "Quick fingers AB")
    expect(page.get_by_label("Registration number")).to_have_count(0)
    expect(page.locator("#id_company-company_name")).to_have_value("Quick fingers AB")
    # An answer that is still held back would come when this test's page is gone, and fail the next one.
    page.unroute_all(behavior="wait")
