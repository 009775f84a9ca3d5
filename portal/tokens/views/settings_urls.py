"""Below /settings/: the pages of API clients, and of what a person allowed them."""

from django.urls import path

from portal.tokens.views import allowed, clients

app_name = "api_clients"

urlpatterns = [
    path("api-clients/", clients.client_list, name="list"),
    path("api-clients/new/", clients.client_new, name="new"),
    path("api-clients/<uuid:client_id>/", clients.client_page, name="client"),
    path("api-clients/<uuid:client_id>/edit/", clients.client_edit, name="edit"),
    path("api-clients/<uuid:client_id>/disable/", clients.client_disable, name="disable"),
    path("api-clients/<uuid:client_id>/enable/", clients.client_enable, name="enable"),
    path("api-clients/<uuid:client_id>/secrets/new/", clients.secret_new, name="new_secret"),
    path(
        "api-clients/<uuid:client_id>/secrets/<uuid:secret_id>/revoke/", clients.secret_revoke, name="revoke_secret"
    ),
    path(
        "api-clients/<uuid:client_id>/consents/<uuid:consent_id>/revoke/",
        clients.consent_revoke,
        name="revoke_consent",
    ),
    path("applications/", allowed.allowed, name="allowed"),
    path("applications/<uuid:consent_id>/take-back/", allowed.take_back, name="take_back"),
]
