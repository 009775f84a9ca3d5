"""Working for another partner."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal.partners.access import signed_in
from portal.partners.http import PortalRequest
from portal.partners.middleware import SESSION_KEY


@signed_in(reason="Everybody may choose among the partners they are a member of.")
@require_POST
def switch(request: PortalRequest) -> HttpResponse:
    """Make the posted partner the current one. Somebody else's partner does not exist."""
    wanted = request.POST.get("partner", "")
    if wanted not in {str(membership.partner.tenant_id) for membership in request.memberships}:
        raise Http404
    request.session[SESSION_KEY] = str(UUID(wanted))
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if is_ours else reverse("dashboard:home"))
