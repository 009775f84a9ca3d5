from django.urls import path

from portal.webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("settings/webhooks/", views.webhooks, name="settings"),
    path("settings/webhooks/off/", views.turn_off, name="turn_off"),
    path("settings/webhooks/test/", views.send_test, name="test"),
    path("settings/webhooks/<uuid:delivery_id>/again/", views.try_again, name="try_again"),
    path("webhooks/certificates/<slug:key_id>.cer", views.certificate, name="certificate"),
]
