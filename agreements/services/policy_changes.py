"""Saving what a partner chose, and what differs from before."""

from collections.abc import Mapping
from typing import Any

from agreements.models import EvidencePolicy, InvitationPolicy


def changes_of(
    policy: InvitationPolicy | EvidencePolicy, values: Mapping[str, Any]
) -> dict[str, tuple[str, str]] | None:
    """Save the values; field -> (before, after) as the activity log has them, or None where nothing was to be saved.

    The caller holds the partner's lock.
    """
    changes = {
        field: (str(getattr(policy, field)), str(value))
        for field, value in values.items()
        if getattr(policy, field) != value
    }
    if not policy._state.adding and not changes:
        return None
    for field, value in values.items():
        setattr(policy, field, value)
    policy.save()
    return changes
