"""Inviting a customer to accept by itself, and what becomes of the invitation."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.invitation_forms import InviteForm, MessageForm
from agreements.invitation_looks import look_of, message_of, rows_of, timeline
from agreements.models import Invitation, InvitationState, Place
from agreements.querysets import InvitationQuerySet
from agreements.services import (
    edit_message,
    invite_customer,
    policy_of,
    renew_invitation,
    revoke_invitation,
    send_invitation,
)
from agreements.views.record import visible_customer
from agreements.views.ways import next_page, way_back
from customers.models import Customer
from portal.common.actor import Door
from portal.common.errors import NotPermitted, RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.common.keyset import keyset_page
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, check, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership, Partner
from portal.partners.permissions import Permission

# Filter of the list -> (its name, what it leaves of the rows).
STATES: dict[str, tuple[Any, Callable[[InvitationQuerySet], InvitationQuerySet]]] = {
    "": (gettext_lazy("All"), lambda rows: rows),
    "open": (gettext_lazy("Open"), lambda rows: rows.alive()),
    "to_confirm": (gettext_lazy("To be confirmed by you"), lambda rows: rows.open().exclude(to_confirm_at=None)),
    "bounced": (gettext_lazy("Not delivered"), lambda rows: rows.bounced()),
    "ended": (gettext_lazy("Ended"), lambda rows: rows.ended()),
}
KINDS: dict[str, tuple[Any, Callable[[InvitationQuerySet], InvitationQuerySet]]] = {
    "": (gettext_lazy("All kinds"), lambda rows: rows),
    "agreement": (gettext_lazy("Agreement"), lambda rows: rows.filter(request__isnull=True)),
    "relationship": (gettext_lazy("Reseller relationship"), lambda rows: rows.filter(request__isnull=False)),
}

# Microsoft's address is the same for everybody, and goes on working.
RENEWED = {
    Place.PORTAL: gettext_lazy("The invitation has a new link; the old one stopped working. Send it again."),
    Place.MICROSOFT: gettext_lazy("The invitation has its whole time before it again. Send it again."),
}
REVOKED = {
    Place.PORTAL: gettext_lazy("The invitation is revoked. Its link does not work any more."),
    Place.MICROSOFT: gettext_lazy("The invitation is revoked. Nobody is reminded of it any more."),
}


@requires(Permission.CUSTOMERS_VIEW)
@require_safe
def invitation_list(request: MemberRequest) -> HttpResponse:
    """Newest first. Who may neither invite nor request is told so on an empty page."""
    state = request.GET.get("state", "") if request.GET.get("state") in STATES else ""
    kind = request.GET.get("what", "") if request.GET.get("what") in KINDS else ""
    found = Invitation.objects.visible_to(request.membership).with_details()
    rows = KINDS[kind][1](STATES[state][1](found))
    page = keyset_page(request, rows, field="created_at", public="public_id", descending=True)
    context = {
        "page": page,
        "rows": rows_of(page.rows),
        "states": [(code, label, code == state) for code, (label, _keep) in STATES.items()],
        "kinds": [(code, label, code == kind) for code, (label, _keep) in KINDS.items()],
        "state": state,
        "kind": kind,
        "refusal": _why_sees_none(request.membership),
    }
    return render(request, "agreements/invitations/list.html", context)


def _why_sees_none(membership: Membership) -> Any:
    refusal = membership.why_not(Permission.AGREEMENTS_INVITE)
    return None if membership.can(Permission.CUSTOMERS_REQUEST_RELATIONSHIP) else refusal


def visible_invitation(membership: Membership, public_id: uuid.UUID) -> Invitation | None:
    found = Invitation.objects.visible_to(membership).with_details().select_related("request__asked_by")
    return found.filter(public_id=public_id).first()


@requires(Permission.CUSTOMERS_VIEW, on=visible_invitation)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: MemberRequest, found: Invitation) -> HttpResponse:
    """How it stands, and its message; POST keeps the agent's wording."""
    if request.method != "POST":
        return _page(request, found)
    check_acts(request.membership, found)
    form = MessageForm(request.POST)
    if form.is_valid() and _is_done(request, form, edit_message, found, message=form.cleaned_data["message"]):
        messages.success(request, _("The message is saved."))
        return _back_to(request, found)
    return _page(request, found, form)


@requires(Permission.CUSTOMERS_VIEW, on=visible_invitation)
@require_POST
def send(request: MemberRequest, found: Invitation) -> HttpResponse:
    """The portal mails the message, as it is or as it was typed here."""
    check_acts(request.membership, found)
    form = MessageForm(request.POST)
    if form.is_valid() and _is_done(request, form, send_invitation, found, message=form.cleaned_data["message"]):
        said = _("The invitation is on its way to %(name)s, %(email)s.")
        messages.success(request, said % {"name": found.full_name, "email": found.email})
        return _back_to(request, found)
    return _page(request, found, form)


@requires(Permission.CUSTOMERS_VIEW, on=visible_invitation)
@require_POST
def renew(request: MemberRequest, found: Invitation) -> HttpResponse:
    """A new link with its whole time before it."""
    return _do(request, found, renew_invitation, said=RENEWED[found.place])


@requires(Permission.CUSTOMERS_VIEW, on=visible_invitation)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: MemberRequest, found: Invitation) -> HttpResponse:
    """Asks first; once revoked, the link stops working."""
    if request.method != "POST":
        if not found.is_open or not may_act(request.membership, found):
            return _back_to(request, found)
        return render(request, "agreements/invitations/revoke.html", {"invitation": found})
    return _do(request, found, revoke_invitation, said=REVOKED[found.place])


