"""Carts of API clients, and what clients say of what they order."""

import django.db.models.deletion
import django.utils.timezone
import portal.common.constraints
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0006_relationships_and_purchases'),
        ('orders', '0006_first_purchases'),
        ('partners', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='said',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name='subscription',
            name='friendly_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='own name'),
        ),
        migrations.CreateModel(
            name='ApiCart',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('lines', models.JSONField(default=list)),
                ('is_attested', models.BooleanField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField()),
                ('updated_by', models.CharField(max_length=36)),
                ('expires_at', models.DateTimeField()),
                ('ordered_at', models.DateTimeField(null=True)),
                ('outcome', models.JSONField(default=dict)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_carts', to='customers.customer')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_carts', to='partners.partner')),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='api_cart_expires')],
                'constraints': [portal.common.constraints.CompositeForeignKey(fields=('customer', 'partner'), name='api_cart_customer_of_partner', to_columns=('id', 'partner_id'), to_table='customers_customer')],
            },
        ),
    ]
