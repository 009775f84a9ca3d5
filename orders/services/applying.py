# ruff: noqa: S608 - what the statements are put together from are constants of this module
"""A price list becomes the catalog: everything in one transaction, set by set, in SQL that both engines know.

Nothing is withdrawn: what a list does not name stays as it is. What a row leaves blank says nothing about the
texts that are there. The bounds of a SKU are staff's: only a new one takes them from its tiers.
"""

import uuid
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from orders.models import PriceList, PriceListStatus
from orders.services.catalog import lock_catalog
from orders.services.price_lists import lock_price_list, remove_file
from portal.audit.services import record_event
from portal.common.actor import Actor

# A SKU that is sold in any quantity.
MANY = 1_000_000

# The last line that names a product or a SKU says what it is called.
_LAST = """
SELECT r.*, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY r.number DESC) AS place
FROM orders_pricelistrow r WHERE r.price_list_id = %s AND r.is_good
"""
_LAST_OF_PRODUCT = _LAST.format(key="r.product_code")
_LAST_OF_SKU = _LAST.format(key="r.product_code, r.sku_code")
_SKU = "s.catalog_code = r.product_code || '-' || r.sku_code"
_AVAILABILITY = """
a.market = r.market AND a.currency = r.currency AND a.segment = r.segment AND a.sku_id = s.id AND a.term = r.term
AND a.billing_plan = r.billing_plan
"""
_GOOD = "r.price_list_id = %s AND r.is_good"

NEW_PRODUCTS = f"""
INSERT INTO orders_product (code, title, publisher, description)
SELECT n.product_code, COALESCE(NULLIF(n.product_title, ''), n.sku_title),
       COALESCE(NULLIF(n.publisher, ''), 'Microsoft'), ''
FROM ({_LAST_OF_PRODUCT}) n WHERE n.place = 1 ORDER BY n.product_code
ON CONFLICT DO NOTHING
"""
CHANGED_PRODUCTS = f"""
UPDATE orders_product AS p
SET title = COALESCE(NULLIF(n.product_title, ''), p.title), publisher = COALESCE(NULLIF(n.publisher, ''), p.publisher)
FROM ({_LAST_OF_PRODUCT}) n
WHERE n.place = 1 AND p.code = n.product_code
AND (n.product_title NOT IN ('', p.title) OR n.publisher NOT IN ('', p.publisher))
"""
NEW_SKUS = f"""
INSERT INTO orders_sku
    (product_id, code, catalog_code, title, description, unit, tags, min_quantity, max_quantity)
SELECT p.id, n.sku_code, n.product_code || '-' || n.sku_code, COALESCE(NULLIF(n.sku_title, ''), n.product_title),
       n.sku_description, n.unit, n.tags, 1, b.bound
FROM ({_LAST_OF_SKU}) n
JOIN orders_product p ON p.code = n.product_code
JOIN (
    SELECT r.product_code, r.sku_code, MAX(COALESCE(r.tier_max, {MANY})) AS bound
    FROM orders_pricelistrow r WHERE {_GOOD} GROUP BY r.product_code, r.sku_code
) b ON b.product_code = n.product_code AND b.sku_code = n.sku_code
WHERE n.place = 1 ORDER BY n.product_code, n.sku_code
ON CONFLICT DO NOTHING
"""
CHANGED_SKUS = f"""
UPDATE orders_sku AS s
SET title = COALESCE(NULLIF(n.sku_title, ''), s.title),
    description = COALESCE(NULLIF(n.sku_description, ''), s.description),
    unit = COALESCE(NULLIF(n.unit, ''), s.unit), tags = COALESCE(NULLIF(n.tags, ''), s.tags)
FROM ({_LAST_OF_SKU}) n
WHERE n.place = 1 AND s.catalog_code = n.product_code || '-' || n.sku_code
AND (n.sku_title NOT IN ('', s.title) OR n.sku_description NOT IN ('', s.description)
     OR n.unit NOT IN ('', s.unit) OR n.tags NOT IN ('', s.tags))
"""
NEW_AVAILABILITIES = f"""
INSERT INTO orders_availability (sku_id, public_id, market, currency, segment, term, billing_plan)
SELECT n.sku_id, n.public_id, n.market, n.currency, n.segment, n.term, n.billing_plan
FROM (
    SELECT s.id AS sku_id, r.public_id, r.market, r.currency, r.segment, r.term, r.billing_plan, ROW_NUMBER() OVER (
        PARTITION BY s.id, r.market, r.currency, r.segment, r.term, r.billing_plan ORDER BY r.number
    ) AS place
    FROM orders_pricelistrow r JOIN orders_sku s ON {_SKU} WHERE {_GOOD}
) n
WHERE n.place = 1 AND NOT EXISTS (
    SELECT 1 FROM orders_availability a
    WHERE a.market = n.market AND a.currency = n.currency AND a.segment = n.segment AND a.sku_id = n.sku_id
    AND a.term = n.term AND a.billing_plan = n.billing_plan
)
ORDER BY n.sku_id, n.market, n.currency, n.segment, n.term, n.billing_plan
"""
NEW_PRICES = f"""
INSERT INTO orders_price
    (availability_id, tier_min, tier_max, effective_from, effective_until, unit_price, erp_price)
SELECT a.id, r.tier_min, r.tier_max, r.effective_from, r.effective_until, r.unit_price, r.erp_price
FROM orders_pricelistrow r JOIN orders_sku s ON {_SKU} JOIN orders_availability a ON {_AVAILABILITY}
WHERE {_GOOD} ORDER BY a.id, r.tier_min, r.effective_from
ON CONFLICT DO NOTHING
"""
CHANGED_PRICES = f"""
UPDATE orders_price AS p
SET tier_max = n.tier_max, effective_until = n.effective_until, unit_price = n.unit_price,
    erp_price = COALESCE(n.erp_price, p.erp_price)
FROM (
    SELECT a.id AS availability_id, r.*
    FROM orders_pricelistrow r JOIN orders_sku s ON {_SKU} JOIN orders_availability a ON {_AVAILABILITY}
    WHERE {_GOOD}
) n
WHERE p.availability_id = n.availability_id AND p.tier_min = n.tier_min AND p.effective_from = n.effective_from
AND (p.unit_price <> n.unit_price OR COALESCE(p.tier_max, 0) <> COALESCE(n.tier_max, 0)
     OR (n.erp_price IS NOT NULL AND (p.erp_price IS NULL OR p.erp_price <> n.erp_price))
     OR COALESCE(p.effective_until, '9999-12-31') <> COALESCE(n.effective_until, '9999-12-31'))
"""
APPLIED = f"DELETE FROM orders_pricelistrow AS r WHERE {_GOOD}"


