"""The agreement on Account info: whether, who, when, how, and what to do next."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.invitation_looks import look_of
from agreements.links import MICROSOFT_ACCEPTANCE_URL
from agreements.models import (
    AgreementTemplate,
    AgreementType,
    Approval,
    Attestation,
    ConfirmationRequest,
    Invitation,
    Method,
    Place,
)
from agreements.querysets import SHOWN
from agreements.request_looks import REQUEST_TONES, REQUEST_WORDS
from agreements.services import policy_of
from agreements.steps import open_approval, renewal_of
from customers.models import Customer
from customers.rules import STANDING_LABELS, Standing, standing
from portal.common.panels import Panel
from portal.partners.http import MemberRequest
from portal.partners.models import Membership, PartnerKind
from portal.partners.permissions import Permission

TONES = {
    Standing.COVERED: "ok",
    Standing.NOT_APPLICABLE: "neutral",
    Standing.PENDING: "info",
    Standing.STALE: "warn",
    Standing.DISPUTED: "bad",
    Standing.MISSING: "bad",
}


def agreement_panel(request: MemberRequest, customer: Customer) -> Panel:
    """Seeds: "Under Microsoft Customer Agreement you'll see whether or not confirmation has been provided"."""
    today = customer.partner.today
    stale_before = AgreementTemplate.objects.stale_before(today=today)
    where = standing(customer, has_agreement=customer.partner.has_agreement, stale_before=stale_before)
    records = Attestation.objects.visible_of(request.membership, customer).history()
    is_asked = where not in (Standing.COVERED, Standing.NOT_APPLICABLE)
    invitation = _last_invitation(request.membership, customer) if is_asked else None
    return Panel(
        key="agreement",
        title=_("Microsoft Customer Agreement"),
        body="agreements/_panel.html",
        data={
            "customer": customer,
            "standing": where,
            "word": STANDING_LABELS[where],
            "tone": TONES[where],
            "renewal": renewal_of(customer, stale_before=stale_before),
            "records": records,
            "confirmed": _current(records, direct=False),
            "direct": _current(records, direct=True),
            "sees_all": request.membership.can(Permission.AGREEMENTS_VIEW_RECORDS),
            "refusal": _who_confirms(request.membership, customer),
            "invitation": invitation,
            "look": look_of(invitation) if invitation else None,
            "invite_url": _microsofts_address(request.membership, customer, where),
            "waiting": _waiting(request.membership, customer, records),
        },
        commands=_commands(request, customer, invitation, is_asked=is_asked),
    )


def _current(records: list[Attestation], *, direct: bool) -> Attestation | None:
    for record in records:
        is_current = not (record.is_superseded or record.is_withdrawn or record.dispute == "disputed")
        counts = is_current and record.agreement_type == AgreementType.MCA
        if counts and (record.method == Method.CUSTOMER_DIRECT) is direct:
            return record
    return None


def _waiting(membership: Membership, customer: Customer, records: list[Attestation]) -> Approval | None:
    """What waits for a second person; asked for only where the records shown do not say that nothing does."""
    shows_all = membership.can(Permission.AGREEMENTS_VIEW_RECORDS) and len(records) < SHOWN
    return None if shows_all and not any(record.waits for record in records) else open_approval(membership, customer)


def _who_confirms(membership: Membership, customer: Customer) -> str | Promise | None:
    """Whom somebody who may not confirm can ask to do it, None for who may."""
    refusal = membership.why_not(Permission.AGREEMENTS_CONFIRM)
    if refusal is None:
        return None
    if customer.partner_id != membership.partner_id:
        return _("To confirm an acceptance, ask your indirect provider, %(name)s.") % {"name": customer.partner.name}
    if not refusal.who_can:
        return refusal.reason
    roles = get_text_list([str(label) for label in refusal.who_can], gettext("or"))
    return _("To confirm an acceptance, ask an %(roles)s.") % {"roles": roles}


def _last_invitation(membership: Membership, customer: Customer) -> Invitation | None:
    """The newest one that the member may see: the open one, if there is one."""
    seen = Invitation.objects.visible_to(membership).of_customer(customer).select_related("letter")
    return seen.order_by("-created_at", "-pk").first()


def _microsofts_address(membership: Membership, customer: Customer, where: Standing) -> str:
    """Where the customer accepts at Microsoft, for who may tell it; "" where it accepts on the portal's pages."""
    is_asked = where in (Standing.MISSING, Standing.PENDING) and customer.is_active
    if not is_asked or not membership.can(Permission.AGREEMENTS_INVITE):
        return ""
    return MICROSOFT_ACCEPTANCE_URL if policy_of(customer.partner).place == Place.MICROSOFT else ""


def _commands(
    request: MemberRequest, customer: Customer, invitation: Invitation | None, *, is_asked: bool
) -> tuple[tuple[str | Promise, str], ...]:
    """What the member may do here; inviting leads to the open invitation where there is one."""
    wanted = [
        (Permission.AGREEMENTS_CONFIRM, _("Update"), "agreements:confirm"),
        (Permission.AGREEMENTS_ATTEST, _("Attest on behalf"), "agreements:attest"),
    ]
    is_open = invitation is not None and invitation.is_open
    if is_asked and not is_open:
        wanted.append((Permission.AGREEMENTS_INVITE, _("Invite"), "agreements:invite"))
    found = [
        (label, reverse(name, args=[customer.tenant_id]))
        for permission, label, name in wanted
        if request.membership.can(permission)
    ]
    if invitation is not None and is_open:
        found.append((_("Open invitation"), reverse("agreements:invitation", args=[invitation.public_id])))
    return tuple(found)


def request_panel(request: MemberRequest, customer: Customer) -> Panel | None:
    """For the customer's reseller always, for its provider while something is asked; nobody else asks or is asked."""
    membership = request.membership
    is_resellers = membership.partner.is_reseller
    if not is_resellers and membership.partner.kind != PartnerKind.INDIRECT_PROVIDER:
        return None
    seen = ConfirmationRequest.objects.visible_to(membership).filter(customer=customer).with_details()
    last = (seen if is_resellers else seen.open()).newest_first().first()
    if last is None and not (is_resellers and membership.partner.has_agreement):
        return None
    title = _("Confirmation by your provider") if is_resellers else _("Your reseller asks")
    return Panel(
        key="request",
        title=title,
        body="agreements/requests/_panel.html",
        data={
            "customer": customer,
            "last": last,
            "tone": REQUEST_TONES[last.outcome] if last else "",
            "word": REQUEST_WORDS[last.outcome] if last else "",
            "refusal": membership.why_not(Permission.AGREEMENTS_PREPARE) if is_resellers else None,
        },
        commands=_request_commands(request, customer, last),
    )


def _request_commands(
    request: MemberRequest, customer: Customer, last: ConfirmationRequest | None
) -> tuple[tuple[str | Promise, str], ...]:
    """Asking, as long as nothing is asked already."""
    is_waiting = last is not None and not last.outcome
    if is_waiting or not request.membership.can(Permission.AGREEMENTS_PREPARE):
        return ()
    label = _("Ask %(name)s to confirm") % {"name": customer.partner.name}
    return ((label, reverse("agreements:ask_provider", args=[customer.tenant_id])),)
