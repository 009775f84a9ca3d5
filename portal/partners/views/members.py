"""Settings > Members, for the global admin."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.common.actor import Door
from portal.common.errors import PortalError
from portal.common.forms import show_refusal
from portal.partners import services
from portal.partners.access import actor_of, requires
from portal.partners.forms import InviteForm, MemberForm
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# More than any partner employs in a portal; a page that long can still be searched in the browser.
MOST_SHOWN = 500


def visible_member(membership: Membership, *, membership_id: UUID) -> Membership | None:
    return Membership.objects.visible_to(membership).filter(public_id=membership_id).first()


@requires(Permission.PARTNER_MANAGE_MEMBERS)
@require_safe
def member_list(request: MemberRequest) -> HttpResponse:
    members = Membership.objects.visible_to(request.membership).active_first()[:MOST_SHOWN]
    return render(request, "partners/members.html", {"members": members})


@requires(Permission.PARTNER_MANAGE_MEMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def member_invite(request: MemberRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.invite_member(
                by=actor_of(request, Door.SETTINGS),
                partner=request.membership.partner,
                submit_key=request.POST.get("submit_key", ""),
                **form.cleaned_data,
            )
        except PortalError as refused:
            show_refusal(form, refused)
        else:
            messages.success(
                request, _("The invitation to %(email)s is on its way.") % {"email": form.cleaned_data["email"]}
            )
            return redirect("partners:members")
    submit_key = request.POST.get("submit_key") or uuid4().hex
    return render(request, "partners/invite.html", {"form": form, "submit_key": submit_key})


@requires(Permission.PARTNER_MANAGE_MEMBERS, on=visible_member)
@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request: MemberRequest, member: Membership) -> HttpResponse:
    initial = {"roles": member.roles, "is_active": member.is_active}
    form = MemberForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_member(by=actor_of(request, Door.SETTINGS), membership=member, **form.cleaned_data)
        except PortalError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The changes to %(name)s are saved.") % {"name": member.shown_name})
            # Who gave up the right to manage members has no member list to go back to.
            is_oneself = member.user_id == request.user.pk
            return redirect("dashboard:home" if is_oneself else "partners:members")
    return render(request, "partners/member.html", {"form": form, "member": member})
