"""The signatory's side of an enhanced attestation: open the hosted page, accept, or decline."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import EnhancedAttestation, HostedOutcome
from agreements.services.enhanced import log_hosted
from agreements.services.notices import announce_hosted
from agreements.services.offering import documents_for
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.webhooks.rules import Event

# How long the partner may confirm with what was accepted.
TO_CONFIRM = timedelta(days=30)


@transaction.atomic
def open_hosted(*, by: Actor, asked: EnhancedAttestation) -> EnhancedAttestation:
    """Note that the signatory went on from the first page. Again, or after the end, this changes nothing."""
    asked = _locked(asked)
    if asked.is_answerable and asked.opened_at is None:
        asked.opened_at = timezone.now()
        asked.save(update_fields=["opened_at"])
        log_hosted(by, "agreements.attestation_opened", asked)
    return asked


@transaction.atomic
def accept_hosted(*, by: Actor, asked: EnhancedAttestation, document_id: uuid.UUID) -> EnhancedAttestation:
    """The signatory accepts the text with this public id. Accepting twice answers the first acceptance.

    Nothing is recorded of a customer by it: the partner confirms with it. Raises RuleViolation: over, or a text that
    was replaced while it was read (code "text_replaced").
    """
    asked = _locked(asked)
    if asked.outcome == HostedOutcome.ACCEPTED:
        return asked
    _check_answerable(asked)
    document = documents_for(str(asked.country), partner=asked.partner).filter(public_id=document_id).first()
    if document is None:
        # Who ticked the old text has not accepted the new one.
        raise RuleViolation(
            _("The agreement has a new text since you opened it. Read the new one, then accept."),
            field="agrees",
            code="text_replaced",
        )
    _close(asked, HostedOutcome.ACCEPTED)
    asked.document, asked.expires_at = document, timezone.now() + TO_CONFIRM
    asked.save()
    line = log_hosted(by, "agreements.attestation_accepted", asked)
    announce_hosted(asked, Event.ATTESTATION_ACCEPTED, line=line)
    return asked


@transaction.atomic
def decline_hosted(*, by: Actor, asked: EnhancedAttestation, reason: str) -> EnhancedAttestation:
    """The signatory says no, and why. Raises RuleViolation: without a reason (field "reason"), or once it is over."""
    asked = _locked(asked)
    if asked.outcome == HostedOutcome.DECLINED:
        return asked
    _check_answerable(asked)
    if not reason.strip():
        raise RuleViolation(_("Say why you decline; your partner reads it"), field="reason")
    asked.decline_reason = reason.strip()
    _close(asked, HostedOutcome.DECLINED)
    asked.save()
    line = log_hosted(by, "agreements.attestation_declined", asked)
    announce_hosted(asked, Event.INVITATION_DECLINED, line=line)
    return asked


def _locked(asked: EnhancedAttestation) -> EnhancedAttestation:
    EnhancedAttestation.objects.select_for_update().only("pk").get(pk=asked.pk)
    # Only now what is joined, as with invitations.
    return EnhancedAttestation.objects.select_related("partner", "document__template").get(pk=asked.pk)


def _check_answerable(asked: EnhancedAttestation) -> None:
    if not asked.partner.has_agreement:
        raise RuleViolation(_("The Microsoft Customer Agreement does not apply with this partner."))
    if asked.is_expired:
        raise RuleViolation(_("This invitation has expired. Ask your partner for a new one."), code="expired")
    if asked.outcome:
        raise RuleViolation(_("This invitation has ended. Ask your partner for a new one."), code="ended")


def _close(asked: EnhancedAttestation, outcome: HostedOutcome) -> None:
    asked.outcome, asked.closed_at = outcome, timezone.now()
    asked.opened_at = asked.opened_at or asked.closed_at
