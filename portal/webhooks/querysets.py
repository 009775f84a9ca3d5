"""Reading registrations and their deliveries."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from portal.partners.models import Membership
    from portal.webhooks.models import Delivery, Registration


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def visible_to(self, membership: "Membership") -> Self:
        """That of the member's partner."""
        return self.filter(partner_id=membership.partner_id)

    def active(self) -> Self:
        return self.filter(is_active=True)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, membership: "Membership") -> Self:
        """The notices to the member's partner."""
        return self.filter(registration__partner_id=membership.partner_id)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def due(self, now: datetime) -> Self:
        """What is to be sent now: nothing of a receiver that was turned off or could not be reached just now."""
        is_quiet = models.Q(registration__quiet_until__gt=now)
        waiting = self.filter(state="pending", next_try_at__lte=now, registration__is_active=True)
        return waiting.exclude(is_quiet)
