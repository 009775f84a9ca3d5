"""Addresses are kept in small letters: stored with capitals, they could not sign in."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE partners_user SET email = LOWER(email) WHERE email <> LOWER(email)", migrations.RunSQL.noop
        )
    ]
