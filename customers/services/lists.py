"""What a member keeps for the list of customers, and the counts of partners with very many."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.kept import KeptCounts
from customers.listing import DEFAULT_COLUMNS, known_columns
from customers.models import Customer, CustomerCounts, CustomerTag, ListColumns, SavedView
from customers.querysets import decide_standing
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.jobs.services import submit_once
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

MOST_VIEWS = 20
# How many customers are counted while somebody waits.
LIVE = 1000
# How many values of a filter are offered, the most frequent ones.
OFFERED = 20
RECOUNT_AFTER, RECOUNT_ANYWAY = timedelta(minutes=1), timedelta(minutes=10)


@transaction.atomic
def save_view(
    *,
    by: Actor,
    partner: Partner,
    name: str,
    filters: Mapping[str, str],
    columns: Sequence[str],
    submit_key: str,
) -> uuid.UUID:
    """Keep a way to look at the list under a name; answers its id. filters: as `ListQuery.as_stored` has them.

    Raises RuleViolation for a name that the member has already, and for one view too many.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_VIEW)

    def keep() -> str:
        own = SavedView.objects.filter(partner=partner, owner_id=by.person_id)
        if own.count() >= MOST_VIEWS:
            message = _("You have %(count)d views already. Delete one first.")
            raise RuleViolation(message % {"count": MOST_VIEWS}, field="name")
        view = SavedView(partner=partner, owner_id=by.person_id, name=name)
        view.filters, view.columns = dict(filters), [column.code for column in known_columns(columns)]
        try:
            with transaction.atomic():
                view.save(force_insert=True)
        except IntegrityError:
            raise RuleViolation(
                _("You have a view of this name already. Choose another one."), field="name"
            ) from None
        return str(view.pk)

    body = {"partner": partner.pk, "name": name, "filters": dict(filters), "columns": list(columns)}
    result, _is_repeated = submit_once(by=by, form="save_view", key=submit_key, body=body, effect=keep)
    return uuid.UUID(result)


@transaction.atomic
def delete_view(*, by: Actor, view: SavedView) -> None:
    """Forget one of the member's own views; once it is gone there is nothing to do. Raises NotFound otherwise."""
    ensure_may(by=by, partner=view.partner, permission=Permission.CUSTOMERS_VIEW)
    if view.owner_id != by.person_id:
        raise NotFound(_("There is no such view."))
    SavedView.objects.filter(pk=view.pk).delete()


@transaction.atomic
def choose_columns(*, by: Actor, partner: Partner, columns: Sequence[str]) -> None:
    """Remember which columns the member wants to see. None at all, or the default ones: as for everybody."""
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_VIEW)
    own: dict[str, Any] = {"partner": partner, "owner_id": by.person_id}
    chosen = [column.code for column in known_columns(columns)] if columns else list(DEFAULT_COLUMNS)
    if chosen == list(DEFAULT_COLUMNS):
        ListColumns.objects.filter(**own).delete()
    else:
        ListColumns.objects.update_or_create(**own, defaults={"columns": chosen})


def count_customers(*, partner: Partner, stale_before: date | None) -> KeptCounts:
    """Count all the partner's customers whose relationship holds, and keep the numbers for its lists."""
    rows = Customer.objects.filter(partner=partner, removed_at__isnull=True, deleted_at__isnull=True).order_by()
    counted_at = timezone.now()
    judged = rows.values_list(decide_standing(stale_before)).annotate(number=Count("pk"))
    standings = sorted(judged, key=lambda each: -each[1])
    countries = rows.values_list("country").annotate(number=Count("pk")).order_by("-number", "country")[:OFFERED]
    resellers = rows.filter(reseller__isnull=False).values_list("reseller__tenant_id", "reseller__name")
    tags = CustomerTag.objects.filter(partner=partner, customer__removed_at__isnull=True)
    tagged = (
        tags.values_list("tag__public_id", "tag__name").annotate(number=Count("pk")).order_by("-number")[:OFFERED]
    )
    sold = resellers.annotate(number=Count("pk")).order_by("-number", "reseller__name")[:OFFERED]
    total = sum(number for _standing, number in standings)
    stored: dict[str, Any] = {
        "total": total,
        "counted_at": counted_at.isoformat(),
        "facets": {
            "standing": [(code, "", number) for code, number in standings],
            "country": [(str(code), "", number) for code, number in countries],
            "reseller": [(str(code), name, number) for code, name, number in sold],
            "tag": [(str(code), name, number) for code, name, number in tagged],
        },
    }
    CustomerCounts.objects.update_or_create(
        partner=partner, defaults={"counted_at": counted_at, "customer_count": total, "counts": stored}
    )
    return KeptCounts.read(stored)


def recount_customers(*, stale_before: Callable[[date], date | None]) -> int:
    """Count anew where somebody looked at counts before and customers changed since; answers for how many partners.

    stale_before: of a partner's today. Standings also change by date alone and without a new `updated_at`, so
    everything is counted again from time to time.
    """
    now, recounted = timezone.now(), 0
    for known in CustomerCounts.objects.filter(counted_at__lt=now - RECOUNT_AFTER).select_related("partner"):
        changed_at = Customer.objects.filter(partner=known.partner).aggregate(latest=Max("updated_at"))["latest"]
        is_changed = changed_at is not None and changed_at >= known.counted_at
        if is_changed or known.counted_at < now - RECOUNT_ANYWAY:
            count_customers(partner=known.partner, stale_before=stale_before(known.partner.today))
            recounted += 1
    return recounted
