
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0002_addresses_in_small_letters'),
    ]

    operations = [
        migrations.AddField(
            model_name='partner',
            name='logs_addresses',
            field=models.BooleanField(db_default=False, default=False, verbose_name='keep IP address and browser in the activity log'),
        ),
    ]
