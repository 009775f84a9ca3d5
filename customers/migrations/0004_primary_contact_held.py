"""The database holds the primary contact and the tags' partner; names sort alike on both engines."""

import portal.common.constraints
from django.db import migrations


def compare_bytes(apps, schema_editor):
    """Folded names are compared byte by byte: the same order on both engines, and prefixes use the index."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE customers_customer ALTER COLUMN name_key TYPE varchar(200) COLLATE "C"')


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0003_fold_and_name_primary'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='contact',
            name='contact_one_primary',
        ),
        migrations.RemoveField(
            model_name='contact',
            name='is_primary',
        ),
        migrations.AddConstraint(
            model_name='customer',
            constraint=portal.common.constraints.CompositeForeignKey(fields=('primary_contact', 'id'), name='customer_primary_contact_own', to_columns=('public_id', 'customer_id'), to_table='customers_contact'),
        ),
        migrations.AddConstraint(
            model_name='customertag',
            constraint=portal.common.constraints.CompositeForeignKey(fields=('customer', 'partner'), name='customer_tag_customer_of_partner', to_columns=('id', 'partner_id'), to_table='customers_customer'),
        ),
        migrations.AddConstraint(
            model_name='customertag',
            constraint=portal.common.constraints.CompositeForeignKey(fields=('tag', 'partner'), name='customer_tag_tag_of_partner', to_columns=('id', 'partner_id'), to_table='customers_tag'),
        ),
        migrations.RunPython(compare_bytes, migrations.RunPython.noop),
    ]
