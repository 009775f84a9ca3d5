"""What a partner asks of its own people before a record counts."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import CheckpointMail, EvidenceKind, EvidencePolicy, SupersedeReason
from agreements.services.evidence import evidence_policy_of
from agreements.services.policy_changes import changes_of
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def set_evidence_policy(
    *,
    by: Actor,
    partner: Partner,
    required_kinds: Sequence[str],
    approved_reasons: Sequence[str],
    checkpoint_mail: CheckpointMail,
) -> EvidencePolicy:
    """Choose for which kinds of evidence (EvidenceKind) a file is needed, for which reasons of superseding
    (SupersedeReason) a second person, and when checkpoints are mailed.

    Records of before stay as they are. Raises NotPermitted, RuleViolation with its field.
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_EDIT_PROFILE)
    stated = [kind for kind, _label in EvidenceKind.stated()]
    values = {
        "required_kinds": _known("required_kinds", required_kinds, stated),
        "approved_reasons": _known("approved_reasons", approved_reasons, SupersedeReason.values),
        "checkpoint_mail": _known("checkpoint_mail", [checkpoint_mail], CheckpointMail.values)[0],
    }
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    policy = evidence_policy_of(partner)
    changes = changes_of(policy, values)
    if changes is not None:
        record_event(by=by, code="agreements.evidence_policy_changed", partner_id=partner.pk, changes=changes)
    return policy


def _known(field: str, chosen: Sequence[str], known: Sequence[str]) -> list[str]:
    """The choices, each once, in the order in which they are shown."""
    if not set(chosen) <= set(known):
        raise RuleViolation(_("Choose one of the listed answers"), field=field)
    return [str(value) for value in known if value in chosen]
