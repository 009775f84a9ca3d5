import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from portal.audit.appendonly import AppendOnlyQuerySet

if TYPE_CHECKING:
    from portal.partners.models import Membership


class AuditEventQuerySet(AppendOnlyQuerySet):
    def visible_to(self, membership: "Membership") -> Self:
        """The events of the member's partner."""
        return self.filter(partner_id=membership.partner_id)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-id")

    def with_detail(self) -> Self:
        """With the personal values, where they have not been erased."""
        return self.select_related("detail")

    def between(self, since: datetime | None, before: datetime | None) -> Self:
        """Of the time from the one moment on and before the other; None leaves that side open."""
        found = self if since is None else self.filter(at__gte=since)
        return found if before is None else found.filter(at__lt=before)

    def about_customers(self, tenant_ids: Iterable[uuid.UUID]) -> Self:
        """What concerns these companies."""
        ids = list(tenant_ids)
        # One of them can be walked along its index in the log's order, which a list of one cannot everywhere.
        return self.filter(customer_id=ids[0]) if len(ids) == 1 else self.filter(customer_id__in=ids)


class CheckpointQuerySet(AppendOnlyQuerySet):
    def visible_to(self, membership: "Membership") -> Self:
        """Those of the partner's chain and of the portal's own, which holds what its customers accepted directly."""
        return self.filter(chain__in=[f"partner:{membership.partner.tenant_id}", "portal"])

    def with_details(self) -> Self:
        return self.select_related("key", "stamp")

    def of_chain(self, chain: str) -> Self:
        return self.filter(chain=chain).select_related("key", "stamp")

    def newest_first(self) -> Self:
        return self.order_by("-at", "-id")
