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
