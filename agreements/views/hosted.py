"""The hosted page: the signatory whom a program named reads the agreement and accepts it; and files by their link."""

import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.answer_forms import DeclineForm
from agreements.hosted_forms import HostedForm
from agreements.languages import DEFAULT_LANGUAGE
from agreements.links import linked_document_id
from agreements.models import AgreementDocument, EnhancedAttestation
from agreements.services import accept_hosted, decline_hosted, documents_for
from agreements.services import open_hosted as note_opened
from agreements.views.answers.coming import onward, tries_too_many
from agreements.views.answers.pages import SHOW, plain_text
from agreements.views.answers.visitors import HOSTED, MOST, insider_of, lost, unlisted
from agreements.views.texts import as_attachment
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.kept_forms import is_from_here
from portal.common.links import TOKEN_LENGTH, token_digest
from portal.common.speaking import speak_first
from portal.partners.access import public
from portal.partners.addresses import seen_of
from portal.partners.http import PortalRequest

View = Callable[..., HttpResponseBase]


@public(reason="The hosted page's link is the credential.")
@require_safe
def open_hosted(request: HttpRequest, token: str) -> HttpResponse:
    """Uses nothing up and changes nothing, as with an invitation; the token stays out of every later page."""
    known = EnhancedAttestation.objects.filter(token_digest=token_digest(token))
    asked = known.first() if len(token) == TOKEN_LENGTH else None
    if asked is not None:
        request.session.cycle_key()
        _keep(request, asked)
        speak_first(request, asked.language)
        return onward(reverse("agreements:hosted"))
    if tries_too_many(request):
        return unlisted(render(request, "agreements/accept/too_many.html", status=429))
    return onward(reverse("agreements:hosted", query={"link": "unknown"}))


def _keep(request: HttpRequest, asked: EnhancedAttestation) -> None:
    """As the newest of those that were opened in this browser."""
    entry = [str(asked.public_id), asked.token_digest]
    others = [old for old in request.session.get(HOSTED, []) if old[0] != entry[0]]
    request.session[HOSTED] = [entry, *others][:MOST]


