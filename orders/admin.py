"""Staff keep the catalog; carts, orders and what comes of them are there to look at. No order is made here."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from orders.models import Cart, CartLine, LicenceChange, Order, OrderLine, Price, Product, Sku, Subscription
from orders.services import save_price, save_product, save_sku, withdraw_price
from portal.common.actor import Actor
from portal.common.staff import ViewOnlyAdmin
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
    list_display = ("title", "code", "product", "min_quantity", "max_quantity")
    list_select_related = ("product",)
    search_fields = ("title", "code", "product__title")
    autocomplete_fields = ("product",)
    ordering = ("title", "id")

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> models.Model:
        return save_sku(by=by, sku=obj)


@admin.register(Price)
class PriceAdmin(CatalogAdmin):
    """A price can be withdrawn: it leaves unfinished carts, orders keep their own copy."""

    list_display = ("sku", "market", "term", "billing_plan", "currency", "unit_price")
    list_select_related = ("sku",)
    list_filter = ("market", "term", "billing_plan")
    search_fields = ("sku__title", "sku__product__title", "public_id__iexact")
    autocomplete_fields = ("sku",)
    readonly_fields = ("public_id",)
    ordering = ("sku__title", "market", "id")

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> models.Model:
        return save_price(by=by, price=obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """Cart lines are view-only, yet an abandoned cart must not keep a price on sale."""
        deleted, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Price) -> None:
        withdraw_price(by=staff_actor(request), price=obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Price]) -> None:
        by = staff_actor(request)
        for price in queryset:
            withdraw_price(by=by, price=price)


@admin.register(Cart)
class CartAdmin(ViewOnlyAdmin):
    list_display = ("customer", "partner", "owner", "order", "updated_at")
    list_select_related = ("customer", "partner", "owner", "order")
    search_fields = ("customer__company_name", "owner__email")
    ordering = ("-updated_at", "id")


@admin.register(CartLine)
class CartLineAdmin(ViewOnlyAdmin):
    list_display = ("price", "quantity", "cart")
    list_select_related = ("price__sku", "cart__customer")
    search_fields = ("cart__customer__company_name", "price__sku__title")
    ordering = ("-id",)


@admin.register(Order)
class OrderAdmin(ViewOnlyAdmin):
    list_display = ("number", "customer", "partner", "status", "total", "currency", "placed_at", "acceptance")
    list_select_related = ("customer", "partner", "acceptance")
    list_filter = ("status", "cloud")
    search_fields = ("number", "customer__company_name", "tenant__domain")
    date_hierarchy = "placed_at"
    ordering = ("-placed_at", "-id")


@admin.register(OrderLine)
class OrderLineAdmin(ViewOnlyAdmin):
    list_display = ("title", "quantity", "unit_price", "order")
    list_select_related = ("order",)
    search_fields = ("title", "order__number")
    ordering = ("-id",)


@admin.register(Subscription)
class SubscriptionAdmin(ViewOnlyAdmin):
    list_display = ("title", "customer", "partner", "quantity", "status", "started_at")
    list_select_related = ("customer", "partner")
    list_filter = ("status",)
    search_fields = ("title", "customer__company_name", "order_line__order__number", "id__iexact")
    ordering = ("-started_at", "id")


@admin.register(LicenceChange)
class LicenceChangeAdmin(ViewOnlyAdmin):
    list_display = ("subscription", "from_quantity", "to_quantity", "changed_at", "changed_by_name", "acceptance")
    list_select_related = ("subscription", "acceptance")
    search_fields = ("subscription__title", "changed_by_name")
    date_hierarchy = "changed_at"
    ordering = ("-changed_at", "-id")
