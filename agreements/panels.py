"""The agreement on Account info: whether, who, when, how, and what to do next."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.models import AgreementTemplate, Attestation, Method
from agreements.steps import renewal_of
from customers.models import Customer
from customers.rules import STANDING_LABELS, Standing, standing
from portal.common.panels import Panel
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# Where a customer accepts by itself (facts 1.6); it must sign in there as its global administrator.
MICROSOFT_ACCEPTANCE_URL = "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement"

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
            "invite_url": MICROSOFT_ACCEPTANCE_URL,
        },
        commands=_commands(request, customer),
    )


def _current(records: list[Attestation], *, direct: bool) -> Attestation | None:
    for record in records:
        is_current = not (record.is_superseded or record.is_withdrawn or record.dispute == "disputed")
        if is_current and (record.method == Method.CUSTOMER_DIRECT) is direct:
            return record
    return None


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


def _commands(request: MemberRequest, customer: Customer) -> tuple[tuple[str, str], ...]:
    wanted = (
        (Permission.AGREEMENTS_CONFIRM, _("Update"), "agreements:confirm"),
        (Permission.AGREEMENTS_ATTEST, _("Attest on behalf"), "agreements:attest"),
    )
    return tuple(
        (label, reverse(name, args=[customer.tenant_id]))
        for permission, label, name in wanted
        if request.membership.can(permission)
    )
