"""Every URL states who may use it (architecture, section 5)."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.partners.access import public, requires, signed_in, staff_only
from portal.partners.permissions import Permission
from portal.tests.guards.helpers import Url, all_urls, is_ours, report, unwrapped

# Where a route begins -> why its views, which come from a package, need no declaration of ours.
THIRD_PARTY = {
    "accounts/": "django-allauth signs people in; what it does not publish, LoginRequiredMiddleware keeps closed.",
    "admin/": "Django admin asks for a staff account itself, on each of its pages.",
}


def undeclared(urls: list[Url], third_party: dict[str, str]) -> list[str]:
    """A complaint for each URL that does not say who may use it, and for each stale entry of the list."""
    complaints = []
    for url in urls:
        if any(getattr(layer, "access_declared", "") for layer in unwrapped(url.callback)):
            continue
        is_listed = any(url.route.startswith(prefix) for prefix in third_party)
        if is_listed and not _is_own_view(url):
            continue
        complaints.append(
            f"{url.route} ({url.name}): put @requires(Permission.X), @signed_in, @staff_only or @public(reason=…) on "
            "its view"
        )
    for prefix in third_party:
        if not any(url.route.startswith(prefix) for url in urls):
            complaints.append(f"{prefix}: no URL begins so any more; take it off the list")
    return complaints


def _is_own_view(url: Url) -> bool:
    """Written in this project, other than as a part of its admin classes."""
    layers = [layer for layer in unwrapped(url.callback) if is_ours(layer)]
    return any(".admin" not in str(layer.__module__) for layer in layers)


def test_every_url_declares_its_access() -> None:
    complaints = undeclared(all_urls(), THIRD_PARTY)
    assert not complaints, report(complaints)


def test_public_pages_are_few_and_known() -> None:
    """A new public page is a decision: name it here."""
    declared = {url.name: getattr(url.callback, "access_declared", "") for url in all_urls()}
    public_names = {name for name, access in declared.items() if access.startswith("public:")}
    assert public_names == {"dashboard:healthz", "dashboard:readyz", "partners:password"}


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_the_guard_complains_about_a_plain_view() -> None:
    (complaint,) = undeclared(all_urls([path("new/", plain, name="new")]), {})
    assert complaint.startswith("new/")


def test_the_guard_complains_about_an_own_view_among_third_party_ones() -> None:
    assert undeclared(all_urls([path("admin/backdoor/", plain)]), {"admin/": "x"})


def test_the_guard_complains_about_a_stale_entry() -> None:
    (complaint,) = undeclared([], {"gone/": "x"})
    assert "take it off" in complaint


def test_the_guard_knows_every_way_to_declare() -> None:
    views = [
        requires(Permission.CUSTOMERS_VIEW)(plain),
        public(reason="x")(plain_copy()),
        signed_in(reason="x")(plain_copy()),
        staff_only(plain),
    ]
    assert undeclared(all_urls([path(f"{n}/", view) for n, view in enumerate(views)]), {}) == []


def plain_copy():  # type: ignore[no-untyped-def]  # a fresh function each time: the decorators mark it
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    return view
