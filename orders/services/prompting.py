"""The prompt inside the order: the confirmation and the way back into the order, in one transaction."""

from django.db import transaction

from agreements.models import Attestation
from agreements.services import Acceptance, confirm_acceptance
from customers.models import Customer
from orders.models import Cart, CartStage
from orders.services.carts import keep_cart
from portal.common.actor import Actor


@transaction.atomic
def confirm_in_order(
    *, by: Actor, cart: Cart, customer: Customer, acceptance: Acceptance, submit_key: str
) -> Attestation:
    """Record the acceptance, and that the cart goes on at Review: both or neither. The order is its own submit.

    Raises what `confirm_acceptance` raises; NotFound and RuleViolation for a cart that is gone or ordered.
    """
    keep_cart(by=by, cart=cart, stage=CartStage.REVIEW)
    return confirm_acceptance(by=by, customer=customer, acceptance=acceptance, submit_key=submit_key)
