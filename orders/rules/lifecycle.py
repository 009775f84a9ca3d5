"""The life of a subscription: which way leads where, when a term ends, and what can be given back."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.rules.selling import SANDBOX_LICENCES, QuantityRange, grouped

MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}

# Facts 3.4: how long licences can be given back, and how long a subscription stays after its end.
REFUND_WINDOW = timedelta(days=7)
EXPIRED_FOR, DISABLED_FOR = timedelta(days=30), timedelta(days=90)
# Suspended to the end of its term, it is disabled at once and for as long as the other way takes.
DISABLED_AFTER_SUSPENSION = EXPIRED_FOR + DISABLED_FOR

# Status -> where it may go from there (facts 3.4).
TRANSITIONS: dict[str, frozenset[str]] = {
    "pending": frozenset({"active", "deleted"}),
    "active": frozenset({"suspended", "expired", "deleted"}),
    "suspended": frozenset({"active", "disabled", "deleted"}),
    "expired": frozenset({"disabled"}),
    "disabled": frozenset({"deleted"}),
    "deleted": frozenset(),
}


# What the oldest clients of the API know; a subscription that ended and is not deleted yet is suspended to them.
_SHOWN = {"pending": "none", "expired": "suspended", "disabled": "suspended"}


def shown_status(status: str) -> str:
    """One of none, active, suspended, deleted (wire contract, section 4)."""
    return _SHOWN.get(status, status)


def may_go(before: str, after: str) -> bool:
    """Whether a subscription of the one status may become one of the other (error 800040 where not)."""
    return after in TRANSITIONS[before]


def term_end(*, started_at: datetime, term: str, after: datetime) -> datetime:
    """The first end of a term that lies behind `after`; terms follow one another from `started_at`.

    Each ends on the day of the month on which the first began, or on the month's last day where there is no such.
    """
    months = MONTHS[term]
    passed = (after.year - started_at.year) * 12 + after.month - started_at.month
    terms = max(passed // months, 1)
    while (end := _months_later(started_at, terms * months)) <= after:
        terms += 1
    return end


def _months_later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


class Refundable(NamedTuple):
    """So many licences can be given back until that moment (Partner Center's refundableQuantity)."""

    quantity: int
    until: datetime


class CountChange(NamedTuple):
    """The licence count from then on. is_new_term: a purchase or a renewal, which makes all of it refundable."""

    at: datetime
    quantity: int
    is_new_term: bool


def refundable(history: Iterable[CountChange], *, now: datetime) -> list[Refundable]:
    """What can be given back now, what runs out first first. history: from a purchase or renewal on, oldest first.

    Licences that are given back are taken from those whose time runs out first.
    """
    open_until: list[Refundable] = []
    count = 0
    for change in history:
        if change.is_new_term:
            open_until = [Refundable(change.quantity, change.at + REFUND_WINDOW)]
        elif change.quantity > count:
            open_until.append(Refundable(change.quantity - count, change.at + REFUND_WINDOW))
        else:
            open_until = _given_back(open_until, count - change.quantity, at=change.at)
        count = change.quantity
    return [each for each in open_until if each.until >= now]


def _given_back(open_until: Sequence[Refundable], quantity: int, *, at: datetime) -> list[Refundable]:
    left = []
    for each in open_until:
        if each.until < at:
            continue
        taken = min(each.quantity, quantity)
        quantity -= taken
        if each.quantity > taken:
            left.append(Refundable(each.quantity - taken, each.until))
    return left


def why_cannot_change_licences(
    *, status: str, current: int, wanted: int, refundable: Iterable[Refundable]
) -> str | Promise | None:
    """Down only by what can still be given back: 7 days from purchase, renewal or increase (error 800090).

    refundable: as `refundable` answers it for this moment.
    """
    if status == "suspended":
        return _("Only the licences of an active subscription can be changed. Reactivate it first.")
    if status != "active":
        return _("Only the licences of an active subscription can be changed.")
    if wanted == current:
        return _("Enter a licence count that differs from the present one")
    lowest = current - sum(each.quantity for each in refundable)
    if wanted < current and lowest == current:
        return _(
            "Licences can be reduced within 7 days of purchase, renewal or increase only. "
            "Switch auto-renew off to end the subscription with its term."
        )
    if wanted < lowest:
        text = _("Enter %(count)s or more licences; the others were bought more than 7 days ago")
        return text % {"count": grouped(lowest)}
    return None


def licence_range(
    quantity_range: QuantityRange, *, current: int, refundable: Iterable[Refundable], is_sandbox: bool
) -> tuple[int, int]:
    """The lowest and the highest licence count that an active subscription may be given now."""
    lowest = current - sum(each.quantity for each in refundable)
    highest = quantity_range.max_quantity
    if is_sandbox:
        highest = min(highest, SANDBOX_LICENCES)
    return max(lowest, quantity_range.min_quantity), max(highest, current)


def why_cannot_set_auto_renew(*, status: str) -> str | Promise | None:
    """Only a subscription with a term that runs can go on with another one."""
    if status not in ("active", "suspended"):
        return _("Only the auto-renew of an active or suspended subscription can be changed.")
    return None


def why_cannot_cancel(
    *, status: str, quantity: int, refundable: Iterable[Refundable], is_sandbox: bool
) -> str | Promise | None:
    """A subscription is cancelled as a whole while all of its licences can be given back (error 900117).

    In a sandbox nothing is paid for, so it always can.
    """
    if status not in ("active", "suspended"):
        return _("Only an active or suspended subscription can be cancelled.")
    if is_sandbox:
        return None
    if sum(each.quantity for each in refundable) < quantity:
        return _(
            "A subscription can be cancelled within 7 days of purchase or renewal only. "
            "Switch auto-renew off to end it with its term."
        )
    return None


@dataclass(frozen=True)
class Step:
    """What the passing of time makes of a subscription. status: its next one; is_renewed: with a new term;
    stays_for: how long until the step after this one, None where none follows or the term says it.
    """

    status: str
    is_renewed: bool = False
    stays_for: timedelta | None = None


def step_when_due(*, status: str, auto_renew: bool, is_sold: bool) -> Step | None:
    """What happens to a subscription whose moment has come (facts 3.4); None for one that waits for nothing.

    is_sold: whether it can be bought for another term.
    """
    if status == "active" and auto_renew and is_sold:
        return Step("active", is_renewed=True)
    if status == "active":
        return Step("expired", stays_for=EXPIRED_FOR)
    if status == "suspended":
        return Step("disabled", stays_for=DISABLED_AFTER_SUSPENSION)
    if status == "expired":
        return Step("disabled", stays_for=DISABLED_FOR)
    if status == "disabled":
        return Step("deleted")
    return None
