"""The index that finds purchase order numbers by how they begin, in any case; looked after at every migrate.

It is spelled as PostgreSQL alone knows it. Elsewhere a partner's purchase order numbers are looked through.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

NAME = "order_purchase_order_begins"


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the index where the database is PostgreSQL and has got as far as the column."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = 'orders_order' AND column_name = 'purchase_order_number'"
        )
        if cursor.fetchone() is None:
            return
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {NAME} ON orders_order"
            " (partner_id, upper(purchase_order_number::text) text_pattern_ops)"
            " WHERE NOT (purchase_order_number = '')"
        )
