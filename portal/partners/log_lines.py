"""What is no change of anything and still belongs into the activity log: refusals, and who came in."""

import uuid
from dataclasses import replace

from django.db import transaction

from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner, User


@transaction.atomic
def record_refusal(*, by: Actor, partner: Partner | None, permission: str, route: str) -> None:
    """Add to the activity log that somebody tried what they may not. partner: for which they act, if for any;
    permission: code of the one that is missing; route: name of the page's URL.
    """
    partner_id = partner.pk if partner is not None else None
    facts = {"permission": permission, "route": route}
    record_event(by=by, code="partners.access_refused", partner_id=partner_id, facts=facts)


@transaction.atomic
def record_rule_refusal(
    *, by: Actor, partner: Partner | None, reason: str, route: str, customer_id: uuid.UUID | None = None
) -> None:
    """Add to the activity log that a rule refused what somebody sent. reason: the refusal's code, never its sentence,
    which may name people; customer_id: the company that the page is about, if it is about one.
    """
    partner_id = partner.pk if partner is not None else None
    facts = {"reason": reason, "route": route}
    record_event(by=by, code="partners.action_refused", partner_id=partner_id, customer_id=customer_id, facts=facts)


@transaction.atomic
def record_sign_in(*, by: Actor, user: User) -> None:
    """Add to the log of each partner that the person works for, else to that of none, that they signed in."""
    works_for = list(Membership.objects.of_user(user))
    subject = f"user:{user.pk}"
    for membership in works_for:
        acting = replace(by, membership=membership, roles=tuple(membership.roles))
        record_event(by=acting, code="partners.session_started", partner_id=membership.partner_id, subject=subject)
    if not works_for:
        record_event(by=by, code="partners.session_started", partner_id=None, subject=subject)
