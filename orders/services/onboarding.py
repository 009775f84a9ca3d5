"""New customer with subscriptions: the customer, and a cart with what it is to begin with, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from agreements.services import NewCustomer, Onboarded, onboard_customer
from customers.models import OnboardingDraft
from customers.services import lock_draft
from orders.models import Availability, Cart
from orders.refusing import Item
from orders.services.carts import set_lines, start_cart
from portal.common.actor import Actor


@dataclass(frozen=True)
class OnboardedWithCart:
    """cart: the acting person's open one for the new customer, None when nothing was chosen or it is gone."""

    onboarded: Onboarded
    cart: Cart | None


@transaction.atomic
def onboard_with_cart(
    *,
    by: Actor,
    draft: OnboardingDraft,
    new: NewCustomer | None,
    quantities: Mapping[Availability, int],
    submit_key: str,
) -> OnboardedWithCart:
    """Make the customer as `onboard_customer` does, and put the products into a cart for it: all or nothing.

    The cart waits while the customer has not accepted; ordering asks for that. Submitting a draft again answers
    the customer and the cart of the first time, `quantities` is not looked at then. Raises what
    `onboard_customer` raises, LinesRefused for a price or a quantity that no longer holds.
    """
    is_first = lock_draft(draft.pk).customer_id is None
    made = onboard_customer(by=by, draft=draft, new=new, submit_key=submit_key)
    if is_first and quantities:
        cart = start_cart(by=by, customer=made.customer)
        set_lines(by=by, cart=cart, quantities={Item(each): count for each, count in quantities.items()})
        return OnboardedWithCart(made, cart)
    mine = Cart.objects.filter(customer=made.customer, owner_id=by.person_id).unfinished()
    return OnboardedWithCart(made, mine.first())
