"""The trigram index behind search, on PostgreSQL where the extension can be had; looked after at every migrate.

Without it (SQLite, or a PostgreSQL without pg_trgm) search looks through a bounded number of customers.
"""

from functools import lru_cache

from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, Q, QuerySet

NAME = "customer_search_trigrams"
# How many of a partner's customers are looked through, in the order of names, where there is no index.
BOUND = 20_000


def install(connection: BaseDatabaseWrapper) -> bool:
    """Make the extension and the index where that is possible; answers whether the index is there."""
    if connection.vendor != "postgresql":
        return False
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {NAME} ON customers_customer USING gin (search_text gin_trgm_ops)"
            )
    except DatabaseError:
        # No such extension on this server, or no right to make it: the bounded search is the answer.
        return False
    finally:
        is_indexed.cache_clear()
    return True


@lru_cache(maxsize=1)
def is_indexed() -> bool:
    """Whether search may look through every customer."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [NAME])
        return bool(cursor.fetchone()[0])


def reach(rows: QuerySet[Model]) -> Q:
    """What of a partner's customers search looks through: the first BOUND in the order of names; empty for all.

    Costs one walk along the index of names where there is no search index, and nothing where there is one.
    """
    if is_indexed():
        return Q()
    beyond = rows.order_by("name_key", "pk").values_list("name_key", "pk")[BOUND : BOUND + 1].first()
    if beyond is None:
        return Q()
    name_key, pk = beyond
    return Q(name_key__lte=name_key) & (Q(name_key__lt=name_key) | Q(pk__lt=pk))
