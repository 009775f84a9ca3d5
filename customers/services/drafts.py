"""Unfinished onboarding, kept as typed until it is submitted or thrown away.

Beside its pages a draft's data holds, under `SAVES`, which window wrote each page last and when it was typed there:
so a late save of a window never undoes what the same window wrote after it, and never what another one wrote.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer, OnboardingDraft
from portal.common.actor import Actor
from portal.common.errors import NotFound, PortalError
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

SAVES = "saves"


@dataclass(frozen=True)
class Seen:
    """What the sending window knew. version: the draft's when the window last read or wrote it; window: names the
    window; turn: grows with what is typed there (milliseconds; 0 without JavaScript).
    """

    version: int
    window: str = ""
    turn: int = 0


class DraftChanged(PortalError):
    """Another window wrote this page meanwhile. current: the draft as it is kept; nothing was written."""

    status = 409
    default_code = "draft_changed"

    def __init__(self, current: OnboardingDraft) -> None:
        super().__init__(_("This draft was changed in another window. Compare both versions and choose."))
        self.current = current


@transaction.atomic
def start_draft(*, by: Actor, partner: Partner, key: uuid.UUID | None = None) -> OnboardingDraft:
    """Begin a New customer. The draft belongs to the acting person.

    key: made with the empty form, so that sending it twice leads to one draft. Sent again after that draft was
    submitted (Back button, other answers), it leads to the next one: a customer that was made is never the
    answer to what was typed for another. Raises NotPermitted, and NotFound when the key is somebody else's.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_CREATE)
    draft = _begin(by, partner, key or uuid.uuid4())
    while draft.submitted_at is not None:
        draft = _begin(by, partner, uuid.uuid5(draft.pk, "next"))
    return draft


def _begin(by: Actor, partner: Partner, key: uuid.UUID) -> OnboardingDraft:
    draft, _is_new = OnboardingDraft.objects.get_or_create(
        pk=key, defaults={"partner": partner, "owner_id": by.person_id}
    )
    if (draft.partner_id, draft.owner_id) != (partner.pk, by.person_id):
        raise NotFound(_("There is no such draft."))
    return draft


@transaction.atomic
def save_draft(
    *, by: Actor, draft: OnboardingDraft, page: str, typed: Mapping[str, Any], seen: Seen | None = None
) -> OnboardingDraft:
    """Keep what was typed on one page, valid or not. A submitted draft stays as it was submitted.

    seen: what the sending window knew, None where no other window can be meant. Raises NotPermitted, DraftChanged,
    and NotFound when the draft is somebody else's or was thrown away meanwhile.
    """
    draft = _lock_own(by, draft)
    if draft.submitted_at is not None:
        return draft
    if seen is not None and _is_stale(draft, page, seen):
        if draft.data.get(page) == dict(typed):
            return draft  # the answer to an earlier save was lost on the way
        raise DraftChanged(draft)
    draft.version += 1
    mark = {"version": draft.version, "window": seen.window if seen else "", "turn": seen.turn if seen else 0}
    draft.data = {**draft.data, page: dict(typed), SAVES: {**draft.data.get(SAVES, {}), page: mark}}
    draft.save(update_fields=["data", "version", "updated_at"])
    return draft


def _is_stale(draft: OnboardingDraft, page: str, seen: Seen) -> bool:
    """Whether the page was written by another window since, or later by the same one."""
    last = draft.data.get(SAVES, {}).get(page)
    if last is None or last["version"] <= seen.version:
        return False
    is_own = bool(seen.window) and last["window"] == seen.window
    return not (is_own and seen.turn >= last["turn"])


@transaction.atomic
def discard_draft(*, by: Actor, draft: OnboardingDraft) -> None:
    """Throw an unfinished draft away. Raises NotPermitted, and NotFound when it is somebody else's or gone."""
    draft = _lock_own(by, draft)
    if draft.submitted_at is None:
        draft.delete()


def lock_draft(draft_id: uuid.UUID) -> OnboardingDraft:
    """Two submits of one draft pass here one after the other.

    Nothing is joined: PostgreSQL reads joined rows as of before the wait, so the second submit would see the
    draft's customer as missing. Raises NotFound when it was thrown away meanwhile.
    """
    draft = OnboardingDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("There is no such draft."))
    return draft


def _lock_own(by: Actor, draft: OnboardingDraft) -> OnboardingDraft:
    ensure_may(by=by, partner=draft.partner, permission=Permission.CUSTOMERS_CREATE)
    draft = lock_draft(draft.pk)
    if draft.owner_id != by.person_id:
        raise NotFound(_("There is no such draft."))
    return draft


def finish_draft(*, draft: OnboardingDraft, customer: Customer) -> None:
    """Mark the draft as submitted. What was typed is the customer's now and leaves the draft."""
    draft.customer, draft.submitted_at, draft.data = customer, timezone.now(), {}
    draft.save(update_fields=["customer", "submitted_at", "data", "updated_at"])
