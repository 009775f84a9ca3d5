from django.urls import path

from orders.views import add_ons, carts, exports, licences, listing, lives, orders, placing, subscriptions

app_name = "orders"

cart = "orders/new/<uuid:cart_id>/"
subscription = "subscriptions/<uuid:subscription_id>/"

urlpatterns = [
    path("orders/", listing.order_list, name="list"),
    path("orders/search/", listing.search, name="search"),
    path("orders/export/", exports.export, name="export"),
    path("orders/new/", carts.order_new, name="new"),
    path(cart, carts.cart, name="cart"),
    path(f"{cart}discard/", carts.discard, name="discard"),
    path(f"{cart}review/", placing.review, name="review"),
    path(f"{cart}agreement/", placing.agreement, name="agreement"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("orders/<slug:number>/cancel/", orders.cancel, name="cancel"),
    path(subscription, subscriptions.subscription, name="subscription"),
    path(f"{subscription}licences/", licences.licence_count, name="licences"),
    path(f"{subscription}suspend/", lives.suspend, name="suspend"),
    path(f"{subscription}reactivate/", lives.reactivate, name="reactivate"),
    path(f"{subscription}auto-renew/", lives.auto_renew, name="auto_renew"),
    path(f"{subscription}cancel/", lives.cancel, name="cancel_subscription"),
    path(f"{subscription}add-ons/", add_ons.add_on, name="add_on"),
]
