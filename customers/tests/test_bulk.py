"""One action on the customers that were selected in the list."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Attestation
from agreements.tests.factories import confirmed
from customers import services
from customers.models import Customer, CustomerTag, Tag
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent, ChainEntry
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, PartnerLinkFactory

Act = Callable[..., Actor]
ClientOf = Callable[[Membership], Client]
BULK, LIST = reverse("customers:bulk"), reverse("customers:list")


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def ids(*customers: Customer) -> list[str]:
    return [str(customer.tenant_id) for customer in customers]


def tags_of(customer: Customer) -> list[str]:
    return [tag.name for tag in Tag.objects.of_customer(customer)]


@pytest.fixture
def client(client_of: ClientOf, helpdesk_agent: Membership) -> Client:
    return client_of(helpdesk_agent)


@pytest.fixture
def rows(partner: Partner) -> list[Customer]:
    return [CustomerFactory(partner=partner, company_name=f"Row {number:02}") for number in range(12)]


def test_asks_one_question_and_then_does_it(client: Client, rows: list[Customer]) -> None:
    back = f"{LIST}?country=PL&after={rows[0].tenant_id}"
    sent = {"action": "add_tag", "customer": ids(*rows), "next": back}
    asked = client.post(BULK, sent)
    page = asked.content.decode()
    assert "For 12 customers:" in page
    assert "Row 09" in page
    assert "and 2 more" in page
    assert not Tag.objects.exists()
    done = client.post(BULK, {**sent, "step": "apply", "tag": "Gold"})
    assert done["Location"] == back
    assert said(done) == "Added to 12 customers: Gold."
    assert {tuple(tags_of(row)) for row in rows} == {("Gold",)}
    events = AuditEvent.objects.filter(code="customers.tags_changed")
    assert {event.customer_id for event in events} == {row.tenant_id for row in rows}
    assert {event.actor_name for event in events} == {"Hela Helpdesk"}
    again = client.post(BULK, {**sent, "step": "apply", "tag": "GOLD"})
    assert "Nothing changed" in said(again)
    assert events.count() == 12


def test_each_event_has_digests_of_its_own(client: Client, rows: list[Customer]) -> None:
    client.post(BULK, {"action": "add_tag", "customer": ids(*rows), "step": "apply", "tag": "Gold"})
    events = AuditEvent.objects.filter(code="customers.tags_changed").select_related("detail")
    assert len({event.changed["tags"][1] for event in events}) == 12
    assert len({event.detail.salt for event in events}) == 12


def test_removes_a_tag_from_those_that_have_it(client: Client, rows: list[Customer], partner: Partner) -> None:
    tag = Tag.objects.create(partner=partner, name="Gold", name_key="gold")
    other = Tag.objects.create(partner=partner, name="Amber", name_key="amber")
    for row in rows[:3]:
        CustomerTag.objects.create(partner=partner, customer=row, tag=tag)
    CustomerTag.objects.create(partner=partner, customer=rows[9], tag=other)
    sent = {"action": "remove_tag", "customer": ids(*rows[1:5])}
    page = client.post(BULK, sent).content.decode()
    assert "Gold" in page.split("<select")[1]
    assert "Amber" not in page.split("<select")[1].split("</select>")[0]
    done = client.post(BULK, {**sent, "step": "apply", "tag": str(tag.public_id)})
    assert said(done) == "Removed from 2 customers: Gold."
    assert tags_of(rows[0]) == ["Gold"]
    assert AuditEvent.objects.filter(code="customers.tags_changed").count() == 2


@pytest.mark.parametrize("typed", ["", "  ", "x" * 51, "a,b", "\u202e"])
def test_a_refused_tag_comes_back_as_it_was_typed(client: Client, customer: Customer, typed: str) -> None:
    answer = client.post(BULK, {"action": "add_tag", "customer": ids(customer), "step": "apply", "tag": typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors["tag"]
    assert answer.context["form"]["tag"].value() == typed
    assert ids(customer)[0] in answer.content.decode()


@pytest.mark.parametrize("tag", ["", "no-uuid", str(UUID(int=7))])
def test_only_a_tag_that_is_there_can_be_removed(client: Client, customer: Customer, tag: str) -> None:
    answer = client.post(BULK, {"action": "remove_tag", "customer": ids(customer), "step": "apply", "tag": tag})
    assert answer.context["form"].errors["tag"]


def test_says_what_to_do_when_nothing_is_selected(client: Client, customer: Customer) -> None:
    for sent in ({"action": "add_tag"}, {"action": "add_tag", "customer": ["x", ""]}):
        answer = client.post(BULK, sent)
        assert answer["Location"] == LIST
        assert "Select at least one customer" in said(answer)
    for action in ("", "nonsense", "__class__"):
        answer = client.post(BULK, {"customer": ids(customer), "action": action})
        assert "choose what to do" in said(answer)


def test_takes_500_at_a_time_and_no_more(client: Client, customer: Customer) -> None:
    many = [str(uuid4()) for _number in range(499)]
    sent = {"action": "add_tag", "step": "apply", "tag": "Gold"}
    assert said(client.post(BULK, {**sent, "customer": [*ids(customer), *many]})) == "Added to 1 customer: Gold."
    answer = client.post(BULK, {**sent, "customer": [*ids(customer), *many, str(uuid4())]})
    assert "at most 500" in said(answer)


def test_customers_of_others_are_not_there(client: Client, customer: Customer, stranger: Membership) -> None:
    theirs = CustomerFactory(partner=stranger.partner, company_name="Canary")
    sent = {"action": "add_tag", "customer": ids(customer, theirs)}
    assert "Canary" not in client.post(BULK, sent).content.decode()
    client.post(BULK, {**sent, "step": "apply", "tag": "Gold"})
    assert CustomerTag.objects.get().customer == customer
    for step in ({}, {"step": "apply", "tag": "Gold"}):
        assert client.post(BULK, {"action": "add_tag", "customer": ids(theirs), **step}).status_code == 404


def test_an_ended_relationship_stays_as_it_is(client: Client, rows: list[Customer]) -> None:
    Customer.objects.filter(pk=rows[0].pk).update(removed_at="2024-01-01T00:00Z")
    done = client.post(BULK, {"action": "add_tag", "customer": ids(*rows[:2]), "step": "apply", "tag": "Gold"})
    assert said(done) == "Added to 1 customer: Gold."
    assert tags_of(rows[0]) == []


@pytest.mark.parametrize(
    "crafted",
    ["https://evil.example/", "//evil.example/customers/", "/admin/", "javascript:alert(1)", "http://[", ""],
)
def test_goes_back_to_the_list_and_nowhere_else(client: Client, customer: Customer, crafted: str) -> None:
    sent = {"action": "add_tag", "customer": ids(customer), "step": "apply", "tag": "Gold", "next": crafted}
    assert client.post(BULK, sent)["Location"] == LIST


def test_asks_the_database_as_often_for_many_as_for_few(client: Client, rows: list[Customer]) -> None:
    def queries(chosen: list[Customer], tag: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.post(BULK, {"action": "add_tag", "customer": ids(*chosen), "step": "apply", "tag": tag})
        return len(captured)

    queries(rows[:1], "Warm")
    assert queries(rows[:1], "Few") == queries(rows, "Many")


@pytest.mark.parametrize("action", ["add_tag", "remove_tag", "set_reseller"])
def test_a_reseller_changes_nothing(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner, action: str
) -> None:
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    sent = {"action": action, "customer": ids(resold), "step": "apply", "tag": "Gold", "reseller": "none"}
    assert client_of(reseller_agent).post(BULK, sent).status_code == 403
    assert Customer.objects.get(pk=resold.pk).reseller == reseller_agent.partner


def test_a_form_of_another_partner_keeps_what_was_selected(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    other = MembershipFactory(user=helpdesk_agent.user, roles=["admin_agent"])
    sent = {"action": "add_tag", "customer": ids(customer), "partner": str(other.partner.tenant_id)}
    client = client_of(helpdesk_agent)
    current = client.get(LIST).wsgi_request.membership.partner
    wrong = other.partner if current == helpdesk_agent.partner else helpdesk_agent.partner
    answer = client.post(BULK, {**sent, "partner": str(wrong.tenant_id)})
    assert answer.status_code == 409
    assert ids(customer)[0] in answer.content.decode()


class TestReseller:
    @pytest.fixture
    def provider_agent(self, provider: Partner) -> Membership:
        return MembershipFactory(partner=provider, roles=["sales_agent"])

    def test_a_provider_sets_one_of_its_resellers(
        self, client_of: ClientOf, provider: Partner, provider_agent: Membership, reseller_agent: Membership
    ) -> None:
        new = PartnerLinkFactory(provider=provider, reseller__name="New Reseller").reseller
        resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
        direct = CustomerFactory(partner=provider)
        unlinked = PartnerFactory(reseller=True)
        client = client_of(provider_agent)
        sent = {"action": "set_reseller", "customer": ids(resold, direct)}
        assert "New Reseller" in client.post(BULK, sent).content.decode()
        sent["step"] = "apply"
        done = client.post(BULK, {**sent, "reseller": str(new.tenant_id)})
        assert said(done) == "The indirect reseller of 2 customers is changed."
        assert set(Customer.objects.values_list("reseller__name", flat=True)) == {"New Reseller"}
        event = AuditEvent.objects.get(code="customers.reseller_changed", customer_id=resold.tenant_id)
        assert event.facts == {"before": str(reseller_agent.partner.tenant_id), "after": str(new.tenant_id)}
        assert event.detail.values == {"reseller": ["Corner Reseller", "New Reseller"]}
        assert "Nothing changed" in said(client.post(BULK, {**sent, "reseller": str(new.tenant_id)}))
        assert client.post(BULK, {**sent, "reseller": str(unlinked.tenant_id)}).context["form"].errors
        client.post(BULK, {**sent, "reseller": "none"})
        assert not Customer.objects.filter(reseller__isnull=False).exists()

    def test_changes_nothing_in_the_record(
        self, provider: Partner, provider_agent: Membership, actor_for: Act, template: object
    ) -> None:
        customer = CustomerFactory(partner=provider)
        confirmed(customer)
        records, chain = list(Attestation.objects.values()), list(ChainEntry.objects.values())
        facts = Customer.objects.values("attested_on", "direct_on", "disputed_at", "invited_at").get()
        reseller = PartnerLinkFactory(provider=provider).reseller
        by = actor_for(provider_agent)
        services.set_reseller(by=by, partner=provider, customers=[customer], reseller=reseller)
        assert (list(Attestation.objects.values()), list(ChainEntry.objects.values())) == (records, chain)
        assert Customer.objects.values(*facts).get() == facts

    def test_only_a_provider_has_resellers(
        self, actor_for: Act, sales_agent: Membership, customer: Customer, provider_agent: Membership
    ) -> None:
        by, provider = actor_for(provider_agent), provider_agent.partner
        with pytest.raises(RuleViolation):
            services.set_reseller(
                by=actor_for(sales_agent), partner=customer.partner, customers=[customer], reseller=None
            )
        with pytest.raises(NotFound):
            services.set_reseller(by=by, partner=customer.partner, customers=[customer], reseller=None)
        unlinked = PartnerFactory(reseller=True)
        with pytest.raises(RuleViolation):
            services.set_reseller(by=by, partner=provider, customers=[customer], reseller=unlinked)
        assert services.set_reseller(by=by, partner=provider, customers=[customer], reseller=None) == 0


@pytest.mark.parametrize("action", ["add_tag", "remove_tag"])
def test_ended_relationships_alone_cannot_be_changed_and_that_is_said(
    client: Client, rows: list[Customer], action: str
) -> None:
    Customer.objects.filter(partner=rows[0].partner).update(removed_at="2024-01-01T00:00Z")
    response = client.post(BULK, {"action": action, "customer": ids(*rows)})
    assert response.status_code == 302
    assert "relationship with these customers was removed" in said(response)
