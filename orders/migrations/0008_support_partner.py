"""Who supports a subscription, where that is not the partner itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0007_api_carts'),
        ('partners', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='support_partner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner'),
        ),
    ]
