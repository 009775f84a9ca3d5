"""What is sold, and for how much: kept by staff, the same for every partner."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from orders.models import Availability, Price, Product, Sku
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation


def lock_catalog() -> None:
    """One change of the catalog at a time, until the transaction ends: a price list writes many rows, and staff who
    write some of them in another order would wait for each other. Carts and orders do not wait.

    SQLite lets one transaction write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", ["orders: catalog"])


@transaction.atomic
def save_product(*, by: Actor, product: Product) -> Product:
    """Add or change a product; its SKUs are named by its id. Raises ValidationError for an id that is taken."""
    lock_catalog()
    product.full_clean()
    product.save()
    Sku.objects.filter(product=product).update(catalog_code=Concat(Value(f"{product.code}-"), "code"))
    _log(by, "orders.product_saved", product.code, title=product.title)
    return product


@transaction.atomic
def save_sku(*, by: Actor, sku: Sku, add_on_to: Iterable[Sku] | None = None) -> Sku:
    """Add or change a SKU; subscriptions and orders keep their own text.

    add_on_to: the SKUs that it is an add-on to, None leaves them as they are. Raises ValidationError, and
    RuleViolation (field add_on_to) for what would be an add-on to itself.
    """
    lock_catalog()
    sku.catalog_code = f"{sku.product.code}-{sku.code}"
    sku.full_clean()
    sku.save()
    if add_on_to is not None:
        bases = list(add_on_to)
        if sku in bases:
            raise RuleViolation(_("Choose other SKUs: this is the add-on itself"), field="add_on_to")
        sku.add_on_to.set(bases)
    _log(by, "orders.sku_saved", sku.catalog_code, title=sku.title)
    return sku


@transaction.atomic
def save_availability(*, by: Actor, availability: Availability) -> Availability:
    """Say that something new is sold somewhere; its prices are saved one by one. Raises ValidationError.

    What it says never changes: people have it in their carts and have reviewed it.
    """
    lock_catalog()
    availability.full_clean()
    availability.save(force_insert=True)
    _log(by, "orders.availability_saved", str(availability.public_id), market=str(availability.market))
    return availability


@transaction.atomic
def save_price(*, by: Actor, price: Price) -> Price:
    """Add or change a price. Whoever reviewed a cart at the old one is asked to review it again when submitting.

    Raises ValidationError.
    """
    lock_catalog()
    price.full_clean()
    price.save()
    sold = price.availability
    amount = str(price.unit_price)
    _log(
        by,
        "orders.price_saved",
        str(sold.public_id),
        market=str(sold.market),
        currency=sold.currency,
        unit_price=amount,
    )
    return price


@transaction.atomic
def withdraw_price(*, by: Actor, price: Price) -> None:
    """Take one price away; what has none left is not sold any more. Twice is once."""
    lock_catalog()
    current = Price.objects.select_for_update(of=("self",)).select_related("availability").filter(pk=price.pk).first()
    if current is None:
        return
    current.delete()
    _log(by, "orders.price_withdrawn", str(current.availability.public_id))


@transaction.atomic
def withdraw_availability(*, by: Actor, availability: Availability) -> None:
    """Stop selling; it leaves unfinished carts, orders are untouched. Twice is once."""
    lock_catalog()
    # Whoever puts it into a cart right now has the row locked, and is waited for.
    current = Availability.objects.select_for_update(of=("self",)).filter(pk=availability.pk).first()
    if current is None:
        return
    subject = str(current.public_id)
    current.delete()
    _log(by, "orders.availability_withdrawn", subject)


def _log(by: Actor, code: str, subject: str, **facts: str) -> None:
    record_event(by=by, code=code, partner_id=None, subject=subject, facts=facts)
