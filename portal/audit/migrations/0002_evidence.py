
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('chain', models.CharField(max_length=64)),
                ('seq', models.BigIntegerField(verbose_name='entries')),
                ('digest', models.CharField(max_length=64, verbose_name='digest of the last entry')),
                ('at', models.DateTimeField(verbose_name='signed at')),
                ('statement', models.TextField()),
                ('signature', models.CharField(max_length=88)),
            ],
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=16, unique=True)),
                ('public_key', models.CharField(max_length=44)),
                ('first_used_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TimeStamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('stamped', 'Stamped'), ('failed', 'Failed')], default='pending', max_length=10)),
                ('authority', models.CharField(max_length=300)),
                ('token', models.BinaryField(null=True)),
                ('stamped_at', models.DateTimeField(null=True)),
                ('attempt_count', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name='auditeventdetail',
            name='actor_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='auditeventdetail',
            name='ip_address',
            field=models.GenericIPAddressField(null=True, verbose_name='IP address'),
        ),
        migrations.AddField(
            model_name='auditeventdetail',
            name='user_agent',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='browser'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['partner_id', 'code', '-at', '-id'], name='audit_event_partner_code'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['partner_id', 'actor_user_id', '-at', '-id'], name='audit_event_partner_actor'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['subject'], name='audit_event_subject'),
        ),
        migrations.AddField(
            model_name='checkpoint',
            name='key',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checkpoints', to='audit.signingkey'),
        ),
        migrations.AddField(
            model_name='timestamp',
            name='checkpoint',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='stamp', to='audit.checkpoint'),
        ),
        migrations.AddIndex(
            model_name='checkpoint',
            index=models.Index(fields=['chain', '-at', '-id'], name='checkpoint_chain_at'),
        ),
        migrations.AddIndex(
            model_name='timestamp',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['next_try_at'], name='time_stamp_pending'),
        ),
        migrations.AddConstraint(
            model_name='timestamp',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stamped_at__isnull', False), ('state', 'stamped'), ('token__isnull', False)), models.Q(('stamped_at__isnull', True), ('state__in', ['pending', 'failed']), ('token__isnull', True)), _connector='OR'), name='time_stamp_only_with_token'),
        ),
    ]
