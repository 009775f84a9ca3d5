"""Role x URL x kind of partner: what every person gets at every URL (architecture, sections 5 and 9)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import path, reverse

from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.roles import permissions_of
from portal.partners.rules import NOT_FOR_RESELLERS, NOT_IN_NATIONAL_CLOUDS
from portal.tests.guards.access_table import PUBLIC, SEEN_BY, SIGNED_IN, STAFF, TABLE, Rule
from portal.tests.guards.helpers import Url, all_urls, report, unwrapped
from portal.tests.guards.world import ACTORS, World, build, fill_mail_folder

OPEN, REFUSED, MISSING, SIGN_IN, NO_SUCH_METHOD = "open", "refused", "missing", "sign in", "no such method"
THIRD_PARTY_ROUTES = ("accounts/", "admin/")


def own_urls(urls: list[Url]) -> list[Url]:
    return [url for url in urls if not url.route.startswith(THIRD_PARTY_ROUTES)]


URLS = {url.name: url for url in own_urls(all_urls())}


def differences(urls: list[Url], table: dict[str, Rule]) -> list[str]:
    """Where the URLs, what their views declare, and the table do not say the same."""
    names = {url.name for url in urls}
    complaints = [f"{name}: no URL has this name any more; take it off TABLE" for name in table if name not in names]
    for url in urls:
        if url.name not in table:
            complaints.append(f"{url.route} ({url.name}): say in TABLE of access_table.py who may use it")
            continue
        declared = next((d for d in (getattr(v, "access_declared", "") for v in unwrapped(url.callback)) if d), "")
        said = table[url.name].access
        if declared.split(":")[0] != said:
            complaints.append(f"{url.name}: the view declares {declared!r}, TABLE says {str(said)!r}")
    return complaints


def expected(who: str, rule: Rule, method: str) -> str:
    """What this person is to get, from TABLE, the roles and the vetoes of the partner's kind and cloud."""
    access = (rule.to_post or rule.access) if method == "POST" or _asks_for_writing(rule) else rule.access
    outcome = _decide(who, rule, access)
    if outcome != OPEN:
        return outcome
    if method not in rule.methods:
        return NO_SUCH_METHOD
    sees_posted = who in SEEN_BY.get(rule.posts, ACTORS)
    return OPEN if method == "GET" or sees_posted else MISSING


def _asks_for_writing(rule: Rule) -> bool:
    """A page that is nothing but the form of a write needs that right to be shown as well."""
    return rule.on == "record" and rule.to_post is not None


def _decide(who: str, rule: Rule, access: Permission | str) -> str:
    roles, relation = ACTORS[who]
    if access == PUBLIC:
        return OPEN if not rule.on or who in SEEN_BY[rule.on] else MISSING
    if who == "anonymous":
        return SIGN_IN
    if access == SIGNED_IN:
        return OPEN
    if access == STAFF:
        return OPEN if relation == "staff" else MISSING
    if rule.on and who not in SEEN_BY[rule.on]:
        return MISSING
    is_vetoed = (
        (relation == "reseller" and access in NOT_FOR_RESELLERS)
        or (relation == "government" and access in NOT_IN_NATIONAL_CLOUDS)
        or (relation == "government" and access == Permission.CUSTOMERS_REQUEST_RELATIONSHIP)
        or (relation != "reseller" and access == Permission.AGREEMENTS_PREPARE)
    )
    return OPEN if access in permissions_of(roles) and not is_vetoed else REFUSED


def seen(response: Any) -> str:
    if response.status_code == 302 and response["Location"].startswith("/accounts/login"):
        return SIGN_IN
    known = {403: REFUSED, 404: MISSING, 405: NO_SUCH_METHOD}
    if response.status_code >= 500:
        return f"broken ({response.status_code})"
    return known.get(response.status_code, OPEN)


def address(name: str, values: dict[str, object]) -> str:
    wanted = re.findall(r"<(?:\w+:)?(\w+)>", URLS[name].route)
    return reverse(name, kwargs={key: values[key] for key in wanted})


def ask(world: World, name: str, method: str, *, is_missing: bool = False) -> Any:
    """is_missing: with ids that nothing has."""
    url = address(name, world.values(TABLE[name].on, is_missing=is_missing))
    response = world.client.get(url) if method == "GET" else world.client.post(url, _posted(world, name))
    if response.streaming:
        b"".join(response)  # a file is closed once it was read to its end
    return response


def _posted(world: World, name: str) -> dict[str, object]:
    """What a form says about whom it concerns; the rest stays empty."""
    if TABLE[name].posts == "employer":
        return {"partner": world.member.partner.tenant_id if world.member else ""}
    return {"customer": world.kwargs["customer_id"]} if TABLE[name].posts == "customer" else {}


