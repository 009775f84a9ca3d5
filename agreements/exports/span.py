"""What an export is about: whose records, of which days, and how far into each chain."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from agreements.models import Attestation
from agreements.querysets import AttestationQuerySet
from agreements.services.checkpoints import partner_chain
from agreements.services.records import PORTAL_CHAIN
from portal.audit.models import ChainEntry
from portal.partners.models import Membership


@dataclass(frozen=True)
class Span:
    """first, last: days of the partner's zone, both within. rows_to: chain -> the last entry whose rows are exported,
    which the fresh checkpoint covers; later ones are in the chain alone.
    """

    membership: Membership
    first: date
    last: date
    rows_to: dict[str, int] = field(default_factory=dict)

    @cached_property
    def starts_at(self) -> datetime:
        return self._midnight(self.first)

    @cached_property
    def ends_at(self) -> datetime:
        """The first moment that is not within."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def own_chain(self) -> str:
        return partner_chain(self.membership.partner)

    @property
    def chains(self) -> list[str]:
        return [self.own_chain, PORTAL_CHAIN]

    def has_time(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at

    def has(self, entry: ChainEntry | None, at: datetime) -> bool:
        """Whether the row of this entry belongs in it; a row without any entry goes by its own time."""
        if entry is None:
            return self.has_time(at)
        return self.has_time(entry.at) and entry.seq <= self.rows_to.get(entry.chain, 0)

    def own_records(self) -> AttestationQuerySet:
        own: AttestationQuerySet = Attestation.objects.filter(partner_id=self.membership.partner_id)
        return own

    def direct_records(self) -> AttestationQuerySet:
        """What the partner's customers accepted themselves."""
        seen: AttestationQuerySet = Attestation.objects.visible_to(self.membership).filter(partner__isnull=True)
        return seen

    def seen_of(self, references: set[UUID]) -> set[UUID]:
        """Which of these direct records the partner may see."""
        found = self.direct_records().filter(reference__in=references)
        return set(found.values_list("reference", flat=True))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=self.membership.partner.zone).astimezone(UTC)
