"""What a partner asks of a company that is not its customer yet."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.companies import Customer
from customers.querysets import RelationshipRequestQuerySet
from portal.partners.models import Partner


class RelationshipRequest(models.Model):
    """A partner asks a company to become its customer (facts 2.9).

    partner: whose customer the company becomes, a direct-bill partner or an indirect provider; reseller: the
    indirect reseller that it would buy through; asked_by: the one of the two who asks. customer: what came of it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="relationship_requests")
    reseller = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="reseller_relationship_requests"
    )
    asked_by = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="asked_relationships")
    company_name = models.CharField(_("company"), max_length=200)
    includes_delegated_admin = models.BooleanField(_("delegated administration"), default=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, editable=False, related_name="relationship_requests"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RelationshipRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_by=F("partner")) | Q(reseller__isnull=False, asked_by=F("reseller")),
                name="relationship_asked_by_one_of_two",
            ),
            # The target of the invitation's composite key.
            models.UniqueConstraint(fields=["id", "partner"], name="relationship_request_id_partner"),
        ]

    def __str__(self) -> str:
        return self.company_name
