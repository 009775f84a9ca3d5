"""New customer saves itself, beside other windows, and through the loss of session or draft."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, OnboardingDraft
from customers.tests.factories import CustomerFactory, OnboardingDraftFactory
from customers.tests.test_new_customer import answers, submit
from portal.common.kept_forms import SESSION_KEY, mark_of
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD, MembershipFactory

ClientOf = Callable[[Membership], Client]
NEW = reverse("customers:new")
HERE = {"Origin": "http://testserver"}

pytestmark = pytest.mark.usefixtures("template")


def typed(window: str = "w1", version: int = 0, turn: int = 1, **changed: str) -> dict[str, str]:
    known = {"draft_version": str(version), "draft_window": window, "draft_turn": str(turn)}
    return {**answers(**changed), **known}


def autosave(client: Client, url: str, sent: dict[str, str]) -> Any:
    return client.post(url, {**sent, "action": "autosave"}, headers={"X-Autosave": "1"})


def draft_url(draft: OnboardingDraft | None = None) -> str:
    return reverse("customers:draft", args=[(draft or OnboardingDraft.objects.get()).pk])


def test_the_first_save_starts_the_draft_and_says_where_it_is(client_of: ClientOf, sales_agent: Membership) -> None:
    client, sent = client_of(sales_agent), typed(contact__email="half@")
    answer = autosave(client, NEW, sent)
    draft = OnboardingDraft.objects.get()
    assert answer.json()["url"] == draft_url(draft)
    assert answer.json()["version"] == draft.version == 1
    local = timezone.localtime(draft.updated_at, sales_agent.partner.zone)
    assert answer.json()["said"] == f"Saved at {local:%H:%M}"
    assert draft.data["account"]["contact-email"] == "half@"
    assert draft.pk == uuid.UUID(sent["draft_key"])
    again = autosave(client, NEW, {**sent, "draft_turn": "2", "company-city": "Malmö"})
    assert again.json()["version"] == 2
    assert OnboardingDraft.objects.get().data["account"]["company-city"] == "Malmö"


def test_what_is_nonsense_is_kept_as_well(client_of: ClientOf, sales_agent: Membership) -> None:
    answer = autosave(client_of(sales_agent), NEW, typed(company__country="ZZ", company__company_name="\x00" * 9))
    assert answer.status_code == 200


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "1.5", "٣"])
@pytest.mark.parametrize("window", ["", "w" * 5000, "\x00"])
def test_survives_any_words_about_the_window(
    client_of: ClientOf, sales_agent: Membership, version: str, window: str
) -> None:
    client = client_of(sales_agent)
    sent = {**typed(), "draft_version": version, "draft_window": window, "draft_turn": version}
    assert autosave(client, NEW, sent).status_code == 200
    assert client.post(draft_url(), sent).status_code == 302


def test_an_old_save_never_undoes_what_next_wrote(client_of: ClientOf, sales_agent: Membership) -> None:
    client = client_of(sales_agent)
    autosave(client, NEW, typed(turn=1))
    client.post(draft_url(), typed(version=1, turn=3, company__city="Malmö"))
    late = autosave(client, draft_url(), typed(version=1, turn=2, company__city="Lund"))
    assert (late.status_code, late.json()["error"]) == (409, "changed")
    assert OnboardingDraft.objects.get().data["account"]["company-city"] == "Malmö"


def test_a_save_that_comes_after_submit_starts_nothing(client_of: ClientOf, sales_agent: Membership) -> None:
    client, sent = client_of(sales_agent), typed()
    submit(client, client.post(NEW, sent).url)
    for url in (NEW, draft_url()):
        late = autosave(client, url, sent)
        assert (late.status_code, late.json()["error"]) == (409, "submitted")
    assert OnboardingDraft.objects.count() == 1


def test_the_second_window_is_shown_both_versions_and_chooses_to_keep(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client = client_of(sales_agent)
    client.post(NEW, typed("w1", company__city="Malmö", company__postal_code=""))
    second = typed("w2", company__city="Lund", agreement__choice="invited")
    page = client.post(draft_url(), second)
    shown = page.content.decode()
    assert page.status_code == 409
    assert "changed in another window" in shown
    rows = {label: (there, here) for label, there, here in page.context["conflict"]["rows"]}
    assert rows["City"] == ("Malmö", "Lund")
    assert rows["How the customer accepts"][1].startswith("Customer will be invited")
    assert 'name="company-city" value="Lund"' in shown
    assert OnboardingDraft.objects.get().data["account"]["company-city"] == "Malmö"
    assert client.post(draft_url(), second).status_code == 409  # Next chooses nothing
    kept = client.post(draft_url(), {**second, "action": "keep", "seen_version": "1"})
    assert kept.url == draft_url()
    assert OnboardingDraft.objects.get().data["account"]["company-city"] == "Lund"


def test_a_choice_about_a_version_that_is_old_by_now_is_asked_again(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client = client_of(sales_agent)
    client.post(NEW, typed("w1", company__city="Malmö"))
    client.post(draft_url(), typed("w1", version=1, turn=2, company__city="Ystad"))
    late = client.post(draft_url(), {**typed("w2", company__city="Lund"), "action": "keep", "seen_version": "1"})
    assert late.status_code == 409
    assert OnboardingDraft.objects.get().data["account"]["company-city"] == "Ystad"


def test_the_page_draws_the_other_countrys_fields_for_a_script_too(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    """A refusal that htmx would not swap in would look like nothing happened."""
    client = client_of(sales_agent)
    client.post(NEW, typed("w1"))
    sent = {**typed("w2", company__country="PL"), "action": "country"}
    answer = client.post(draft_url(), sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "changed in another window" in answer.content.decode()


@pytest.mark.scenario("W2")
@pytest.mark.parametrize("page", ["the first page", "a draft's page"])
def test_after_a_lost_session_the_same_person_finds_every_value(
    client_of: ClientOf, sales_agent: Membership, admin_agent: Membership, page: str
) -> None:
    url = NEW if page == "the first page" else draft_url(OnboardingDraftFactory(membership=sales_agent))
    sent = typed(company__company_name="Före & efter", contact__email="half@")
    sent |= {"typed_by": mark_of(sales_agent.user), "partner": str(sales_agent.partner.tenant_id)}
    for member in (admin_agent, sales_agent):
        client = Client()
        assert client.post(url, sent, headers=HERE).url == f"{reverse('account_login')}?next={url}"
        login = {"login": member.user.email, "password": PASSWORD, "next": url}
        back = client.post(reverse("account_login"), login, follow=True)
        shown = back.content.decode()
        if member == admin_agent:
            assert "Före" not in shown
            assert "signed in again" not in shown
            continue
        assert "You are signed in again. Nothing was lost." in shown
        assert back.redirect_chain[-1][0] == url
        assert 'value="Före &amp; efter"' in shown
        assert 'value="half@"' in shown
        assert f'name="draft_key" value="{sent["draft_key"]}"' in shown
        assert autosave(client, url, sent).status_code == 200
        assert SESSION_KEY not in client.session


@pytest.mark.scenario("W2")
def test_a_submit_after_a_lost_session_leads_back_to_review(client_of: ClientOf, sales_agent: Membership) -> None:
    review = client_of(sales_agent).post(NEW, typed()).url
    client = Client()
    client.post(review, {"typed_by": mark_of(sales_agent.user), "submit_key": "k", "reviewed": "x"}, headers=HERE)
    login = {"login": sales_agent.user.email, "password": PASSWORD, "next": review}
    back = client.post(reverse("account_login"), login, follow=True)
    assert "You are signed in again" in back.content.decode()
    assert "Åkeri Öst AB" in back.content.decode()
    submit(client, review)
    assert Customer.objects.count() == 1


def test_a_form_of_another_partner_of_the_same_person_is_sent_as_it_was(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    """After the sign-in the first partner is the current one, which may not be the one the form was made for."""
    other = MembershipFactory(user=sales_agent.user, partner__name="Zz Second", roles=["sales_agent"])
    client = Client()
    sent = {**typed(), "typed_by": mark_of(sales_agent.user), "partner": str(other.partner.tenant_id)}
    client.post(NEW, sent, headers=HERE)
    login = {"login": sales_agent.user.email, "password": PASSWORD, "next": NEW}
    back = client.post(reverse("account_login"), login, follow=True)
    again = dict(back.context["kept"])
    assert again["partner"] == sent["partner"]
    assert "You switched to another partner" in client.post(NEW, again).content.decode()
    client.post(NEW, {**again, "switch_partner": again["partner"]})
    assert OnboardingDraft.objects.get().partner == other.partner


@pytest.mark.scenario("W8")
def test_what_is_sent_to_a_draft_that_is_gone_is_offered_as_a_new_one(
    client_of: ClientOf, sales_agent: Membership, stranger: Membership
) -> None:
    client = client_of(sales_agent)
    gone = reverse("customers:draft", args=[uuid.uuid4()])
    sent = {**typed(company__city="Malmö"), "partner": str(sales_agent.partner.tenant_id)}
    page = client.post(gone, sent)
    shown = page.content.decode()
    assert page.status_code == 404
    assert "This draft was thrown away" in shown
    assert 'value="Malmö"' in shown
    assert f'action="{NEW}"' in shown
    assert not OnboardingDraft.objects.exists()
    assert autosave(client, gone, sent).json()["error"] == "gone"
    theirs = client_of(stranger).post(gone, sent)
    assert theirs.status_code == 404
    assert "Malmö" not in theirs.content.decode()
    assert client.post(gone, {}).content == theirs.content


@pytest.mark.scenario("W8")
def test_a_domain_that_an_own_customer_took_meanwhile_leads_to_that_customer(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client = client_of(sales_agent)
    review = client.post(NEW, answers()).url
    customer = CustomerFactory(partner=sales_agent.partner, tenant__domain="akeri.onmicrosoft.com")
    shown = client.get(review, follow=True).content.decode()
    assert "This domain is taken" in shown
    assert "Open existing" in shown
    assert reverse("customers:account", args=[customer.tenant_id]) in shown
    assert 'value="Storgatan 1"' in shown


@pytest.mark.scenario("W8")
def test_a_domain_that_another_partner_took_meanwhile_is_told_and_nothing_of_theirs(
    client_of: ClientOf, sales_agent: Membership
) -> None:
    client = client_of(sales_agent)
    review = client.post(NEW, answers()).url
    theirs = CustomerFactory(tenant__domain="akeri.onmicrosoft.com", company_name="Secret of others")
    shown = client.get(review, follow=True).content.decode()
    assert "This domain is taken" in shown
    assert 'value="akeri"' in shown
    assert theirs.company_name not in shown
    assert str(theirs.tenant_id) not in shown


@pytest.mark.scenario("W8")
@pytest.mark.parametrize("how", ["deleted", "row gone"])
def test_a_draft_whose_customer_was_deleted_says_so(client_of: ClientOf, sales_agent: Membership, how: str) -> None:
    client = client_of(sales_agent)
    review = client.post(NEW, answers()).url
    submit(client, review)
    draft = OnboardingDraft.objects.get()
    if how == "deleted":
        Customer.objects.update(removed_at=timezone.now(), deleted_at=timezone.now())
    else:
        OnboardingDraft.objects.update(customer=None)
    for name in ("draft", "review", "confirmation", "discard"):
        page = client.get(reverse(f"customers:{name}", args=[draft.pk]), follow=True)
        assert "The customer was deleted" in page.content.decode()
    for name in ("new_password", "review"):
        page = client.post(reverse(f"customers:{name}", args=[draft.pk]), {"submit_key": "other"}, follow=True)
        assert "admin-password" not in page.content.decode()
        assert "The customer was deleted" in page.content.decode()
        # The name that its tenant was given to free the domain says nothing to anybody.
        assert "domain name" not in page.content.decode()
    assert Customer.objects.count() == 1
