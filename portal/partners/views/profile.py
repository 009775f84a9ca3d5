"""Settings > Company profile."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.languages import DEFAULT_LANGUAGE, LANGUAGES_OF
from portal.common.actor import Door
from portal.common.errors import PortalError
from portal.common.forms import show_refusal
from portal.partners import services
from portal.partners.access import actor_of, check, requires
from portal.partners.forms import ProfileForm
from portal.partners.http import MemberRequest
from portal.partners.models import Partner
from portal.partners.permissions import Permission

FIELDS = ("name", "country", "time_zone", "default_language", "mpn_id")


def known_languages() -> set[str]:
    """The tags of every language in which the agreement exists."""
    return {DEFAULT_LANGUAGE, *(tag for tags in LANGUAGES_OF.values() for tag in tags)}


@requires(Permission.PARTNER_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """The company's facts for every member; the global admin may change those that are its own to change."""
    membership = request.membership
    may_edit = membership.can(Permission.PARTNER_EDIT_PROFILE)
    form = None
    if request.method == "POST":
        check(membership, Permission.PARTNER_EDIT_PROFILE)
        form = _form_of(membership.partner, request)
        if form.is_valid() and _save(request, form):
            messages.success(request, _("The company profile is saved."))
            return redirect("partners:profile")
    elif may_edit:
        form = _form_of(membership.partner)
    links = Partner.objects.linked_to(membership.partner)
    return render(request, "partners/profile.html", {"form": form, "partner": membership.partner, "links": links})


def _form_of(partner: Partner, request: MemberRequest | None = None) -> ProfileForm:
    initial = {**{field: str(getattr(partner, field)) for field in FIELDS}, "logs_addresses": partner.logs_addresses}
    return ProfileForm(request.POST if request else None, initial=initial, languages=known_languages())


def _save(request: MemberRequest, form: ProfileForm) -> bool:
    by = actor_of(request, Door.SETTINGS)
    try:
        services.edit_profile(by=by, partner=request.membership.partner, **form.cleaned_data)
    except PortalError as refused:
        show_refusal(form, refused)
        return False
    return True
