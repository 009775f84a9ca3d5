from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agreements", "0005_move_names")]

    operations = [
        # Empty where the migration is undone, until the one before fills it.
        migrations.AlterField(
            model_name="attestationevent",
            name="reason",
            field=models.CharField(default="", max_length=500),
        ),
        migrations.RemoveField(model_name="attestationevent", name="reason"),
    ]
