"""New customer: every answer kept, validated again, made once."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from agreements.links import link_of
from agreements.models import AgreementTemplate, Attestation, Invitation, InvitationPolicy, Place
from customers.models import Customer, CustomerUser, OnboardingDraft
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

ClientOf = Callable[[Membership], Client]
NEW = reverse("customers:new")

pytestmark = pytest.mark.usefixtures("template")


def answers(**changed: str) -> dict[str, str]:
    typed = {
        "draft_key": str(uuid.uuid4()),
        "company-country": "SE",
        "company-company_name": "Åkeri Öst AB",
        "company-domain_prefix": "akeri",
        "company-address_line1": "Storgatan 1",
        "company-city": "Stockholm",
        "company-postal_code": "111 22",
        "contact-first_name": "Åsa",
        "contact-last_name": "Öberg",
        "contact-email": "asa@akeri.example",
        "contact-phone": "",
        "agreement-choice": "accepted",
        "acceptance-agreed_on": timezone.now().date().isoformat(),
        "acceptance-signer": "contact",
        "acceptance-evidence_kind": "email",
        "acceptance-language": "sv-SE",
    }
    return {**typed, **{name.replace("__", "-"): value for name, value in changed.items()}}


def submit(client: Client, review_url: str) -> tuple[dict[str, str], str]:
    """Send the Review page; answers what was sent and the page that came back."""
    page = client.get(review_url).content.decode()
    sent = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("submit_key", "reviewed")}
    return sent, client.post(review_url, sent).content.decode()


def password_in(page: str) -> str | None:
    found = re.search(r'id="admin-password">([^<]+)<', page)
    return found[1] if found else None


def test_makes_customer_administrator_contact_and_record(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    _sent, page = submit(client, client.post(NEW, answers()).url)

    customer = Customer.objects.get()
    assert customer.tenant.domain == "akeri.onmicrosoft.com"
    record = Attestation.objects.get()
    assert (record.person.full_name, record.door, record.document.language) == ("Åsa Öberg", "wizard", "en-US")
    admin = CustomerUser.objects.get(tenant=customer.tenant).user
    password = password_in(page)
    assert password
    assert admin.check_password(password)
    assert admin.must_change_password
    assert str(customer.tenant_id) in page


def test_someone_else_may_have_accepted_and_the_contact_stays(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    other = answers(
        acceptance__signer="other",
        acceptance__first_name="Ola",
        acceptance__last_name="Nordmann",
        acceptance__email="ola@akeri.example",
        acceptance__phone="",
    )
    submit(client, client.post(NEW, other).url)
    assert Attestation.objects.get().person.full_name == "Ola Nordmann"
    assert Customer.objects.get().contacts.get().full_name == "Åsa Öberg"


@pytest.mark.parametrize("place", Place.values)
def test_an_invited_customer_is_pending(client_of: ClientOf, sales_agent: Membership, place: str) -> None:
    InvitationPolicy.objects.create(partner=sales_agent.partner, place=place)
    client = client_of(sales_agent)
    _sent, page = submit(client, client.post(NEW, answers(agreement__choice="invited")).url)
    assert not Attestation.objects.exists()
    assert Customer.objects.get().invited_at is not None
    invitation, password = Invitation.objects.get(), password_in(page)
    assert (invitation.full_name, invitation.email, invitation.letter) == ("Åsa Öberg", "asa@akeri.example", None)
    message = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert message
    assert link_of(invitation) in message[1]
    assert ("admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement" in page) is (place == "microsoft")
    assert password
    assert page.count(password) == 1
    assert reverse("agreements:invitation", args=[invitation.public_id]) in page
    later = client.get(reverse("customers:confirmation", args=[OnboardingDraft.objects.get().pk])).content.decode()
    assert link_of(invitation) in later


def test_what_is_recorded_needs_no_invitation(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    _sent, page = submit(client, client.post(NEW, answers()).url)
    assert not Invitation.objects.exists()
    assert "<textarea" not in page


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_writes_nothing(client_of: ClientOf, sales_agent: Membership, method: str) -> None:
    assert getattr(client_of(sales_agent), method)(NEW).status_code == 200
    assert not OnboardingDraft.objects.exists()


@pytest.mark.parametrize("country", ["all", "ZZ", "pl", "", "\x00", "A" * 10_240], ids=range(6))
@pytest.mark.parametrize("action", ["", "country", "later"])
def test_survives_any_country(client_of: ClientOf, sales_agent: Membership, country: str, action: str) -> None:
    typed = answers(company__country=country, action=action)
    assert client_of(sales_agent).post(NEW, typed, follow=True).status_code == 200
    assert not Customer.objects.exists()


def test_sending_the_first_page_twice_makes_one_draft(client_of: ClientOf, sales_agent: Membership) -> None:
    client, typed = client_of(sales_agent), answers()
    client.post(NEW, typed)
    client.post(NEW, typed)
    assert OnboardingDraft.objects.count() == 1


def other_company(first: dict[str, str]) -> dict[str, str]:
    """The first page again with the browser's Back button, and another company typed over it."""
    return {**first, "company-company_name": "Tab B AB", "company-domain_prefix": "tabb"}


