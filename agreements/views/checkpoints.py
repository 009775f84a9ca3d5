"""Agreements > Evidence: the chains, the checkpoints that were signed of them, and what they are verified with."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from agreements.services import stamp_again as ask_again
from agreements.services import take_checkpoints
from agreements.services.checkpoints import partner_chain
from agreements.services.records import PORTAL_CHAIN
from portal.audit.checkpoints import as_file
from portal.audit.models import ChainHead, Checkpoint, SigningKey, StampState
from portal.audit.signing import published_keys
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.keyset import keyset_page
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, public, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

TONES = {StampState.PENDING.value: "warn", StampState.STAMPED.value: "ok", StampState.FAILED.value: "bad"}


def visible_checkpoint(membership: Membership, public_id: uuid.UUID) -> Checkpoint | None:
    return Checkpoint.objects.visible_to(membership).with_details().filter(public_id=public_id).first()


@requires(Permission.AGREEMENTS_EXPORT)
@require_safe
def evidence(request: MemberRequest) -> HttpResponse:
    """Where the partner's chain and the portal's stand, the checkpoints of both, the newest first, and the keys."""
    seen = Checkpoint.objects.visible_to(request.membership).with_details()
    page = keyset_page(request, seen, field="at", public="public_id", descending=True)
    context = {
        "page": page,
        "rows": [_row(checkpoint) for checkpoint in page.rows],
        "chains": _chains(request.membership),
        "portal_chain": PORTAL_CHAIN,
        "keys": SigningKey.objects.order_by("-first_used_at", "-id"),
        "has_authority": bool(settings.TSA_URL),
        "submit_key": uuid.uuid4().hex,
    }
    return render(request, "agreements/evidence/evidence.html", context)


def _row(checkpoint: Checkpoint) -> dict[str, Any]:
    stamp = getattr(checkpoint, "stamp", None)
    return {"checkpoint": checkpoint, "stamp": stamp, "tone": TONES[stamp.state] if stamp else ""}


def _chains(membership: Membership) -> list[ChainHead]:
    """The partner's own first; only those that have an entry."""
    own = partner_chain(membership.partner)
    heads = ChainHead.objects.filter(chain__in=[own, PORTAL_CHAIN], seq__gte=1)
    return sorted(heads, key=lambda head: head.chain != own)


@requires(Permission.AGREEMENTS_EXPORT)
@require_POST
def take_checkpoint(request: MemberRequest) -> HttpResponse:
    submit_key = request.POST.get("submit_key") or uuid.uuid4().hex
    by = actor_of(request, Door.EVIDENCE)
    try:
        take_checkpoints(by=by, partner=request.membership.partner, submit_key=submit_key)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The checkpoint is taken. Download it and keep it outside the portal."))
    return redirect("agreements:evidence")


@requires(Permission.AGREEMENTS_EXPORT, on=visible_checkpoint)
@require_safe
def checkpoint(request: MemberRequest, found: Checkpoint) -> HttpResponse:
    """One checkpoint as a file for the verifier, with the keys that were ever used."""
    name = f"checkpoint-{'portal' if found.chain == PORTAL_CHAIN else 'partner'}-{found.seq}-{found.at:%Y-%m-%d}.json"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_file([found]), content_type="application/json", headers=disposition)


@requires(Permission.AGREEMENTS_EXPORT, on=visible_checkpoint)
@require_POST
def stamp_again(request: MemberRequest, found: Checkpoint) -> HttpResponse:
    """Ask the time-stamp authority anew, after it was given up."""
    by = actor_of(request, Door.EVIDENCE)
    try:
        ask_again(by=by, partner=request.membership.partner, checkpoint=found)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The authority is asked again. Look here in a minute."))
    return redirect("agreements:evidence")


@public(reason="Who got a checkpoint or an export verifies it without an account; public keys are no secret.")
@require_safe
@cache_control(public=True, max_age=3600)
def keys(request: HttpRequest) -> JsonResponse:
    """Every public key that ever signed here, the oldest first."""
    return JsonResponse(published_keys(), safe=False, json_dumps_params={"indent": 2})
