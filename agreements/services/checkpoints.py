"""Checkpoints of a partner's chain and of the portal's: each day, and when asked for; whom they are mailed to."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.letters import send_checkpoints
from agreements.models import CheckpointMail
from agreements.services.evidence import evidence_policy_of
from agreements.services.records import PORTAL_CHAIN
from agreements.services.reminders import clock
from agreements.stamping import queue_stamping
from portal.audit.checkpoints import take_checkpoint
from portal.audit.models import ChainHead, Checkpoint
from portal.audit.services import record_event
from portal.audit.timestamps import await_stamp, try_again
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.letters import post
from portal.jobs.models import Letter
from portal.jobs.services import submit_once
from portal.partners.models import Membership, Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

OF_PARTNER = "partner:"
MAIL = "agreements.checkpoints"
# What one round does at most; the rest waits for the next one.
MOST_AT_ONCE = 200


def partner_chain(partner: Partner) -> str:
    return f"{OF_PARTNER}{partner.tenant_id}"


def look_after_checkpoints() -> int:
    """Take the day's checkpoint (days of UTC) of every chain that has none yet, and mail what is due.

    Answers how many were taken. Harmless when two run at once.
    """
    since = _day_of(timezone.now())
    taken_today = Checkpoint.objects.filter(chain=OuterRef("chain"), at__gte=since)
    due = ChainHead.objects.filter(~Exists(taken_today), seq__gte=1).order_by("chain")
    chains = list(due.values_list("chain", flat=True)[:MOST_AT_ONCE])
    ids = [UUID(chain.removeprefix(OF_PARTNER)) for chain in chains if chain.startswith(OF_PARTNER)]
    partners = {partner_chain(partner): partner for partner in Partner.objects.filter(tenant_id__in=ids)}
    # Those of nobody in particular first: the partners' mails tell of the portal's.
    count = sum(_take_days(chain, since) for chain in chains if chain not in partners)
    return count + sum(_take_partners_days(partner, since) for partner in partners.values())


@transaction.atomic
def _take_days(chain: str, since: datetime) -> bool:
    # The head is the lock: of two clocks the second one sees the first one's checkpoint.
    ChainHead.objects.select_for_update().get(chain=chain)
    if Checkpoint.objects.filter(chain=chain, at__gte=since).exists():
        return False
    checkpoints = _take([chain])
    _log(clock(), None, checkpoints, is_daily=True)
    return bool(checkpoints)


@transaction.atomic
def _take_partners_days(partner: Partner, since: datetime) -> bool:
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if Checkpoint.objects.filter(chain=partner_chain(partner), at__gte=since).exists():
        return False
    checkpoints = _take([partner_chain(partner)])
    _log(clock(), partner, checkpoints, is_daily=True)
    of_portal = Checkpoint.objects.of_chain(PORTAL_CHAIN).newest_first()[:1]
    _mail_if_due(partner, [*checkpoints, *of_portal])
    return bool(checkpoints)


@transaction.atomic
def take_checkpoints(*, by: Actor, partner: Partner, submit_key: str) -> list[Checkpoint]:
    """Take one of the partner's chain and one of the portal's, now, and mail them where that is due.

    The same key again answers with the same ones. Raises NotPermitted; RuleViolation where no chain has an entry.
    """
    ensure_may(by=by, partner=partner, permission=Permission.AGREEMENTS_EXPORT)

    def effect() -> str:
        Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
        checkpoints = _take([partner_chain(partner), PORTAL_CHAIN])
        if not checkpoints:
            raise RuleViolation(_("There is nothing to sign yet: no acceptance is on record."))
        if settings.TSA_URL:
            queue_stamping()
        _log(by, partner, checkpoints, is_daily=False)
        _mail_if_due(partner, checkpoints)
        return ",".join(str(checkpoint.public_id) for checkpoint in checkpoints)

    body = {"partner": str(partner.tenant_id)}
    ids, _again = submit_once(by=by, form="agreements:take_checkpoint", key=submit_key, body=body, effect=effect)
    return list(Checkpoint.objects.filter(public_id__in=ids.split(",")).order_by("id"))


@transaction.atomic
def stamp_again(*, by: Actor, partner: Partner, checkpoint: Checkpoint) -> None:
    """Ask the authority anew for a stamp that was given up. Raises NotPermitted, RuleViolation."""
    ensure_may(by=by, partner=partner, permission=Permission.AGREEMENTS_EXPORT)
    if not settings.TSA_URL:
        raise RuleViolation(_("No time-stamp authority is configured any more. Ask the portal's staff."))
    stamp = getattr(checkpoint, "stamp", None)
    if stamp is None or not try_again(stamp):
        raise RuleViolation(_("This checkpoint is not waiting for anybody to try again."))
    queue_stamping()
    facts = {"seq": checkpoint.seq, "is_portals": checkpoint.chain == PORTAL_CHAIN}
    subject = str(checkpoint.public_id)
    record_event(by=by, code="agreements.time_stamp_asked", partner_id=partner.pk, subject=subject, facts=facts)


def _take(chains: Iterable[str]) -> list[Checkpoint]:
    """Of those chains that have an entry; each is to be stamped where an authority is configured."""
    taken = [checkpoint for chain in chains if (checkpoint := take_checkpoint(chain=chain)) is not None]
    for checkpoint in taken:
        await_stamp(checkpoint)
    return taken


def _log(by: Actor, partner: Partner | None, checkpoints: list[Checkpoint], *, is_daily: bool) -> None:
    facts = {
        "is_daily": is_daily,
        "chains": [{"chain": checkpoint.chain, "seq": checkpoint.seq} for checkpoint in checkpoints],
    }
    partner_id, subject = (partner.pk, str(partner.tenant_id)) if partner else (None, "")
    record_event(by=by, code="agreements.checkpoint_taken", partner_id=partner_id, subject=subject, facts=facts)


def _mail_if_due(partner: Partner, checkpoints: list[Checkpoint]) -> None:
    """Queue a letter for each Admin agent of the partner, as its policy says."""
    wanted = evidence_policy_of(partner).checkpoint_mail
    about = str(partner.tenant_id)
    last = Letter.objects.filter(kind=MAIL, about=about).order_by("-queued_at").first()
    if not checkpoints or not _is_due(wanted, checkpoints, last.queued_at if last else None):
        return
    ids = ",".join(str(checkpoint.public_id) for checkpoint in checkpoints)
    for member in Membership.objects.active().filter(partner=partner).select_related("partner", "user"):
        if member.can(Permission.AGREEMENTS_EXPORT):
            post(kind=MAIL, about=about, task=send_checkpoints, member=str(member.public_id), checkpoints=ids)


def _is_due(wanted: str, checkpoints: list[Checkpoint], mailed_at: datetime | None) -> bool:
    if wanted == CheckpointMail.NEVER or mailed_at is None:
        return wanted != CheckpointMail.NEVER
    if wanted == CheckpointMail.DAILY:
        return mailed_at < _day_of(timezone.now())
    return any(_has_moved(checkpoint, mailed_at) for checkpoint in checkpoints)


def _has_moved(checkpoint: Checkpoint, mailed_at: datetime) -> bool:
    """Whether the chain has entries that the checkpoint mailed then did not cover."""
    known = Checkpoint.objects.filter(chain=checkpoint.chain, at__lte=mailed_at).newest_first().first()
    return known is None or known.digest != checkpoint.digest


def _day_of(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
