"""Which records a new version of the agreement makes stale: reads, for the list and its file.

Whose acceptances count, a customer's row says already (`attested_on`, `direct_on`): the records are looked up for the
rows that are shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from agreements.models import DIRECT_SCOPE, AgreementTemplate, AgreementType, Attestation
from customers.models import Customer
from customers.querysets import CustomerQuerySet
from portal.partners.models import Membership

# Customers that are in memory at once.
CHUNK = 500
# Further ones are not counted while somebody waits.
COUNTED = 10_000


@dataclass(frozen=True)
class StaleRecord:
    """since: from which day the record does not cover, by this or an earlier version; it may lie in the future."""

    customer: Customer
    record: Attestation
    since: date


def renewals() -> list[AgreementTemplate]:
    """The versions that ask for a renewal, the newest first."""
    found = AgreementTemplate.objects.filter(type=AgreementType.MCA, renew_before__isnull=False)
    return list(found.order_by("-effective_on"))


def affected_customers(membership: Membership, template: AgreementTemplate) -> CustomerQuerySet:
    """The partner's active customers of whom a current record was agreed before this version's date."""
    own = Customer.objects.visible_to(membership).active().filter(partner_id=membership.partner_id)
    before = template.renew_before
    found: CustomerQuerySet = own.filter(Q(attested_on__lt=before) | Q(direct_on__lt=before))
    return found


def stale_records(
    customers: Sequence[Customer], template: AgreementTemplate, versions: Iterable[AgreementTemplate]
) -> list[StaleRecord]:
    """The records of these customers that the version makes stale: the partner's own before the direct one.

    customers: of one partner, from `affected_customers`; versions: all that ask for a renewal. Two queries.
    """
    known = {customer.tenant_id: customer for customer in customers}
    if not known:
        return []
    scopes = {DIRECT_SCOPE, customers[0].partner_id}
    current = Attestation.objects.current().filter(
        tenant_id__in=known, scope__in=scopes, agreement_type=AgreementType.MCA, agreed_on__lt=template.renew_before
    )
    dates = [(each.renew_before, each.renewal_enforced_on) for each in versions]
    found: dict[tuple[object, int], Attestation] = {
        (record.tenant_id, record.scope): record
        for record in current.select_related("document__template", "person").order_by("pk")
    }
    return [
        StaleRecord(customer, record, stale_since(record.agreed_on, dates))
        for customer in customers
        for scope, counts in ((customer.partner_id, customer.attested_on), (DIRECT_SCOPE, customer.direct_on))
        # The company's own acceptance counts only where the relationship is accepted.
        if counts is not None and (record := found.get((customer.tenant_id, scope))) is not None
    ]


def stale_since(agreed_on: date, dates: Iterable[tuple[date | None, date | None]]) -> date:
    """The first day on which an acceptance of this date does not cover. dates: (renew before, enforced on)."""
    return min(enforced for before, enforced in dates if before and enforced and agreed_on < before)


def every_stale_record(
    customers: CustomerQuerySet, template: AgreementTemplate, versions: Sequence[AgreementTemplate]
) -> Iterator[StaleRecord]:
    """Of all these customers by name, some at a time: nothing is held between two chunks."""
    ordered = customers.select_related("tenant").defer("search_text", "pushed_words").order_by("name_key", "pk")
    last: Customer | None = None
    while True:
        rows = ordered if last is None else ordered.filter(_behind(last))
        chunk = list(rows[:CHUNK])
        yield from stale_records(chunk, template, versions)
        if len(chunk) < CHUNK:
            return
        last = chunk[-1]


def _behind(customer: Customer) -> Q:
    """The first part is redundant, and lets both engines walk the index."""
    later = Q(name_key__gt=customer.name_key) | Q(name_key=customer.name_key, pk__gt=customer.pk)
    return Q(name_key__gte=customer.name_key) & later
