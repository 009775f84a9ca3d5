"""Very many orders in no time, for tests of what must not grow with them."""

from collections.abc import Sequence

from django.db import connection

from orders.models import Order
from portal.audit import triggers

# Ten hexadecimal digits of a number, each number's own and spread over all of them.
SPREAD = "(i * 548723651) % 1099511627776"
SPELLED = {
    "postgresql": (
        "SELECT i FROM generate_series(%(first)s, %(last)s) AS n(i)",
        f"lpad(upper(to_hex({SPREAD.replace('i *', 'i::bigint *')})), 10, '0')".replace("%", "%%"),
        "placed_at - i * interval '1 minute'",
    ),
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT %(first)s UNION ALL SELECT i + 1 FROM n WHERE i < %(last)s) SELECT i FROM n",
        f"printf('%010X', {SPREAD})".replace("%", "%%"),
        "datetime(placed_at, '-' || i || ' minutes')",
    ),
}


def add_orders(models: Sequence[Order], count: int, *, first: int = 1) -> None:
    """So many orders for all of these together, in turn, each a minute older; every second one has a purchase
    order number. first: what they are numbered from. They have no lines, and no month knows of them.
    """
    numbers, number, placed_at = SPELLED[connection.vendor]
    columns = [field.column for field in Order._meta.local_concrete_fields if not field.primary_key]
    own = {
        "number": number,
        "placed_at": placed_at,
        "purchase_order_number": "CASE i % 2 WHEN 0 THEN 'Po-' || i ELSE '' END".replace("%", "%%"),
    }
    places = ", ".join(f"({place}, {order.pk})" for place, order in enumerate(models))
    with triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute(
            f"WITH model(place, model_id) AS (VALUES {places}) INSERT INTO orders_order ({', '.join(columns)}) "  # noqa: S608 - our own words
            f"SELECT {', '.join(own.get(column, column) for column in columns)} "
            f"FROM ({numbers}) AS each_number CROSS JOIN model "
            f"JOIN orders_order ON orders_order.id = model.model_id WHERE i %% {len(models)} = place",
            {"first": first, "last": first + count - 1},
        )
