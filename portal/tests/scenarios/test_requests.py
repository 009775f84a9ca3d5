"""What peers of this portal stumbled over: requests without the usual headers, lists without an order."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.paginator import Paginator, UnorderedObjectListWarning
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse

from customers.models import Customer
from portal.common.keyset import PAGE_SIZE
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory
from portal.tests.guards.helpers import all_urls
from portal.tests.guards.world import World, build, fill_mail_folder
from portal.tests.scenarios.support import add_customers

# Headers as careless clients send them; Django's test client sends none by itself.
HEADERS: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"user-agent": "", "accept-language": "", "accept": "", "cookie": "", "referer": ""},
    "nonsense": {
        "user-agent": "\x00\xff",
        "accept-language": ";;q=x,,*;q=9,en-" + "x" * 600,
        "accept": "///;q=,",
        "cookie": "=;;portal_session=../..;portal_csrf=%00;a",
        "referer": "::not a url::",
        "x-forwarded-for": "not an address",
    },
}


def addresses(world: World, *, with_staff: bool) -> list[str]:
    """Every page of the project, for objects that are there; with_staff: and those of Django's admin."""
    found = set()
    for url in all_urls():
        if url.route.startswith("admin/") and not with_staff:
            continue
        values = {
            name: value
            for name, value in world.kwargs.items()
            if f":{name}>" in url.route or f"<{name}>" in url.route
        }
        try:
            found.add(reverse(url.name, kwargs=values))
        except NoReverseMatch:
            # The admin's own patterns, with numbers in them; a number that nothing has does.
            found.add("/" + re.sub(r"<[^>]*>", "1", url.route.lstrip("^")).replace("$", ""))
    return sorted(found)


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.MAIL_DIR = tmp_path / "mail"
    fill_mail_folder(settings.MAIL_DIR)
    made = build("admin agent")
    assert made.user is not None
    made.user.is_staff = made.user.is_superuser = True
    made.user.save()
    return made


@pytest.mark.scenario("F4")
@pytest.mark.parametrize("signed_in", [False, True], ids=["without cookies", "signed in"])
@pytest.mark.parametrize("headers", HEADERS)
def test_no_page_needs_a_header(world: World, headers: str, signed_in: bool) -> None:
    """Every page answers requests without User-Agent, Accept-Language and cookies, and with nonsense in them"""
    sent, failed = HEADERS[headers], []
    if signed_in:
        sent = {name: value for name, value in sent.items() if name != "cookie"}
    with_staff = headers == "none" or not signed_in
    for url in addresses(world, with_staff=with_staff):
        for method in ("get", "post"):
            client = world.client if signed_in else Client(raise_request_exception=False)
            response = getattr(client, method)(url, headers=sent)
            if response.streaming:
                # Read to its end, so that the file behind it is closed.
                list(response.streaming_content)
            if response.status_code >= 500:
                failed.append(f"{method.upper()} {url}: {response.status_code}")
    assert not failed, "\n".join(failed)


@pytest.mark.scenario("F4")
def test_negative_control_a_page_that_reads_a_header_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: a view that relies on the User-Agent is noticed"""
    (home,) = [p for p in get_resolver().url_patterns[0].url_patterns if p.name == "home"]
    monkeypatch.setattr(home, "callback", lambda request: request.META["HTTP_USER_AGENT"])
    assert world.client.get("/").status_code == 500


PAGES = (
    "/ /customers/ /customers/drafts/ /customers/tags/ /customers/imports/ /orders/ /activity/ /agreements/".split()
)
LIMIT = re.compile(r"LIMIT (\d+)")


def unordered(sql: str) -> bool:
    """Whether a page (its rows and one more) is cut from rows in no particular order."""
    limit = LIMIT.search(sql)
    return limit is not None and int(limit[1]) == PAGE_SIZE + 1 and "ORDER BY" not in sql.rpartition("FROM")[2]


@pytest.mark.scenario("F3")
@pytest.mark.parametrize("url", PAGES)
def test_every_list_has_an_order(
    client_of: Callable[[Membership], Client], customer: Customer, admin_agent: Membership, url: str
) -> None:
    """Every page of a list is cut from ordered rows"""
    add_customers(customer.partner, PAGE_SIZE + 10)
    with CaptureQueriesContext(connection) as captured:
        assert client_of(admin_agent).get(url).status_code == 200
    wrong = [query["sql"] for query in captured.captured_queries if unordered(query["sql"])]
    assert not wrong, "\n".join(wrong)


@pytest.mark.scenario("F3")
def test_the_lists_of_the_staff_have_an_order(customer: Customer) -> None:
    """So do all lists of the staff's site, whose paginator warns of unordered rows"""
    client = Client()
    client.force_login(
        UserFactory(is_staff=True, is_superuser=True), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(url).status_code == 200, url


@pytest.mark.scenario("F3")
def test_negative_control_pages_of_unordered_rows_are_an_error(customer: Customer) -> None:
    """negative control: pages of unordered rows raise, and are seen in the SQL"""
    with pytest.raises(UnorderedObjectListWarning):
        Paginator(Customer.objects.order_by(), 10).page(1)
    assert unordered(str(Customer.objects.order_by()[:51].query))
    assert not unordered(str(Customer.objects.order_by("name_key", "pk")[:51].query))
