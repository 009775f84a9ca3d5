"""Invite the customers that were selected in the list to accept the agreement by themselves."""

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements.models import AgreementTemplate, Invitation
from agreements.rules import why_cannot_invite
from agreements.services import Refused, invite_customers, policy_of
from customers.models import Contact, Customer
from customers.rules import Standing, standing, why_not_a_customer_email
from customers.services import RelationshipEnded
from customers.views.selection import selected_customers, way_back
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Partner
from portal.partners.permissions import Permission

# Names of customers that the question shows; how many more there are is said.
MOST_NAMED = 10
# Each invitation is a transaction of its own: after so many seconds an answer is due, and the rest waits for a click.
MOST_SECONDS = 10


@requires(Permission.AGREEMENTS_INVITE)
@require_POST
def bulk_invite(request: MemberRequest) -> HttpResponse:
    """First who will be invited and who will be skipped, then, with `step`, what became of it."""
    back, partner = way_back(request), request.membership.partner
    try:
        customers = list(selected_customers(request).select_related("partner", "reseller").order_by("name_key", "pk"))
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
        return redirect(back)
    if "step" in request.POST:
        done = invite_customers(by=actor_of(request, Door.ACCOUNT_INFO), customers=in_time(customers))
        rest = customers[len(done.made) + len(done.refused) :]
        context = {"made": done.made, "skipped": by_reason(done.refused), "rest": rest, "back": back}
        return render(request, "customers/bulk_invited.html", context)
    refused_ones = why_not_invited(customers, partner)
    skipped_ids = {each.customer.pk for each in refused_ones}
    invited = [customer for customer in customers if customer.pk not in skipped_ids]
    context = {
        "customers": customers,
        "invited": invited,
        "named": invited[:MOST_NAMED],
        "more_count": max(len(invited) - MOST_NAMED, 0),
        "skipped": by_reason(refused_ones),
        "policy": policy_of(partner),
        "back": back,
    }
    return render(request, "customers/bulk_invite.html", context)


def in_time(customers: Iterable[Customer]) -> Iterator[Customer]:
    """The customers one by one, until the time is up; at least one of them."""
    started_at = monotonic()
    for customer in customers:
        yield customer
        if monotonic() - started_at > MOST_SECONDS:
            return


def by_reason(refused: Iterable[Refused]) -> dict[str, list[Customer]]:
    grouped: dict[str, list[Customer]] = {}
    for each in refused:
        grouped.setdefault(each.reason, []).append(each.customer)
    return grouped


def why_not_invited(customers: Sequence[Customer], partner: Partner) -> list[Refused]:
    """Who of a partner's customers would be skipped, and why, as far as can be told now: for showing."""
    stale_before = AgreementTemplate.objects.stale_before(today=partner.today)
    open_ones = Invitation.objects.open().filter(customer__in=customers, request__isnull=True)
    invited = set(open_ones.values_list("customer_id", flat=True))
    primary = Contact.objects.filter(public_id__in=[each.primary_contact_id for each in customers])
    addresses = dict(primary.values_list("customer_id", "email"))
    found = []
    for customer in customers:
        where = standing(customer, has_agreement=partner.has_agreement, stale_before=stale_before)
        reason = _why_not(
            customer,
            is_covered=where == Standing.COVERED,
            is_invited=customer.pk in invited,
            email=addresses.get(customer.pk),
        )
        if reason is not None:
            found.append(Refused(customer, str(reason)))
    return found


def _why_not(customer: Customer, *, is_covered: bool, is_invited: bool, email: str | None) -> str | Promise | None:
    if not customer.is_active:
        return RelationshipEnded().message
    if email is None:
        return _("This customer has no contact yet. Add one first.")
    if reason := why_cannot_invite(is_covered=is_covered, is_invited=is_invited):
        return reason
    for seller in (customer.partner, customer.reseller):
        domain = seller.domain if seller is not None else ""
        if reason := why_not_a_customer_email(email, partner_domain=domain, qualification=customer.qualification):
            return reason
    return None
