"""Carts, orders and subscriptions: for staff to look at, and nothing else."""

from django.contrib import admin

from orders.models import (
    Cart,
    CartLine,
    LicenceChange,
    MonthTotal,
    Order,
    OrderLine,
    Subscription,
    SubscriptionEvent,
)
from portal.audit.staff_views import PersonalDataAdmin
from portal.common.staff import ViewOnlyAdmin


@admin.register(Cart)
class CartAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("customer", "partner", "owner", "stage", "order", "updated_at")
    list_select_related = ("customer", "partner", "owner", "order")
    search_fields = ("customer__company_name", "owner__email")
    ordering = ("-updated_at", "id")


@admin.register(CartLine)
class CartLineAdmin(ViewOnlyAdmin):
    list_display = ("availability", "quantity", "cart")
    list_select_related = ("availability__sku", "cart__customer")
    search_fields = ("cart__customer__company_name", "availability__sku__title")
    ordering = ("-id",)


@admin.register(Order)
class OrderAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("number", "customer", "partner", "status", "total", "currency", "placed_at", "acceptance")
    list_select_related = ("customer", "partner", "acceptance")
    list_filter = ("status", "cloud")
    search_fields = ("number", "purchase_order_number", "customer__company_name", "tenant__domain")
    date_hierarchy = "placed_at"
    ordering = ("-placed_at", "-id")


@admin.register(OrderLine)
class OrderLineAdmin(ViewOnlyAdmin):
    list_display = ("title", "quantity", "unit_price", "order")
    list_select_related = ("order",)
    search_fields = ("title", "order__number")
    ordering = ("-id",)


@admin.register(MonthTotal)
class MonthTotalAdmin(ViewOnlyAdmin):
    list_display = ("partner", "month", "currency", "order_count", "amount")
    list_select_related = ("partner",)
    list_filter = ("currency",)
    search_fields = ("partner__name",)
    ordering = ("-month", "partner__name", "id")


@admin.register(Subscription)
class SubscriptionAdmin(ViewOnlyAdmin):
    list_display = ("title", "customer", "partner", "quantity", "status", "term", "term_ends_at", "auto_renew")
    list_select_related = ("customer", "partner")
    list_filter = ("status", "auto_renew")
    search_fields = ("title", "customer__company_name", "order_line__order__number", "id__iexact")
    ordering = ("-started_at", "id")


@admin.register(SubscriptionEvent)
class SubscriptionEventAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("subscription", "kind", "reason", "quantity", "at", "actor_name", "partner")
    list_select_related = ("subscription", "partner")
    list_filter = ("kind", "reason")
    search_fields = ("subscription__title", "actor_name", "subscription__id__iexact")
    date_hierarchy = "at"
    ordering = ("-at", "-id")


@admin.register(LicenceChange)
class LicenceChangeAdmin(PersonalDataAdmin, ViewOnlyAdmin):
    list_display = ("subscription", "from_quantity", "to_quantity", "changed_at", "changed_by_name", "acceptance")
    list_select_related = ("subscription", "acceptance")
    search_fields = ("subscription__title", "changed_by_name")
    date_hierarchy = "changed_at"
    ordering = ("-changed_at", "-id")
