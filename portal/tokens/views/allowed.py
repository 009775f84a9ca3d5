"""Applications you allowed: what may act for a person at which of their partners, and how that ends."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.common.actor import Door
from portal.partners.access import acting_as, signed_in
from portal.partners.http import PortalRequest
from portal.tokens import services
from portal.tokens.models import Consent
from portal.tokens.views.client_rows import MOST_SHOWN

OWN = "Everybody may see and take back what they allowed themselves, at whatever partner it was."


@signed_in(reason=OWN)
@require_safe
def allowed(request: PortalRequest) -> HttpResponse:
    """At every partner, the current one or not."""
    consents = Consent.objects.of_user(request.user).annotate(last_used_at=Max("refresh_tokens__created_at"))
    return render(request, "tokens/consents.html", {"consents": consents[:MOST_SHOWN]})


@signed_in(reason=OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: PortalRequest, consent_id: UUID) -> HttpResponse:
    """Asks first. Somebody else's consent does not exist."""
    own = Consent.objects.filter(user=request.user).select_related("client__partner")
    consent = own.filter(public_id=consent_id).first()
    if consent is None:
        raise Http404
    if request.method == "POST":
        by = acting_as(request.user, request_id=request.request_id).through(Door.SETTINGS)
        services.revoke_consent(by=by, consent=consent)
        messages.success(request, _("%(name)s cannot act for you any more.") % {"name": consent.client.name})
    elif consent.revoked_at is None:
        return render(request, "tokens/take_back.html", {"consent": consent})
    return redirect("api_clients:allowed")
