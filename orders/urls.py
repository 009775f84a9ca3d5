from django.urls import path

from orders.views import carts, licences, orders, placing, subscriptions

app_name = "orders"

cart = "orders/new/<uuid:cart_id>/"

urlpatterns = [
    path("orders/", orders.order_list, name="list"),
    path("orders/new/", carts.order_new, name="new"),
    path(cart, carts.cart, name="cart"),
    path(f"{cart}discard/", carts.discard, name="discard"),
    path(f"{cart}review/", placing.review, name="review"),
    path(f"{cart}agreement/", placing.agreement, name="agreement"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("subscriptions/<uuid:subscription_id>/licences/", licences.licence_count, name="licences"),
    path("subscriptions/<uuid:subscription_id>/suspend/", subscriptions.suspend, name="suspend"),
    path("subscriptions/<uuid:subscription_id>/reactivate/", subscriptions.reactivate, name="reactivate"),
]
