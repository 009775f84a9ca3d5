"""Onboarding that is not finished yet."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.companies import Customer
from customers.querysets import OnboardingDraftQuerySet
from portal.partners.models import Partner


class OnboardingDraft(models.Model):
    """An unfinished New customer. data: page key -> what was typed there, as text, valid or not; beside the pages,
    which window saved each of them last (see `customers.services.drafts`).

    version grows with every save, so that a second window notices what the first one wrote. A submitted draft
    names the customer it made and never makes another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="drafts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="drafts")
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="drafts")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True)

    objects = OnboardingDraftQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "partner", "-updated_at"], name="draft_owner_updated")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=True) | models.Q(submitted_at__isnull=False),
                name="draft_customer_only_when_submitted",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return str(self.data.get("account", {}).get("company-company_name", "")) or str(_("New customer"))
