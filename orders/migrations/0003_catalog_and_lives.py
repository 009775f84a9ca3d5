"""What was a price becomes an availability with prices; subscriptions get terms, orders what they were missing."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0002_initial'),
        ('customers', '0005_find_the_few'),
        ('orders', '0002_push_down'),
        ('partners', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='cartline', name='cart_line_once'),
        migrations.RemoveConstraint(model_name='price', name='price_once'),
        migrations.RemoveConstraint(model_name='price', name='price_not_negative'),
        migrations.RenameModel(old_name='Price', new_name='Availability'),
        migrations.AlterModelOptions(name='availability', options={'verbose_name_plural': 'availabilities'}),
        migrations.RenameField(model_name='cartline', old_name='price', new_name='availability'),
        migrations.AlterField(
            model_name='cartline',
            name='availability',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cart_lines', to='orders.availability'),
        ),
        migrations.AlterField(
            model_name='availability',
            name='sku',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='availabilities', to='orders.sku'),
        ),
        migrations.AlterField(
            model_name='availability',
            name='billing_plan',
            field=models.CharField(choices=[('monthly', 'billed monthly'), ('annual', 'billed annually'), ('triennial', 'billed once for three years'), ('none', 'not billed')], max_length=10, verbose_name='billing plan'),
        ),
        migrations.AddField(
            model_name='availability',
            name='segment',
            field=models.CharField(choices=[('commercial', 'Commercial'), ('education', 'Education'), ('government', 'Government'), ('nonprofit', 'Nonprofit')], default='commercial', max_length=10, verbose_name='segment'),
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier_min', models.PositiveIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)], verbose_name='from quantity')),
                ('tier_max', models.PositiveIntegerField(blank=True, null=True, verbose_name='to quantity')),
                ('effective_from', models.DateField(verbose_name='effective from')),
                ('effective_until', models.DateField(blank=True, null=True, verbose_name='effective until')),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='unit price')),
                ('erp_price', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='estimated retail price')),
                ('availability', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='orders.availability')),
            ],
            options={'ordering': ('tier_min', 'effective_from')},
        ),
        migrations.CreateModel(
            name='MonthTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('order_count', models.PositiveIntegerField(default=0)),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=18)),
            ],
        ),
        migrations.CreateModel(
            name='PriceList',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file', models.FileField(blank=True, max_length=200, upload_to='price_lists/', verbose_name='file')),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('digest', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('reading', 'Being checked'), ('checked', 'Checked'), ('applying', 'Being applied'), ('applied', 'Applied'), ('refused', 'Refused'), ('failed', 'Failed')], max_length=10, verbose_name='status')),
                ('problem', models.CharField(blank=True, max_length=500)),
                ('row_count', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('read_count', models.PositiveIntegerField(default=0, verbose_name='rows read')),
                ('bad_count', models.PositiveIntegerField(default=0, verbose_name='bad rows')),
                ('new_count', models.PositiveIntegerField(default=0, verbose_name='new prices')),
                ('changed_count', models.PositiveIntegerField(default=0, verbose_name='changed prices')),
                ('uploaded_by_name', models.CharField(max_length=200, verbose_name='uploaded by')),
                ('decided_by_name', models.CharField(blank=True, max_length=200, verbose_name='decided by')),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='uploaded')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('lease_until', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ('-uploaded_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='PriceListRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('is_good', models.BooleanField(default=True)),
                ('problems', models.JSONField(default=list)),
                ('cells', models.JSONField(default=dict)),
                ('public_id', models.UUIDField(default=uuid.uuid4)),
                ('product_code', models.CharField(blank=True, max_length=20)),
                ('product_title', models.CharField(blank=True, max_length=200)),
                ('publisher', models.CharField(blank=True, max_length=100)),
                ('sku_code', models.CharField(blank=True, max_length=20)),
                ('sku_title', models.CharField(blank=True, max_length=200)),
                ('sku_description', models.TextField(blank=True)),
                ('unit', models.CharField(blank=True, max_length=100)),
                ('tags', models.CharField(blank=True, max_length=500)),
                ('market', models.CharField(blank=True, max_length=2)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('segment', models.CharField(blank=True, max_length=10)),
                ('term', models.CharField(blank=True, max_length=3)),
                ('billing_plan', models.CharField(blank=True, max_length=10)),
                ('tier_min', models.PositiveIntegerField(default=1)),
                ('tier_max', models.PositiveIntegerField(null=True)),
                ('effective_from', models.DateField(null=True)),
                ('effective_until', models.DateField(null=True)),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ('erp_price', models.DecimalField(decimal_places=4, max_digits=14, null=True)),
            ],
            options={
                'ordering': ('number',),
            },
        ),
        migrations.CreateModel(
            name='SubscriptionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('purchased', 'Purchased'), ('licences_changed', 'Licence count changed'), ('suspended', 'Suspended'), ('reactivated', 'Reactivated'), ('auto_renew_on', 'Auto-renew switched on'), ('auto_renew_off', 'Auto-renew switched off'), ('renewed', 'Renewed'), ('expired', 'Expired'), ('disabled', 'Disabled'), ('deleted', 'Deleted')], max_length=20)),
                ('reason', models.CharField(choices=[('customer_asked', 'The customer asked for it'), ('correction', 'An earlier change was a mistake'), ('payment', 'Payment is overdue'), ('misuse', 'The licences are misused'), ('relationship_ends', 'The reseller relationship ends'), ('term_ended', 'The term ended'), ('not_sold', 'The term ended, and it is no longer sold'), ('grace_ended', 'The time after its end is over'), ('parent_ended', 'The subscription it belongs to stopped'), ('ordered', 'It was ordered'), ('order_cancelled', 'Its order was cancelled')], max_length=20)),
                ('at', models.DateTimeField()),
                ('actor_name', models.CharField(max_length=200)),
                ('quantity', models.PositiveIntegerField()),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=14)),
                ('term_ends_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.AddField(
            model_name='cart',
            name='ordered_as',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='cart',
            name='purchase_order_number',
            field=models.CharField(blank=True, max_length=50, verbose_name='purchase order number'),
        ),
        migrations.AddField(
            model_name='cart',
            name='stage',
            field=models.CharField(choices=[('filling', 'Choosing products'), ('review', 'Review')], default='filling', max_length=10),
        ),
        migrations.AddField(
            model_name='cartline',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='cart_lines', to='orders.subscription'),
        ),
        migrations.AddField(
            model_name='licencechange',
            name='reason',
            field=models.CharField(choices=[('customer_asked', 'The customer asked for it'), ('correction', 'An earlier change was a mistake'), ('payment', 'Payment is overdue'), ('misuse', 'The licences are misused'), ('relationship_ends', 'The reseller relationship ends'), ('term_ended', 'The term ended'), ('not_sold', 'The term ended, and it is no longer sold'), ('grace_ended', 'The time after its end is over'), ('parent_ended', 'The subscription it belongs to stopped'), ('ordered', 'It was ordered'), ('order_cancelled', 'Its order was cancelled')], default='customer_asked', max_length=20),
        ),
        migrations.AddField(
            model_name='order',
            name='purchase_order_number',
            field=models.CharField(blank=True, max_length=50, verbose_name='purchase order number'),
        ),
        migrations.AddField(
            model_name='order',
            name='reseller',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='order',
            name='transacted_as',
            field=models.CharField(blank=True, choices=[('direct_bill', 'Direct-bill partner'), ('indirect_provider', 'Indirect provider'), ('indirect_reseller', 'Indirect reseller')], max_length=20),
        ),
        migrations.AddField(
            model_name='orderline',
            name='segment',
            field=models.CharField(choices=[('commercial', 'Commercial'), ('education', 'Education'), ('government', 'Government'), ('nonprofit', 'Nonprofit')], default='commercial', max_length=10),
        ),
        migrations.AddField(
            model_name='sku',
            name='add_on_to',
            field=models.ManyToManyField(blank=True, related_name='add_ons', to='orders.sku', verbose_name='add-on to'),
        ),
        migrations.AddField(
            model_name='sku',
            name='catalog_code',
            field=models.CharField(null=True, editable=False, max_length=41),
        ),
        migrations.AddField(
            model_name='sku',
            name='tags',
            field=models.CharField(blank=True, max_length=500, verbose_name='tags'),
        ),
        migrations.AddField(
            model_name='sku',
            name='unit',
            field=models.CharField(blank=True, max_length=100, verbose_name='unit of measure'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='auto_renew',
            field=models.BooleanField(default=True, verbose_name='auto-renew'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='billing_plan',
            field=models.CharField(choices=[('monthly', 'billed monthly'), ('annual', 'billed annually'), ('triennial', 'billed once for three years'), ('none', 'not billed')], null=True, max_length=10, verbose_name='billing plan'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='currency',
            field=models.CharField(null=True, max_length=3, verbose_name='currency'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='subscription',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='add_ons', to='orders.subscription'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='segment',
            field=models.CharField(choices=[('commercial', 'Commercial'), ('education', 'Education'), ('government', 'Government'), ('nonprofit', 'Nonprofit')], null=True, max_length=10, verbose_name='segment'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='term',
            field=models.CharField(choices=[('P1M', '1 month'), ('P1Y', '1 year'), ('P3Y', '3 years')], null=True, max_length=3, verbose_name='term'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='term_ends_at',
            field=models.DateTimeField(null=True, verbose_name='term ends'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='term_started_at',
            field=models.DateTimeField(null=True, verbose_name='term started'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='unit_price',
            field=models.DecimalField(decimal_places=4, null=True, max_digits=14, verbose_name='unit price'),
        ),
        migrations.AlterField(
            model_name='orderline',
            name='billing_plan',
            field=models.CharField(choices=[('monthly', 'billed monthly'), ('annual', 'billed annually'), ('triennial', 'billed once for three years'), ('none', 'not billed')], max_length=10),
        ),
        migrations.AlterField(
            model_name='orderline',
            name='unit_price',
            field=models.DecimalField(decimal_places=4, max_digits=14),
        ),
        migrations.AlterField(
            model_name='product',
            name='code',
            field=models.CharField(max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z]+\\Z', 'Use letters and digits only')], verbose_name='product id'),
        ),
        migrations.AlterField(
            model_name='sku',
            name='code',
            field=models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z]+\\Z', 'Use letters and digits only')], verbose_name='SKU id'),
        ),
        migrations.AlterField(
            model_name='sku',
            name='description',
            field=models.TextField(blank=True, verbose_name='description'),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='status',
            field=models.CharField(choices=[('pending', 'Pending'), ('active', 'Active'), ('suspended', 'Suspended'), ('expired', 'Expired'), ('disabled', 'Disabled'), ('deleted', 'Deleted')], max_length=10, verbose_name='status'),
        ),
        migrations.AddField(
            model_name='monthtotal',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='month_totals', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='pricelist',
            name='uploaded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pricelist',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pricelistrow',
            name='price_list',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='orders.pricelist'),
        ),
        migrations.AddIndex(
            model_name='pricelistrow',
            index=models.Index(condition=models.Q(('is_good', False)), fields=['price_list', 'number'], name='price_list_row_bad'),
        ),
        migrations.AddField(
            model_name='subscriptionevent',
            name='licence_change',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='event', to='orders.licencechange'),
        ),
        migrations.AddField(
            model_name='subscriptionevent',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='subscriptionevent',
            name='subscription',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='orders.subscription'),
        ),
    ]