@pytest.fixture(autouse=True)
def mail_folder(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    fill_mail_folder(tmp_path / "mail")


def test_the_table_names_every_url_as_its_view_declares_it() -> None:
    complaints = differences(list(URLS.values()), TABLE)
    assert not complaints, report(complaints)


def surprises(world: World, table: dict[str, Rule]) -> list[str]:
    """Where this person gets something else than the table says; every request starts from the same rows."""
    complaints = []
    for name, rule in table.items():
        for method in ("GET", "POST"):
            with transaction.atomic():
                response = ask(world, name, method)
                transaction.set_rollback(True)
            wanted, got = expected(world.who, rule, method), seen(response)
            if got != wanted:
                complaints.append(f"{world.who}: {method} {name} is {got}, must be {wanted}: see TABLE and the view")
    return complaints


@pytest.mark.django_db
@pytest.mark.parametrize("who", ACTORS)
def test_everybody_gets_what_is_theirs_at_every_url(who: str) -> None:
    assert set(TABLE) == set(URLS)
    complaints = surprises(build(who), TABLE)
    assert not complaints, report(complaints)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "name", "wrong"),
    [
        ("helpdesk agent", "agreements:confirm", Rule(Permission.CUSTOMERS_VIEW, on="customer", methods="GET POST")),
        ("sales agent", "customers:list", Rule(Permission.PARTNER_MANAGE_MEMBERS)),
        ("anonymous", "customers:list", Rule(PUBLIC)),
        ("stranger with all roles", "customers:account", Rule(Permission.CUSTOMERS_VIEW)),
        ("government admin agent", "agreements:templates", Rule(STAFF)),
    ],
)
def test_the_walk_complains(who: str, name: str, wrong: Rule) -> None:
    """Negative control: the real pages against a table that says something else."""
    world = build(who)
    assert surprises(world, {name: TABLE[name]}) == []
    assert surprises(world, {name: wrong})


@pytest.mark.django_db
def test_what_a_stranger_may_not_see_does_not_exist() -> None:
    """The same bytes for somebody else's object and for none, and nothing of this request in them."""
    stranger, pages = build("stranger with all roles"), set()
    for name, rule in TABLE.items():
        if rule.on in ("", "document") or rule.access == PUBLIC:
            continue
        method = rule.methods.split()[0]
        theirs, none = ask(stranger, name, method), ask(stranger, name, method, is_missing=True)
        assert (theirs.status_code, none.status_code) == (404, 404), name
        pages |= {theirs.content.decode(), none.content.decode()}
    assert len(pages) == 1
    (page,) = pages
    for telling in ("<form", "csrfmiddlewaretoken", "nonce", "request_id", "Stranger"):
        assert telling not in page


@pytest.mark.django_db
@pytest.mark.parametrize("who", [who for who in ACTORS if who not in ("anonymous", "staff without membership")])
def test_agents_have_no_business_in_the_admin_site(who: str) -> None:
    world = build(who)
    for url in ("/admin/", "/admin/customers/customer/", "/admin/orders/order/add/"):
        assert world.client.get(url).status_code in (302, 403, 404)


@pytest.mark.django_db
def test_a_role_taken_away_counts_at_once() -> None:
    world = build("sales agent")
    client, url = world.client, address("agreements:confirm", world.kwargs)
    assert client.get(url).status_code == 200
    assert world.member is not None
    world.member.roles = ["helpdesk_agent"]
    world.member.save()
    assert client.get(url).status_code == 403
    world.member.is_active = False
    world.member.save()
    assert client.get(url).status_code == 404


@pytest.mark.django_db
def test_a_refusal_says_why_and_who_can() -> None:
    world = build("helpdesk agent")
    page = ask(world, "agreements:confirm", "GET").content.decode()
    assert "Your roles do not include this." in page
    assert "Admin agent" in page
    assert "Sales agent" in page


@pytest.mark.django_db
def test_a_reseller_is_told_whom_to_ask() -> None:
    world = build("reseller's admin agent")
    page = ask(world, "agreements:confirm", "GET").content.decode()
    assert "provider" in page
    assert Partner.objects.filter(kind="indirect_provider").exists()


def plain(request: object) -> HttpResponse:
    return HttpResponse()


def test_the_guard_complains() -> None:
    new = all_urls([path("new/", plain, name="new")])
    assert "TABLE" in differences(new, {})[0]
    assert "declares ''" in differences(new, {"new": Rule(Permission.CUSTOMERS_VIEW)})[0]
    assert "take it off" in differences([], {"gone": Rule(PUBLIC)})[0]
    listed = [URLS["customers:list"]]
    assert differences(listed, {"customers:list": Rule(Permission.CUSTOMERS_EDIT)})
    assert differences(listed, {"customers:list": Rule(Permission.CUSTOMERS_VIEW)}) == []


def test_the_expectations_are_not_all_the_same() -> None:
    """Negative control of the oracle: it knows each outcome."""
    outcomes = {
        expected(who, rule, method) for who in ACTORS for rule in TABLE.values() for method in ("GET", "POST")
    }
    assert outcomes == {OPEN, REFUSED, MISSING, SIGN_IN, NO_SUCH_METHOD}
