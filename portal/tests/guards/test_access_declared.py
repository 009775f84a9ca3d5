"""Every URL states who may use it (architecture, section 5)."""

from allauth.account.views import email
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.partners.access import public, requires, signed_in, staff_only
from portal.partners.permissions import Permission
from portal.tests.guards.helpers import Url, all_urls, is_ours, report, unwrapped

# Name of a URL whose view comes from a package -> why it needs no declaration of ours. One by one: a package
# that brings a new page must not bring it here unnoticed.
THIRD_PARTY = {
    "account_login": "public: the sign-in page, throttled",
    "account_logout": "public: signs out by POST; there is nothing to lose",
    "account_inactive": "public: a sentence for people who were switched off",
    "account_signup": "public: says that accounts come by invitation, because the adapter closes it",
    "account_change_password": "signed in: asks for the current password",
    "account_set_password": "signed in: leads to the reset by e-mail",
    "account_reset_password": "public: sends a link to the address typed, if it is known; throttled",
    "account_reset_password_done": "public: a sentence",
    "account_reset_password_from_key": "public: the key of the link is the credential",
    "account_reset_password_from_key_done": "public: a sentence",
    "admin:login": "public: leads to the sign-in page",
}


def undeclared(urls: list[Url], third_party: dict[str, str]) -> list[str]:
    """A complaint for each URL that does not say who may use it, and for each stale entry of the list."""
    complaints = []
    for url in urls:
        if any(getattr(layer, "access_declared", "") for layer in unwrapped(url.callback)):
            continue
        if _is_guarded_by_admin(url) or (url.name in third_party and not _is_own_view(url)):
            continue
        complaints.append(
            f"{url.route} ({url.name}): put @requires(Permission.X), @signed_in, @staff_only or @public(reason=…) on "
            "its view"
        )
    names = {url.name for url in urls}
    complaints += [f"{name}: no URL has this name any more; take it off" for name in third_party if name not in names]
    return complaints


def _is_guarded_by_admin(url: Url) -> bool:
    """The admin site wraps each of its pages in a check for staff, and marks what it wrapped."""
    marked = getattr(url.callback, "model_admin", url.callback)
    return isinstance(getattr(marked, "admin_site", None), AdminSite)


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
    customers_own = {
        f"agreements:{name}"
        for name in (
            *("open_link", "answers", "answer", "accept", "decline", "reviewing", "answer_receipt"),
            *("answer_document", "leave", "open_receipt", "receipt", "receipt_certificate", "answer_certificate"),
            *("open_hosted", "hosted", "hosted_agreement", "hosted_decline", "hosted_document", "linked_file"),
        )
    }
    known = {"dashboard:healthz", "dashboard:readyz", "partners:password", "set_language"}
    auditors = {"agreements:keys", "agreements:verifier", "webhooks:certificate"}
    programs = {
        f"tokens:{name}"
        for name in (
            *("token_v1", "token", "generate_token", "generate_token_camel", "generate_token_v3", "instance"),
            *("common_keys", "keys_v1", "keys", "configuration_v1", "configuration"),
        )
    }
    assert public_names == known | auditors | customers_own | programs


def test_packages_open_no_page_to_the_public_that_is_not_listed_so() -> None:
    """As LoginRequiredMiddleware reads it: what a package marks as open, the list above must call public."""
    opened = {
        url.name
        for url in all_urls()
        if not getattr(url.callback, "login_required", True) and not hasattr(url.callback, "access_declared")
    }
    assert opened == {name for name, reason in THIRD_PARTY.items() if reason.startswith("public:")}


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_the_guard_complains_about_a_plain_view() -> None:
    (complaint,) = undeclared(all_urls([path("new/", plain, name="new")]), {})
    assert complaint.startswith("new/")


def test_the_guard_complains_about_a_page_that_a_package_brings() -> None:
    (complaint,) = undeclared(all_urls([path("accounts/email/", email, name="account_email")]), {})
    assert complaint.startswith("accounts/email/")


def test_the_guard_complains_about_an_own_view_among_third_party_ones() -> None:
    assert undeclared(all_urls([path("admin/backdoor/", plain, name="x")]), {"x": "public: x"})


def test_the_guard_complains_about_a_stale_entry() -> None:
    (complaint,) = undeclared([], {"gone": "x"})
    assert "take it off" in complaint


def test_the_guard_knows_every_way_to_declare() -> None:
    views = [
        requires(Permission.CUSTOMERS_VIEW)(plain),
        public(reason="x")(plain_copy()),
        signed_in(reason="x")(plain_copy()),
        staff_only(plain),
    ]
    assert undeclared(all_urls([path(f"{n}/", view) for n, view in enumerate(views)]), {}) == []


def plain_copy():
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    return view
