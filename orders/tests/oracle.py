"""What the portal promises about orders, in plain Python: no database, no Django, nothing of the product's own code.

Every answer is the set of reasons against it; an empty set means yes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DIRECT = ""
WEEK = timedelta(days=7)


@dataclass
class Record:
    reference: str
    agreed_on: date
    is_withdrawn: bool = False
    is_disputed: bool = False


@dataclass
class Relationship:
    """One partner's customer. scope: the partner's name."""

    scope: str
    tenant: str
    zone: str
    has_agreement: bool = True
    is_removed: bool = False
    is_accepted: bool = True
    account_status: str = "approved"


@dataclass
class Licences:
    """One subscription. returnable: [how many can be given back, until when]."""

    of: Relationship
    count: int
    status: str = "active"
    returnable: list[list] = field(default_factory=list)


class Oracle:
    """May this order be placed, may this licence count be changed, and on which acceptance does it rely?"""

    def __init__(self) -> None:
        self.lines: dict[tuple[str, str], list[Record]] = {}
        self.renewals: list[tuple[date, date]] = []

    def last(self, tenant: str, scope: str) -> Record | None:
        return next(reversed(self.lines.get((tenant, scope), [])), None)

    def relied_on(self, who: Relationship, now: datetime) -> str | None:
        """The partner's own record first, then the company's; None where neither counts."""
        today = now.astimezone(ZoneInfo(who.zone)).date()
        oldest = max((before for before, enforced_on in self.renewals if enforced_on <= today), default=date.min)
        for scope in [who.scope, DIRECT] if who.is_accepted else [who.scope]:
            record = self.last(who.tenant, scope)
            if record and not record.is_withdrawn and not record.is_disputed and record.agreed_on >= oldest:
                return record.reference
        return None

    def against_transacting(self, who: Relationship, now: datetime) -> set[str]:
        reasons = {
            "ended": who.is_removed,
            "account": who.account_status != "approved",
            "acceptance": who.has_agreement and self.relied_on(who, now) is None,
        }
        return {reason for reason, holds in reasons.items() if holds}

    def cited(self, who: Relationship, now: datetime) -> str | None:
        return self.relied_on(who, now) if who.has_agreement else None

    def against_change(self, licences: Licences, count: int, now: datetime) -> set[str]:
        """Up freely, down by what can still be given back; only of what runs, and only to something else."""
        back = sum(many for many, until in licences.returnable if until >= now)
        is_bad = licences.status != "active" or count == licences.count or count < licences.count - back
        return self.against_transacting(licences.of, now) | ({"count"} if is_bad else set())

    def buy(self, who: Relationship, count: int, now: datetime) -> Licences:
        return Licences(who, count, returnable=[[count, now + WEEK]])

    def change(self, licences: Licences, count: int, now: datetime) -> None:
        fewer = licences.count - count
        if fewer < 0:
            licences.returnable.append([-fewer, now + WEEK])
        for each in licences.returnable:
            if each[1] >= now and fewer > 0:
                taken = min(each[0], fewer)
                each[0], fewer = each[0] - taken, fewer - taken
        licences.count = count

    def renew(self, licences: Licences, now: datetime) -> None:
        """A new term: all of it can be given back."""
        licences.returnable = [[licences.count, now + WEEK]]
