from django.urls import path

from customers.views import accounts, onboarding

app_name = "customers"

urlpatterns = [
    path("", accounts.customer_list, name="list"),
    path("new/", onboarding.new, name="new"),
    path("new/<uuid:draft_id>/account/", onboarding.account, name="draft"),
    path("new/<uuid:draft_id>/review/", onboarding.review, name="review"),
    path("new/<uuid:draft_id>/confirmation/", onboarding.confirmation, name="confirmation"),
    path("new/<uuid:draft_id>/password/", onboarding.new_password, name="new_password"),
    path("new/<uuid:draft_id>/discard/", onboarding.discard, name="discard"),
    path("<uuid:customer_id>/account/", accounts.account, name="account"),
    path("<uuid:customer_id>/edit/", accounts.edit, name="edit"),
    path("<uuid:customer_id>/contacts/new/", accounts.contact, name="new_contact"),
    path("<uuid:customer_id>/contacts/<uuid:contact_id>/", accounts.contact, name="contact"),
]
