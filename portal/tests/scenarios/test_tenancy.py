"""One partner's people and another partner's things: nothing of them shows, nothing of them changes.

What each role gets at each URL is in portal/tests/guards/test_access_matrix.py. Here somebody with every role at
partner A tries the ids of partner B wherever the portal takes one, while every text of B's carries a canary.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from customers.models import Contact, Customer, Tag
from customers.querysets import CustomerQuerySet
from portal.tests.guards.access_table import PUBLIC, STAFF, TABLE
from portal.tests.guards.test_access_matrix import address
from portal.tests.guards.world import World
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.forms_found import BAIT, view_name
from portal.tests.scenarios.two_partners import (
    CANARY,
    Two,
    another,
    complaints,
    crossings,
    explored,
    formless,
    out_of_reach,
    own,
    parameters,
    shown_by,
    side_by_side,
    text_of,
    undone,
    urls,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> Two:
    return side_by_side()


@pytest.mark.scenario("T3")
@pytest.mark.scenario("T4")
def test_foreign_ids_in_every_field_of_every_form(two: Two) -> None:
    """Every field of every form, search and question with another partner's ids: none of its rows touched or shown"""
    found, client, reading = explored(two, urls("GET", two.a)), two.a.client, Reading()
    assert found.shown == []
    assert {view_name(form.path) for form in found.forms} >= {"customers:search", "orders:search", "customers:export"}
    tried, wrong = complaints(two, client, [*found.forms, *formless(two, found)], most=scale(1, 30), step=scale(2, 1))
    assert wrong == []
    assert {*urls("POST", two.a)} <= set(tried)
    assert out_of_reach(two.a) == set(), "give the world of portal/tests/guards/world.py what their addresses name"
    for n, (path, key) in enumerate(found.queries):
        foreign = list(two.foreign.values())
        for value in [BAIT, *(foreign[n % len(foreign) :] + foreign)[: scale(1, 30)]]:
            asked = f"{path}?{urlencode({key: value})}"
            assert reading.get(client, asked, asked) < 500
    assert reading.wrong == []
    assert reading.pages > 30
    assert client.get(reverse("partners:members")).status_code == 200, "A is still signed in"


@pytest.mark.scenario("T3")
def test_negative_control_of_the_swaps(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: where customers are not fetched through the membership, the same swaps show and change B's"""
    client = two.a.client
    client, found = two.a.client, explored(two, ["customers:list"])
    forms = [form for form in found.forms if view_name(form.path) == "customers:bulk"]
    assert complaints(two, client, forms, 3)[1] == []
    monkeypatch.setattr(CustomerQuerySet, "visible_to", lambda rows, membership: rows)
    wrong = " ".join(complaints(two, client, forms, 3)[1])
    assert "shows kanarek" in wrong


@pytest.mark.scenario("T3")
def test_negative_control_of_what_is_compared(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: a view that writes into B's rows, or ties one of them to A's, is found out"""
    ours, theirs = two.partners
    found = explored(two, ["customers:new_contact", "customers:tag"])
    b = Customer.objects.get(tenant_id=two.b.kwargs["customer_id"])

    def careless(*said: object, **more: object) -> None:
        Customer.objects.filter(pk=b.pk).update(company_name="Mine now")
        Tag.objects.filter(partner=ours).update(partner=theirs)

    forms = [form for form in found.forms if view_name(form.path) == "customers:tag"]
    assert complaints(two, two.a.client, forms, 1)[1] == []
    monkeypatch.setattr("customers.views.tags.services.rename_tag", careless)
    wrong = " ".join(complaints(two, two.a.client, forms, 1)[1])
    assert "changed customers.Customer" in wrong
    assert "changed customers.Tag" in wrong
    assert crossings(Contact, ours, theirs) == []
    with transaction.atomic():
        Contact.objects.filter(customer__partner=ours).update(customer=b)
        assert crossings(Customer, ours, theirs) == ["customers.Customer.primary_contact"]
        transaction.set_rollback(True)


@dataclass
class Reading:
    """pages: how many were read; wrong: where B's texts showed, or B's ids were not answered like missing ones."""

    pages: int = 0
    wrong: list[str] = field(default_factory=list)

    def get(self, client: Client, path: str, where: str) -> int:
        with undone(client):
            answer = client.get(path)
            self.wrong += [f"{where} shows {canary}" for canary in sorted(shown_by(client, answer))]
        self.pages += 1
        return int(answer.status_code)


def read_pages(two: Two, who: str, world: World, names: Iterable[str] | None = None) -> Reading:
    """Each page with one's own ids, and with each of them swapped for B's."""
    reading, client = Reading(), world.client
    for name in names or urls("GET", world):
        mine, theirs, rule = own(world, name), own(two.b, name), TABLE[name]
        reading.get(client, address(name, mine), f"{who}: {name}")
        is_shared = rule.on in ("", "document") or rule.access in (PUBLIC, STAFF)
        # Who has a link has what it opens.
        for key in (key for key in parameters(name) if key != "token"):
            status = reading.get(client, address(name, {**mine, key: theirs[key]}), f"{who}: {name}, B's {key}")
            if not is_shared and status != (302 if who == "anonymous" else 404):
                reading.wrong.append(f"{who}: {name} with B's {key} is answered {status}")
    return reading


def beside(two: Two, who: str) -> World:
    """A, or somebody of another kind at a partner of their own, next to B."""
    return two.a if who == "every role" else another(who)


WHO = ["every role", "reseller's admin agent", "anonymous", "sales agent", "helpdesk agent", "global admin"]


@pytest.mark.scenario("T4")
def test_no_page_shows_anything_of_another_partner(two: Two) -> None:
    """Every page, list, download and error text, for each role, with own and with foreign ids: 0 canaries of B's"""
    for who in WHO[: scale(2, len(WHO))]:
        with transaction.atomic():
            reading = read_pages(two, who, beside(two, who))
            transaction.set_rollback(True)
        assert reading.wrong == []
        assert reading.pages > 60


@pytest.mark.scenario("T4")
def test_a_company_that_another_partner_has_is_not_described(two: Two) -> None:
    """What is typed for a new customer is compared with one's own customers only: error texts name nobody of B's"""
    theirs = Customer.objects.get(tenant_id=two.b.kwargs["customer_id"])
    said = {"company_name": theirs.company_name, "domain": theirs.tenant.domain, "registration_id": "1234563218"}
    answer = two.a.client.post(reverse("customers:duplicates"), said)
    typed = set(CANARY.findall(" ".join(said.values())))
    assert set(CANARY.findall(text_of(answer))) <= typed


@pytest.mark.scenario("T4")
def test_negative_control_of_the_canaries(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: B's own people see the canaries, and so does A where customers are not scoped"""
    assert set(two.planted) >= {"customers.Customer", "customers.Contact", "orders.Order", "audit.AuditEvent"}
    assert sum(two.planted.values()) > 60
    looked_at = ["customers:list", "customers:account"]
    assert read_pages(two, "B", two.b, looked_at).wrong
    assert read_pages(two, "every role", two.a, looked_at).wrong == []
    monkeypatch.setattr(CustomerQuerySet, "visible_to", lambda rows, membership: rows)
    wrong = " ".join(read_pages(two, "every role", two.a, looked_at).wrong)
    assert "customers:list shows" in wrong
    assert "customers:account, B's customer_id shows" in wrong