@pytest.mark.parametrize("where", ["the first page", "the draft's page"])
def test_back_after_submit_and_other_answers_make_another_customer(
    client_of: ClientOf, sales_agent: Membership, where: str
) -> None:
    client, typed = client_of(sales_agent), answers()
    submit(client, client.post(NEW, typed).url)
    first = OnboardingDraft.objects.get()
    url = NEW if where == "the first page" else reverse("customers:draft", args=[first.pk])
    review = client.post(url, other_company(typed)).url
    assert client.post(url, other_company(typed)).url == review
    assert OnboardingDraft.objects.count() == 2
    submit(client, review)
    made = set(Customer.objects.values_list("company_name", "tenant__domain"))
    assert made == {("Åkeri Öst AB", "akeri.onmicrosoft.com"), ("Tab B AB", "tabb.onmicrosoft.com")}
    first.refresh_from_db()
    assert first.customer is not None
    assert first.customer.company_name == "Åkeri Öst AB"


def test_back_after_submit_and_the_same_answers_say_that_the_domain_is_taken(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client, typed = client_of(sales_agent), answers()
    submit(client, client.post(NEW, typed).url)
    assert "This domain is taken" in client.post(NEW, typed).content.decode()
    assert Customer.objects.count() == 1


def test_bad_answers_come_back_with_advice_and_stay_in_the_draft(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client = client_of(sales_agent)
    bad = answers(company__company_name="", contact__email="no", acceptance__agreed_on="2999-01-01")
    response = client.post(NEW, bad)
    page = response.content.decode()
    assert response.status_code == 200
    assert "There is a problem" in page
    assert "Enter the company name" in page
    assert "The acceptance date must be today or earlier" in page
    assert 'value="Storgatan 1"' in page
    draft = OnboardingDraft.objects.get()
    assert draft.data["account"]["contact-email"] == "no"
    resumed = client.get(reverse("customers:draft", args=[draft.pk])).content.decode()
    assert 'value="Storgatan 1"' in resumed
    assert 'value="2999-01-01"' in resumed


@pytest.mark.scenario("W4")
def test_review_is_not_reached_by_url_before_the_answers_are_right(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client = client_of(sales_agent)
    client.post(NEW, answers(company__city=""))
    draft = OnboardingDraft.objects.get()
    for url in ("customers:subscriptions", "customers:review", "customers:confirmation"):
        response = client.get(reverse(url, args=[draft.pk]))
        assert response.status_code == 302
        assert response.url.split("?")[0] == reverse("customers:draft", args=[draft.pk])
    assert "Enter the city" in client.get(reverse("customers:review", args=[draft.pk]), follow=True).content.decode()
    response = client.post(reverse("customers:review", args=[draft.pk]), {"submit_key": "k", "reviewed": "x"})
    assert response.status_code == 302
    assert not Customer.objects.exists()


def test_a_double_click_on_submit_makes_one_customer_and_shows_the_same_password(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client = client_of(sales_agent)
    review = client.post(NEW, answers()).url
    sent, page = submit(client, review)
    again = client.post(review, sent).content.decode()
    assert Customer.objects.count() == 1
    assert password_in(again) == password_in(page)


def test_the_password_is_shown_once(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    _sent, page = submit(client, client.post(NEW, answers()).url)
    draft = OnboardingDraft.objects.get()
    later = client.get(reverse("customers:confirmation", args=[draft.pk])).content.decode()
    assert password_in(later) is None
    renewed = client.post(reverse("customers:new_password", args=[draft.pk])).content.decode()
    fresh = password_in(renewed)
    assert fresh is not None
    assert fresh != password_in(page)
    assert CustomerUser.objects.get().user.check_password(fresh)


def test_answers_changed_in_another_tab_are_reviewed_again(client_of: ClientOf, sales_agent: Membership) -> None:
    client, typed = client_of(sales_agent), answers()
    review = client.post(NEW, typed).url
    page = client.get(review).content.decode()
    reviewed = re.search(r'name="reviewed" value="([^"]+)"', page)[1]
    client.post(NEW, {**typed, "company-city": "Malmö"})
    response = client.post(review, {"submit_key": "k", "reviewed": reviewed})
    assert response.status_code == 302
    assert not Customer.objects.exists()


@pytest.mark.scenario("W3")
def test_two_tabs_never_mix(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    first = client.post(NEW, answers()).url
    second = client.post(NEW, answers(company__domain_prefix="tabb", company__company_name="Tab B AB")).url
    submit(client, first)
    submit(client, second)
    made = set(Customer.objects.values_list("company_name", "tenant__domain"))
    assert made == {("Åkeri Öst AB", "akeri.onmicrosoft.com"), ("Tab B AB", "tabb.onmicrosoft.com")}


def test_a_taken_domain_is_said_at_its_field(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    review = client.post(NEW, answers()).url
    page = client.get(review).content.decode()
    sent = {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("submit_key", "reviewed")}
    CustomerFactory(tenant__domain="akeri.onmicrosoft.com")
    response = client.post(review, sent)
    assert response.status_code == 302
    page = client.get(response.url, follow=True).content.decode()
    assert 'value="akeri"' in page


def test_another_person_of_the_same_partner_does_not_see_the_draft(
    client_of: ClientOf, sales_agent: Membership, admin_agent: Membership
) -> None:
    client_of(sales_agent).post(NEW, answers(company__city=""))
    url = reverse("customers:draft", args=[OnboardingDraft.objects.get().pk])
    assert client_of(admin_agent).get(url).status_code == 404


def test_a_global_admin_creates_without_confirming(client_of: ClientOf, global_admin: Membership) -> None:
    client = client_of(global_admin)
    assert "Your roles do not include confirming" in client.get(NEW).content.decode()
    submit(client, client.post(NEW, answers()).url)
    assert Customer.objects.get().attested_on is None


def test_a_helpdesk_agent_may_not(client_of: ClientOf, helpdesk_agent: Membership) -> None:
    response = client_of(helpdesk_agent).get(NEW)
    assert response.status_code == 403
    assert "Sales agent" in response.content.decode()


def test_in_a_national_cloud_nothing_is_asked_about_the_agreement(
    client_of: ClientOf, template: AgreementTemplate
) -> None:
    member = MembershipFactory(partner=PartnerFactory(government=True))
    client = client_of(member)
    assert "does not apply in your cloud" in client.get(NEW).content.decode()
    submit(client, client.post(NEW, answers()).url)
    assert Customer.objects.exists()


def test_the_draft_is_thrown_away_on_request(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    client.post(NEW, answers(company__city=""))
    client.post(reverse("customers:discard", args=[OnboardingDraft.objects.get().pk]))
    assert not OnboardingDraft.objects.exists()


def test_a_field_is_checked_while_filling_in_without_keeping_anything(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    headers = {"X-Validate-Field": "contact-email"}
    response = client_of(sales_agent).post(NEW, answers(contact__email="no"), headers=headers)
    assert "correct format" in response.json()["errors"][0]
    assert not OnboardingDraft.objects.exists()


def test_review_lists_the_answers_that_count_in_words(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    review = client.post(NEW, answers(contact__phone="08-123 456 78", acceptance__first_name="Half-typed")).url
    response = client.get(review)
    shown = {label: said for facts in response.context["answered"].values() for label, said in facts}
    assert shown["Country or region"] == "Sweden"
    assert shown["Phone number"] == "+46 8 123 456 78"
    assert shown["Who accepted"].startswith("The primary contact: Åsa Öberg")
    assert shown["Agreement acceptance date"] == date_format(timezone.now().date())
    assert "Half-typed" not in shown.values()
