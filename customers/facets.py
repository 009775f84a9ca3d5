"""How many customers each filter of the list would leave.

Up to LIVE customers are counted while somebody waits, exactly. Beyond that the numbers are those of all the
partner's customers, counted in the background (`customers.services.count_customers`), and say so.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q

from customers.kept import KeptCounts
from customers.listing import ListQuery, Relationship, listed
from customers.models import CustomerTag
from customers.querysets import CustomerQuerySet
from customers.rules import Standing, standing
from customers.services.lists import LIVE, count_customers
from portal.partners.models import Membership

# The filters that are counted, each with the part of the question that it answers.
FACETS = ("standing", "country", "reseller", "tag")
NO_FILTER: dict[str, Any] = {"standing": None, "country": "", "reseller": None, "tag": None}


class Value(NamedTuple):
    """number: None where it is not known. label: "" where the code says it (standing, country)."""

    code: str
    label: str
    number: int | None


@dataclass(frozen=True)
class Facets:
    """total: of the rows that the question means, LIVE + 1 where is_more; values: facet -> what occurs.

    counted_at: when all the partner's customers were counted, None where the numbers are those of the rows.
    is_more: the rows are more than were counted. found: the rows' primary keys, None where not all were read.
    """

    total: int
    values: dict[str, list[Value]]
    counted_at: datetime | None = None
    is_more: bool = False
    found: list[int] | None = None


class _Facts(NamedTuple):
    attested_on: date | None
    direct_on: date | None
    disputed_at: datetime | None
    invited_at: datetime | None


class _Hit(NamedTuple):
    pk: int
    standing: str
    country: str
    reseller: str
    reseller_name: str
    tags: dict[str, str]


def count_facets(
    membership: Membership, query: ListQuery, *, stale_before: date | None, within: Q, kept: KeptCounts
) -> Facets:
    """Two queries for few customers and three for many, however many there are.

    within: the answer of `listing.reach`; kept: the partner's counts, which are made here when they are missing.
    """
    widest = query.changed(**NO_FILTER)
    is_every = not query.text and query.relationship == Relationship.ACTIVE

    def rows(asked: ListQuery) -> CustomerQuerySet:
        return listed(membership, asked, stale_before=stale_before, within=within)

    if not (is_every and kept.total > LIVE):
        hits = _hits(membership, rows(widest), stale_before)
        if hits is not None:
            return _live(hits, query)
    total = _bounded(rows(query)) if query.is_filtered else LIVE + 1
    unknown = {"standing": [Value(each, "", None) for each in Standing]}
    if membership.partner.is_reseller:
        return Facets(total, unknown, is_more=total > LIVE)
    is_removed = query.relationship == Relationship.REMOVED
    if kept.counted_at is None or (kept.total <= LIVE and not is_removed):
        kept = count_customers(partner=membership.partner, stale_before=stale_before)
    values = {name: [Value(*each) for each in found] for name, found in kept.facets.items()}
    if is_removed:
        # Only relationships that hold are counted: their values are offered, without their numbers.
        offered = {name: [value._replace(number=None) for value in found] for name, found in values.items()}
        return Facets(total, {**offered, **unknown}, is_more=total > LIVE)
    is_all = is_every and not query.is_filtered
    if is_all:
        return Facets(kept.total, values, kept.counted_at)
    return Facets(total, values, kept.counted_at, is_more=total > LIVE)


def _bounded(rows: CustomerQuerySet) -> int:
    return rows.order_by()[: LIVE + 1].count()


def _hits(membership: Membership, rows: CustomerQuerySet, stale_before: date | None) -> list[_Hit] | None:
    """What the filters tell these rows apart by; None for more than LIVE of them."""
    columns = ["pk", "attested_on", "direct_on", "disputed_at", "invited_at", "country"]
    columns += ["reseller__tenant_id", "reseller__name"]
    # A partner's own customers share its cloud.
    columns += ["partner__cloud"] if membership.partner.is_reseller else []
    found = list(rows.order_by().values_list(*columns)[: LIVE + 1])
    if len(found) > LIVE:
        return None
    own, tags = membership.partner.has_agreement, _tags_of(membership, [row[0] for row in found])
    return [
        _Hit(
            pk,
            standing(_Facts(*facts), has_agreement=cloud[0] == "public" if cloud else own, stale_before=stale_before),
            str(country),
            str(reseller or ""),
            name or "",
            tags.get(pk, {}),
        )
        for pk, *facts, country, reseller, name, cloud in ((*row[:8], row[8:]) for row in found)
    ]


def _tags_of(membership: Membership, customers: list[int]) -> dict[int, dict[str, str]]:
    """Customer -> its tags, public id -> name; the reader's own partner's alone."""
    own = CustomerTag.objects.filter(partner_id=membership.partner_id, customer__in=customers)
    tags: dict[int, dict[str, str]] = {}
    for customer, tag, name in own.values_list("customer_id", "tag__public_id", "tag__name"):
        tags.setdefault(customer, {})[str(tag)] = name
    return tags


def _live(hits: list[_Hit], query: ListQuery) -> Facets:
    """Each filter's numbers are of the rows that the other filters leave."""
    asked: dict[str, Callable[[_Hit], bool]] = {
        "standing": lambda hit: not query.standing or hit.standing == query.standing,
        "country": lambda hit: not query.country or hit.country == query.country,
        "reseller": lambda hit: not query.reseller or hit.reseller == str(query.reseller),
        "tag": lambda hit: not query.tag or str(query.tag) in hit.tags,
    }
    told: dict[str, Callable[[_Hit], Iterable[tuple[str, str]]]] = {
        "standing": lambda hit: [(hit.standing, "")],
        "country": lambda hit: [(hit.country, "")],
        "reseller": lambda hit: [(hit.reseller, hit.reseller_name)] if hit.reseller else [],
        "tag": lambda hit: hit.tags.items(),
    }
    values = {}
    for facet in FACETS:
        others = [fits for name, fits in asked.items() if name != facet]
        counter = Counter(each for hit in hits if all(fits(hit) for fits in others) for each in told[facet](hit))
        values[facet] = [Value(code, label, number) for (code, label), number in counter.most_common()]
    found = [hit.pk for hit in hits if all(fits(hit) for fits in asked.values())]
    return Facets(len(found), values, found=found)
