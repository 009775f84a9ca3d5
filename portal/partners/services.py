"""Every write to partners, people and their roles."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.partners import rules
from portal.partners.models import Cloud, Environment, Membership, Partner, PartnerKind, PartnerLink, User
from portal.partners.permissions import Permission
from portal.partners.tasks import send_member_invitation, send_password_reset


@transaction.atomic
def create_partner(
    *,
    by: Actor,
    name: str,
    kind: PartnerKind,
    country: str,
    time_zone: str = "UTC",
    cloud: Cloud = Cloud.PUBLIC,
    environment: Environment = Environment.PRODUCTION,
    default_language: str = "en-US",
    mpn_id: str = "",
    domain: str = "",
) -> Partner:
    """Add a partner company. time_zone: IANA name, the zone in which its days begin and end."""
    partner = Partner(
        name=name,
        kind=kind,
        country=country,
        time_zone=time_zone,
        cloud=cloud,
        environment=environment,
        default_language=default_language,
        mpn_id=mpn_id,
        domain=domain.lower(),
    )
    partner.full_clean()
    partner.save()
    record_event(by=by, code="partners.partner_created", partner_id=partner.pk, facts={"kind": str(kind)})
    return partner


@transaction.atomic
def link_reseller(*, by: Actor, provider: Partner, reseller: Partner) -> PartnerLink:
    """Let an indirect provider work with an indirect reseller. Raises RuleViolation for other kinds."""
    if provider.kind != PartnerKind.INDIRECT_PROVIDER or reseller.kind != PartnerKind.INDIRECT_RESELLER:
        raise RuleViolation(_("A link joins an indirect provider and an indirect reseller."))
    link, _is_new = PartnerLink.objects.get_or_create(provider=provider, reseller=reseller)
    for partner in (provider, reseller):
        record_event(by=by, code="partners.reseller_linked", partner_id=partner.pk)
    return link


@transaction.atomic
def edit_profile(
    *,
    by: Actor,
    partner: Partner,
    name: str,
    country: str,
    time_zone: str,
    default_language: str,
    mpn_id: str,
) -> Partner:
    """Change the company profile. Kind, cloud and environment are facts of the program and stay."""
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    after = {
        "name": name,
        "country": country,
        "time_zone": time_zone,
        "default_language": default_language,
        "mpn_id": mpn_id,
    }
    changes = {f: (str(getattr(partner, f)), v) for f, v in after.items() if str(getattr(partner, f)) != v}
    if changes:
        for field, value in after.items():
            setattr(partner, field, value)
        partner.full_clean()
        partner.save(update_fields=list(after))
        record_event(by=by, code="partners.profile_edited", partner_id=partner.pk, changes=changes)
    return partner


@transaction.atomic
def add_member(*, by: Actor, partner: Partner, email: str, name: str, roles: Sequence[str]) -> Membership:
    """Make a person a member, known to the portal or not. Raises RuleViolation (field roles or email)."""
    _check_roles(roles)
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = User.objects.create_user(email, name)
    elif Membership.objects.filter(user=user, partner=partner).exists():
        raise RuleViolation(
            _("This person is a member already. Find them in the list to change their roles."), field="email"
        )
    membership = Membership.objects.create(user=user, partner=partner, roles=sorted(roles))
    record_event(
        by=by,
        code="partners.member_added",
        partner_id=partner.pk,
        subject=str(membership.public_id),
        facts={"roles": sorted(roles)},
        changes={"member": (None, user.email)},
    )
    return membership


@transaction.atomic
def invite_member(*, by: Actor, partner: Partner, email: str, name: str, roles: Sequence[str]) -> Membership:
    """Add a member and mail the link to choose a password (or, for a known person, the news)."""
    membership = add_member(by=by, partner=partner, email=email, name=name, roles=roles)
    send_member_invitation.enqueue(membership.pk)
    return membership


@transaction.atomic
def change_member(*, by: Actor, membership: Membership, roles: Sequence[str], is_active: bool) -> Membership:
    """Set a member's roles and whether they may work at all; counts from their next request on.

    Raises RuleViolation when it would leave the partner without an active global admin.
    """
    _check_roles(roles)
    # All of the partner's rows, so that two admins cannot remove each other at the same moment.
    members = {m.pk: m for m in Membership.objects.select_for_update().filter(partner_id=membership.partner_id)}
    membership = members[membership.pk]
    before = (list(membership.roles), membership.is_active)
    membership.roles, membership.is_active = sorted(roles), is_active
    if not any(m.is_active and "global_admin" in m.roles for m in members.values()):
        raise RuleViolation(_("A partner keeps at least one active global admin. Give someone else the role first."))
    if before != (membership.roles, membership.is_active):
        membership.save(update_fields=["roles", "is_active"])
        record_event(
            by=by,
            code="partners.member_changed",
            partner_id=membership.partner_id,
            subject=str(membership.public_id),
            facts={"roles": membership.roles, "roles_before": before[0], "is_active": is_active},
        )
    return membership


@transaction.atomic
def request_password_reset(*, user: User) -> None:
    """Mail the link to choose a new password."""
    send_password_reset.enqueue(user.pk)


@transaction.atomic
def choose_password(*, by: Actor, user: User, password: str) -> None:
    """Set the password that the person chose; every link sent before stops working."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record_event(by=by, code="partners.password_chosen", partner_id=None, subject=f"user:{user.pk}")


def _check_roles(roles: Sequence[str]) -> None:
    reason = rules.why_cannot_set_roles(roles=roles)
    if reason is not None:
        raise RuleViolation(reason, field="roles")


def ensure_may(*, by: Actor, partner: Partner, permission: Permission) -> None:
    """The last word on a right, at every door: the partner's kind and cloud, then the member's roles.

    Raises NotPermitted. Staff, jobs and customers have no membership; what they reach is decided elsewhere,
    but the partner's kind and cloud bind them too.
    """
    refusal = rules.why_partner_cannot(partner, permission)
    membership = by.membership
    if refusal is None and membership is not None:
        if membership.partner_id != partner.pk:
            raise NotFound(_("There is no such thing here."))
        refusal = membership.why_not(permission)
    if refusal is not None:
        raise NotPermitted(refusal.reason, who_can=refusal.who_can)
