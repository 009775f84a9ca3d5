"""Tags: the services, a customer's own, and the page on which a partner keeps them."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers import services
from customers.models import Customer, CustomerTag, Tag
from customers.services import tags as tag_services
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.common.folding import fold
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
ClientOf = Callable[[Membership], Client]
TAGS = reverse("customers:tags")


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(sales_agent)


def names_of(customer: Customer) -> list[str]:
    return [tag.name for tag in Tag.objects.of_customer(customer)]


def tag_of(partner: Partner, name: str) -> Tag:
    return Tag.objects.create(partner=partner, name=name, name_key=fold(name))


def page(name: str, tag: Tag) -> str:
    return reverse(f"customers:{name}", args=[tag.public_id])


def page_of(customer: Customer) -> str:
    return reverse("customers:edit_tags", args=[customer.tenant_id])


def test_a_customer_has_exactly_the_tags_it_was_given(by: Actor, customer: Customer) -> None:
    services.set_tags(by=by, customer=customer, names=["Gold", "School"])
    services.set_tags(by=by, customer=customer, names=["School", "Łódź", "  two   words "])
    assert names_of(customer) == ["Łódź", "School", "two words"]
    event = AuditEvent.objects.filter(code="customers.tags_changed").latest("pk")
    assert event.facts == {"added_count": 2, "removed_count": 1}
    assert event.detail.values == {"tags": [["Gold"], ["two words", "Łódź"]]}


def test_the_same_tags_again_change_nothing(by: Actor, customer: Customer) -> None:
    services.set_tags(by=by, customer=customer, names=["Gold"])
    count, updated_at = AuditEvent.objects.count(), Customer.objects.get().updated_at
    services.set_tags(by=by, customer=customer, names=["gold", "GOLD", "Göld"])
    assert (AuditEvent.objects.count(), Customer.objects.get().updated_at) == (count, updated_at)
    assert names_of(customer) == ["Gold"]


def test_no_two_tags_differ_only_in_case_or_accents(by: Actor, customer: Customer) -> None:
    services.set_tags(by=by, customer=customer, names=["Żółw", "ZOLW", "zółw"])
    assert names_of(customer) == ["Żółw"]
    with pytest.raises(IntegrityError), transaction.atomic():
        tag_of(customer.partner, "zolw")


@pytest.mark.parametrize("name", ["x" * 51, "ﷺ" * 20, "a,b", "..", "bi\u202edi", "nul\x00"])
def test_refuses_what_cannot_name_a_tag(by: Actor, customer: Customer, name: str) -> None:
    with pytest.raises(RuleViolation):
        services.set_tags(by=by, customer=customer, names=[name])
    assert not Tag.objects.exists()


def test_takes_fifty_characters_and_150_tags(by: Actor, customer: Customer) -> None:
    names = [f"{number:03}".ljust(50, "x") for number in range(150)]
    services.set_tags(by=by, customer=customer, names=names)
    assert CustomerTag.objects.filter(customer=customer).count() == 150
    with pytest.raises(RuleViolation):
        services.set_tags(by=by, customer=customer, names=[*names, "one more"])
    with pytest.raises(RuleViolation, match="as many as it can have"):
        services.add_tag(by=by, partner=customer.partner, customers=[customer], name="one more")
    assert not Tag.objects.filter(name="one more").exists()


def test_a_partner_tags_only_its_own_customers(by: Actor, customer: Customer, stranger: Membership) -> None:
    theirs = CustomerFactory(partner=stranger.partner)
    with pytest.raises(NotFound):
        services.set_tags(by=by, customer=theirs, names=["Gold"])
    assert services.add_tag(by=by, partner=customer.partner, customers=[customer, theirs], name="Gold") == 1
    assert not CustomerTag.objects.filter(customer=theirs).exists()


def test_no_tags_for_whose_relationship_has_ended(by: Actor, customer: Customer) -> None:
    Customer.objects.update(removed_at="2024-01-01T00:00Z")
    with pytest.raises(services.RelationshipEnded):
        services.set_tags(by=by, customer=customer, names=["Gold"])


@pytest.mark.django_db(transaction=True)
def test_the_database_keeps_tags_with_their_partner(customer: Customer, stranger: Membership) -> None:
    theirs = tag_of(stranger.partner, "Theirs")
    for partner in (customer.partner, stranger.partner):
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomerTag.objects.create(partner=partner, customer=customer, tag=theirs)


def test_renames_on_every_customer(by: Actor, customer: Customer) -> None:
    (tag,) = services.set_tags(by=by, customer=customer, names=["Gold"])
    services.rename_tag(by=by, tag=tag, name="gold")
    services.rename_tag(by=by, tag=tag, name="Silver")
    assert names_of(customer) == ["Silver"]
    tag_of(customer.partner, "Bronze")
    with pytest.raises(RuleViolation, match="already"):
        services.rename_tag(by=by, tag=tag, name="BRONZE")
    renamed = AuditEvent.objects.filter(code="customers.tag_renamed").latest("pk")
    assert renamed.detail.values == {"name": ["gold", "Silver"]}


def test_deletes_from_every_customer_once(by: Actor, customer: Customer) -> None:
    (tag,) = services.set_tags(by=by, customer=customer, names=["Gold"])
    assert services.delete_tag(by=by, tag=tag) == 1
    assert (names_of(customer), Tag.objects.count()) == ([], 0)
    assert AuditEvent.objects.get(code="customers.tag_deleted").facts == {"customer_count": 1}
    for again in (services.delete_tag, lambda **given: services.rename_tag(name="x1", **given)):
        with pytest.raises(NotFound):
            again(by=by, tag=Tag(pk=9_999_999, partner=customer.partner))


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_make_the_same_tag_share_one(
    sales_agent: Membership, actor_for: Act, customer: Customer, tmp_path: Path
) -> None:
    other, by = CustomerFactory(partner=customer.partner), actor_for(sales_agent)
    agents = [(customer, ["Gold", "Ąb", "c"]), (other, ["C", "GOLD", "ab"])]

    with shared_by_threads(tmp_path):
        _done, errors = together(
            2, lambda number: services.set_tags(by=by, customer=agents[number][0], names=agents[number][1])
        )
        assert errors == []
        assert Tag.objects.count() == 3
        assert CustomerTag.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_who_looks_and_then_makes_a_tag_may_come_second(partner: Partner, tmp_path: Path) -> None:
    """Negative control of the race: the plain way, to look and then to make, loses it."""
    looked = threading.Barrier(2)

    def plainly(_number: int) -> Tag:
        known = Tag.objects.filter(partner=partner, name_key="gold").first()
        looked.wait(timeout=20)
        return known or tag_of(partner, "Gold")

    with shared_by_threads(tmp_path):
        _made, errors = together(2, plainly)
        assert [type(error) for error in errors] == [IntegrityError]


@pytest.mark.django_db(transaction=True)
def test_the_first_of_two_who_make_a_tag_makes_it_for_both(partner: Partner, tmp_path: Path) -> None:
    """The same moment as above, with what the services do there."""
    looked = threading.Barrier(2)

    def make(_number: int) -> int:
        looked.wait(timeout=20)
        with transaction.atomic():
            return tag_services._tags_named(partner, ["Gold"])[0].pk

    with shared_by_threads(tmp_path):
        made, errors = together(2, make)
        assert (errors, len(set(made)), Tag.objects.count()) == ([], 1, 1)


def test_a_tag_that_is_deleted_meanwhile_is_made_again(
    by: Actor, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, calls = type(Tag.objects.all()).bulk_create, []

    def make_and_lose(self: Any, rows: list[Tag], **options: Any) -> list[Tag]:
        made = make(self, rows, **options)
        calls.append(len(rows))
        if len(calls) == 1:
            Tag.objects.all().delete()
        return made

    monkeypatch.setattr(type(Tag.objects.all()), "bulk_create", make_and_lose)
    services.set_tags(by=by, customer=customer, names=["Gold"])
    assert names_of(customer) == ["Gold"]
    assert calls[:2] == [1, 1]


def test_account_info_shows_tags_that_lead_to_the_list(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, by: Actor
) -> None:
    (tag,) = services.set_tags(by=by, customer=customer, names=["Gold & more"])
    shown = client_of(helpdesk_agent).get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
    assert f"{reverse('customers:list')}?tag={tag.public_id}" in shown
    assert "Gold &amp; more" in shown
    assert page_of(customer) in shown


def test_a_reseller_does_not_see_its_providers_tags(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner
) -> None:
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    CustomerTag.objects.create(partner=provider, customer=resold, tag=tag_of(provider, "Slow payer"))
    client = client_of(reseller_agent)
    shown = client.get(reverse("customers:account", args=[resold.tenant_id])).content.decode()
    assert "Slow payer" not in shown
    assert client.get(page_of(resold)).status_code == 403


def test_tags_are_assigned_on_their_page(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, partner: Partner
) -> None:
    tag_of(partner, "Known")
    client = client_of(helpdesk_agent)
    assert '<option value="Known">' in client.get(page_of(customer)).content.decode()
    answer = client.post(page_of(customer), {"tags": " known,, New one ,"})
    assert answer["Location"] == reverse("customers:account", args=[customer.tenant_id])
    assert names_of(customer) == ["Known", "New one"]
    assert 'value="Known, New one"' in client.get(page_of(customer)).content.decode()
    client.post(page_of(customer), {"tags": ""})
    assert names_of(customer) == []


@pytest.mark.parametrize("typed", ["ok, " + "x" * 51, "y" * 20_000, "a\u202eb"])
def test_what_was_typed_stays_when_it_is_refused(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, typed: str
) -> None:
    answer = client_of(helpdesk_agent).post(page_of(customer), {"tags": typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert typed in answer.content.decode()
    assert not Tag.objects.exists()


def test_lists_tags_with_how_many_customers_have_them(
    client_of: ClientOf,
    helpdesk_agent: Membership,
    customer: Customer,
    by: Actor,
    stranger: Membership,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    tag_of(stranger.partner, "Canary")
    client = client_of(helpdesk_agent)
    assert "No tags yet" in client.get(TAGS).content.decode()
    removed = CustomerFactory(partner=customer.partner, removed_at="2024-01-01T00:00Z")
    (gold,) = services.set_tags(by=by, customer=customer, names=["Gold"])
    CustomerTag.objects.create(partner=customer.partner, customer=removed, tag=gold)
    tag_of(customer.partner, "Amber")
    answer = client.get(TAGS)
    assert [(tag.name, tag.customer_count) for tag in answer.context["page"].rows] == [("Amber", 0), ("Gold", 1)]
    assert "Canary" not in answer.content.decode()
    with django_assert_max_num_queries(10) as few:
        client.get(TAGS)
    services.set_tags(by=by, customer=customer, names=[f"t{number:02}" for number in range(60)])
    with django_assert_max_num_queries(10) as many:
        assert client.get(TAGS).context["page"].next_url
    assert len(few.captured_queries) == len(many.captured_queries)


def test_renames_and_deletes_on_their_pages(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    client, gold, amber = (
        client_of(helpdesk_agent),
        tag_of(customer.partner, "Gold"),
        tag_of(customer.partner, "Amber"),
    )
    refused = client.post(page("tag", gold), {"name": "AMBER"})
    assert "You have this tag already" in refused.content.decode()
    assert 'value="AMBER"' in refused.content.decode()
    assert client.post(page("tag", gold), {"name": "Silver"})["Location"] == TAGS
    CustomerTag.objects.create(partner=customer.partner, customer=customer, tag=amber)
    assert "on 1 customer" in client.get(page("delete_tag", amber)).content.decode()
    assert client.post(page("delete_tag", amber))["Location"] == TAGS
    assert [tag.name for tag in Tag.objects.all()] == ["Silver"]
    assert client.post(page("delete_tag", amber)).status_code == 404


def test_a_tag_of_another_partner_does_not_exist(client_of: ClientOf, admin_agent: Membership) -> None:
    theirs = tag_of(MembershipFactory().partner, "Theirs")
    client = client_of(admin_agent)
    for name in ("tag", "delete_tag"):
        assert client.get(page(name, theirs)).status_code == 404
        assert client.post(page(name, theirs), {"name": "Mine"}).status_code == 404
    assert Tag.objects.get().name == "Theirs"


def test_the_activity_log_says_it_in_words(
    client_of: ClientOf, admin_agent: Membership, customer: Customer, by: Actor
) -> None:
    (tag,) = services.set_tags(by=by, customer=customer, names=["<b>Gold"])
    services.set_tags(by=by, customer=customer, names=["Amber"])
    services.rename_tag(by=by, tag=tag, name="Silver")
    services.delete_tag(by=by, tag=tag)
    log = client_of(admin_agent).get(reverse("dashboard:activity")).content.decode()
    for said in ("Tags added: &lt;b&gt;Gold", "Tags added: Amber; removed: &lt;b&gt;Gold", "renamed to “Silver”"):
        assert said in log
    assert "Tag “Silver” deleted (it was on 0 customers)" in log
