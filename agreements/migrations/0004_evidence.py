
import django.db.models.deletion
import django.utils.timezone
import portal.common.constraints
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0003_invitations'),
        ('customers', '0006_relationships_and_purchases'),
        ('partners', '0003_evidence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='attestation',
            name='approver_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='approved by'),
        ),
        migrations.AddField(
            model_name='attestation',
            name='approver_user_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='attestationperson',
            name='recorded_by',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=200),
        ),
        migrations.AlterField(
            model_name='attestation',
            name='actor_name',
            field=models.CharField(blank=True, max_length=200, verbose_name='recorded by'),
        ),
        migrations.AlterField(
            model_name='attestationevent',
            name='actor_name',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.CreateModel(
            name='AttestationEventDetail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('actor_name', models.CharField(blank=True, max_length=200)),
                ('salt', models.CharField(editable=False, max_length=64)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='detail', to='agreements.attestationevent')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EvidencePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('required_kinds', models.JSONField(default=list)),
                ('approved_reasons', models.JSONField(default=list)),
                ('checkpoint_mail', models.CharField(choices=[('daily', 'Every day'), ('changed', 'On days with new entries'), ('never', 'Never')], default='changed', max_length=10)),
                ('partner', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='evidence_policy', to='partners.partner')),
            ],
            options={'verbose_name_plural': 'evidence policies'},
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reason_code', models.CharField(max_length=20)),
                ('statement', models.JSONField(default=dict)),
                ('asked_by_name', models.CharField(max_length=200)),
                ('asked_roles', models.JSONField(default=list)),
                ('asked_door', models.CharField(max_length=20)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('outcome', models.CharField(blank=True, choices=[('approved', 'Approved'), ('refused', 'Refused'), ('taken_back', 'Taken back')], editable=False, max_length=20)),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('decided_at', models.DateTimeField(editable=False, null=True)),
                ('decided_by_name', models.CharField(blank=True, editable=False, max_length=200)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('attestation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='agreements.attestation')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='customers.customer')),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.attestation')),
            ],
            options={
                'indexes': [models.Index(fields=['partner', '-asked_at', '-id'], name='approval_partner_asked')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('customer',), name='approval_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('outcome', '')), models.Q(('decided_at__isnull', False), ('outcome__in', ['approved', 'refused', 'taken_back'])), _connector='OR'), name='approval_decided'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'approved'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='approval_by_a_second_person'), portal.common.constraints.CompositeForeignKey(fields=('customer', 'partner'), name='approval_own_customer', to_columns=('id', 'partner_id'), to_table='customers_customer')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=255, verbose_name='file')),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('media_type', models.CharField(max_length=100)),
                ('added_at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=20)),
                ('actor_user_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(max_length=200, verbose_name='added by')),
                ('roles', models.JSONField(default=list)),
                ('door', models.CharField(max_length=20)),
                ('attestation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='agreements.attestation')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.tenant')),
            ],
            options={
                'verbose_name_plural': 'evidence',
                'indexes': [models.Index(fields=['partner', 'sha256'], name='evidence_digest')],
                'constraints': [models.UniqueConstraint(fields=('attestation', 'sha256'), name='evidence_once'), portal.common.constraints.CompositeForeignKey(fields=('tenant', 'partner', 'attestation'), name='evidence_own_record', to_columns=('tenant_id', 'scope', 'id'), to_table='agreements_attestation')],
            },
        ),
        migrations.CreateModel(
            name='EvidenceUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=255)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('media_type', models.CharField(max_length=100)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
            ],
            options={
                'indexes': [models.Index(fields=['partner', 'sha256'], name='evidence_upload_digest'), models.Index(fields=['uploaded_at'], name='evidence_upload_age')],
            },
        ),
    ]
