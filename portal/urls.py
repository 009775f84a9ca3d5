from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("portal.dashboard.urls")),
    path("settings/", include("portal.partners.urls")),
    path("customers/", include("customers.urls")),
    path("", include("agreements.urls")),
    path("", include("orders.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]

handler404 = "portal.common.views.not_found"
