"""Settings > Webhooks, for the global admin; and the certificates that receivers check notices by."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.common.actor import Door
from portal.common.errors import PortalError
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, public, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission
from portal.webhooks import services
from portal.webhooks.forms import WebhookForm
from portal.webhooks.models import Delivery, Registration, WebhookKey
from portal.webhooks.rules import MAX_ATTEMPTS, Event
from portal.webhooks.signing import certificate_bytes

MOST_SHOWN = 50


def visible_delivery(membership: Membership, *, delivery_id: UUID) -> Delivery | None:
    found = Delivery.objects.visible_to(membership).select_related("registration__partner")
    return found.filter(public_id=delivery_id).first()


@requires(Permission.PARTNER_MANAGE_API_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: MemberRequest) -> HttpResponse:
    """Where the company's programs are told of changes, and what came of the last notices."""
    registration = Registration.objects.visible_to(request.membership).first()
    form = _form_of(registration, request)
    if request.method == "POST" and form.is_valid() and _save(request, form):
        messages.success(request, _("The webhook is saved. Send a test to see whether it works."))
        return redirect("webhooks:settings")
    deliveries = Delivery.objects.visible_to(request.membership).newest_first().prefetch_related("attempts")
    context = {
        "form": form,
        "registration": registration if registration is not None and registration.is_active else None,
        "deliveries": deliveries[:MOST_SHOWN],
        "max_attempts": MAX_ATTEMPTS,
        "submit_key": uuid4().hex,
    }
    return render(request, "webhooks/settings.html", context)


def _form_of(registration: Registration | None, request: MemberRequest) -> WebhookForm:
    if registration is None:
        initial: dict[str, object] = {"events": [each.value for each in Event]}
    else:
        initial = {
            "url": registration.url,
            "events": registration.events,
            "has_own_header": registration.has_own_header,
        }
    return WebhookForm(request.POST if request.method == "POST" else None, initial=initial)


def _save(request: MemberRequest, form: WebhookForm) -> bool:
    by = actor_of(request, Door.SETTINGS)
    try:
        services.register(by=by, partner=request.membership.partner, **form.cleaned_data)
    except PortalError as refused:
        show_refusal(form, refused)
        return False
    return True


@requires(Permission.PARTNER_MANAGE_API_CLIENTS)
@require_POST
def turn_off(request: MemberRequest) -> HttpResponse:
    services.turn_off(by=actor_of(request, Door.SETTINGS), partner=request.membership.partner)
    messages.success(request, _("The webhook is turned off. Nothing is sent any more."))
    return redirect("webhooks:settings")


@requires(Permission.PARTNER_MANAGE_API_CLIENTS)
@require_POST
def send_test(request: MemberRequest) -> HttpResponse:
    by, partner = actor_of(request, Door.SETTINGS), request.membership.partner
    try:
        services.send_test(by=by, partner=partner, submit_key=request.POST.get("submit_key", ""))
    except PortalError as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("The test is on its way. Load this page again to see what came of it."))
    return redirect("webhooks:settings")


@requires(Permission.PARTNER_MANAGE_API_CLIENTS, on=visible_delivery)
@require_POST
def try_again(request: MemberRequest, delivery: Delivery) -> HttpResponse:
    by, partner = actor_of(request, Door.SETTINGS), request.membership.partner
    try:
        services.try_again(by=by, partner=partner, public_id=delivery.public_id)
    except PortalError as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("The notice is on its way again."))
    return redirect("webhooks:settings")


@public(reason="Receivers check the signature of notices by it; a certificate is public.")
@require_safe
def certificate(request: HttpRequest, key_id: str) -> HttpResponse:
    key = WebhookKey.objects.filter(key_id=key_id).first()
    if key is None:
        raise Http404
    return HttpResponse(certificate_bytes(key), content_type="application/pkix-cert")
