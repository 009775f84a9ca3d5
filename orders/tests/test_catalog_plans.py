"""The catalog of one market is read along its index, however many markets there are."""

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from orders.models import Availability, Product, Segment, Sku
from orders.offers import those_sold
from orders.pricing import price_day
from orders.shelf import MOST_OFFERS, shelf_of
from portal.tests.scenarios.support import rows_read

MARKETS = [f"{first}{second}" for first in "ABCDE" for second in "ABCDEFGH"]
SKUS, PLANS = 200, 3
INDEX = "availability_once"
OF_ONE_MARKET = SKUS * PLANS
# The engine may look for the SKUs on the page everywhere instead, which are few.
OF_ONE_PAGE = (MOST_OFFERS + 2) * PLANS * len(MARKETS)
# By market, as price lists come: what stands beside each other decides which way is cheaper.
SELL = """
INSERT INTO orders_availability (sku_id, public_id, market, currency, segment, term, billing_plan)
SELECT sku.id, gen_random_uuid(), market, 'EUR', 'commercial', term, plan
FROM orders_sku sku, unnest(%s) market,
     (VALUES ('P1M', 'monthly'), ('P1Y', 'monthly'), ('P1Y', 'annual')) plans(term, plan)
ORDER BY market, sku.id, term, plan
"""
PRICE = """
INSERT INTO orders_price (availability_id, tier_min, effective_from, unit_price)
SELECT id, 1, '2020-01-01', 1 FROM orders_availability
"""


@pytest.fixture(autouse=True)
def many(db: None) -> None:
    """Every SKU for three plans in each of forty markets."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's plans are not judged.")
    product = Product.objects.create(code="P1", title="Everything")
    Sku.objects.bulk_create(
        Sku(product=product, code=f"{n:04}", catalog_code=f"P1-{n:04}", title=f"Sku {n:04}") for n in range(SKUS)
    )
    with connection.cursor() as cursor:
        cursor.execute(SELL, [MARKETS])
        cursor.execute(PRICE)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ANALYZE")


def offered() -> QuerySet[Sku]:
    sold = Availability.objects.sold_in("CC", on=price_day()).filter(currency="EUR")
    return Sku.objects.offered(sold)[:MOST_OFFERS]


def rows() -> QuerySet[Availability]:
    sold = Availability.objects.sold_in("CC", on=price_day()).filter(currency="EUR", sku__in=list(offered()))
    return sold.with_prices(on=price_day())


def test_the_catalog_of_a_market_is_read_along_its_index() -> None:
    assert INDEX in offered().explain()
    assert INDEX in rows().explain()


def test_without_it_there_is_another_way() -> None:
    """Negative control."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE orders_availability DROP CONSTRAINT {INDEX}")
    assert INDEX not in offered().explain()
    assert INDEX not in rows().explain()


def test_a_page_of_new_customer_reads_its_market_or_its_skus_only() -> None:
    said = {"search": "sku", "quantity-P1-0199.P1M.monthly": "3", "add-P1-0198": "4"}
    with CaptureQueriesContext(connection) as asked:
        shelf = shelf_of(said, country="CC", is_sandbox=False)
    assert list(shelf.lines) == ["P1-0199.P1M.monthly"]
    titles = [f"Sku {n:04}" for n in range(MOST_OFFERS)]
    assert [offer.sku.title for offer in shelf.offers] == [*titles, "Sku 0198"]
    assert shelf.is_more
    read = {query["sql"]: rows_read(query["sql"]) for query in asked.captured_queries}
    assert max(read.values()) <= max(OF_ONE_MARKET, OF_ONE_PAGE) < OF_ONE_MARKET * len(MARKETS) / 5, read


def test_segments_and_currencies_are_counted_within_the_market() -> None:
    Availability.objects.filter(market="CC", sku__code="0001").update(segment=Segment.EDUCATION)
    sold = Availability.objects.sold_in("CC", on=price_day())
    assert sold.count() == OF_ONE_MARKET - PLANS
    Availability.objects.filter(market="CC", sku__code="0002").update(currency="USD")
    assert sold.currencies() == ["EUR", "USD"]
    assert Availability.objects.sold_in("ZZ", on=price_day()).currencies() == []


def test_a_currency_of_few_is_found_along_the_index() -> None:
    """What was added last stands behind everything else."""
    Availability.objects.filter(market="CC", sku__code="0002").update(currency="USD")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as asked:
        assert those_sold(["EUR", "USD", "SEK"], Availability.objects.sold_in("CC", on=price_day())) == ["EUR", "USD"]
    read = {query["sql"]: rows_read(query["sql"]) for query in asked.captured_queries}
    assert max(read.values()) < OF_ONE_MARKET, read