def _do(
    request: MemberRequest, found: Invitation, service: Callable[..., Invitation], *, said: str | Promise
) -> HttpResponse:
    """What needs no answers; a refusal is told on the invitation's page."""
    check_acts(request.membership, found)
    try:
        service(by=actor_of(request, Door.ACCOUNT_INFO), invitation=found)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, said)
    return _back_to(request, found)


@requires(Permission.AGREEMENTS_INVITE, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Ask an existing customer to accept by itself (seed 004, option 2)."""
    form = InviteForm(request.POST or None, customer=customer, initial={"is_sent": bool(next_page(request))})
    if answer := validation_answer(request, form):
        return answer
    known = Invitation.objects.open().of_customer(customer).first()
    if known is not None and request.method != "POST":
        messages.info(request, _("This customer is invited already. Here you send the invitation again or renew it."))
        return _to(known, next_page(request))
    if form.is_valid():
        made = _invited(request, customer, form)
        if made is not None:
            return _after_inviting(request, made, is_sent=form.cleaned_data["is_sent"])
    return _invite_page(request, customer, form, known)


def _invited(request: MemberRequest, customer: Customer, form: InviteForm) -> Invitation | None:
    """The invitation that the valid form makes; None where it is refused, which the form shows."""
    try:
        return invite_customer(
            by=actor_of(request, Door.ORDER_PROMPT if next_page(request) else Door.ACCOUNT_INFO),
            customer=customer,
            invitee=form.invitee(),
            is_sent=form.cleaned_data["is_sent"],
            submit_key=request.POST.get("submit_key", ""),
        )
    except RuleViolation as refused:
        refused.field = form.field_of(refused.field)
        show_refusal(form, refused)
        return None


def _after_inviting(request: MemberRequest, made: Invitation, *, is_sent: bool) -> HttpResponse:
    words = {"name": made.company_name, "email": made.email}
    if not is_sent:
        messages.success(request, _("The invitation is made, but not sent yet. Send it, or pass it on yourself."))
        return _to(made, next_page(request))
    if next_page(request):
        said = _("%(name)s is invited to accept: a message is on its way to %(email)s. Your order waits until then.")
        messages.success(request, said % words)
        return redirect(next_page(request))
    messages.success(request, _("%(name)s is invited: a message is on its way to %(email)s.") % words)
    return _to(made)


def _invite_page(
    request: MemberRequest, customer: Customer, form: InviteForm, known: Invitation | None
) -> HttpResponse:
    context = {
        "form": form,
        "customer": customer,
        "policy": policy_of(customer.partner),
        "known": known,
        "submit_key": request.POST.get("submit_key") or uuid.uuid4().hex,
        "cancel_url": way_back(request, customer),
    }
    return render(request, "agreements/invitations/invite.html", context)


def _asker(found: Invitation) -> Partner:
    """Whose agents look after it: for a request that a reseller made, not the provider it names."""
    return found.request.asked_by if found.request is not None else found.partner


def may_act(membership: Membership, found: Invitation) -> bool:
    return membership.partner_id == _asker(found).pk and membership.can(_permission(found))


def check_acts(membership: Membership, found: Invitation) -> None:
    """Raise NotPermitted for who only reads it: a provider, what its reseller asks."""
    asker = _asker(found)
    if membership.partner_id != asker.pk:
        raise NotPermitted(_("%(name)s made this request; its own agents look after it.") % {"name": asker.name})
    check(membership, _permission(found))


def _permission(found: Invitation) -> Permission:
    is_request = found.request is not None
    return Permission.CUSTOMERS_REQUEST_RELATIONSHIP if is_request else Permission.AGREEMENTS_INVITE


def _is_done(
    request: MemberRequest, form: MessageForm, service: Callable[..., Invitation], found: Invitation, **asked: Any
) -> bool:
    """Whether the service did it; a refusal is shown in the form, which keeps what was typed."""
    try:
        service(by=actor_of(request, Door.ACCOUNT_INFO), invitation=found, **asked)
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    return True


def _page(request: MemberRequest, found: Invitation, form: MessageForm | None = None) -> HttpResponse:
    may, state = may_act(request.membership, found), found.state
    is_sendable = may and found.is_open and not found.is_expired and found.to_confirm_at is None
    message = message_of(found) if is_sendable else None
    customer = found.customer
    seen = visible_customer(request.membership, customer.tenant_id) if customer is not None else None
    context = {
        "invitation": found,
        "state": state,
        "look": look_of(found),
        "timeline": timeline(found),
        "asker": _asker(found),
        "seen": seen,
        "message": message,
        "form": form or (MessageForm(initial={"message": message.text}, spoken=message.spoken) if message else None),
        "may_act": may,
        "is_link_lost": is_sendable and message is None,
        "may_renew": may and state in RENEWABLE,
        "may_attest": seen is not None and state == InvitationState.TO_CONFIRM and _may_attest(request, found),
        "back": next_page(request),
    }
    return render(request, "agreements/invitations/invitation.html", context)


RENEWABLE = frozenset(InvitationState) - {
    InvitationState.ACCEPTED,
    InvitationState.DECLINED,
    InvitationState.REVOKED,
    InvitationState.SETTLED,
    InvitationState.TO_CONFIRM,
}


def _may_attest(request: MemberRequest, found: Invitation) -> bool:
    member = request.membership
    return member.partner_id == found.partner_id and member.can(Permission.AGREEMENTS_ATTEST)


def _to(found: Invitation, back: str = "") -> HttpResponse:
    url = reverse("agreements:invitation", args=[found.public_id], query={"next": back} if back else None)
    return redirect(url)


def _back_to(request: MemberRequest, found: Invitation) -> HttpResponse:
    return _to(found, next_page(request))
