from django.urls import path

from benchmarks.floor import views

urlpatterns = [
    path("list/", views.customer_list),
    path("search/", views.search),
    path("account/<uuid:tenant_id>/", views.account),
    path("create/", views.create),
]
