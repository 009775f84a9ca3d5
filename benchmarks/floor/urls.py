from django.urls import path

from benchmarks.floor import ordering, views

urlpatterns = [
    path("list/", views.customer_list),
    path("search/", views.search),
    path("account/<uuid:tenant_id>/", views.account),
    path("create/", views.create),
    path("v1/customers/", views.customers_json),
    path("order/", ordering.order),
    path("confirm/", ordering.confirm),
    path("licences/", ordering.licences),
]
