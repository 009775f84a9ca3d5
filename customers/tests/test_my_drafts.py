"""The page My drafts: the own unfinished ones, and the way to be rid of one."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from customers.models import OnboardingDraft
from customers.tests.factories import CustomerFactory, OnboardingDraftFactory
from portal.common import keyset
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
DRAFTS = reverse("customers:drafts")


def named(membership: Membership, name: str) -> OnboardingDraft:
    return OnboardingDraftFactory(membership=membership, data={"account": {"company-company_name": name}})


def test_lists_the_own_unfinished_ones_last_saved_first(
    client_of: ClientOf, sales_agent: Membership, admin_agent: Membership
) -> None:
    for name in ("Older", "Newer"):
        named(sales_agent, name)
    named(admin_agent, "A colleague's")
    done = named(sales_agent, "Done")
    done.submitted_at, done.customer = done.created_at, CustomerFactory(partner=sales_agent.partner)
    done.save()
    response = client_of(sales_agent).get(DRAFTS)
    assert [draft.title for draft in response.context["page"].rows] == ["Newer", "Older"]
    assert "Resume" in response.content.decode()


def test_without_any_it_says_what_to_do(client_of: ClientOf, sales_agent: Membership) -> None:
    page = client_of(sales_agent).get(DRAFTS).content.decode()
    assert "No drafts" in page
    assert reverse("customers:new") in page


def test_pages_follow_each_other(client_of: ClientOf, sales_agent: Membership) -> None:
    for number in range(keyset.PAGE_SIZE + 1):
        named(sales_agent, f"Company {number}")
    client = client_of(sales_agent)
    first = client.get(DRAFTS).context["page"]
    second = client.get(DRAFTS + first.next_url).context["page"]
    assert [draft.title for draft in second.rows] == ["Company 0"]


def test_discard_asks_first(client_of: ClientOf, sales_agent: Membership) -> None:
    draft = named(sales_agent, "Żabka")
    client, url = client_of(sales_agent), reverse("customers:discard", args=[draft.pk])
    assert "Żabka" in client.get(url).content.decode()
    assert OnboardingDraft.objects.exists()
    assert client.post(url).url == DRAFTS
    assert not OnboardingDraft.objects.exists()


def test_one_that_made_a_customer_is_not_thrown_away(client_of: ClientOf, sales_agent: Membership) -> None:
    draft = named(sales_agent, "Done")
    draft.submitted_at, draft.customer = draft.created_at, CustomerFactory(partner=sales_agent.partner)
    draft.save()
    response = client_of(sales_agent).post(reverse("customers:discard", args=[draft.pk]))
    assert response.url == reverse("customers:confirmation", args=[draft.pk])
    assert OnboardingDraft.objects.exists()


def test_home_leads_there(client_of: ClientOf, sales_agent: Membership) -> None:
    named(sales_agent, "Żabka")
    assert DRAFTS in client_of(sales_agent).get("/").content.decode()
