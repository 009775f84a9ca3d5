"""Staff screens of the catalog. Every write goes through a service."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from orders.models import Availability, Price, Product, Sku
from orders.services import (
    save_availability,
    save_price,
    save_product,
    save_sku,
    withdraw_availability,
    withdraw_price,
)
from portal.common.actor import Actor
from portal.partners.admin import ServiceAdmin, staff_actor


class CatalogAdmin(ServiceAdmin):
    """The form has checked the answers and written them into the row; the service saves and logs it."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        self.save_by_service(staff_actor(request), obj, form.cleaned_data, change=change)


@admin.register(Product)
class ProductAdmin(CatalogAdmin):
    list_display = ("title", "code", "publisher")
    list_filter = ("publisher",)
    search_fields = ("title", "code")
    ordering = ("title", "id")

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> models.Model:
        return save_product(by=by, product=obj)


@admin.register(Sku)
class SkuAdmin(CatalogAdmin):
    list_display = ("title", "catalog_code", "product", "min_quantity", "max_quantity")
    list_select_related = ("product",)
    search_fields = ("title", "catalog_code", "product__title")
    autocomplete_fields = ("product", "add_on_to")
    ordering = ("title", "id")

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> models.Model:
        return save_sku(by=by, sku=obj, add_on_to=said["add_on_to"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has saved what it is an add-on to along with the rest."""


class PriceInline(admin.TabularInline):  # type: ignore[type-arg]  # saved by AvailabilityAdmin.save_formset
    model = Price
    extra = 0


@admin.register(Availability)
class AvailabilityAdmin(CatalogAdmin):
    """What is sold where, with its prices. It can be withdrawn: it leaves unfinished carts, orders keep a copy."""

    list_display = ("sku", "market", "currency", "segment", "term", "billing_plan")
    list_select_related = ("sku",)
    list_filter = ("segment", "term", "billing_plan", "market")
    search_fields = ("sku__title", "sku__catalog_code", "sku__product__title", "public_id__iexact")
    autocomplete_fields = ("sku",)
    ordering = ("sku__title", "market", "id")
    inlines = (PriceInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What it says is in carts and was reviewed: only its prices change."""
        identity = ("sku", "market", "currency", "segment", "term", "billing_plan") if obj else ()
        return ("public_id", *identity)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            save_availability(by=staff_actor(request), availability=obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        by = staff_actor(request)
        kept = formset.save(commit=False)
        for price in formset.deleted_objects:
            withdraw_price(by=by, price=price)
        for price in kept:
            save_price(by=by, price=price)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """Cart lines are view-only, yet an abandoned cart must not keep something on sale."""
        deleted, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Availability) -> None:
        withdraw_availability(by=staff_actor(request), availability=obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Availability]) -> None:
        by = staff_actor(request)
        # In the order in which carts lock them.
        for availability in queryset.order_by("pk"):
            withdraw_availability(by=by, availability=availability)
