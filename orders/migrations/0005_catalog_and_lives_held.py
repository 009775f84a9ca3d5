"""What the rows of before are filled with by now is held by the database."""

import portal.common.constraints
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0004_fill_catalog_and_lives'),
    ]

    operations = [
        migrations.RemoveField(model_name='availability', name='unit_price'),
        migrations.AlterField(
            model_name='sku',
            name='catalog_code',
            field=models.CharField(editable=False, max_length=41, unique=True),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='billing_plan',
            field=models.CharField(choices=[('monthly', 'billed monthly'), ('annual', 'billed annually'), ('triennial', 'billed once for three years'), ('none', 'not billed')], max_length=10, verbose_name='billing plan'),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='currency',
            field=models.CharField(max_length=3, verbose_name='currency'),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='segment',
            field=models.CharField(choices=[('commercial', 'Commercial'), ('education', 'Education'), ('government', 'Government'), ('nonprofit', 'Nonprofit')], max_length=10, verbose_name='segment'),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='term',
            field=models.CharField(choices=[('P1M', '1 month'), ('P1Y', '1 year'), ('P3Y', '3 years')], max_length=3, verbose_name='term'),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='term_ends_at',
            field=models.DateTimeField(verbose_name='term ends'),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='term_started_at',
            field=models.DateTimeField(verbose_name='term started'),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='unit_price',
            field=models.DecimalField(decimal_places=4, max_digits=14, verbose_name='unit price'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('purchase_order_number', ''), _negated=True), fields=['partner', 'purchase_order_number'], name='order_purchase_order_number'),
        ),
        migrations.AlterModelOptions(name='sku', options={'verbose_name': 'SKU', 'verbose_name_plural': 'SKUs'}),
        migrations.AddIndex(
            model_name='sku',
            index=models.Index(fields=['title', 'id'], name='sku_title'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('status__in', ['pending', 'cancelled'])), fields=['partner', '-placed_at', '-id'], name='order_partner_unfinished'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'id'], name='subscription_due'),
        ),
        migrations.AddConstraint(
            model_name='cart',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['filling', 'review'])), name='cart_stage_known'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=portal.common.constraints.CompositeForeignKey(fields=('parent', 'customer', 'partner'), name='subscription_parent_of_customer', to_columns=('id', 'customer_id', 'partner_id'), to_table='orders_subscription'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'active', 'suspended', 'expired', 'disabled', 'deleted'])), name='subscription_status_known'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('term_ends_at__gt', models.F('term_started_at'))), name='subscription_term_range'),
        ),
        migrations.AddConstraint(
            model_name='cartline',
            constraint=models.UniqueConstraint(condition=models.Q(('parent__isnull', True)), fields=('cart', 'availability'), name='cart_line_once'),
        ),
        migrations.AddConstraint(
            model_name='cartline',
            constraint=models.UniqueConstraint(condition=models.Q(('parent__isnull', False)), fields=('cart', 'availability', 'parent'), name='cart_line_add_on_once'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.UniqueConstraint(fields=('availability', 'tier_min', 'effective_from'), name='price_once'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('tier_min__gte', 1), models.Q(('tier_max__isnull', True), ('tier_max__gte', models.F('tier_min')), _connector='OR')), name='price_tier_range'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('effective_until__isnull', True), ('effective_until__gte', models.F('effective_from')), _connector='OR'), name='price_effective_range'),
        ),
        migrations.AddConstraint(
            model_name='availability',
            constraint=models.UniqueConstraint(fields=('market', 'currency', 'segment', 'sku', 'term', 'billing_plan'), name='availability_once'),
        ),
        migrations.AddConstraint(
            model_name='monthtotal',
            constraint=models.UniqueConstraint(fields=('partner', 'month', 'currency'), name='month_total_once'),
        ),
        migrations.AddConstraint(
            model_name='pricelist',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['reading', 'checked', 'applying', 'applied', 'refused', 'failed'])), name='price_list_status_known'),
        ),
        migrations.AddIndex(
            model_name='pricelistrow',
            index=models.Index(fields=['price_list', 'market', 'currency', 'segment', 'product_code', 'sku_code', 'term', 'billing_plan', 'tier_min', 'effective_from'], name='price_list_row_price'),
        ),
        migrations.AddConstraint(
            model_name='pricelistrow',
            constraint=models.UniqueConstraint(fields=('price_list', 'number'), name='price_list_row_number'),
        ),
        migrations.AddIndex(
            model_name='subscriptionevent',
            index=models.Index(fields=['subscription', '-at', '-id'], name='subscription_event_newest'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('unit_price__gte', 0)), name='price_not_negative'),
        ),
    ]
