from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from django.views.i18n import set_language

from portal.partners.access import public

# What the portal uses of django-allauth, page by page: its other pages would let people change their address
# behind the back of the audit log. The names are the library's own, which it looks up.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("password/change/", account.password_change, name="account_change_password"),
    # Where the library sends who has no password yet: to the link that comes by e-mail.
    path("password/set/", RedirectView.as_view(pattern_name="account_reset_password"), name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

choose_language = public(reason="Keeps a choice of language in a cookie, and leads back.")(require_POST(set_language))

urlpatterns = [
    path("", include("portal.dashboard.urls")),
    path("settings/", include("portal.partners.urls")),
    path("settings/", include("portal.tokens.views.settings_urls")),
    path("", include("portal.webhooks.urls")),
    path("customers/", include("customers.urls")),
    path("", include("agreements.urls")),
    path("", include("orders.urls")),
    path("accounts/", include(accounts)),
    path("language/", choose_language, name="set_language"),
    path("admin/", admin.site.urls),
    # Last: whatever begins with a tenant.
    path("", include("portal.tokens.urls")),
]

handler404 = "portal.common.views.not_found"
