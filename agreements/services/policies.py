"""How a partner invites its customers."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import rules
from agreements.models import MOST_REMINDERS, InvitationPolicy, Place
from agreements.services.policy_changes import changes_of
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


def policy_of(partner: Partner) -> InvitationPolicy:
    """The partner's own, or the defaults (not saved)."""
    return InvitationPolicy.objects.filter(partner=partner).first() or InvitationPolicy(partner=partner)


@transaction.atomic
def set_policy(
    *,
    by: Actor,
    partner: Partner,
    place: Place,
    valid_days: int,
    customer_days: Sequence[int],
    staff_days: Sequence[int],
) -> InvitationPolicy:
    """Choose where customers accept, how long links work, and on which days after the sending reminders go out.

    Invitations that are open keep their place and their end; the days count for them too. Raises NotPermitted,
    RuleViolation with its field.
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_EDIT_PROFILE)
    if not 1 <= valid_days <= 365:
        raise RuleViolation(_("Enter a number of days from 1 to 365"), field="valid_days")
    chosen = {"customer_days": sorted(set(customer_days)), "staff_days": sorted(set(staff_days))}
    for field, days in chosen.items():
        reason = rules.why_not_reminder_days(days, valid_days=valid_days, most=MOST_REMINDERS)
        if reason is not None:
            raise RuleViolation(reason, field=field)
    values = {"place": place, "valid_days": valid_days, **chosen}
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    policy = policy_of(partner)
    changes = changes_of(policy, values)
    if changes is not None:
        record_event(by=by, code="agreements.policy_changed", partner_id=partner.pk, changes=changes)
    return policy
