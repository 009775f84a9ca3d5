"""Several changes of a subscription at once, as the API asks for them: all of them or none."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from orders import rules
from orders.models import Subscription, SubscriptionStatus
from orders.services.histories import about, announce_change
from orders.services.licences import change_licence_count
from orders.services.subscriptions import (
    cancel_subscription,
    lock_subscription,
    reactivate_subscription,
    set_auto_renew,
    suspend_subscription,
)
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.common.text import why_not_a_name
from portal.partners.models import Partner

LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Wished:
    """What a subscription is to be; None leaves it as it is.

    status: active, suspended or deleted, or what `rules.shown_status` says of it already; name: the partner's own,
    "" for the title of what was sold.
    """

    quantity: int | None = None
    status: str | None = None
    auto_renew: bool | None = None
    name: str | None = None


@transaction.atomic
def update_subscription(
    *, by: Actor, subscription: Subscription, wished: Wished, submit_key: str, versions: Collection[str] = ()
) -> Subscription:
    """Make of the subscription what is wished, in an order in which each change is possible; all or none.

    versions: those that the caller knows; another one is refused with code "stale_version". What already is as
    wished is left alone. Raises NotPermitted, AcceptanceRequired (for another licence count only),
    RelationshipEnded, SubmissionConflict, RuleViolation.
    """
    locked = lock_subscription(by=by, subscription=subscription)
    if any(version != locked.version for version in versions):
        raise RuleViolation(
            _("The subscription changed since you read it. Read it again and repeat your change."),
            code="stale_version",
        )
    different = _different(locked, wished)
    if different == Wished():
        return locked
    _check_together(locked, different)
    if different.status == SubscriptionStatus.ACTIVE:
        reactivate_subscription(by=by, subscription=locked)
    if different.quantity is not None:
        change_licence_count(by=by, subscription=locked, quantity=different.quantity, submit_key=submit_key)
    if different.auto_renew is not None:
        set_auto_renew(by=by, subscription=locked, is_on=different.auto_renew)
    if different.name is not None:
        _rename(by, locked, different.name)
    if different.status == SubscriptionStatus.SUSPENDED:
        suspend_subscription(by=by, subscription=locked)
    if different.status == SubscriptionStatus.DELETED:
        cancel_subscription(by=by, subscription=locked)
    return Subscription.objects.with_line().get(pk=locked.pk)


def _different(subscription: Subscription, wished: Wished) -> Wished:
    name = wished.name.strip() if wished.name is not None else None
    is_renamed = name is not None and name not in (subscription.name, subscription.friendly_name)
    return Wished(
        quantity=wished.quantity if wished.quantity != subscription.quantity else None,
        status=wished.status if wished.status != rules.shown_status(subscription.status) else None,
        auto_renew=wished.auto_renew if wished.auto_renew != subscription.auto_renew else None,
        name=name if is_renamed else None,
    )


def _check_together(subscription: Subscription, different: Wished) -> None:
    """Raise RuleViolation for what does not go together (Partner Center errors 2001, 2011, 800040)."""
    if subscription.status == SubscriptionStatus.DELETED:
        raise RuleViolation(
            _("A deleted subscription cannot be changed. Order it anew."), code="subscription_deleted"
        )
    if different.status not in (None, "active", "suspended", "deleted"):
        raise RuleViolation(_("A subscription is active, suspended or deleted."), field="status", code="no_such_way")
    if different.quantity is not None and different.status in ("suspended", "deleted"):
        raise RuleViolation(
            _("The licence count cannot change while the subscription is being stopped. Send the one or the other."),
            field="quantity",
            code="quantity_while_stopping",
        )


def _rename(by: Actor, subscription: Subscription, name: str) -> None:
    why_not = why_not_a_name(name) if name else None
    if len(name) > LONGEST_NAME:
        why_not = _("Enter %(count)d or fewer characters") % {"count": LONGEST_NAME}
    if why_not is not None:
        raise RuleViolation(why_not, field="friendlyName")
    subscription.friendly_name = name
    subscription.save(update_fields=["friendly_name"])
    line = record_event(by=by, code="orders.subscription_renamed", **about(subscription))
    announce_change(subscription, audit_id=line.event_id)


@transaction.atomic
def set_support_contact(*, by: Actor, subscription: Subscription, partner: Partner) -> Subscription:
    """Say which partner supports a subscription: the customer's partner or one of its indirect resellers.

    Saying the same again changes nothing. Raises NotPermitted, RelationshipEnded, RuleViolation for others.
    """
    locked = lock_subscription(by=by, subscription=subscription)
    own = locked.customer.partner
    if partner.pk != own.pk and not own.reseller_links.filter(reseller=partner).exists():
        raise RuleViolation(
            _("Only your company or one of your indirect resellers can support a subscription."),
            field="supportTenantId",
            code="no_support_partner",
        )
    if locked.supporter != partner:
        locked.support_partner = partner
        locked.save(update_fields=["support_partner"])
        line = record_event(by=by, code="orders.support_contact_changed", **about(locked, supporter=partner.name))
        announce_change(locked, audit_id=line.event_id)
    return locked
