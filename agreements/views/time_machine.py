"""How a customer stood on a date, by which record, and what relied on it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.models import AgreementType, Attestation
from agreements.panels import TONES
from agreements.time_forms import OnDateForm
from agreements.time_machine import STATE_TONES, STATE_WORDS, RecordState, Seen, StandingOn
from agreements.time_machine import standing_on as look_back
from agreements.views.record import visible_customer
from customers.models import Customer
from customers.rules import STANDING_LABELS
from orders.relied import Relied, relied_until
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


@dataclass(frozen=True)
class Group:
    """What relied on one record. record: None in a cloud without the agreement; sees: whether its page is shown."""

    record: Attestation | None
    sees: bool
    relied: Relied


@requires(Permission.CUSTOMERS_VIEW, on=visible_customer)
@require_safe
def standing_on(request: MemberRequest, customer: Customer) -> HttpResponse:
    """At the end of the asked day in the partner's zone; today, as it is now."""
    today = customer.partner.today
    form = OnDateForm({"date": request.GET.get("date") or today.isoformat()}, today=today)
    context: dict[str, Any] = {"form": form, "customer": customer, "found": None}
    if form.is_valid():
        context |= _page(request.membership, customer, form.cleaned_data["date"])
    return render(request, "agreements/standing_on.html", context)


def _page(membership: Membership, customer: Customer, day: date) -> dict[str, Any]:
    found = look_back(customer, day)
    was_removed = customer.removed_at is not None and customer.removed_at < found.until
    seen = set(Attestation.objects.visible_of(membership, customer).values_list("pk", flat=True))
    return {
        "found": found,
        "is_today": day == customer.partner.today,
        "tone": TONES[found.standing] if found.standing else "",
        "word": STANDING_LABELS[found.standing] if found.standing else "",
        "sees_relied_on": found.relied_on is not None and found.relied_on.pk in seen,
        "line": [_shown(each) for each in found.line if each.record.pk in seen],
        "groups": _groups(membership, customer, found, seen) if membership.can(Permission.ORDERS_VIEW) else [],
        "customer_since": _day(customer, customer.created_at),
        "removed_on": _day(customer, customer.removed_at) if was_removed else None,
    }


def _day(customer: Customer, moment: datetime | None) -> date | None:
    """On the partner's calendar."""
    return moment.astimezone(customer.partner.zone).date() if moment else None


def _shown(seen: Seen) -> tuple[Seen, str, Any]:
    if seen.state == RecordState.CURRENT and seen.record.agreement_type != AgreementType.MCA:
        return seen, "neutral", _("Does not count")
    return seen, STATE_TONES[seen.state], STATE_WORDS[seen.state]


def _groups(membership: Membership, customer: Customer, found: StandingOn, seen: set[int]) -> list[Group]:
    """The newest record first; every order relied on a record that was there."""
    records = {each.record.pk: each.record for each in found.line}
    relied = relied_until(membership, customer, found.until)
    ordered = sorted(relied.items(), key=lambda item: item[0] or 0, reverse=True)
    return [Group(records.get(key) if key else None, key in seen, each) for key, each in ordered]