def for_signatories(*methods: str) -> Callable[[View], View]:
    """The view gets what was asked by the link opened last in this browser, or by the one its form stands under.

    What is sent by a partner's member or the portal's staff is refused: nobody of them accepts for a signatory.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, **kwargs: Any) -> HttpResponseBase:
            asked = None if request.GET.get("link") == "unknown" else _opened(request)
            if asked is None and request.method == "POST" and is_from_here(request):
                response: HttpResponseBase = lost(request)
            elif asked is None:
                response = render(request, "agreements/hosted/nobody.html")
            elif request.method == "POST" and insider_of(request):
                response = render(request, "agreements/accept/insider.html", {"about": asked.public_id}, status=403)
            else:
                if request.method == "POST":
                    # Back to this one, though another was opened in this browser since.
                    _keep(request, asked)
                response = view(request, asked, **kwargs)
            response["Cache-Control"] = "no-store"
            response["X-Robots-Tag"] = "noindex, nofollow"
            return response

        reason = "The hosted page's link, kept in the session, is asked for by the view itself."
        return public(reason=reason)(require_http_methods(methods)(guarded))

    return declare


def _opened(request: HttpRequest) -> EnhancedAttestation | None:
    kept = dict(request.session.get(HOSTED, []))
    public_id = request.POST.get("about") or next(iter(kept), "")
    if public_id not in kept:
        return None
    known = EnhancedAttestation.objects.select_related("partner", "document__template")
    asked = known.filter(public_id=public_id).first()
    is_same = asked is not None and hmac.compare_digest(asked.token_digest, kept[public_id])
    return asked if is_same else None


def _signatory(request: PortalRequest, asked: EnhancedAttestation) -> Actor:
    """Whom the program named: nobody else is given the link."""
    return Actor(
        kind=ActorKind.CUSTOMER,
        name=asked.full_name,
        door=Door.CUSTOMER_PAGE,
        request_id=request.request_id,
        **seen_of(request, asked.partner),
    )


@for_signatories("GET", "HEAD", "POST")
def hosted(request: PortalRequest, asked: EnhancedAttestation) -> HttpResponse:
    """Who asks, and how it stands. "Review the agreement" is noted: no mail scanner presses a button."""
    if request.method == "POST" and asked.is_answerable:
        note_opened(by=_signatory(request, asked), asked=asked)
        return redirect("agreements:hosted_agreement")
    context = {"asked": asked, "about": asked.public_id, "insider": insider_of(request)}
    return render(request, "agreements/hosted/hosted.html", context)


@dataclass
class HostedText:
    """shown: the one of `texts` on the page; is_sent: sent to be accepted; notice: why to look once more, or ""."""

    texts: list[AgreementDocument]
    shown: AgreementDocument | None
    is_sent: bool
    notice: str

    @property
    def text(self) -> str:
        return plain_text(self.shown)


def _text_of(request: HttpRequest, asked: EnhancedAttestation) -> HostedText:
    """The text in the language chosen, else in the one that was asked for, else in English."""
    sent = request.POST if request.method == "POST" else None
    texts = list(documents_for(str(asked.country), partner=asked.partner))
    by_language = {text.language: text for text in texts}
    wanted = [sent.get("language", "") if sent else "", asked.language, DEFAULT_LANGUAGE, *by_language]
    shown = next((by_language[each] for each in wanted if each in by_language), None)
    is_same = shown is not None and sent is not None and sent.get("shown") == str(shown.public_id)
    is_asked_to_show = sent is not None and sent.get("action") == SHOW
    notice = ""
    if sent is not None and not is_same and not is_asked_to_show:
        notice = _("This is another text than the one that you opened. Read it, then accept.")
    return HostedText(texts, shown, is_sent=is_same and not is_asked_to_show, notice=notice)


@for_signatories("GET", "HEAD", "POST")
def hosted_agreement(request: PortalRequest, asked: EnhancedAttestation) -> HttpResponse:
    """The agreement's text, who accepts it, the tick."""
    if not asked.is_answerable:
        return redirect("agreements:hosted")
    page = _text_of(request, asked)
    initial = {"language": page.shown.language if page.shown else ""}
    form = HostedForm(
        request.POST if page.is_sent else None, texts=page.texts, company_name=asked.company_name, initial=initial
    )
    if page.shown is not None and page.is_sent and form.is_valid():
        try:
            accept_hosted(by=_signatory(request, asked), asked=asked, document_id=page.shown.public_id)
            return redirect("agreements:hosted")
        except RuleViolation as refused:
            show_refusal(form, refused)
    context = {"asked": asked, "about": asked.public_id, "page": page, "form": form}
    return render(request, "agreements/hosted/agreement.html", {**context, "insider": insider_of(request)})


@for_signatories("GET", "HEAD", "POST")
def hosted_decline(request: PortalRequest, asked: EnhancedAttestation) -> HttpResponse:
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            decline_hosted(by=_signatory(request, asked), asked=asked, reason=form.cleaned_data["reason"])
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("You declined. Your partner is told, with your reason."))
            return redirect("agreements:hosted")
    elif not form.is_bound and not asked.is_answerable:
        return redirect("agreements:hosted")
    return render(request, "agreements/hosted/decline.html", {"form": form, "asked": asked, "about": asked.public_id})


@for_signatories("GET", "HEAD")
def hosted_document(request: PortalRequest, asked: EnhancedAttestation, document_id: uuid.UUID) -> HttpResponseBase:
    """A text that the signatory may accept, or has accepted; any other does not exist."""
    offered = documents_for(str(asked.country), partner=asked.partner) if asked.is_answerable else None
    found = offered.select_related("template").filter(public_id=document_id).first() if offered is not None else None
    if asked.document is not None and asked.document.public_id == document_id:
        found = asked.document
    return _as_file(found)


@public(reason="The link is the credential, and works for five minutes: programs fetch a text without a token.")
@require_safe
def linked_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The very bytes of a text of the agreement, as an attachment."""
    public_id = linked_document_id(token)
    found = AgreementDocument.objects.select_related("template").filter(public_id=public_id) if public_id else None
    response = _as_file(found.first() if found is not None else None)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _as_file(document: AgreementDocument | None) -> HttpResponseBase:
    if document is None:
        raise Http404
    try:
        return as_attachment(document)
    except FileNotFoundError:
        raise Http404 from None
