"""How a page of New customer is kept: by autosave, beside another window, after its draft was thrown away."""

import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from customers.models import OnboardingDraft
from customers.services import DraftChanged, Seen, save_draft, start_draft
from customers.views.pages import ACCOUNT, page_of, url_of
from customers.wizard import Typed, WizardPage
from portal.common.actor import Door
from portal.common.errors import NotFound
from portal.common.ids import parse_uuid
from portal.common.kept_forms import AUTOSAVE_HEADER, kept_form
from portal.partners.access import actor_of
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# JavaScript's milliseconds have 13 digits until the year 2286.
MOST_DIGITS = 13


def is_autosave(request: MemberRequest) -> bool:
    return AUTOSAVE_HEADER in request.headers


def begin_draft(request: MemberRequest, key: uuid.UUID | None) -> OnboardingDraft:
    """The draft of this key, or the next one where that was submitted."""
    return start_draft(by=actor_of(request, Door.WIZARD), partner=request.membership.partner, key=key)


def save_page(request: MemberRequest, page: WizardPage, typed: Typed) -> OnboardingDraft:
    """Keep what was typed on the page. Raises DraftChanged."""
    by = actor_of(request, Door.WIZARD)
    return save_draft(by=by, draft=page.draft, page=page.key, typed=typed, seen=seen_of(request.POST))


def seen_of(sent: Mapping[str, str]) -> Seen | None:
    """What the window says it knew; None for a form that says nothing. "Keep what is here" has seen both versions."""
    version = sent.get("seen_version" if sent.get("action") == "keep" else "draft_version", "")
    if not _is_number(version):
        return None
    turn, window = sent.get("draft_turn", ""), sent.get("draft_window", "")
    return Seen(int(version), window[:40].replace("\x00", ""), int(turn) if _is_number(turn) else 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def window_fields(sent: Mapping[str, str], draft: OnboardingDraft) -> dict[str, Any]:
    """What the page's form says of its window, again where it was sent already."""
    return {
        "draft_key": parse_uuid(sent.get("draft_key", "")) or uuid.uuid4(),
        "draft_version": draft.version,
        "draft_window": sent.get("draft_window", "")[:40] or uuid.uuid4().hex,
        "draft_turn": sent.get("draft_turn", "") if _is_number(sent.get("draft_turn", "")) else "",
    }


def autosave_answer(request: MemberRequest, page: WizardPage) -> JsonResponse:
    """Where the draft is now, and the words of the page's line; 409 where another window came first."""
    try:
        draft = save_page(request, page, page.typed(request.POST))
    except DraftChanged:
        words = _("Not saved: this draft was changed in another window.")
        return not_saved("changed", words, _("See both versions"))
    page.draft = draft
    saved = timezone.localtime(draft.updated_at)
    said = _("Saved at %(time)s") % {"time": time_format(saved, "H:i")}
    return JsonResponse({"url": url_of(page), "version": draft.version, "saved_at": saved.isoformat(), "said": said})


def not_saved(code: str, words: str, act: str, *, status: int = 409) -> JsonResponse:
    """act: the button that sends the whole form, so that the page's own answer says more."""
    return JsonResponse({"error": code, "said": words, "act": act}, status=status)


def submitted_meanwhile() -> JsonResponse:
    words = _("Not saved: the customer of this draft was created already.")
    return not_saved("submitted", words, _("Go on as another new customer"))


def is_submitted(membership: Membership, key: uuid.UUID | None) -> bool:
    drafts = OnboardingDraft.objects.visible_to(membership)
    return key is not None and drafts.filter(pk=key, submitted_at__isnull=False).exists()


def offers_what_was_typed(show: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """A form sent to a draft that is gone (thrown away in another window) is offered as a new draft.

    show(request, page, typed): the page that does. Without anything typed there is nothing but the usual 404.
    """

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: MemberRequest, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, **kwargs)
            except (Http404, NotFound):
                kept = kept_form(request)
                sent = kept.values if kept is not None and request.method == "GET" else request.POST
                member = _member_for(request, sent)
                if member is None:
                    raise
                request.membership = member
                page = page_of(OnboardingDraft(partner=member.partner, owner=request.user), member, ACCOUNT)
                typed = page.typed(sent)
                if not typed:
                    raise
                if is_autosave(request):
                    words = _("Not saved: this draft was thrown away in another window.")
                    return not_saved("gone", words, _("Keep it as a new draft"), status=404)
                return show(request, page, typed)

        return guarded

    return declare


def _member_for(request: MemberRequest, sent: Mapping[str, str]) -> Membership | None:
    """Who may begin a draft with it: the person at the partner that the form was made for."""
    of_form = [m for m in request.memberships if str(m.partner.tenant_id) == sent.get("partner", "")]
    return next((m for m in of_form if m.can(Permission.CUSTOMERS_CREATE)), None)


def new_url() -> str:
    return reverse("customers:new")
