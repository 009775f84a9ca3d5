"""Customers learn when the first order of each partner was placed for them."""

from django.db import migrations

FILL = """
    UPDATE customers_customer SET bought_at = (
        SELECT MIN(o.placed_at) FROM orders_order o WHERE o.customer_id = customers_customer.id
    )
    WHERE bought_at IS NULL AND EXISTS (SELECT 1 FROM orders_order o WHERE o.customer_id = customers_customer.id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0006_relationships_and_purchases'),
        ('orders', '0005_catalog_and_lives_held'),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
