"""What is sold, and for how much: kept by staff, the same for every partner."""

import uuid

from django.db import transaction

from orders.models import Price, Product, Sku
from portal.audit.services import record_event
from portal.common.actor import Actor

# What an agent saw of a price when reviewing a cart.
SHOWN = ("sku_id", "market", "currency", "term", "billing_plan", "unit_price")


@transaction.atomic
def save_product(*, by: Actor, product: Product) -> Product:
    """Add or change a product. Raises ValidationError for a product id that is taken."""
    product.full_clean()
    product.save()
    _log(by, "orders.product_saved", product.code, title=product.title)
    return product


@transaction.atomic
def save_sku(*, by: Actor, sku: Sku) -> Sku:
    """Add or change a SKU; subscriptions and orders keep their own text. Raises ValidationError."""
    sku.full_clean()
    sku.save()
    _log(by, "orders.sku_saved", f"{sku.product.code}:{sku.code}", title=sku.title)
    return sku


@transaction.atomic
def save_price(*, by: Actor, price: Price) -> Price:
    """Add or change a price. A changed one gets a new public id, so that nobody who reviewed a cart with the
    old one orders at the new one unseen. Raises ValidationError.
    """
    price.full_clean()
    before = Price.objects.select_for_update(of=("self",)).filter(pk=price.pk).first()
    if before is not None and any(str(getattr(before, f)) != str(getattr(price, f)) for f in SHOWN):
        price.public_id = uuid.uuid4()
    price.save()
    _log(
        by,
        "orders.price_saved",
        str(price.public_id),
        market=str(price.market),
        currency=price.currency,
        unit_price=str(price.unit_price),
    )
    return price


@transaction.atomic
def withdraw_price(*, by: Actor, price: Price) -> None:
    """Stop selling at this price; it leaves unfinished carts, orders are untouched. Twice is once."""
    # Whoever puts it into a cart right now has the row locked, and is waited for.
    current = Price.objects.select_for_update(of=("self",)).filter(pk=price.pk).first()
    if current is None:
        return
    subject = str(current.public_id)
    current.delete()
    _log(by, "orders.price_withdrawn", subject)


def _log(by: Actor, code: str, subject: str, **facts: str) -> None:
    record_event(by=by, code=code, partner_id=None, subject=subject, facts=facts)
