"""What the database holds of the gate: who a row belongs to, and the acceptance it relied on."""

from django.db import models
from django.db.models import F, Q

from agreements.models import DIRECT_SCOPE, Attestation
from customers.models import Customer, Tenant
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Cloud, Partner


def of_partners_customer(name: str) -> CompositeForeignKey:
    """The customer is one of the row's own partner."""
    return CompositeForeignKey(
        fields=["customer", "partner"],
        to_table="customers_customer",
        to_columns=["id", "partner_id"],
        name=f"{name}_customer_of_partner",
    )


def relies_on_acceptance(name: str) -> list[models.BaseConstraint]:
    """What the database holds of "no order without the acceptance it relied on" (architecture, section 6).

    The acceptance is of the same tenant; its scope is the partner's own or the customer's direct one; the
    cloud is the partner's; the public cloud has an acceptance, other clouds have none.
    """
    return [
        CompositeForeignKey(
            fields=["tenant", "acceptance_scope", "acceptance"],
            to_table="agreements_attestation",
            to_columns=["tenant_id", "scope", "id"],
            name=f"{name}_acceptance_of_tenant",
        ),
        CompositeForeignKey(
            fields=["partner", "cloud"],
            to_table="partners_partner",
            to_columns=["id", "cloud"],
            name=f"{name}_cloud_of_partner",
        ),
        CompositeForeignKey(
            fields=["customer", "partner", "tenant"],
            to_table="customers_customer",
            to_columns=["id", "partner_id", "tenant_id"],
            name=f"{name}_customer_of_partner",
        ),
        models.CheckConstraint(
            condition=Q(acceptance_scope__isnull=True)
            | Q(acceptance_scope=DIRECT_SCOPE)
            | Q(acceptance_scope=F("partner_id")),
            name=f"{name}_acceptance_scope",
        ),
        models.CheckConstraint(
            condition=Q(cloud=Cloud.PUBLIC, acceptance__isnull=False, acceptance_scope__isnull=False)
            | (~Q(cloud=Cloud.PUBLIC) & Q(acceptance__isnull=True, acceptance_scope__isnull=True)),
            name=f"{name}_has_acceptance",
        ),
    ]


def current_acceptance_only(table: str) -> Trigger:
    """A transaction relies on a record of the MCA that is the last of its line, not withdrawn, not disputed."""
    return Trigger(
        table,
        "INSERT",
        "the acceptance relied on must be current",
        when=f"NEW.acceptance_id IS NOT NULL AND NOT EXISTS ({_CURRENT})",
    )


_CURRENT = (
    "SELECT 1 FROM agreements_attestation a WHERE a.id = NEW.acceptance_id"
    " AND a.agreement_type = 'MicrosoftCustomerAgreement'"
    " AND NOT EXISTS (SELECT 1 FROM agreements_attestation s WHERE s.supersedes_id = a.id)"
    " AND NOT EXISTS (SELECT 1 FROM agreements_attestationevent w WHERE w.attestation_id = a.id"
    " AND w.kind = 'withdrawn')"
    # Of several disputes the last word counts, as for the gate.
    " AND NOT EXISTS (SELECT 1 FROM agreements_attestationevent d WHERE d.attestation_id = a.id"
    " AND d.kind = 'disputed'"
    " AND NOT EXISTS (SELECT 1 FROM agreements_attestationevent r WHERE r.attestation_id = a.id"
    " AND r.kind = 'dispute_resolved' AND r.id > d.id))"
)


class ReliesOnAcceptance(models.Model):
    """What every gated transaction keeps about why it was allowed."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="%(class)ss")
    cloud = models.CharField(max_length=20, choices=Cloud.choices)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="%(class)ss")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="%(class)ss")
    acceptance = models.ForeignKey(Attestation, on_delete=models.PROTECT, null=True, related_name="%(class)ss")
    acceptance_scope = models.BigIntegerField(null=True)

    class Meta:
        abstract = True
