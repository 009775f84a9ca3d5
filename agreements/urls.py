from django.urls import path

from agreements.views import record, texts

app_name = "agreements"

of_customer = "customers/<uuid:customer_id>/agreement/"

urlpatterns = [
    path("agreements/", texts.template_list, name="templates"),
    path("agreements/documents/<uuid:document_id>/", texts.document, name="document"),
    path(f"{of_customer}confirm/", record.confirm, name="confirm"),
    path(f"{of_customer}attest/", record.attest, name="attest"),
    path(f"{of_customer}<uuid:reference>/", record.record, name="record"),
    path(f"{of_customer}<uuid:reference>/withdraw/", record.withdraw, name="withdraw"),
]