@dataclass(frozen=True)
class _Counts:
    new: dict[str, int]
    changed: dict[str, int]


@transaction.atomic
def apply_price_list(*, by: Actor, price_list_id: uuid.UUID) -> PriceList:
    """Write the good rows of a list that is to be applied into the catalog: all or nothing. Twice is once.

    Lists are applied one after the other. Raises NotFound.
    """
    lock_catalog()
    price_list = lock_price_list(price_list_id)
    if price_list.status != PriceListStatus.APPLYING:
        return price_list
    counts = _write(price_list)
    price_list.new_count, price_list.changed_count = counts.new["prices"], counts.changed["prices"]
    price_list.status, price_list.finished_at = PriceListStatus.APPLIED, timezone.now()
    price_list.lease_until = None
    remove_file(price_list)
    price_list.save()
    facts = {
        "file": price_list.file_name,
        "digest": price_list.digest,
        "rows": price_list.read_count,
        "bad": price_list.bad_count,
        "new": counts.new,
        "changed": counts.changed,
    }
    record_event(by=by, code="orders.price_list_applied", partner_id=None, subject=str(price_list.pk), facts=facts)
    return price_list


def _write(price_list: PriceList) -> _Counts:
    new, changed = {}, {}
    _analyze("orders_pricelistrow")
    new["products"] = _run(price_list, NEW_PRODUCTS)
    changed["products"] = _run(price_list, CHANGED_PRODUCTS)
    _analyze("orders_product")
    new["skus"] = _run(price_list, NEW_SKUS)
    changed["skus"] = _run(price_list, CHANGED_SKUS)
    _analyze("orders_sku")
    new["availabilities"] = _run(price_list, NEW_AVAILABILITIES)
    _analyze("orders_availability")
    new["prices"] = _run(price_list, NEW_PRICES)
    changed["prices"] = _run(price_list, CHANGED_PRICES)
    _run(price_list, APPLIED)
    return _Counts(new, changed)


def _analyze(table: str) -> None:
    """Have PostgreSQL look at what came into the table just now: it would join as many rows as if they were few."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {table}")


def _run(price_list: PriceList, sql: str) -> int:
    """How many rows the statement wrote. Each of its places is for the list's id."""
    key = PriceList._meta.pk.get_db_prep_value(price_list.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [key] * sql.count("%s"))
        return int(cursor.rowcount)
